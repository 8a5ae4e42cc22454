"""Pairs that both samples hold: what today's scores of each judge cost on the very same pairs."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.distributions.pinned_traffic import EQUAL_SCORES
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import agreement, paired_difference
from drift_core.measures.intervals import p_above_zero
from drift_core.measures.scores import MIN_PINNED, Scores, Side
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.two_samples import places_in_heldout
from drift_core.wording import counted

MOST_OF_IT = (
    0.5  # share of the fall that a judge must cost on these pairs to decide, and must not, to be cleared (ours)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePairs:
    """What happened on pairs that both samples hold, which no mix of traffic explains.

    Attributes
    ----------
    before, after, elsewhere
        Agreement on them in held-out and in production, and on production's other pairs.
    fall, teacher, student
        What was lost on them, and with the new scores of one judge alone beside the other's old ones.
    fell
        Whether as much was lost on them as shows most of production's fall, False where surely not, None between.
    changed
        Whose new scores cost what was lost, "teacher", "student" or "both"; empty where that cannot be told.
    cleared
        Whose new scores surely do not.
    is_chosen
        Whether production's other pairs surely agree less although none is new, where the teacher's new scores cost
        what was lost: held-out then holds pairs on which both agree, as one does that was kept by that, and a teacher
        that is asked again agrees less on these without any revision.
    """

    before: Measured
    after: Measured
    elsewhere: Measurement
    fall: Measured
    teacher: Measured
    student: Measured
    fell: bool | None = None
    changed: str = ""
    cleared: tuple[str, ...] = ()
    is_chosen: bool = False

    @property
    def is_apart(self) -> bool:
        """Whether production's other pairs surely agree more."""
        return isinstance(self.elsewhere, Measured) and self.elsewhere.low > self.after.high

    @property
    def whose(self) -> tuple[Side, ...]:
        """The judges whose new scores cost what was lost."""
        return tuple(side for side in ("teacher", "student") if self.changed in (side, "both"))

    @property
    def where(self) -> str:
        return f"{counted(self.after.n_pairs, 'pair', 'pairs')} that both samples hold"

    @property
    def clause(self) -> str:
        """Whose scores changed, without its figures; empty where nobody's are known to have."""
        on = f"on {self.where}"
        if self.changed == "both":
            return f"{on}, the scores of teacher and student are not as before"
        other = "teacher" if self.changed == "student" else "student"
        held = f"the {other}'s scores are as before and " if other in self.cleared else ""
        return f"{on}, {held}the {self.changed}'s are not" if held else f"{on}, the {self.changed}'s are not as before"

    @property
    def sentence(self) -> str:
        """Agreement on them then and now, and what each judge's new scores cost of it."""
        rest = f" (on the others it is {self.elsewhere.figure()})" if isinstance(self.elsewhere, Measured) else ""
        costs = f"the teacher's new scores alone cost {self.teacher:+.3f}, the student's alone {self.student:+.3f}"
        kept = "; a held-out that was kept where both agreed shows the same" if self.changed == "teacher" else ""
        went = f"agreement went from {self.before.figure()} to {self.after.figure()}{rest}"
        return f"On {self.where}, {went}: {costs}{kept}."


def compare_same_pairs(
    samples: tuple[ScoredPairs, ScoredPairs],
    scores: tuple[Scores, Scores],
    spread: Measurement,
    *,
    alpha: float,
    smallest: float,
    confidence: float,
    is_new: np.ndarray | None = None,
) -> SamePairs | None:
    """Compare old and new scores on the pairs, query and doc, of both samples.

    Parameters
    ----------
    samples, scores
        Held-out and production, and their scores with the codes of production's queries.
    spread
        The fall of all production, of which these must show most.
    alpha, smallest
        Chance and size that a loss must have to be told.
    is_new
        Production's pairs in regions that held-out hardly has, bool of shape (n_production,), with which these are not
        compared; None where there are none.

    Returns
    -------
    SamePairs or None
        None without docs, with fewer than 20 queries or too little variation; where nearly all these pairs have both
        scores of held-out, they may be rows of it; and where the new scores of both go together but not with the old
        ones of the other, they are other pairs by the same texts.

    Notes
    -----
    Assumes that who scored these pairs again did so for no other reason than that they were asked again. Each judge is
    tested with the other's old scores, so that only its own differ [1]_. A held-out that was kept where both agreed by
    the teacher's chance alone cannot be told from a revision: how it was drawn must be asked.

    References
    ----------
    .. [1] Fisher, R. A. (1935). The Design of Experiments, section 37 (one factor at a time beside a control).
    """
    heldout, production = samples
    if heldout.doc is None or production.doc is None:
        return None
    places = places_in_heldout(heldout, production)
    shared = places >= 0
    new = scores[1].take(shared)
    if not shared.any() or new.n_queries < MIN_PINNED:
        return None
    old = replace(new, teacher=scores[0].teacher[places[shared]], student=scores[0].student[places[shared]])
    if np.mean((old.teacher == new.teacher) & (old.student == new.student)) >= EQUAL_SCORES:
        return None
    before, after = agreement(old, confidence=confidence), agreement(new, confidence=confidence)
    fall, *costs = (
        paired_difference(old, each, confidence=confidence)
        for each in (new, replace(old, teacher=new.teacher), replace(old, student=new.student))
    )
    for each in (before, after, fall, *costs):
        if isinstance(each, Unmeasured):
            return None
    mixed = [before.estimate - each.estimate for each in costs]  # type: ignore[union-attr]
    if max(mixed) < after.estimate / 2:  # type: ignore[union-attr]
        return None
    made = SamePairs(
        before=before,  # type: ignore[arg-type]
        after=after,  # type: ignore[arg-type]
        elsewhere=agreement(scores[1].take(~shared if is_new is None else ~(shared | is_new)), confidence=confidence),
        fall=fall,  # type: ignore[arg-type]
        teacher=costs[0],  # type: ignore[arg-type]
        student=costs[1],  # type: ignore[arg-type]
    )
    whole = spread.estimate if isinstance(spread, Measured) else 0.0
    due = max(MOST_OF_IT * whole, smallest)
    sides, others = {"teacher": made.teacher, "student": made.student}, made.elsewhere
    changed = [name for name, part in sides.items() if part.estimate >= smallest and _is_sure(part, alpha)]
    is_chosen = changed == ["teacher"] and isinstance(others, Measured) and others.high < made.after.low
    if made.fall.estimate < due or not _is_sure(made.fall, alpha):
        return replace(made, fell=False if made.fall.high < due else None, is_chosen=is_chosen)
    if is_chosen:
        return replace(made, fell=True, is_chosen=True)
    least = MOST_OF_IT * made.fall.estimate
    cleared = tuple(name for name, part in sides.items() if name not in changed and part.high < least)
    return replace(made, fell=True, changed="both" if len(changed) > 1 else "".join(changed), cleared=cleared)


def _is_sure(part: Measured, alpha: float) -> bool:
    return part.standard_error > 0 and p_above_zero(part) <= alpha
