import math
from dataclasses import replace

import pytest

from drift_core.agreement.pairs_to_know import pairs_to_know_teacher, width_that_tells
from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.findings import Finding
from drift_core.diagnosis.what_would_settle import what_would_settle
from drift_core.distributions.pinned_traffic import PinnedTraffic
from drift_core.measured import Measured, Unmeasured
from drift_core.operations.missing_scores import MissingScores
from drift_core.regions.attribution import Attribution
from drift_core.samples.settling import Settling
from tests.drift_core.charts.by_hand import region

UNKNOWN = Attribution(total=None, mix=None, within=None, teacher=None)


def of(estimate: float, error: float, n_pairs: int = 1000, n_queries: int = 500) -> Measured:
    return Measured(
        estimate=estimate,
        low=estimate - 2 * error,
        high=estimate + 2 * error,
        confidence=0.95,
        standard_error=error,
        n_pairs=n_pairs,
        n_queries=n_queries,
    )


def spread_of(before: Measured, after: Measured) -> SpreadTest:
    error = math.hypot(before.standard_error, after.standard_error)
    gap = of(before.estimate - after.estimate, error, before.n_pairs + after.n_pairs)
    return SpreadTest(heldout=before, production=after, spread=gap, band="suspect", reading="cannot tell")


WIDE = spread_of(of(0.9, 0.05, 500, 200), of(0.8, 0.05, 500, 100))


def settle(cause: str, spread: SpreadTest, **others: object) -> tuple[Settling, ...]:
    given: dict[str, object] = {"regions": (), "attribution": UNKNOWN, "rule": Rule()} | others
    return what_would_settle(cause, spread=spread, **given)  # type: ignore[arg-type]


def test_the_size_of_a_paired_sample_by_hand() -> None:
    # a = 0.9, b = 0.8: k = 0.19 / 0.36, factor = 1 + k^2 - 0.72 k = 0.8986; times 1,000 (1.96 0.02 / 0.03)^2 = 1,707.3
    assert pairs_to_know_teacher(of(0.9, 0.01), of(0.8, 0.02), width=0.03) == 1535


def test_half_the_width_takes_four_times_the_pairs() -> None:
    wide, narrow = (pairs_to_know_teacher(of(0.9, 0.01), of(0.8, 0.02), width=w) for w in (0.04, 0.02))

    assert narrow == pytest.approx(4 * wide, rel=0.01)


def test_an_unknown_teachers_part_gives_pairs_queries_and_price() -> None:
    found = settle("teacher_drift", spread_of(of(0.9, 0.005), of(0.8, 0.01)), price_per_pair=0.01)

    assert (found[0].aim, found[0].n_pairs, found[0].n_queries) == ("pinned", 164, 82)
    assert found[0].cost == pytest.approx(1.64)
    assert "164 production pairs (82 queries)" in found[0].sentence
    assert "price 1.64" in found[0].sentence


def test_a_small_fall_asks_for_the_pairs_that_know_the_material_loss_and_a_larger_one_for_fewer() -> None:
    # told one-sided at 0.005 with power 0.8: 0.08 of 1.96 / (2.576 + 0.842), so (0.03 / 0.0459)^2 of the 384 pairs
    small, large = (settle("teacher_drift", spread_of(of(0.8 + fall, 0.005), of(0.8, 0.01)))[0] for fall in (0.04, 0.2))

    assert "about 0.03 either way." in small.sentence
    assert "about 0.05 either way, enough to tell a part of 0.08 from none." in large.sentence
    assert width_that_tells(0.08, alpha=0.005, power=0.8, confidence=0.95) == pytest.approx(0.0459, abs=1e-4)


def test_a_sample_that_is_too_small_is_re_scored_whole_and_says_how_much_that_tells() -> None:
    [pinned, *_] = settle("teacher_drift", spread_of(of(0.9, 0.02), of(0.8, 0.05, 100, 50)))

    assert pinned.n_pairs == 100
    assert pinned.cost is None
    assert "all 100 production pairs" in pinned.sentence
    assert "about 0.09 either way" in pinned.sentence


def test_pinned_scores_that_would_tell_nothing_are_asked_for_by_no_step() -> None:
    found = settle("query_drift", spread_of(of(0.9, 0.02), of(0.8, 0.15, 60, 30)))

    assert found[0].sentence.endswith("which is nothing: draw a larger production sample, of more queries, first.")
    assert all(each.aim != "pinned" for each in found)


def test_pinned_scores_are_drawn_at_random_and_more_are_asked_for_where_there_are_none() -> None:
    sides = spread_of(of(0.9, 0.005), of(0.8, 0.01))
    pinned = PinnedTraffic(why_not="Few", told="Few.", left_out="tax; forms", share_left_out=0.25)

    whole, there = (settle("query_drift", sides, pinned=each)[0] for each in (None, pinned))

    assert "(82 queries), drawn at random from all traffic, again" in whole.sentence
    assert there.sentence.startswith("Score 41 pairs of tax; forms, drawn at random there, with the pinned revision")
    assert there.n_pairs == 41


def test_a_measured_teachers_part_needs_no_scores() -> None:
    known = Attribution(total=None, mix=None, within=None, teacher=of(0.1, 0.01))

    found = settle("teacher_drift", spread_of(of(0.9, 0.01), of(0.8, 0.02)), attribution=known)

    assert [each.aim for each in found] == ["overturn"]


def test_an_inconclusive_verdict_says_how_many_more_pairs_and_queries_and_their_price() -> None:
    [more, *_] = settle("inconclusive", spread_of(of(0.9, 0.005), of(0.87, 0.02, 200, 100)), price_per_pair=0.01)

    # 0.03 at alpha 0.05 and power 0.8: (0.03 / 2.4865)^2 - 0.005^2 = 0.0001206 of 0.0004, so 664 pairs
    assert (more.aim, more.n_pairs, more.n_queries) == ("spread", 464, 232)
    assert more.cost == pytest.approx(4.64)


def test_scores_that_the_teacher_did_not_give_are_asked_for_first() -> None:
    missing = MissingScores(
        share_heldout=0.0,
        share_production=0.12,
        n_missing=294,
        region="customs",
        share_of_missing=0.9,
        share_in_region=0.5,
        lowest=0.81,
        highest=0.93,
    )
    first = settle("inconclusive", WIDE, missing=missing, price_per_pair=0.01)[0]

    assert (first.aim, first.n_pairs, first.cost) == ("missing", 294, pytest.approx(2.94))
    assert "Score the 294 production pairs that today's teacher gave no score, most of them in customs (price" in (
        first.sentence
    )
    assert settle("healthy", WIDE, missing=missing) == settle("healthy", WIDE)


def test_a_familiar_region_that_fell_is_scored_by_the_student_then_by_the_pinned_revision_before_a_retraining() -> None:
    spread = spread_of(of(0.9, 0.005), of(0.8, 0.01))
    fell = region("tax, forms", 1, share_of_loss=1.0, production=0.5)

    free, first, *_ = settle("query_drift", spread, regions=(fell,))
    new, *_ = settle("query_drift", spread, regions=(replace(fell, is_new=True),))

    assert (free.aim, free.sentence[:18]) == ("student", "Score “tax, forms”")
    assert first.sentence.startswith("The fall of “tax, forms” may be the teacher's, and a retraining would copy it. ")
    assert new.sentence.startswith("Score 164 production pairs (82 queries), drawn at random from all traffic, again")
    # 20 queries of 2 docs in a fifth of traffic
    assert (
        "Score 200 production pairs (100 queries), drawn at random from all traffic, about 40 of them" in first.sentence
    )


def test_a_student_that_changed_is_to_be_settled_before_a_larger_sample() -> None:
    spread = replace(spread_of(of(0.9, 0.01), of(0.8, 0.02)), reading="fell")
    inside, between = (Finding(name="student_versions", sentence="", figures=each) for each in ({"a": 1.0}, {}))

    found = [settle("inconclusive", spread, told={each.name: each})[0] for each in (inside, between)]

    assert [each.aim for each in found] == ["student", "student"]
    assert found[0].sentence.startswith("Diagnose the versions of the student apart")
    assert found[1].sentence.startswith("Score held-out with the student that runs now")


def test_scores_of_the_student_that_are_none_are_looked_at_before_any_sample() -> None:
    odd = Finding(name="odd_student_scores", sentence="66 production rows have the student score 0.5.")

    found = settle("inconclusive", spread_of(of(0.9, 0.01), of(0.87, 0.01)), told={odd.name: odd})

    assert found[0].aim == "student"
    assert found[0].sentence.endswith(odd.sentence)


def test_a_plan_asks_for_no_handful_of_pairs_more() -> None:
    errors = (0.0085, 0.0086)  # a loss of 0.03 takes a few pairs more than there are
    spread = spread_of(of(0.9, errors[0], 1000, 300), of(0.87, errors[1], 1000, 300))

    found = next(each for each in settle("inconclusive", spread) if each.aim == "spread")

    assert found.sentence.startswith("A fresh production sample of this size")


def test_few_queries_ask_for_queries() -> None:
    found = settle("inconclusive", spread_of(of(0.9, 0.05, 500, 20), of(0.8, 0.05, 500, 100)))

    [queries] = [each for each in found if each.aim == "queries"]
    assert "held-out has 20, and 30 are" in queries.sentence


def test_a_region_in_doubt_gives_the_pairs_that_would_decide() -> None:
    doubt = region("tax, forms", 1, is_new=True, p_value=0.04, adjusted=0.08, production=0.8)
    doubt = replace(doubt, share_heldout=0.0)

    found = settle("inconclusive", spread_of(of(0.9, 0.01), of(0.87, 0.02)), regions=(doubt,))

    assert "region “tax, forms”" in next(each.sentence for each in found if each.aim == "region")


def test_a_region_that_only_grew_asks_for_held_out_pairs_first_and_for_none_of_production() -> None:
    grown = region("queue, waited", 1, is_new=True, p_value=0.02, adjusted=0.08, production=0.6)
    grown = replace(grown, n_heldout=8, share_heldout=0.01, share_production=0.1, fall=of(0.2, 0.05))

    found = settle("inconclusive", spread_of(of(0.9, 0.01), of(0.87, 0.02)), regions=(grown,))

    assert grown.newness == "grown"
    assert found[0].sentence.startswith("More held-out pairs of what grew, “queue, waited”: held-out has 8 for 10% of")
    assert not any("more pairs of the new region" in each.sentence for each in found)


def test_a_region_that_is_not_in_doubt_asks_for_nothing() -> None:
    sure = region("tax, forms", 1, is_new=True, p_value=0.04, adjusted=0.3, production=0.8)
    sure = replace(sure, share_heldout=0.0)

    found = settle("inconclusive", spread_of(of(0.9, 0.01), of(0.87, 0.02)), regions=(sure,))

    assert not any(each.aim == "region" for each in found)


def test_each_clear_verdict_says_what_would_overturn_it() -> None:
    spread = spread_of(of(0.9, 0.01), of(0.8, 0.02))
    drifted = region("tax, forms", 1, share_of_loss=1.0, production=0.5)

    for cause in ("healthy", "query_drift", "teacher_drift", "query_and_teacher_drift", "document_drift"):
        lines = [each.sentence for each in settle(cause, spread, regions=(drifted,)) if each.aim == "overturn"]
        assert lines
        assert all(line.startswith("It would change ") for line in lines)


def test_without_a_spread_only_a_larger_sample_helps() -> None:
    none = Unmeasured(reason="constant")
    spread = SpreadTest(heldout=none, production=none, spread=none, band=None, reading="cannot tell")

    [only] = settle("inconclusive", spread)

    assert only.sentence == "A larger sample, so that the spread can be measured."


def test_pins_are_drawn_by_the_column_of_the_region_that_fell_and_enough_of_them_there() -> None:
    fell = replace(region("nordwind", 1, share_of_loss=1.0, production=0.5), kind="slice", partition="tenant")

    [_, pinned, *_] = settle("query_drift", spread_of(of(0.9, 0.005), of(0.8, 0.01)), regions=(fell,))

    assert "drawn by tenant, about 40 of them in tenant nordwind, again" in pinned.sentence


@pytest.mark.parametrize(
    ("cause", "more", "is_asked"),
    [
        ("teacher_drift", {"or_student": True}, True),
        ("teacher_drift", {}, False),  # measured
        ("inconclusive", {"not_the_teacher": True}, True),
        ("inconclusive", {}, True),
        ("query_drift", {}, False),
    ],
)
def test_how_samples_were_drawn_is_asked_before_anything_is_scored(
    cause: str, more: dict[str, object], is_asked: bool
) -> None:
    fell = replace(spread_of(of(0.9, 0.005), of(0.8, 0.01)), reading="fell")

    found = settle(cause, fell, **more)

    assert (found[0].aim == "drawing") == is_asked
    assert not any(each.aim == "drawing" for each in found[1:])
    assert not is_asked or found[0].sentence.startswith("Ask how both samples were drawn, which costs nothing:")


def test_docs_that_changed_where_agreement_fell_come_before_any_score() -> None:
    fell, spread = region("tax", 1, share_of_loss=1.0, production=0.5), spread_of(of(0.9, 0.005), of(0.8, 0.01))

    [first, *_] = settle("query_drift", spread, regions=(fell,), docs_changed=("tax", "docs are cut"))

    assert first.aim == "student"
    assert first.sentence.startswith("Mend the docs of tax, then score its pairs again with the student.")


def test_a_held_out_unlike_todays_traffic_is_drawn_anew_from_production() -> None:
    unlike = region("new", 0, share=0.9, is_new=True)

    first = settle("inconclusive", WIDE, regions=(unlike,))[0]

    assert first.aim == "heldout"
    assert first.sentence.startswith("Draw a held-out from production, as this one has regions of 10% of today's")
    assert all(each.aim != "heldout" for each in settle("query_drift", WIDE, regions=(unlike,)))


def test_a_value_that_is_called_broken_encoding_is_no_text_to_mend() -> None:
    value = replace(region("broken encoding", 0), partition="issue", kind="slice", drifted=True)

    told = [
        what_would_settle("query_drift", spread=WIDE, regions=[each], attribution=UNKNOWN, rule=Rule())
        for each in (value, replace(value, partition="script of the doc"))
    ]

    assert [any(each.sentence.startswith("Mend the encoding") for each in found) for found in told] == [False, True]
