from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.findings import Finding, find_facts
from drift_core.diagnosis.region import Region
from drift_core.distributions.pinned_traffic import PinnedTraffic
from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.regions.attribution import Attribution
from tests.drift_core.diagnosis.by_hand import measured, new_region


def drawn(n: int, seed: int) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.standard_normal(n)
    return Scores(student=teacher + 0.4 * rng.standard_normal(n), teacher=teacher, queries=np.arange(n))


HELDOUT, PRODUCTION = drawn(400, 0), drawn(400, 1)
HEALTHY = SpreadTest(
    heldout=measured(0.9), production=measured(0.89), spread=measured(0.01), band="healthy", reading="held"
)
NO_PARTS = Attribution(total=None, mix=None, within=None, teacher=None)


def found(
    *,
    production: Scores = PRODUCTION,
    spread: SpreadTest = HEALTHY,
    pinned: tuple[Scores, Scores] | None = None,
    attribution: Attribution = NO_PARTS,
    regions: Sequence[Region] = (),
) -> dict[str, Finding]:
    facts = find_facts(
        HELDOUT,
        production,
        spread=spread,
        pinned=PinnedTraffic(scores=pinned),
        attribution=attribution,
        regions=regions,
        rule=Rule(),
    )
    return {fact.name: fact for fact in facts}


def usual(name: str, share: float) -> Region:
    return new_region(name, share_production=share, is_usual=True, drifted=False)


def revised(current: np.ndarray) -> tuple[Scores, Scores]:
    return PRODUCTION, replace(PRODUCTION, teacher=current)


def test_an_ordinary_pair_of_samples_has_no_findings() -> None:
    assert found() == {}


@pytest.mark.parametrize(("n_queries", "is_told"), [(29, True), (30, False)])
def test_few_queries_are_told_below_the_rules_floor(n_queries: int, is_told: bool) -> None:
    facts = found(production=replace(PRODUCTION, queries=np.arange(400) % n_queries))

    assert ("few_queries" in facts) == is_told
    if is_told:
        assert facts["few_queries"].figures == {"n_queries_heldout": 400, "n_queries_production": n_queries}


@pytest.mark.parametrize(("heldout", "is_told"), [(0.68, True), (0.695, False), (0.9, False)])
def test_a_student_is_weak_when_all_of_heldouts_interval_is_below_the_patterns_floor(
    heldout: float, is_told: bool
) -> None:
    assert ("weak_student" in found(spread=replace(HEALTHY, heldout=measured(heldout)))) == is_told


def test_an_area_under_the_curve_is_held_to_that_of_held_out() -> None:
    low = replace(HEALTHY, heldout=measured(0.83), is_answered=True)

    assert (low.floor(Rule()), low.floor(Rule(), 0.85)) == pytest.approx((0.8, 0.8))
    assert low.floor(Rule(), 0.75) == 0.75
    assert replace(low, is_answered=False).floor(Rule(), 0.85) == Rule().agreement_healthy


@pytest.mark.parametrize(("total", "share"), [(0.08, 0.5), (0.03, 1.0)])
def test_a_moved_mix_is_told_with_its_share_of_the_fall(total: float, share: float) -> None:
    facts = found(attribution=replace(NO_PARTS, total=measured(total), mix=measured(0.04)))

    assert facts["mix_moved"].figures == {"mix": 0.04, "share_of_fall": share}
    assert "+0.040 of the spread" in facts["mix_moved"].sentence


@pytest.mark.parametrize("mix", [measured(0.04, reach=0.05), measured(0.009)])
def test_a_mix_that_is_unsure_or_small_is_not_told(mix: Measured) -> None:
    assert "mix_moved" not in found(attribution=replace(NO_PARTS, total=measured(0.08), mix=mix))


def test_the_largest_harder_region_is_named_and_the_others_counted() -> None:
    facts = found(regions=[usual("small", 0.05), usual("large", 0.2), replace(usual("not", 0.5), is_usual=False)])

    assert "New traffic in large (20%, and 1 more) agrees less (0.80)" in facts["harder_region"].sentence
    assert facts["harder_region"].figures == {"share_production": 0.2}


def test_a_revision_is_told_with_its_shift_and_the_share_of_equal_scores() -> None:
    current = PRODUCTION.teacher + np.where(np.arange(400) % 4 == 0, 0.0, 0.1)

    figures = found(pinned=revised(current))["teacher_revised"].figures

    assert figures["mean_shift"] == pytest.approx(0.075)
    assert figures["share_equal"] == pytest.approx(0.25)
    assert figures["spearman"] > 0.98


def test_scores_that_a_new_run_of_the_teacher_would_give_are_not_called_a_revision_for_sure() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, 400)
    part = replace(NO_PARTS, teacher=measured(-0.01, reach=0.03))

    told = found(pinned=revised(PRODUCTION.teacher + noise), attribution=part)["teacher_revised"].sentence
    costly = found(pinned=revised(PRODUCTION.teacher + noise), attribution=replace(part, teacher=measured(0.1)))
    stricter = found(pinned=revised(PRODUCTION.teacher - np.abs(noise)), attribution=part)

    assert told.startswith("The teacher scores otherwise")
    assert "noise of one teacher" in told
    assert all("was revised" in each["teacher_revised"].sentence for each in (costly, stricter))


def test_a_revision_in_name_only_is_no_finding() -> None:
    current = PRODUCTION.teacher + np.where(np.arange(400) % 50 == 0, 0.1, 0.0)

    assert "teacher_revised" not in found(pinned=revised(current))


def test_a_moved_scale_is_told_by_its_side_with_the_pairs_that_cross() -> None:
    fact = found(production=replace(PRODUCTION, student=PRODUCTION.student + 0.6))["student_scale_moved"]

    crossing = round(400 * fact.figures["share_crossing"])
    assert fact.figures["n_crossing"] == crossing > 40
    assert f"{crossing:,} of 400 pairs" in fact.sentence


def test_one_query_is_written_in_the_singular() -> None:
    one = replace(PRODUCTION, queries=np.zeros(400, dtype=int))

    assert found(production=one)["few_queries"].sentence.startswith("Only 1 distinct query in one sample")
