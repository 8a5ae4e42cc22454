import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.error_changes import Changes
from drift_core.diagnosis.forward_selection import RegionChange
from drift_core.diagnosis.region import measure_regions
from drift_core.measures.agreement import agreement, agreement_difference
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition

RULE = Rule()


def noisy(n: int, noise: float, seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.standard_normal(n)
    return Scores(
        student=teacher + noise * rng.standard_normal(n), teacher=teacher, queries=rng.integers(n // 3, size=n)
    )


HELDOUT, PRODUCTION = noisy(300, 0.4, 0), noisy(400, 0.6, 1)
TOPICS = Partition(
    name="query clusters",
    kind="query",
    regions=("a", "b", "new"),
    terms=(("a",), ("b",), ("new",)),
    heldout=np.arange(300) % 2,
    production=np.arange(400) % 3,
    reason="by hand",
)
KNOWN = TOPICS.production != 2


def test_each_region_is_measured_as_its_pairs_alone_would_be():
    regions = measure_regions([TOPICS], HELDOUT, PRODUCTION, changes=changes(), rule=RULE)

    for region in regions[:2]:
        before = HELDOUT.take(TOPICS.heldout == region.index)
        inside = PRODUCTION.take(TOPICS.production == region.index)
        assert region.heldout == agreement(before, confidence=RULE.confidence)
        assert region.production == agreement(inside, confidence=RULE.confidence)
        assert region.fall == agreement_difference(before, inside, confidence=RULE.confidence)
        assert (region.n_heldout, region.n_production) == (len(before), len(inside))


def test_a_new_region_is_compared_with_the_familiar_rest():
    new = measure_regions([TOPICS], HELDOUT, PRODUCTION, changes=changes(), rule=RULE)[2]

    rest, inside = PRODUCTION.take(KNOWN), PRODUCTION.take(~KNOWN)
    assert new.n_heldout == 0
    assert new.fall == agreement_difference(rest, inside, confidence=RULE.confidence)


def changes() -> Changes:
    regions = tuple(RegionChange(partition=0, index=i, is_new=i == 2, rise=None) for i in range(3))
    return Changes(regions=regions, drifted=np.zeros(400, dtype=bool), known=KNOWN, shared=None)
