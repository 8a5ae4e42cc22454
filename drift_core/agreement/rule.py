"""The rule: every threshold and error rate that a verdict rests on, each with its source.

"Pattern" is the published description of distillation drift; "ours" marks a choice of this product.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal

from drift_core.errors import SettingError
from drift_core.samples.score_kind import Measure
from drift_core.tables.small_files import shown

Band = Literal["healthy", "suspect", "confirmed"]
COUNTS = ("k", "region_min_queries", "few_queries", "canary_min_pairs", "canary_min_queries")
# Beyond these, quantiles and numbers of pairs leave the numbers that a computer holds.
MOST_COUNTED, NEAREST = 1_000_000_000, 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Thresholds in units of agreement unless stated; shares and rates are fractions in 0..1."""

    # Textbook bands (pattern, "numbers that matter").
    spread_suspect: float = 0.03  # held-out minus production agreement from which to look further
    spread_confirmed: float = 0.08  # above it the pattern calls it almost certain
    agreement_healthy: float = 0.85  # production agreement at or above
    agreement_suspect: float = 0.75  # below it confirmed
    labels_healthy: float = 0.92  # production share of equal labels at or above, of labels; 3 to 8 % differ at ship
    labels_suspect: float = 0.85  # below it confirmed; 15 to 30 % differ once drifted
    area_healthy: float = 0.92  # area without one before; normal scores at agreement_healthy, the teacher's cut in two
    overlap_healthy: float = 0.80  # production top-K overlap at or above
    overlap_confirmed: float = 0.60  # below it confirmed
    region_healthy: float = 0.80  # agreement of a region at or above
    region_suspect: float = 0.70  # below it confirmed
    region_share: float = 0.05  # a region counts from this share of traffic
    # What the evidence is judged by (ours).
    k: int = 10  # size of the top that ships; pattern's top 10
    confidence: float = 0.95  # level of every interval shown
    alpha: float = 0.05  # error rate of a single decision, and the false discovery rate over regions
    cause_alpha: float = 0.005  # one-sided error rate of naming the teacher, or a familiar region, as a cause
    new_alpha: float = 0.01  # error rate of naming new traffic as a cause; between it and alpha the cause stays open
    smallest_loss: float = 0.01  # smallest loss of agreement that is named, as a cause or a finding, however sure it is
    power: float = 0.80  # chance to see a loss of the stated size, for "how many more pairs"
    material_loss: float = 0.03  # smallest loss of agreement worth acting on; the pattern's healthy limit
    region_loss: float = 0.05  # smallest fall of one region's agreement that is flagged
    region_min_queries: int = 5  # a region with fewer queries on a side is shown, not tested
    quality_low: float = 0.75  # agreement with human labels below it is low; the pattern's floor for agreement
    few_queries: int = 30  # below it the number of queries is itself a finding
    # The weekly canary.
    alarm_budget: float = 0.05  # chance of any false alarm in 52 weeks (ours)
    alarm_share: float = 0.70  # of that budget for all traffic, the rest for regions (Bonferroni; ours)
    alarm_new_share: float = 0.67  # of the regions' part for those that held-out lacks, in their first weeks (ours)
    alarm_loss: float = 0.02  # smallest loss of agreement that alarms; at ship production is within it (pattern)
    canary_min_pairs: int = 50  # a week with fewer pairs is a gap; our intervals are proved from 50 pairs
    canary_min_queries: int = 10  # and from 10 queries
    weekly_drop: float = 0.05  # fall of agreement in one week that the pattern alarms on
    weekly_overlap_drop: float = 0.10  # the same for overlap (pattern)

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            self._check(name)
        self._check_order("spread_suspect", "spread_confirmed")
        self._check_order("agreement_suspect", "agreement_healthy")
        self._check_order("labels_suspect", "labels_healthy")
        self._check_order("overlap_confirmed", "overlap_healthy")
        self._check_order("region_suspect", "region_healthy")

    def _check(self, name: str) -> None:
        value = getattr(self, name)
        is_number = isinstance(value, int if name in COUNTS else int | float) and not isinstance(value, bool)
        low, high = (1, MOST_COUNTED) if name in COUNTS else (NEAREST, 1 - NEAREST)
        if is_number and low <= value <= high:
            return
        within = f"a number in (0, 1), from {low:f} to {high}"
        expected = f"a whole number from 1 up to {high:,}" if name in COUNTS else within
        raise SettingError(f"The rule's {name} must be {expected}; found {shown(value)}.")

    def _check_order(self, low: str, high: str) -> None:
        if getattr(self, low) > getattr(self, high):
            raise SettingError(
                f"The rule's {low} ({getattr(self, low)}) must not be above its {high} ({getattr(self, high)})."
            )

    def to_json(self) -> dict[str, float | int]:
        return asdict(self)

    def spread_band(self, spread: float) -> Band:
        if spread < self.spread_suspect:
            return "healthy"
        return "suspect" if spread <= self.spread_confirmed else "confirmed"

    def floor(self, measure: Measure = "Spearman", *, stated: float | None = None, usual: float | None = None) -> float:
        """Agreement from which a student is healthy.

        Parameters
        ----------
        measure
            What agreement is.
        stated
            A judge card's own, which counts instead; of an area the number that every card begins with, a rank
            correlation, does not.
        usual
            The area that held before. How high an area is hangs on how many pairs are hard to tell, so that its change
            counts and not its height: it may fall by the material loss.
        """
        is_area = measure == "area under the curve"
        if stated is not None and not (is_area and stated == Rule().agreement_healthy):
            return stated
        if is_area:
            return self.area_healthy if usual is None else usual - self.material_loss
        return self.agreement_healthy if measure == "Spearman" else self.labels_healthy

    def agreement_band(self, agreement: float, *, is_ranked: bool = True) -> Band:
        if agreement >= self.floor("Spearman" if is_ranked else "same label"):
            return "healthy"
        least = self.agreement_suspect if is_ranked else self.labels_suspect
        return "suspect" if agreement >= least else "confirmed"

    def overlap_band(self, overlap: float) -> Band:
        if overlap >= self.overlap_healthy:
            return "healthy"
        return "suspect" if overlap >= self.overlap_confirmed else "confirmed"

    def region_band(self, agreement: float) -> Band:
        if agreement >= self.region_healthy:
            return "healthy"
        return "suspect" if agreement >= self.region_suspect else "confirmed"


def rule_from(values: Mapping[str, object], *, where: str) -> Rule:
    """Make a rule from names and values; the others keep their defaults."""
    allowed = [field.name for field in fields(Rule)]
    unknown = [name for name in values if name not in allowed]
    if unknown:
        raise SettingError(f"{where}: the rule has no {', '.join(map(shown, unknown))}. It has: {', '.join(allowed)}.")
    try:
        return Rule(**values)  # type: ignore[arg-type]  # checked by the rule itself
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from error
