"""One part of the pairs under two students, and whether the one after is better or worse there."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.measured import Measured, Measurement, Unmeasured, figure
from drift_core.measures.false_discovery import adjust_p_values
from drift_core.measures.intervals import t_quantile
from drift_core.measures.overlap_change import OverlapChange
from drift_core.measures.paired_order import OrderChange
from drift_core.samples.score_kind import Measure
from drift_core.wording import counted

Outcome = Literal["better", "worse", "same", "cannot tell"]
SampleName = Literal["frozen", "fresh", "tail"]
TAIL = "tail set"
TINY = 1e-12  # a change, or a standard error of it, that is nothing but rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """A part of one sample, or the whole of it, before and after.

    Attributes
    ----------
    sample
        "frozen", "fresh" or "tail".
    partition, name
        The slice column or the clusters, and the region in it; both None for the whole. The tail set is judged as a
        region is, and both are "tail set".
    share
        Share of the sample's traffic, in 0..1.
    agreement_before, agreement_after
        Spearman, or the area under the curve, inside the part, for the reader; a narrow range of scores makes both low.
        Of labels as `order`.
    order
        Agreement in the order of all pairs, by which it is judged; for the whole it is Spearman or the area. Of labels
        the share of equal ones.
    overlap
        Overlap at the rule's K, told beside it; it does not decide.
    outcome, reason
        Better, worse, the same, or cannot tell, and why in a sentence.
    is_beyond_least
        Whether the change is as large as the least that counts.
    explained_by
        Region that got worse and holds the pairs that made this one worse; None where it is worse without them.
    detectable
        Fall that would have been called worse with the rule's power; None where nothing was measured.
    measure
        What agreement is.
    """

    sample: SampleName
    partition: str | None
    name: str | None
    share: float
    agreement_before: Measurement
    agreement_after: Measurement
    order: OrderChange
    overlap: OverlapChange
    outcome: Outcome = "cannot tell"
    reason: str = ""
    is_beyond_least: bool = False
    explained_by: str | None = None
    detectable: float | None = None
    measure: Measure = "Spearman"

    @property
    def is_ranked(self) -> bool:
        """Whether scores have an order; else they are labels."""
        return self.measure != "same label"

    @property
    def change(self) -> Measurement:
        return self.order.change

    @property
    def n_pairs(self) -> int:
        return self.change.n_pairs

    @property
    def n_queries(self) -> int:
        return self.change.n_queries

    @property
    def fall(self) -> float:
        """Agreement lost, below 0 where it rose; 0 where nothing was measured."""
        return -self.change.estimate if isinstance(self.change, Measured) else 0.0

    @property
    def size(self) -> str:
        """How much agreement rose or fell, in words."""
        return figure(abs(self.fall), "-.3f", is_share=not self.is_ranked)

    @property
    def title(self) -> str:
        """How sentences name it: ``surface: voice``, or the sample for the whole."""
        if self.sample == "tail":
            return TAIL
        return f"all {self.sample} pairs" if self.partition is None else f"{self.partition}: {self.name}"

    @property
    def full_title(self) -> str:
        """The title with the sample: ``surface: voice, fresh pairs``."""
        return f"{self.title}, {self.sample} pairs" if self.partition and self.sample != "tail" else self.title


def judge_whole(part: PartChange, *, rule: Rule) -> PartChange:
    """Judge all pairs of a sample, at the two-sided error rate `rule.alpha`."""
    rise, fall = p_values(part.order)
    limit = rule.alpha / 2
    return _judged(part, is_rise=rise <= limit, is_fall=fall <= limit, floor=rule.smallest_loss, level=limit, rule=rule)


def judge_regions(parts: Sequence[PartChange], *, rule: Rule) -> tuple[PartChange, ...]:
    """Judge the regions of all partitions of all samples together.

    Notes
    -----
    The false discovery rate is half of `rule.alpha` each way [1]_, so that with no change anywhere a region is called
    worse with at most that chance. It holds for regions that are independent or positively dependent, as slices that
    overlap are. Each partition of each sample has the same share of the error rate, by weighted p-values [2]_, so that
    a cut into many regions takes little from one into few. Regions under `rule.region_min_queries` queries are shown
    and not judged.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57.
    .. [2] Genovese, C., Roeder, K. and Wasserman, L. (2006). False discovery control with p-value weighting.
       Biometrika 93.
    """
    tested = [i for i, part in enumerate(parts) if is_tested(part, rule)]
    if not tested:
        return tuple(_untested(part, rule) for part in parts)
    weights = _weights([parts[i] for i in tested])
    found = np.minimum(1.0, np.array([p_values(parts[i].order) for i in tested]) / weights[:, None])
    rises, falls = adjust_p_values(found[:, 0]), adjust_p_values(found[:, 1])
    limit = rule.alpha / 2
    judged = {
        i: _judged(
            parts[i],
            is_rise=bool(rise <= limit),
            is_fall=bool(fall <= limit),
            floor=rule.alarm_loss,
            level=limit * weight / len(tested),
            rule=rule,
        )
        for i, rise, fall, weight in zip(tested, rises, falls, weights, strict=True)
    }
    return tuple(judged.get(i) or _untested(part, rule) for i, part in enumerate(parts))


def _weights(parts: Sequence[PartChange]) -> np.ndarray:
    """Weight of each region's p-value, shape (n,), of mean 1: the same in all for each partition of each sample."""
    cuts = [(part.sample, part.partition) for part in parts]
    sizes = Counter(cuts)
    return np.array([len(parts) / (len(sizes) * sizes[cut]) for cut in cuts])


def is_tested(part: PartChange, rule: Rule) -> bool:
    return isinstance(part.change, Measured) and part.n_queries >= rule.region_min_queries


def outcome_of(wholes: Collection[Outcome]) -> Outcome:
    """Worse where one sample as a whole is; else better where one is; the same where all are; else cannot tell."""
    if "worse" in wholes:
        return "worse"
    if "better" in wholes:
        return "better"
    return "same" if set(wholes) == {"same"} else "cannot tell"


def p_values(order: OrderChange) -> tuple[float, float]:
    """One-sided p-values of a rise and of a fall by Student's t; 1 where nothing was measured or nothing changed."""
    from scipy import special

    change = order.change
    if not isinstance(change, Measured) or abs(change.estimate) < TINY:
        return 1.0, 1.0
    if change.standard_error < TINY:
        return (0.0, 1.0) if change.estimate > 0 else (1.0, 0.0)
    statistic = change.estimate / change.standard_error
    return float(special.stdtr(order.degrees, -statistic)), float(special.stdtr(order.degrees, statistic))


def _judged(part: PartChange, *, is_rise: bool, is_fall: bool, floor: float, level: float, rule: Rule) -> PartChange:
    change = part.change
    if isinstance(change, Unmeasured):
        return replace(part, outcome="cannot tell", reason=change.reason)
    detectable = max(floor, _reach(part.order.degrees, level, rule) * change.standard_error)
    outcome: Outcome = "cannot tell"
    if (is_rise and change.estimate >= floor) or (is_fall and change.estimate <= -floor):
        outcome = "better" if change.estimate > 0 else "worse"
    elif -floor < change.low and change.high < floor:
        outcome = "same"
    reason = _reason(part, change, outcome, floor=floor, detectable=detectable, rule=rule)
    is_beyond = abs(change.estimate) >= floor
    return replace(part, outcome=outcome, reason=reason, detectable=detectable, is_beyond_least=is_beyond)


def _untested(part: PartChange, rule: Rule) -> PartChange:
    if isinstance(part.change, Unmeasured):
        return replace(part, reason=part.change.reason)
    n_queries = counted(part.n_queries, "query", "queries")
    return replace(part, reason=f"{n_queries}; at least {rule.region_min_queries} are needed to judge a region.")


def _reach(degrees: float, level: float, rule: Rule) -> float:
    """Standard errors of a fall that is called worse with the rule's power, by the normal approximation to that."""
    from scipy import special

    return t_quantile(1 - 2 * level, degrees) + float(special.ndtri(rule.power))


def _reason(
    part: PartChange, change: Measured, outcome: Outcome, *, floor: float, detectable: float, rule: Rule
) -> str:
    figures = f"{change:+.3f}"
    least, shown = (figure(each, "-", is_share=change.is_share) for each in (floor, detectable))
    seen = f"A fall of {shown} or more would have been seen with {rule.power:.0%}."
    if outcome in ("better", "worse"):
        return f"The change is {figures}, more than chance allows." + _order_inside(part, outcome)
    if abs(change.estimate) < TINY and change.standard_error < TINY:
        return f"Both students {'order these pairs alike' if part.is_ranked else 'agree on the same pairs'}."
    if outcome == "same":
        return f"The change is {figures}, within {least} either way."
    if change.low <= 0 <= change.high:
        return f"The change is {figures}, which may be chance. {seen}"
    if abs(change.estimate) < floor:
        return f"The change is {figures}; less than {least} does not count, and more is not ruled out. {seen}"
    return f"The change is {figures}; among all that was tested that may be chance. {seen}"


def _order_inside(part: PartChange, outcome: Outcome) -> str:
    """Say where a region's own order tells another story than its place among all pairs."""
    before, after = part.agreement_before, part.agreement_after
    has_own_order = part.partition is not None and part.is_ranked
    if not (has_own_order and isinstance(before, Measured) and isinstance(after, Measured)):
        return ""
    inside = after.estimate - before.estimate
    if (inside < 0) == (outcome == "worse") and inside != 0:
        return ""
    name = "Spearman" if part.measure == "Spearman" else f"the {part.measure}"
    told = f"Inside the region {name} went from {before.figure()} to {after.figure()}"
    return f" {told}: what changed is its place among the other pairs."
