"""Pinned scores and the traffic they stand for: whoever scores pairs again picks them, often where agreement fell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.distributions.region_weights import RegionWeights, weigh_by_region
from drift_core.measures.agreement import Coefficient, coefficient_of
from drift_core.measures.score_units import few_values
from drift_core.measures.scores import MIN_PINNED, NO_PINNED, Scores, pinned_scores_of, why_not_pinned
from drift_core.measures.split_terms import Term
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import in_quotes, shortened

SURE, OTHERWISE = 0.999, 0.05  # how surely, and by how much, refused pairs agree otherwise (ours)
EQUAL_SCORES = 0.95  # from this share of equal scores a new revision is the old one under another name
KEPT = (
    0.2  # share of equal scores from which a revision left a part as it was; a scale of whole numbers shows less (ours)
)
N_NAMED = 2
Cut = tuple[Sequence[str], np.ndarray]  # names of regions, and the region of each pair, int of shape (n,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PinnedTraffic:
    """A sample under the pinned and the current revision, on pairs weighed so that they stand for all of it.

    Attributes
    ----------
    scores
        Both revisions on the same pairs; None where they measure nothing for the traffic.
    picked
        The same without weights, also where they stand for no traffic; None where there are too few.
    why_not
        Why `scores` is None, as a clause that begins a sentence; None where there are some.
    told
        That pairs are weighed, or why they stand for no traffic, as a sentence; empty where neither is so.
    left_out, share_left_out
        What the pinned scores hardly reach, in words, and its share of the traffic.
    """

    scores: tuple[Scores, Scores] | None = None
    picked: tuple[Scores, Scores] | None = None
    why_not: str | None = NO_PINNED
    told: str = ""
    left_out: str = ""
    share_left_out: float = 0.0

    @property
    def revised_share(self) -> float | None:
        """Share of the pairs that have another score, where the rest kept theirs; None where chance leaves as many."""
        if self.scores is None or not self.scores[0].is_ranked or len(few_values(self.scores[0].teacher)):
            return None
        old, new = self.scores
        share = float(np.average(old.teacher != new.teacher, weights=old.relative_weights))
        return share if share <= 1 - KEPT else None

    @property
    def shows_revision(self) -> bool:
        """Whether the teacher changed on pairs that stand for no traffic, so that its cost is open."""
        if self.picked is None or self.scores is not None:
            return False
        return float(np.mean(self.picked[0].teacher == self.picked[1].teacher)) < EQUAL_SCORES


def clears_teacher(sample: ScoredPairs, inside: np.ndarray, queries: np.ndarray | None) -> bool:
    """Whether enough pairs of some traffic have both revisions' scores, and equal ones: its teacher is the old one.

    `inside` says which pairs of the sample are of that traffic, bool of shape (n,), and `queries` are its query codes.
    """
    if sample.teacher_pinned is None:
        return False
    rows = np.flatnonzero(inside & np.isfinite(sample.teacher_pinned))
    n_queries = len(rows) if queries is None else len(np.unique(queries[rows]))
    equal = sample.teacher[rows] == sample.teacher_pinned[rows]
    return n_queries >= MIN_PINNED and float(np.mean(equal)) >= EQUAL_SCORES


def pinned_traffic(sample: ScoredPairs, current: Scores, cuts: Sequence[Cut], *, alpha: float) -> PinnedTraffic:
    """Both revisions on the pairs that have them; see `weigh_by_region` for what makes up for an uneven spread.

    `current` are the sample's scores with its query codes, and `alpha` is the error rate of "spread otherwise". Pairs
    that agree with today's teacher otherwise than all do, their regions allowed for, were picked by more than their
    region, and what the revision costs on them is not what it costs.
    """
    both = pinned_scores_of(sample, current.queries)
    if both is None or sample.teacher_pinned is None:
        return PinnedTraffic(why_not=why_not_pinned(sample, current.queries))
    rows = np.isfinite(sample.teacher_pinned)
    labels = [each for _, each in cuts]
    made = weigh_by_region(rows, labels, queries=current.queries, weights=current.weights, alpha=alpha)
    if made.left_out:
        names, regions = cuts[made.uneven[0]]
        left_out, share = _named([names[each] for each in made.left_out]), _share(current, regions, made)
        refused = _refused(both, f"Pinned scores hardly reach {left_out} ({share:.0%} of traffic)")
        return replace(refused, left_out=left_out, share_left_out=share)
    if not made.uneven:
        otherwise = "" if rows.all() else _agrees_otherwise(both[1], current)
        return _refused(both, otherwise) if otherwise else PinnedTraffic(scores=both, picked=both, why_not=None)
    old, new = (replace(each, weights=made.weights) for each in both)
    where = _where_most(rows, *cuts[made.uneven[0]])
    if old.effective_queries < MIN_PINNED:
        return _refused(both, f"{where}: by region they tell as much as {old.effective_queries:.0f} queries")
    if otherwise := _agrees_otherwise(new, current):
        return _refused(both, otherwise)
    told = f"{where}: each counts by its region's share."
    return PinnedTraffic(scores=(old, new), picked=both, why_not=None, told=told)


def _refused(both: tuple[Scores, Scores], why: str) -> PinnedTraffic:
    differ = float(np.mean(both[0].teacher != both[1].teacher))
    found = f"On the {len(both[0]):,} pairs that have them {differ:.0%} of scores differ"
    told = f"{why}. {found}; what the revision costs all traffic is not measured."
    return PinnedTraffic(picked=both, why_not=why, told=told)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
    return ", ".join(in_quotes(name) for name in names[:N_NAMED]) + more


def _share(current: Scores, labels: np.ndarray, made: RegionWeights) -> float:
    return float(current.relative_weights[np.isin(labels, made.left_out)].sum() / len(current))


def _where_most(rows: np.ndarray, names: Sequence[str], labels: np.ndarray) -> str:
    """Where the pinned scores are most beyond the pairs there."""
    shares = [np.bincount(each, minlength=len(names)) / len(each) for each in (labels[rows], labels)]
    most = int(np.argmax(shares[0] - shares[1]))
    has, of_all = shares[0][most], shares[1][most]
    return f"{has:.0%} of the pinned scores lie in {shortened(names[most])}, which has {of_all:.0%} of pairs"


def _agrees_otherwise(part: Scores, current: Scores) -> str:
    few, every = coefficient_of(part), coefficient_of(current)
    if not (isinstance(few, Coefficient) and isinstance(every, Coefficient)):
        return ""
    n_queries = int(max(current.queries.max(), part.queries.max())) + 1  # type: ignore[union-attr]
    gap = Term.of_production(few, n_queries) - Term.of_production(every, n_queries)
    found = gap.measured(part, part, SURE)
    if found.low <= 0 <= found.high or abs(found.estimate) < OTHERWISE:
        return ""
    figures = few.measured(SURE).figure(), every.measured(SURE).figure()
    agree = f"Pairs with pinned scores agree with today's teacher by {figures[0]}, all pairs by {figures[1]}"
    return f"{agree}, so they are no random part"
