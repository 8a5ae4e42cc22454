"""Test 3, regions: where does the student disagree, and did that region get worse?

A region is compared with itself on held-out; one that held-out lacks is compared with the familiar rest of production.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.agreement.rule import Band, Rule
from drift_core.diagnosis.error_changes import Changes
from drift_core.diagnosis.forward_selection import RegionChange
from drift_core.diagnosis.region_statistics import LEAST_SHARE
from drift_core.distributions.heavy_queries import untold_share
from drift_core.measured import Measured, Measurement, Unmeasured, figure
from drift_core.measures.agreement import Coefficient, coefficient_difference, coefficient_of, measure
from drift_core.measures.scores import Scores
from drift_core.operations.growth import Growth
from drift_core.regions.partitions import DOC_SCRIPT, LACKS_BELOW, OF_HELDOUT, OWN_NAMES, Partition, rows_by_region
from drift_core.wording import chance_in_words, column_in_words, in_quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region of one partition: how much traffic, how well it agrees, and whether it drifted.

    Attributes
    ----------
    partition, name, index
        The partition, the region's name in it and its label.
    kind, terms
        "query", "doc" or "slice", and distinguishing terms.
    n_heldout, n_production, share_heldout, share_production
        Pairs, and shares of the traffic, on both sides: of all pairs, at their weights where they have any.
    heldout, production
        Agreement inside the region on both sides.
    fall
        Held-out agreement minus production agreement; for a new region the familiar rest minus the region.
    error_rise
        Rise of the logarithm of the error that decides, which a narrow range of scores leaves alone.
    p_value
        One-sided p-value of "agreement fell and the error rose"; None when the region was not tested.
    adjusted
        The same, adjusted for the false discovery rate over all regions of all partitions.
    is_new
        Whether held-out has too few queries of it: it postdates training.
    drifted
        Flagged at the rule's false discovery rate, effect floor and floor on queries.
    band
        Textbook reading of the production agreement; None when unmeasured or under the share floor.
    reason
        Why it is flagged or not, one sentence.
    is_usual
        Whether it is new and agrees less than the rest, but no less than familiar regions do now and then.
    is_harder
        Whether the student always errs more there and the traffic moved there, which explains what familiar pairs lost.
    unscored
        Share of its production pairs that today's teacher gave no score, where that is far above the rest; else 0.
    heavy
        Share of its production pairs that are of one query, where no test over so few others tells anything; else 0.
    share_of_loss
        Its part of the loss carried by all drifted regions of its partition, a fraction; None when not drifted.
    is_served
        Whether it is a part of production alone whose queries are like the rest's: it was served otherwise.
    growth
        How its share of the queries grew over the time of production; None where it did not clearly.
    """

    partition: str
    kind: str
    name: str
    index: int
    terms: tuple[str, ...]
    n_heldout: int
    n_production: int
    share_heldout: float
    share_production: float
    heldout: Measurement
    production: Measurement
    fall: Measurement
    error_rise: Measurement
    p_value: float | None
    adjusted: float | None
    is_new: bool
    drifted: bool
    band: Band | None
    reason: str
    is_usual: bool = False
    is_harder: bool = False
    share_of_loss: float | None = None
    unscored: float = 0.0
    heavy: float = 0.0
    is_served: bool = False
    growth: Growth | None = None

    @property
    def is_value(self) -> bool:
        """Whether it is a value of a column."""
        return self.kind == "slice" and self.partition not in OWN_NAMES

    @property
    def label(self) -> str:
        """What it is called in a sentence: a value behind its column's name, a list of words in quotes."""
        return f"{column_in_words(self.partition)} {in_quotes(self.name)}" if self.is_value else in_quotes(self.name)

    @property
    def is_untold(self) -> bool:
        """Whether so many scores are missing, or so many pairs of one query, that it cannot be said to have held."""
        return bool(self.unscored or self.heavy) and not self.drifted

    @property
    def why_untold(self) -> str:
        return f"{self.unscored:.0%} unscored" if self.unscored else f"one query has {self.heavy:.0%} of its pairs"

    @property
    def flag(self) -> str:
        """What is told of it in a word or two; empty where it held or was not tested."""
        fell = "always weaker" if self.is_harder else "drifted"
        flags = [fell if self.drifted else "cannot tell" if self.is_untold else ""]
        return ", ".join(filter(None, [*flags, self.why_untold if self.unscored or self.heavy else ""]))

    def with_unscored(self, share: float) -> "Region":
        """The region with the share of its pairs that have no score, which its reason tells where it did not drift."""
        reason = self.reason if self.drifted else f"Cannot tell: {share:.0%} unscored. {self.reason}"
        return replace(self, unscored=share, reason=reason)

    @property
    def newness(self) -> str:
        """Whether held-out lacks it, "new", or has too little of it for what it is today, "grown"; else empty."""
        if not self.is_new or self.heavy:
            return ""
        return "new" if self.share_heldout < LACKS_BELOW * self.share_production else "grown"

    @property
    def is_familiar_fall(self) -> bool:
        """Whether traffic that held-out has got worse there, by the student, the teacher or what is asked for."""
        return self.drifted and self.kind != "doc" and not (self.is_new or self.is_harder or self.is_served)

    def is_in_doubt(self, rule: Rule) -> bool:
        """Whether it is new and errs more, surely enough to leave a verdict open."""
        is_seen = self.p_value is not None and self.p_value <= rule.alpha
        return self.is_new and is_seen and (self.adjusted or 0.0) <= 2 * rule.alpha

    def has_fallen(self, rule: Rule) -> bool:
        """Whether it agrees less by as much as a region must to be flagged, surely or not."""
        return isinstance(self.fall, Measured) and self.fall.estimate >= rule.region_loss

    def to_json(self) -> dict[str, object]:
        production = self.production.to_json()
        return {
            "partition": self.partition,
            "kind": self.kind,
            "name": self.name,
            "terms": list(self.terms),
            "n_heldout": self.n_heldout,
            "n_production": self.n_production,
            "share_heldout": self.share_heldout,
            "share_production": self.share_production,
            "spearman_heldout": self.heldout.to_json()["estimate"],
            "spearman": production["estimate"],
            "low": production["low"],
            "high": production["high"],
            "n_queries": production["n_queries"],
            "fall": self.fall.to_json(),
            "error_rise": self.error_rise.to_json(),
            "p_value": self.p_value,
            "adjusted": self.adjusted,
            "is_new": self.is_new,
            "newness": self.newness,
            "is_usual": self.is_usual,
            "is_harder": self.is_harder,
            "is_served": self.is_served,
            "drifted": self.drifted,
            "unscored": self.unscored,
            "heavy": self.heavy,
            "flag": self.flag,
            "band": self.band,
            "share_of_loss": self.share_of_loss,
            "reason": self.reason,
            "growth": self.growth.to_json() if self.growth else None,
        }


def measure_regions(
    partitions: Sequence[Partition], heldout: Scores, production: Scores, *, changes: Changes, rule: Rule
) -> tuple[Region, ...]:
    """Measure every region of every partition, with what the tests in `error_changes` found about it."""
    rows = [[rows_by_region(side, p.n_regions) for side in (p.heldout, p.production)] for p in partitions]
    is_any_new = any(change.is_new for change in changes.regions)
    rest, reference_name = coefficient_of(production.take(changes.known)) if is_any_new else None, "the familiar rest"
    if is_any_new and not isinstance(rest, Coefficient):
        rest, reference_name = coefficient_of(heldout), "held-out"
    regions, whole = [], coefficient_of(heldout)
    for change in changes.regions:
        sides = zip((heldout, production), rows[change.partition], strict=True)
        parts = [scores.take(places[change.index]) for scores, places in sides]
        partition, (before, inside) = partitions[change.partition], map(coefficient_of, parts)
        if partition.of_production:
            if partition.regions[change.index] == OF_HELDOUT:
                continue
            before = whole
        reference = rest if rest and change.is_new else whole if change.is_harder else before
        fall = coefficient_difference(reference, inside, confidence=rule.confidence)
        if before.n_pairs or inside.n_pairs:
            shares = tuple(part.total / scores.total for part, scores in zip(parts, (heldout, production), strict=True))
            of_itself = "held-out as a whole" if partition.of_production else "itself on held-out"
            versus = reference_name if change.is_new else of_itself
            made = _region(partition, change, (before, inside), fall, shares=shares, versus=versus, rule=rule)
            heavy = 0.0 if change.rise or shares[1] < LEAST_SHARE else untold_share(parts[1], alpha=rule.alpha)
            told = f"Cannot tell: one query has {heavy:.0%} of its pairs." if heavy else made.reason
            regions.append(replace(made, heavy=heavy, reason=told))
    return _share_loss(regions)


def _region(
    partition: Partition,
    change: RegionChange,
    sides: tuple[Coefficient | Unmeasured, Coefficient | Unmeasured],
    fall: Measurement,
    *,
    shares: tuple[float, ...],
    versus: str,
    rule: Rule,
) -> Region:
    before, inside = sides
    measured = measure(inside, confidence=rule.confidence)
    rise: Measurement = Unmeasured(reason="Too few pairs or queries to test.", n_pairs=inside.n_pairs)
    return Region(
        partition=partition.name,
        kind=partition.kind if change.is_new or partition.name != DOC_SCRIPT else "slice",
        name=partition.regions[change.index],
        index=change.index,
        terms=partition.terms[change.index],
        n_heldout=0 if partition.of_production else before.n_pairs,
        n_production=inside.n_pairs,
        share_heldout=shares[0],
        share_production=shares[1],
        heldout=measure(before, confidence=rule.confidence),
        production=measured,
        fall=fall,
        error_rise=change.rise.measured(rule.confidence) if change.rise else rise,
        p_value=change.rise.p_value if change.rise else None,
        adjusted=change.adjusted,
        is_new=change.is_new,
        drifted=change.drifted,
        is_usual=change.is_usual,
        is_harder=change.is_harder,
        band=rule.region_band(measured.estimate) if isinstance(measured, Measured) else None,
        reason=_reason(change, fall, inside.n_pairs, versus, rule),
    )


def _reason(change: RegionChange, fall: Measurement, n_production: int, versus: str, rule: Rule) -> str:
    if n_production == 0:
        return "No production traffic any more."
    if change.adjusted is None:
        few = f"fewer than {rule.region_min_queries} queries on one side"
        return f"Not tested: {few}, too little of the traffic, or no familiar rest to compare it with."
    size = ""
    if isinstance(fall, Measured):
        where = "below" if fall.estimate >= 0 else "above"
        size = f"{figure(abs(fall.estimate), '-', is_share=fall.is_share)} {where} {versus}"
    rate = f"{chance_in_words(change.adjusted)} of such finds are chance"
    if change.is_harder and change.rise:
        error = f"{np.expm1(change.rise.estimate):+z.0%} against all of held-out"
        return f"Holds more of the traffic than before, and the student always erred more there: error {error}."
    if change.drifted:
        if _estimate(fall) < rule.region_loss and change.rise:  # a small region's own coefficient can hide it
            return f"Error {np.expm1(change.rise.estimate):+z.0%} against {versus}; {rate}."
        return f"Fell {size}; {rate}."
    figures = f"{size}, {rate}" if size else rate
    if change.is_usual:
        return f"Not flagged: {figures}, but familiar regions agree as little now and then."
    if change.explained:
        return f"Not flagged: {figures}, but {change.explained}, which overlaps it, explains its fall."
    if change.adjusted > rule.alpha:
        return f"Not flagged: {figures}, more than the {chance_in_words(rule.alpha)} allowed."
    floor = figure(rule.region_loss, "-", is_share=isinstance(fall, Measured) and fall.is_share)
    return f"Not flagged: {figures}, under the effect floor of {floor}."


def _share_loss(regions: list[Region]) -> tuple[Region, ...]:
    """Give each drifted region its part of what the drifted regions of its partition lose together."""
    total: dict[str, float] = {}
    for region in regions:
        if region.drifted:
            total[region.partition] = total.get(region.partition, 0.0) + _weighted_fall(region)
    return tuple(
        replace(region, share_of_loss=_weighted_fall(region) / total[region.partition]) if region.drifted else region
        for region in regions
    )


def _weighted_fall(region: Region) -> float:
    return region.share_production * _estimate(region.fall)


def _estimate(fall: Measurement) -> float:
    return fall.estimate if isinstance(fall, Measured) else 0.0
