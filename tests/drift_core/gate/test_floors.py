from dataclasses import replace

import pytest

from drift_core.agreement.rule import Rule
from drift_core.gate.last_canary import last_canary_values
from drift_core.gate.triggers import floor_of, read_triggers
from drift_core.judge_card.settings import GateSettings
from drift_core.measured import Unmeasured
from tests.drift_core.gate.weeks import BASELINE, FIRST, card, decide, measured, reasons, week


@pytest.mark.parametrize(
    ("agreement", "outcome"),
    [
        (measured(0.80, 0.74, 0.8499), "blocked"),
        (measured(0.80, 0.74, 0.85), "inconclusive"),
        (measured(0.8499, 0.80, 0.90), "inconclusive"),
        (measured(0.85, 0.80, 0.90), "held"),
    ],
)
def test_the_interval_decides_at_the_floor_not_the_point(agreement, outcome):
    decision = decide([week(0, agreement=agreement)])

    check = next(check for check in decision.checks if check.name == "agreement_floor")
    assert check.outcome == outcome


@pytest.mark.parametrize(("high", "outcome"), [(0.3, "inconclusive"), (0.9, "held")])
def test_a_query_that_was_set_aside_and_is_below_the_floor_does_not_pass_unsaid(high, outcome):
    inside = {"inside estimate": 0.2, "inside low": 0.1, "inside high": high}
    aside = {"share": 0.41, "n_queries": 1.0, "with estimate": 0.6, "with low": 0.5, "with high": 0.7} | inside
    decision = decide([week(0, aside=aside, findings=("one_query",))])

    check = next(check for check in decision.checks if check.name == "agreement_floor")
    assert check.outcome == outcome
    assert any(f"inside is 0.20 (0.10 to {high:.2f}), with it 0.60" in note for note in decision.notes)
    assert ("on 41% of production" in check.sentence) == (outcome == "inconclusive")


def test_a_limit_that_two_decimals_would_make_equal_to_the_floor_gets_three():
    decision = decide([week(0, agreement=measured(0.80, 0.74, 0.8499))])

    assert "0.800 (0.740 to 0.850) lies below the floor 0.850" in reasons(decision)["agreement_floor"][1]


def test_the_overlap_floor_is_never_above_what_held_out_shows():
    low = measured(0.6, 0.45, 0.75)

    assert decide([week(0, overlap=low, overlap_normal_low=0.5)]).status == "pass"
    assert decide([week(0, overlap=low, overlap_normal_low=None)]).status == "blocked"
    assert decide([week(0, overlap=low, overlap_normal_low=0.95)]).status == "blocked"


def test_overlap_where_the_boundary_cuts_through_many_equal_scores_blocks_nothing():
    decision = decide([week(0, overlap=measured(0.4, 0.2, 0.6), n_wide_tie=300)])

    check = next(each for each in decision.checks if each.name == "overlap_floor")
    assert decision.status == "pass"
    assert (check.outcome, check.sentence) == (
        "skipped",
        "Top-10 overlap means little: its boundary cuts through 300 equal teacher scores.",
    )
    assert "overlap" not in decision.sentence
    assert last_canary_values(decision.measured)["canary.last.overlap"] is None


def test_overlap_under_the_low_end_of_held_out_is_chance_until_its_interval_is_below_too():
    low = measured(0.6, 0.45, 0.75)

    decision = decide([week(0, overlap=low, overlap_normal_low=0.7)])

    check = next(check for check in decision.checks if check.name == "overlap_floor")
    assert (decision.status, check.outcome) == ("pass", "held")
    assert check.sentence == (
        "Top-10 overlap 0.60 (0.45 to 0.75) is below what held-out shows at this size and K, 0.70, "
        "by no more than chance allows."
    )
    told = decide([week(0, overlap=low, overlap_normal_low=0.5)], card=card(floors={"overlap": 0.8})).checks
    assert "The card's floor 0.80 is not asked for" in next(c.sentence for c in told if c.name == "overlap_floor")
    assert decide([week(0, overlap=measured(0.7, 0.5, 0.85), overlap_normal_low=0.9)]).status == "inconclusive"


def test_floors_come_from_the_card_and_without_one_from_the_rule():
    found = [week(0, agreement=measured(0.80, 0.76, 0.84))]

    assert decide(found).status == "blocked"
    assert decide(found, card=card(floors={"agreement": 0.75})).status == "pass"
    assert decide(found, settings=GateSettings(rule=Rule(agreement_healthy=0.76))).status == "pass"


@pytest.mark.parametrize("kind", [{"is_ranked": False}, {"is_answered": True}])
def test_overlap_of_labels_and_of_two_answers_blocks_nothing(kind):
    decision = decide([week(0, overlap=Unmeasured(reason="no order"), **kind)])

    assert decision.status == "pass"
    check = next(each for each in decision.checks if each.name == "overlap_floor")
    assert (check.outcome, check.sentence) == (
        "skipped",
        "Labels and two answers have no order, so that there is no overlap at the top.",
    )


def of_two_answers(estimate, baseline=0.67, **parts):
    """Decide on a week of two answers beside a probability, whose baseline lies far under the floor of an area."""
    level = baseline and replace(BASELINE, agreement=measured(baseline))
    of_area = {"is_answered": True, "is_area": True}
    decision = decide([week(0, agreement=measured(estimate), baseline=level, **of_area)], **parts)
    return decision, next(each for each in decision.checks if each.name == "agreement_floor")


@pytest.mark.parametrize("parts", [{}, {"card": card()}])
def test_two_answers_beside_a_probability_are_held_to_their_baseline_not_to_a_height(parts):
    kept, fell = of_two_answers(0.66, **parts), of_two_answers(0.55, **parts)

    assert (kept[0].status, kept[1].outcome, fell[1].outcome) == ("pass", "held", "blocked")
    assert of_two_answers(0.63, **parts)[1].outcome == "held"  # below, by no more than chance allows
    assert "the baseline less 0.03, the floor of an area under the curve, 0.64" in fell[1].sentence


@pytest.mark.parametrize("parts", [{}, {"card": card()}])
def test_an_area_without_a_baseline_is_held_to_its_own_floor_not_to_that_of_ranks(parts):
    low, high = (of_two_answers(estimate, None, **parts)[1] for estimate in (0.86, 0.93))

    assert (low.outcome, high.outcome) == ("blocked", "held")
    assert "the floor 0.92" in low.sentence


def test_a_floor_of_another_height_on_the_card_holds_two_answers_too():
    _, check = of_two_answers(0.66, card=card(floors={"agreement": 0.7}))

    assert (check.outcome, "the floor 0.70" in check.sentence) == ("blocked", True)


def test_the_floor_of_a_card_is_that_of_its_own_figures():
    area = {"last": {"at": FIRST.isoformat(), "agreement": 0.93, "baseline": 0.95}}

    assert floor_of(card()) == 0.85
    assert floor_of(card(canary=area)) == pytest.approx(0.92)
    assert floor_of(card(canary=area, floors={"agreement": 0.9})) == 0.9


def test_the_trigger_of_a_card_alone_knows_the_baseline_of_two_answers():
    last = {"at": FIRST.isoformat(), "agreement": 0.66, "baseline": 0.67}

    found = read_triggers(card(canary={"last": last}), now=FIRST)[1]

    assert (found.state, "the floor is 0.64" in found.sentence) == ("quiet", True)


@pytest.mark.parametrize(("baseline", "is_never"), [(0.83, True), (0.93, False)])
def test_a_floor_above_the_baseline_is_said_to_be_one_that_the_student_never_met(baseline, is_never):
    before = replace(BASELINE, agreement=measured(baseline, baseline - 0.02, baseline + 0.02))
    decision = decide([week(0, agreement=measured(0.80, 0.78, 0.82), baseline=before)])

    told = reasons(decision)["agreement_floor"][1]
    assert ("The baseline, 0.83, is below it already: the student never met it." in told) == is_never


@pytest.mark.parametrize(
    ("source", "revision", "why"),
    [("bridge", "judge-2026-04", "the teacher became judge-2026-04"), ("accepted", "", "a lower level was accepted")],
)
def test_a_floor_that_was_met_until_the_baseline_was_moved_is_not_called_one_never_met(source, revision, why):
    low = replace(BASELINE, agreement=measured(0.82), source=source, since=week(1).run.at)
    moved = replace(low, teacher_revision=revision or BASELINE.teacher_revision)
    decision = decide([week(0, baseline=BASELINE), week(1, agreement=measured(0.80, 0.78, 0.82), baseline=moved)])

    told = reasons(decision)["agreement_floor"][1]
    assert "never met" not in told
    assert f"0.82, is below it already; it was {BASELINE.agreement.figure()} until" in told
    assert f" until 2026-03-09, when {why}. To go on with this student" in told


@pytest.mark.parametrize(("estimate", "is_turned"), [(0.2, True), (0.6, False)])
def test_an_area_surely_below_chance_asks_for_the_way_of_the_scores_as_the_canary_does(estimate, is_turned):
    of_area = {"is_answered": True, "is_area": True}
    newest = week(0, agreement=measured(estimate, estimate - 0.05, estimate + 0.05), **of_area)
    decision = decide([newest])

    told = reasons(decision)["agreement_floor"][1]
    assert ("whether the scores run the other way" in told) == is_turned == ("Retrain" not in told)
    assert bool(newest.run.turned) == is_turned


def test_what_the_decided_week_left_out_is_said_beside_a_newer_gap():
    gap = week(1, status="gap", reasons=("Too few pairs.",), baseline=None, n_unscored=40)
    notes = decide([week(0, odd_scores="7 scores were left out."), gap]).notes

    assert "7 scores were left out." in notes
    assert any(note.startswith("40 of ") for note in notes)
