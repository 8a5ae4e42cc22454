"""The cause from facts made by hand; what is planted is in test_planted_causes."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.diagnosis.region import Region
from drift_core.measured import Unmeasured
from drift_core.operations.missing_scores import MissingScores
from drift_core.regions.moved_docs import DocsTest
from tests.drift_core.diagnosis.by_hand import (
    FAMILIAR,
    FELL,
    HEALTHY,
    INFERRED,
    decided,
    measured,
    new_region,
    pinned,
    rise,
)

NEW = new_region()
DOCS = DocsTest(
    docs=measured(0.9),
    queries=measured(0.5),
    moved=True,
    new_heldout=np.zeros(400, dtype=bool),
    new_production=np.ones(400, dtype=bool),
)


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({}, "healthy"),
        ({"regions": (NEW,)}, "query_drift"),
        ({"shared": FELL}, "teacher_drift"),
        ({"regions": (NEW,), "shared": FELL}, "query_and_teacher_drift"),
        ({"shared": FELL, "docs": DOCS}, "document_drift"),
        ({"docs": DOCS}, "healthy"),
        ({"regions": (replace(NEW, kind="doc"),), "shared": FELL}, "document_drift"),
        ({"regions": (replace(NEW, kind="doc", share_production=0.1), NEW)}, "query_drift"),
        ({"regions": (FAMILIAR,)}, "query_drift"),
        ({"regions": (FAMILIAR,), "shared": FELL}, "teacher_drift"),
        ({"regions": (replace(NEW, kind="doc", fall=Unmeasured(reason="too few")),)}, "document_drift"),
        ({"shared": rise(0.4, 0.004)}, "teacher_drift"),
        ({"shared": rise(0.4, 0.02)}, "inconclusive"),  # an unsure fall
        ({"shared": rise(0.4, 0.06)}, "healthy"),
        ({"shared": rise(0.05, 0.0001)}, "healthy"),  # a sure one, too small to matter
        # With pinned scores the same pairs decide.
        (pinned(0.1, 0.0001), "teacher_drift"),
        (pinned(0.005, 0.0001), "healthy"),
        (pinned(0.0, 0.5) | {"shared": FELL}, "inconclusive"),
        (pinned(0.1, 0.0001, reach=0.0), "healthy"),  # a revision that keeps all ranks
        (pinned(0.1, 0.0001) | {"regions": (FAMILIAR,)}, "query_and_teacher_drift"),
        (pinned(0.06, 0.9) | {"spread": replace(HEALTHY.spread, reading="fell")}, "teacher_drift"),  # of ranks alone
    ],
)
def test_the_cause_is_what_the_facts_support(facts: dict[str, object], cause: str) -> None:
    assert decided(**facts).cause == cause


@pytest.mark.parametrize(
    ("facts", "headline"),
    [
        ({"regions": (NEW,)}, "Query drift: the new region new."),
        ({"regions": (FAMILIAR,)}, "Fall of a familiar region: familiar."),
        ({"regions": (FAMILIAR, NEW)}, "Query drift: the regions familiar and 1 more."),
        ({"regions": (FAMILIAR, replace(FAMILIAR, index=9))}, "Fall of familiar regions: familiar and 1 more."),
        (
            {"regions": (NEW,), "shared": FELL},
            "Query drift, and teacher drift or another student: all fell, most of all the new region new.",
        ),
        ({"shared": FELL}, "Teacher drift or another student: on familiar traffic the two go together less."),
        ({"shared": FELL, "teacher_changed": True}, "Teacher drift: the student follows the old teacher."),
    ],
)
def test_the_headline_says_what_happened_and_where_without_figures(facts: dict[str, object], headline: str) -> None:
    assert decided(**facts).headline == headline


def test_a_rise_of_all_is_not_blamed_on_a_region_that_fell() -> None:
    rose = replace(HEALTHY.spread, spread=measured(-0.01), reading="held")
    told = decided(regions=(replace(FAMILIAR, adjusted=0.0001),), spread=rose).reason
    assert "as a whole, and is lower in the region familiar" in told


def test_traffic_that_grew_is_not_called_new() -> None:
    grown = replace(NEW, share_heldout=0.02)

    assert "grown traffic agrees less" in decided(regions=(grown,), familiar_moved=True).headline
    assert "new and grown traffic agrees less" in decided(regions=(grown, NEW), familiar_moved=True).headline


@pytest.mark.parametrize("region", [NEW, FAMILIAR])
@pytest.mark.parametrize(("p_value", "got"), [(0.0001, "got worse"), (0.02, "may have got worse")])
def test_a_region_does_not_hide_that_the_student_changed_and_all_got_worse(
    region: Region, p_value: float, got: str
) -> None:
    verdict = decided(regions=(region,), shared=rise(0.4, p_value), student_changed=True)

    assert verdict.cause == "inconclusive"
    assert f"the student changed, and all familiar traffic {got} since, most of all the" in verdict.headline
    assert "Diagnose each version of the student apart." in verdict.reason
    alone = decided(shared=rise(0.4, p_value), student_changed=True).headline
    assert alone == f"Inconclusive: the student changed, and all familiar traffic {got} since."


def test_a_student_that_changed_hides_no_cause_where_the_rest_held_or_a_measured_revision_explains_it() -> None:
    assert decided(regions=(NEW,), student_changed=True).cause == "query_drift"
    facts = pinned(0.1, 0.0001) | {"is_pinned": False, "shared": FELL, "student_changed": True}
    assert decided(**facts, regions=(NEW,)).cause == "query_and_teacher_drift"
    assert decided(**facts | {"is_pinned": True}, regions=(NEW,)).cause == "inconclusive"


def test_a_revision_that_costs_in_some_regions_alone_is_told_there_and_their_falls_speak_for_it() -> None:
    region = SimpleNamespace(name="familiar", figures="by hand", are_ranks=True, elsewhere=measured(0.1))
    facts = pinned(0.1, 0.0001) | {"is_pinned": False, "revised": (region,), "regions": (FAMILIAR,)}
    parts = replace(facts["attribution"], within=measured(0.0))  # type: ignore[type-var]

    verdict, uneven = (decided(**facts | {"attribution": parts, "revised_alone": alone}) for alone in (True, False))

    assert verdict.cause == uneven.cause == "teacher_drift"
    assert verdict.headline.startswith("Teacher drift in familiar: ")
    assert "elsewhere nothing fell beyond chance" in verdict.headline
    assert "familiar traffic too" not in verdict.reason
    against = [line.sentence.split()[0] for line in verdict.evidence if line.mark == "Against"]
    assert not {"Region", "On"} & set(against)
    assert uneven.headline.startswith("Teacher drift, most in familiar: ")


def test_a_fall_of_a_familiar_region_says_where_to_look() -> None:
    told = "(20% of today's traffic). Held-out has such pairs too, so look at what changed there: the student"

    assert f"{told}, the docs or the teacher." in decided(regions=(FAMILIAR,)).reason
    assert f"{told} or the docs." in decided(regions=(FAMILIAR,), is_pinned=True).reason
    held = replace(DOCS, moved=False, docs=DOCS.queries)
    assert f"{told} or the teacher." in decided(regions=(FAMILIAR,), docs=held).reason
    assert f"{told}." in decided(regions=(FAMILIAR,), docs=held, is_pinned=True).reason
    cleared = decided(regions=(FAMILIAR,), docs=held, is_cleared=True)
    assert cleared.headline == "Fall of a familiar region: familiar, and not by the teacher."
    assert "most likely the student's scores there are not those that were measured." in cleared.reason


@pytest.mark.parametrize(
    "region",
    [
        replace(FAMILIAR, adjusted=0.03),  # flagged, but not as surely as a cause needs
        replace(NEW, drifted=False, adjusted=0.08, p_value=0.04),
        replace(NEW, adjusted=0.02),
    ],
)
def test_a_region_in_doubt_leaves_the_verdict_open(region: object) -> None:
    assert decided(regions=(region,)).cause == "inconclusive"


@pytest.mark.parametrize("changed", [{"p_value": 0.06}, {"fall": measured(0.04)}, {"adjusted": 0.14}])
def test_a_new_region_that_chance_explains_or_that_fell_little_is_healthy(changed: dict[str, object]) -> None:
    in_doubt = replace(NEW, drifted=False, adjusted=0.08, p_value=0.04)

    assert decided(regions=(replace(in_doubt, **changed),)).cause == "healthy"  # type: ignore[arg-type]


def test_new_traffic_where_all_traffic_changed_its_shares_is_left_open() -> None:
    verdict = decided(regions=(NEW,), familiar_moved=True)

    assert verdict.cause == "inconclusive"
    assert "new agrees less" in verdict.summary
    assert decided(regions=(NEW, FAMILIAR), familiar_moved=True).cause == "query_drift"
    assert decided(regions=(replace(NEW, adjusted=0.02),), familiar_moved=True).cause == "healthy"


def test_a_fall_of_familiar_traffic_that_changed_its_shares_by_much_is_left_open_without_pinned_scores() -> None:
    assert decided(shared=FELL, familiar_moved=True).cause == "inconclusive"
    assert decided(**pinned(0.05, 0.0001), familiar_moved=True).cause == "teacher_drift"


def test_more_of_a_kind_on_which_the_student_always_erred_is_query_drift() -> None:
    harder = replace(FAMILIAR, partition="query length", name="90 characters and more", is_harder=True, adjusted=0.004)

    verdict = decided(regions=(harder,), shared=rise(0.0, 0.4))

    assert verdict.cause == "query_drift"
    assert verdict.headline == "Query drift: more traffic of query length 90 characters and more."


@pytest.mark.parametrize(("left", "cause"), [(0.04, "inconclusive"), (0.005, "healthy")])
def test_a_sure_fall_that_neither_mix_nor_range_explains_is_not_healthy(left: float, cause: str) -> None:
    verdict = decided(unexplained=measured(left))

    assert verdict.cause == cause
    assert ("neither its mix nor the range" in verdict.summary) == (cause == "inconclusive")


@pytest.mark.parametrize(
    ("left", "moved", "cause"), [(0.04, False, "inconclusive"), (0.015, False, "healthy"), (0.04, True, "healthy")]
)
def test_a_sure_fall_of_which_most_is_left_is_not_healthy_at_a_like_mix(left: float, moved: bool, cause: str) -> None:
    unclear = replace(measured(left), low=-0.02)

    assert decided(unexplained=unclear, familiar_moved=moved).cause == cause


MISSING = MissingScores(
    share_heldout=0.0,
    share_production=0.1,
    n_missing=44,
    region=None,
    share_of_missing=0.0,
    share_in_region=0.0,
    lowest=0.765,
    highest=0.865,
)


def test_a_healthy_verdict_that_missing_scores_could_turn_is_left_open_and_says_between_which_limits() -> None:
    verdict = decided(missing=MISSING)

    assert verdict.cause == "inconclusive"
    assert verdict.headline == "Inconclusive: scores of today's teacher are missing."
    assert verdict.reason.startswith(MISSING.sentence)
    assert "from 0.77 to 0.86" in MISSING.sentence or "from 0.76 to 0.87" in MISSING.sentence
    assert decided(missing=replace(MISSING, lowest=0.88)).cause == "healthy"  # it could not be turned


def test_a_verdict_that_is_open_for_another_reason_does_not_ask_for_scores_missing_by_chance() -> None:
    by_chance = replace(MISSING, odds=3.0, lowest=0.86)

    verdict = decided(
        missing=by_chance, spread=replace(HEALTHY.spread, spread=replace(measured(0.0), standard_error=1))
    )

    assert verdict.headline == "Inconclusive: this sample cannot tell the cause from chance."
    assert verdict.reason.startswith(by_chance.sentence)
    assert "up to 3 times as likely by the score itself" in by_chance.sentence


@pytest.mark.parametrize(("low", "cause"), [(-0.06, "healthy"), (-0.02, "inconclusive")])
def test_scores_missing_by_chance_turn_a_healthy_verdict_where_a_fall_would_be_beyond_chance(
    low: float, cause: str
) -> None:
    lowest = HEALTHY.spread.production.estimate - 0.04  # type: ignore[union-attr]
    spread = replace(HEALTHY.spread, spread=replace(measured(0.0), low=low))

    assert decided(missing=replace(MISSING, odds=3.0, lowest=lowest), spread=spread).cause == cause


def test_a_healthy_verdict_says_of_which_region_nothing_can_be_told() -> None:
    untold = replace(FAMILIAR, drifted=False, share_of_loss=None).with_unscored(0.53)

    verdict = decided(missing=replace(MISSING, lowest=0.88), regions=(untold,))

    assert verdict.headline == "Healthy, but nothing can be told of familiar, where scores are missing."
    assert verdict.reason.endswith("and nothing that the student knew got worse.")


@pytest.mark.parametrize(("share", "told"), [(0.9, "most of them in pets"), (0.3, "many of them in pets")])
def test_most_missing_scores_are_said_to_lie_in_a_region_only_where_they_do(share: float, told: str) -> None:
    verdict = decided(missing=replace(MISSING, region="pets", share_of_missing=share, share_in_region=0.5))

    assert verdict.headline == f"Inconclusive: scores of today's teacher are missing, {told}."


@pytest.mark.parametrize(("region", "cause"), [("pets", "inconclusive"), (None, "teacher_drift")])
def test_a_teacher_that_was_inferred_from_what_is_left_of_a_topic_is_left_open(region: str | None, cause: str) -> None:
    assert decided(shared=FELL, attribution=INFERRED, missing=replace(MISSING, region=region)).cause == cause


def test_a_sample_that_would_miss_a_large_loss_is_not_called_healthy() -> None:
    # A loss of (1.645 + 0.842) standard errors is seen with a power of 80 %: 0.199 and 0.204 here.
    seen = [replace(HEALTHY.spread, spread=measured(0.05, reach=2 * error)) for error in (0.080, 0.082)]

    assert [decided(spread=spread).cause for spread in seen] == ["healthy", "inconclusive"]


def test_a_spread_that_could_not_be_measured_is_inconclusive_with_the_reason() -> None:
    verdict = decided(spread=replace(HEALTHY.spread, spread=Unmeasured(reason="One query only.")), regions=(NEW,))

    assert verdict.cause == "inconclusive"
    assert verdict.summary.endswith("One query only.")


@pytest.mark.parametrize(("reading", "cause"), [("fell", "inconclusive"), ("held", "healthy")])
def test_a_fall_with_nothing_familiar_left_to_compare_is_left_open(reading: str, cause: str) -> None:
    assert decided(shared=None, spread=replace(HEALTHY.spread, reading=reading)).cause == cause


@pytest.mark.parametrize("shared", [None, FELL])
def test_a_held_out_that_has_hardly_a_region_of_today_says_nothing_of_it(shared: object) -> None:
    unlike = replace(NEW, share_production=0.9, drifted=False, adjusted=0.5, p_value=0.5)

    verdict = decided(regions=(unlike,), shared=shared, unexplained=measured(0.05))

    assert verdict.headline == "Inconclusive: held-out says nothing of this traffic."
    assert "90% of today's traffic is in regions that held-out hardly has" in verdict.reason
    like = replace(unlike, share_production=0.7)
    assert "says nothing" not in decided(regions=(like,), shared=shared, unexplained=measured(0.05)).headline
