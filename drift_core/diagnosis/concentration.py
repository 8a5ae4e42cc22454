"""Test 3, regions: where does the student disagree, and did that region get worse?

A region is compared with itself on held-out; one that held-out lacks is compared with the familiar rest of production.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.diagnosis.rule import Band, Rule
from drift_core.measures.agreement import agreement, agreement_difference
from drift_core.measures.estimate import Measured, Measurement, Unmeasured
from drift_core.measures.intervals import welch_degrees
from drift_core.measures.means import clustered_mean, residual_errors
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region of one partition: how much traffic, how well it agrees, and whether it drifted.

    Attributes
    ----------
    partition, name, index
        The partition, the region's name in it and its label.
    kind
        "query", "doc" or "slice".
    terms
        Distinguishing terms.
    n_heldout, n_production, share_heldout, share_production
        Pairs and shares of all pairs on both sides.
    heldout, production
        Agreement inside the region on both sides.
    fall
        Held-out agreement minus production agreement; for a new region the familiar rest minus the region.
    error_rise
        Rise of the residual error, which a narrow range of scores leaves alone.
    p_value
        One-sided p-value of "agreement fell and the error rose"; None when the region was not tested.
    is_new
        Whether held-out has too few queries of it: it postdates training.
    drifted
        Flagged at the rule's false discovery rate, effect floor and floor on queries.
    band
        Textbook reading of the production agreement; None when unmeasured or under the share floor.
    reason
        Why it is flagged or not, one sentence.
    share_of_loss
        Its part of the loss carried by all drifted regions of its partition, a fraction; None when not drifted.
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
    is_new: bool
    drifted: bool
    band: Band | None
    reason: str
    share_of_loss: float | None = None

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
            "is_new": self.is_new,
            "drifted": self.drifted,
            "band": self.band,
            "share_of_loss": self.share_of_loss,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Side:
    """One sample prepared for the region test: its scores and the residual error of each pair."""

    scores: Scores
    errors: np.ndarray

    @classmethod
    def of(cls, scores: Scores) -> "_Side":
        return cls(scores=scores, errors=residual_errors(scores.student, scores.teacher))

    def take(self, mask: np.ndarray) -> "_Side":
        return _Side(scores=self.scores.take(mask), errors=self.errors[mask])


def measure_regions(
    partitions: Sequence[Partition], heldout: Scores, production: Scores, *, rule: Rule
) -> tuple[Region, ...]:
    """Measure and test every region of every partition.

    Notes
    -----
    A region is flagged when its agreement fell and its residual error rose (an intersection-union test [1]_), at a
    false discovery rate of `rule.alpha` over all regions of all partitions [2]_, by at least `rule.region_loss`, with
    at least `rule.region_min_queries` queries.

    References
    ----------
    .. [1] Berger, R. L. and Hsu, J. C. (1996). Bioequivalence trials, intersection-union tests. Statistical Science 11.
    .. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57.
    """
    sides = (_Side.of(heldout), _Side.of(production))
    regions = [region for partition in partitions for region in _measure_partition(partition, *sides, rule)]
    return _share_loss(_flag(regions, rule))


def _measure_partition(partition: Partition, heldout: _Side, production: _Side, rule: Rule) -> list[Region]:
    familiar = np.array(
        [heldout.scores.take(partition.heldout == i).n_queries >= rule.region_min_queries for i in _labels(partition)]
    )
    rest = production.take(familiar[partition.production])
    measured = []
    for index in _labels(partition):
        inside = production.take(partition.production == index)
        before = heldout.take(partition.heldout == index)
        reference = before if familiar[index] else rest
        measured.append(_measure_region(partition, index, before, inside, reference, rule))
    totals = (len(heldout.scores), len(production.scores))
    return [
        replace(r, share_heldout=r.n_heldout / totals[0], share_production=r.n_production / totals[1])
        for r in measured
        if r.n_heldout or r.n_production
    ]


def _measure_region(
    partition: Partition, index: int, before: _Side, inside: _Side, reference: _Side, rule: Rule
) -> Region:
    fall = agreement_difference(reference.scores, inside.scores, confidence=rule.confidence)
    rise = _error_rise(reference, inside, rule.confidence)
    production = agreement(inside.scores, confidence=rule.confidence)
    enough = min(inside.scores.n_queries, reference.scores.n_queries) >= rule.region_min_queries
    return Region(
        partition=partition.name,
        kind=partition.kind,
        name=partition.regions[index],
        index=index,
        terms=partition.terms[index],
        n_heldout=len(before.scores),
        n_production=len(inside.scores),
        share_heldout=0.0,
        share_production=0.0,
        heldout=agreement(before.scores, confidence=rule.confidence),
        production=production,
        fall=fall,
        error_rise=rise,
        p_value=max(_p_value(fall), _p_value(rise)) if enough else None,
        is_new=reference is not before,
        drifted=False,
        band=rule.region_band(production.estimate) if isinstance(production, Measured) else None,
        reason="",
    )


def _error_rise(reference: _Side, inside: _Side, confidence: float) -> Measurement:
    before = clustered_mean(reference.errors, reference.scores.queries, confidence=confidence)
    after = clustered_mean(inside.errors, inside.scores.queries, confidence=confidence)
    if isinstance(before, Unmeasured) or isinstance(after, Unmeasured):
        return before if isinstance(before, Unmeasured) else after
    from drift_core.measures.intervals import t_quantile

    error = float(np.hypot(before.standard_error, after.standard_error))
    reach = t_quantile(confidence, welch_degrees(before, after)) * error
    rise = after.estimate - before.estimate
    return Measured(
        estimate=rise,
        low=rise - reach,
        high=rise + reach,
        confidence=confidence,
        standard_error=error,
        n_pairs=before.n_pairs + after.n_pairs,
        n_queries=before.n_queries + after.n_queries,
    )


def _p_value(difference: Measurement) -> float:
    """One-sided p-value of "not above zero"; 1 where nothing could be measured."""
    from scipy import special

    if isinstance(difference, Unmeasured):
        return 1.0
    if difference.standard_error == 0:
        return 0.0 if difference.estimate > 0 else 1.0
    degrees = max(1, difference.n_queries - 2)
    return float(special.stdtr(degrees, -difference.estimate / difference.standard_error))


def _flag(regions: list[Region], rule: Rule) -> list[Region]:
    from scipy.stats import false_discovery_control

    tested = [i for i, region in enumerate(regions) if region.p_value is not None]
    if not tested:
        return [replace(region, reason=_reason(region, 1.0, rule)) for region in regions]
    adjusted = np.ones(len(regions))
    adjusted[tested] = false_discovery_control([regions[i].p_value for i in tested])
    return [
        replace(
            region,
            drifted=bool(q <= rule.alpha and _fall_of(region) >= rule.region_loss),
            reason=_reason(region, float(q), rule),
        )
        for region, q in zip(regions, adjusted, strict=True)
    ]


def _reason(region: Region, adjusted: float, rule: Rule) -> str:
    if region.n_production == 0:
        return "No production traffic any more."
    if region.p_value is None:
        return f"Not tested: fewer than {rule.region_min_queries} queries on one side."
    versus = "the familiar rest" if region.is_new else "itself on held-out"
    figures = f"{_fall_of(region):+.2f} below {versus}, false discovery rate {adjusted:.3f}"
    if adjusted > rule.alpha:
        return f"Not flagged: {figures} is above {rule.alpha:g}."
    if _fall_of(region) < rule.region_loss:
        return f"Not flagged: {figures}, under the effect floor of {rule.region_loss:g}."
    return f"Flagged: {figures}."


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
    return region.share_production * _fall_of(region)


def _fall_of(region: Region) -> float:
    return region.fall.estimate if isinstance(region.fall, Measured) else 0.0


def _labels(partition: Partition) -> range:
    return range(partition.n_regions)
