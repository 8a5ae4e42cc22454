"""What a revision of the teacher does, measured on the pairs that both revisions scored, as a whole and by region."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.agreement import MIN_PAIRS, MIN_QUERIES
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.false_discovery import adjust_p_values
from drift_core.measures.level_ratios import Rise, paired_rise, rise_of
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.residual_levels import ErrorSample
from drift_core.measures.residuals import Residuals, residual_errors
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition
from drift_core.wording import counted, in_quotes

FEW_SCORES = 12  # different scores of a teacher up to which another score is another answer, not a rank (ours)
MOST_SAME = 0.5  # of the pairs with the very same score, from which the others are what was revised (ours)
LEAST_BEYOND = 0.05  # of pairs with another score, or of all ranks, that a region differs beyond the rest (ours)
ONE_WAY = 0.75  # share of the moved pairs that went one way, from which that is said (ours)
N_NAMED = 3
Place = tuple[int, int]  # of a partition, and of the region in it


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisedRegion:
    """A region in which today's teacher differs from the pinned one more than elsewhere.

    Attributes
    ----------
    partition, name, index
        The partition, the region's name in it and its label.
    inside, elsewhere
        Share of the pairs that have another score; where scores are many, how far a pair moved on average as a fraction
        of all ranks.
    lower
        Share of the pairs that moved which today's teacher puts lower; None where scores are labels.
    adjusted
        p-value of "it differs more than the rest", adjusted for the false discovery rate over all regions.
    are_ranks
        Whether the figures are of ranks.
    """

    partition: str
    name: str
    index: int
    inside: Measured
    elsewhere: Measured
    lower: float | None
    adjusted: float
    are_ranks: bool

    @property
    def figures(self) -> str:
        """How much it differs there, of the pairs that both revisions scored."""
        lower = 0.5 if self.lower is None else self.lower
        way = ", lower as a rule" if lower >= ONE_WAY else ", higher as a rule" if 1 - lower >= ONE_WAY else ""
        of_both, here = (
            f"{counted(self.inside.n_pairs, 'pair', 'pairs')} scored by both revisions",
            f"{self.inside:.0%}",
        )
        moved = f"on average its {of_both} moved by {here} of the whole ranking"
        return f"{moved if self.are_ranks else f'of its {of_both} {here} have another score'}{way}"

    def to_json(self) -> dict[str, object]:
        return {
            "partition": self.partition,
            "name": self.name,
            "inside": self.inside.to_json(),
            "elsewhere": self.elsewhere.to_json(),
            "lower": self.lower,
            "adjusted": self.adjusted,
            "are_ranks": self.are_ranks,
        }


def revision_rise(heldout: Scores, pinned: tuple[Scores, Scores]) -> Rise:
    """Measure the rise of the error from the pinned to the current revision, on the same pairs.

    Parameters
    ----------
    heldout
        Scores of held-out, which show what error is usual.
    pinned
        The production pairs under the pinned and under the current revision; see `pinned_scores_of`.

    Notes
    -----
    Both are compared with one student on the same pairs, at their weights, so what the pairs have in common cancels.
    """
    weights = pinned[0].relative_weights[:, None]
    found = [(residual_errors(heldout, scores)[1].both() * weights).T for scores in pinned]
    old, new = (Residuals(of_student=student, of_teacher=teacher) for student, teacher in found)
    return paired_rise(new, old, pinned[0].queries)


def may_be_a_new_run(old: np.ndarray, new: np.ndarray, *, alpha: float) -> bool:
    """Whether scores differ as those of two runs of one teacher may: as many up as down, and spread as widely.

    Each at `alpha`, two-sided: the sign test, and that of two variances of the same pairs [1]_.

    References
    ----------
    .. [1] Pitman, E. (1939). A note on normal correlation. Biometrika 31.
    """
    from scipy.stats import binomtest, pearsonr

    move = new - old
    n_up, n_moved = int((move > 0).sum()), int((move != 0).sum())
    if not n_moved or binomtest(n_up, n_moved).pvalue <= alpha:
        return False
    return bool(np.ptp(old + new) == 0 or np.ptp(move) == 0 or pearsonr(old + new, move).pvalue > alpha)


def rises_outside(heldout: Scores, pinned: tuple[Scores, Scores], inside: np.ndarray, *, alpha: float) -> bool:
    """Whether the revision raised the error beyond chance on all pairs outside some regions; see `revision_rise`.

    Of labels, whether it lowered agreement there: held-out's errors by label let a stricter teacher's be expected.

    Parameters
    ----------
    inside
        Which pairs of `pinned` lie in the regions, bool of shape (n,).
    alpha
        One-sided error rate.
    """
    old, new = (scores.take(~inside) for scores in pinned)
    if len(old) < MIN_PAIRS or old.n_queries < MIN_QUERIES or bool((old.teacher == new.teacher).all()):
        return False
    if old.is_ranked:
        return revision_rise(heldout, (old, new)).p_value <= alpha
    lost = (old.student == old.teacher) * 1.0 - (new.student == new.teacher)
    fall = clustered_mean(lost, old.queries, weights=old.weights, confidence=1 - 2 * alpha)
    return isinstance(fall, Measured) and fall.low > 0


def find_revised_regions(
    pinned: tuple[Scores, Scores],
    partitions: Sequence[Partition],
    rows: np.ndarray,
    *,
    least_queries: int,
    alpha: float,
    confidence: float,
) -> tuple[RevisedRegion, ...]:
    """Find where the revision differs more than elsewhere, the clearest region first.

    Parameters
    ----------
    pinned
        The production pairs under the pinned and under the current revision.
    partitions
        Cuts of production, whose labels are of all its pairs.
    rows
        Which of these pairs `pinned` holds, bool of shape (n_production,).
    least_queries
        Queries that a region and its rest need.
    alpha
        False discovery rate over all regions of all partitions [1]_.
    confidence
        Confidence level of the intervals.

    Notes
    -----
    No student enters: a stricter teacher on one topic leaves the student's order inside that topic as it was. Scores of
    few values, or that stayed as a rule, differ or do not; of others the ranks count, which a moved scale leaves alone.
    The ratio of two means is an F of levels that count queries. The clearest region is set aside and the others are
    looked at again without its pairs, so that two that were revised hide neither each other nor one that only overlaps
    them.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57.
    """
    differs, move, are_ranks = differences(pinned)
    if not differs.any():
        return ()
    labels = [partition.production[rows] for partition in partitions]
    sample = _sample(differs, pinned[0].queries, is_count=not are_ranks)
    found: dict[Place, float] = {}
    left = np.ones(len(differs), dtype=bool)
    while rises := _rises(sample, labels, left, least_queries):
        adjusted = adjust_p_values(np.array([rise.p_value for rise in rises.values()]))
        clear = {at: float(p) for at, p in zip(rises, adjusted, strict=True) if p <= alpha and at not in found}
        best = min((at for at in clear if _is_beyond(differs, labels, at, left)), key=clear.__getitem__, default=None)
        if best is None:
            break
        found[best] = clear[best]
        left &= labels[best[0]] != best[1]

    def measured(inside: np.ndarray) -> Measured | None:
        queries = None if pinned[0].queries is None else pinned[0].queries[inside]
        mean = clustered_mean(differs[inside], queries, confidence=confidence)
        if not isinstance(mean, Measured):
            return None
        return replace(mean, low=max(0.0, mean.low), high=min(1.0, mean.high))

    made = []
    for (place, index), chance in found.items():
        inside = labels[place] == index
        sides = measured(inside), measured(left)
        if sides[0] and sides[1]:
            made.append(
                RevisedRegion(
                    partition=partitions[place].name,
                    name=partitions[place].regions[index],
                    index=index,
                    inside=sides[0],
                    elsewhere=sides[1],
                    lower=None if move is None else float((move[inside & (move != 0)] < 0).mean()),
                    adjusted=chance,
                    are_ranks=are_ranks,
                )
            )
    return tuple(made)


def revised_sentence(regions: Sequence[RevisedRegion]) -> str:
    """Say where the revision differs; empty where it does nowhere more than elsewhere."""
    if not regions:
        return ""
    told = [f"{in_quotes(each.name)} ({each.figures})" for each in regions[:N_NAMED]]
    told += [f"and {len(regions) - N_NAMED} more"] if len(regions) > N_NAMED else []
    elsewhere = f"elsewhere {'by ' if regions[0].are_ranks else ''}{regions[0].elsewhere.figure('.0%')}"
    return f"The revision differs most in {'; '.join(told)}; {elsewhere}."


def differences(pinned: tuple[Scores, Scores]) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """How much each pair differs, which way it moved, and whether by ranks."""
    old, new = pinned[0].teacher, pinned[1].teacher
    if not pinned[0].is_ranked:
        return (old != new).astype(float), None, False
    are_few = len(np.unique(old)) <= FEW_SCORES and len(np.unique(new)) <= FEW_SCORES
    if are_few or (old == new).mean() >= MOST_SAME:  # ranks move where a score stayed, as others pass it
        return (old != new).astype(float), new - old, False
    move = (mid_ranks(new) - mid_ranks(old)) / len(old)
    return np.abs(move), move, True


def _sample(differs: np.ndarray, queries: np.ndarray | None, *, is_count: bool) -> ErrorSample:
    differs = differs / differs.mean()  # errors of mean 1, as counts are taken to be
    scores = Scores(student=differs, teacher=differs, queries=queries, is_ranked=not is_count)
    return ErrorSample.of(scores, Residuals(of_student=differs, of_teacher=differs))


def _rises(sample: ErrorSample, labels: list[np.ndarray], left: np.ndarray, least: int) -> dict[Place, Rise]:
    """How much more each region of enough queries differs than its rest."""
    found = {}
    for place, of_pairs in enumerate(labels):
        n = int(of_pairs.max(initial=-1)) + 1
        both = zip(*sample.levels_and_rests(of_pairs, n, left, left), strict=True)
        for index, (inside, rest) in enumerate(both):
            if inside and rest and min(inside.n_queries, rest.n_queries) >= least:
                found[place, index] = rise_of(inside, rest)
    return found


def _is_beyond(differs: np.ndarray, labels: list[np.ndarray], at: Place, left: np.ndarray) -> bool:
    inside = left & (labels[at[0]] == at[1])
    return bool(differs[inside].mean() - differs[left & ~inside].mean() >= LEAST_BEYOND)
