"""The split of the loss into mix, within-region change and teacher: three parts that add up to the whole."""

from dataclasses import dataclass, replace

import pandas as pd

from drift_core import markup
from drift_core.distributions.narrowed_range import NarrowedRange
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import coefficient_of
from drift_core.measures.scores import NO_PINNED, Scores
from drift_core.measures.split_terms import Term
from drift_core.regions.inferred_loss import Familiar, inferred_term, on_production, why_not_inferred
from drift_core.regions.partitions import Partition
from drift_core.regions.reweighting import reweighted_term


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Parts of the loss of agreement, each with an interval; None for a part that cannot be told.

    Attributes
    ----------
    total
        Held-out agreement minus production agreement.
    mix
        What held-out would lose if its regions had production's shares.
    within
        What changed inside regions, new regions included, with the teacher held fixed where that is known.
    teacher
        Production agreement with the pinned revision minus with the current one, on the same pairs, or inferred.
    score_range
        What a narrower range of scores costs by itself; None where that is little of it.
    teacher_inferred
        Whether the teacher's part is inferred.
    teacher_unknown
        Why the teacher's part cannot be told; None where it can.
    not_pinned
        Why the teacher's part is not measured on scores of the pinned revision; None where it is.
    """

    total: Measured | None = None
    mix: Measured | None = None
    within: Measured | None = None
    teacher: Measured | None = None
    score_range: NarrowedRange | None = None
    teacher_inferred: bool = False
    teacher_unknown: str | None = None
    not_pinned: str | None = None

    @property
    def is_measured(self) -> bool:
        """Whether the teacher's part is measured on scores of the pinned revision."""
        return self.teacher is not None and not self.teacher_inferred

    def with_whole(self, spread: Measurement) -> "Attribution":
        """Give the whole loss the interval of the spread test, so that one loss has one interval everywhere."""
        return replace(self, total=spread) if self.total and isinstance(spread, Measured) else self

    def with_range(self, narrowed: NarrowedRange | None) -> "Attribution":
        """Tell what a narrower range costs as its own part; what is left of an inferred teacher's part is within."""
        if not (narrowed and self.within):
            return self
        apart = -narrowed.part.estimate
        if self.teacher is None or not self.teacher_inferred:
            return replace(self, within=self.within.moved(apart), score_range=narrowed)
        why = f"{self.not_pinned or NO_PINNED}, and the error on familiar traffic did not rise."
        within = self.teacher.moved(self.within.estimate + apart)
        told = replace(self, teacher=None, teacher_inferred=False, teacher_unknown=why)
        return replace(told, within=within, score_range=narrowed)

    @property
    def table(self) -> pd.DataFrame:
        """The parts of the loss that are known."""
        parts = {
            "Traffic moved to other regions": self.mix,
            "Change inside the regions": self.within,
            "A narrower range of scores": self.score_range and self.score_range.part,
            f"The teacher's revision{', inferred' if self.teacher_inferred else ''}": self.teacher,
            "Whole loss": self.total,
        }
        return markup.figures({name: part for name, part in parts.items() if part}, style="+.3f")

    def to_json(self) -> dict[str, object]:
        parts = {name: getattr(self, name) for name in ("total", "mix", "within", "score_range", "teacher")}
        written: dict[str, object] = {name: part.to_json() if part else None for name, part in parts.items()}
        if self.teacher:
            written["teacher"] = {**self.teacher.to_json(), "inferred": self.teacher_inferred}
        return {**written, "teacher_unknown": self.teacher_unknown}


def split_loss(
    heldout: Scores,
    production: Scores,
    *,
    partition: Partition | None,
    pinned: tuple[Scores, Scores] | None = None,
    not_pinned: str | None = NO_PINNED,
    familiar: Familiar | None = None,
    confidence: float,
) -> Attribution:
    """Split held-out minus production agreement into its parts, which add up to the whole.

    Parameters
    ----------
    heldout, production
        Scores of both samples with comparable query codes; where agreement is unmeasured on either, no part is told.
    partition
        Regions that the mix is taken over; without one mix and within are not told apart, and both are None.
    pinned
        The production pairs whose pinned score is known, under the pinned and under the current revision; None when
        there are none, or too few to measure by.
    not_pinned
        Why `pinned` is None; see `why_not_pinned`.
    familiar
        What the teacher's part is inferred from where `pinned` is None.
    confidence
        Confidence level of the intervals, in (0, 1).

    Notes
    -----
    The counterfactual is held-out reweighted to production's region shares [1]_; regions that held-out lacks keep no
    weight there, so their loss is a change within. Errors are propagated from the influences of every pair on every
    coefficient and, for the shares, from the mean influence of each region; all are summed within queries.

    An inferred teacher's part rests on familiar production pairs, which neither queries nor docs changed: their
    agreement over that of held-out at their mix is the factor by which a revision attenuates every correlation [2]_,
    and applied to all of production. It assumes that the revision adds the same error everywhere and that the
    range of familiar scores is as before; how unlike familiar regions changed widens the interval. Where all traffic is
    familiar, nothing is left for change within regions, which is known only as well as regions agree.

    References
    ----------
    .. [1] DiNardo, J., Fortin, N. M. and Lemieux, T. (1996). Labor market institutions and the distribution of wages.
       Econometrica 64, 1001-1044.
    .. [2] Spearman, C. (1904). The proof and measurement of association between two things. American Journal of
       Psychology 15, 72-101.
    """
    n_queries = int(max(heldout.queries.max(), production.queries.max())) + 1  # type: ignore[union-attr]
    then, now = coefficient_of(heldout), coefficient_of(production)
    if isinstance(then, Unmeasured):
        return Attribution(teacher_unknown=f"Agreement is unmeasured: {then.reason}")
    if isinstance(now, Unmeasured):
        return Attribution(teacher_unknown=f"Agreement is unmeasured: {now.reason}")
    before, after = Term.of_heldout(then, n_queries), Term.of_production(now, n_queries)
    is_new, reweighted = familiar.is_new if familiar else None, None
    if partition is not None:
        reweighted = reweighted_term(heldout, production, partition, n_queries, is_new=is_new)
    unknown = None if pinned else why_not_inferred(partition, production, familiar, not_pinned or NO_PINNED)
    teacher = on_production(pinned[0], n_queries) - on_production(pinned[1], n_queries) if pinned else None
    if not pinned and not unknown and partition and familiar:
        teacher = inferred_term(heldout, production, partition, familiar, after, n_queries)

    def measured(term: "Term", after: Scores = production) -> Measured:
        return term.measured(heldout, after, confidence)

    return Attribution(
        total=measured(before - after),
        mix=measured(before - reweighted) if reweighted else None,
        within=measured(reweighted - after - teacher if teacher else reweighted - after) if reweighted else None,
        teacher=measured(replace(teacher, floor=0.0), pinned[0] if pinned else production) if teacher else None,
        teacher_inferred=teacher is not None and pinned is None,
        teacher_unknown=None
        if teacher
        else unknown or f"{not_pinned or NO_PINNED}, and familiar pairs agree too little to infer it from.",
        not_pinned=None if pinned else not_pinned,
    )
