import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drift_core.agreement.rule import Rule
from drift_core.comparison.comparison_json import ComparedInput, ComparedPart
from drift_core.gate.files import gate_to_code_quality, gate_to_json, gate_to_junit
from drift_core.gate.gate import decide_gate
from drift_core.judge_card.settings import GateSettings
from drift_core.wording import told_command
from tests.drift_core.gate.compared import BETTER, WORSE, before_after, decided
from tests.drift_core.gate.weeks import after, card, week


def of_student(version):
    """Weeks and card of one student."""
    return [week(place, student_version=version) for place in range(3)], card(
        student={"version": version, "parent": "ranker-1"}
    )


def test_without_a_comparison_nothing_is_checked_and_the_json_says_so():
    decision = decided(None)

    assert not before_after(decision)
    assert gate_to_json(decision)["comparison"] is None
    assert decision.status == "pass"


def test_a_comparison_in_which_nothing_got_worse_is_held():
    decision = decided(BETTER)

    (check,) = before_after(decision)
    assert (check.outcome, check.sentence) == ("held", BETTER.sentence)
    assert gate_to_json(decision)["comparison"] == {
        "student_before": "ranker-1",
        "student_after": "ranker-7",
        "outcome": "better",
        "sentence": BETTER.sentence,
        "made_at": "2026-03-03T06:00:00+00:00",
        "worse": [],
        "slices_left_out": [],
    }


@pytest.mark.parametrize(
    ("compared", "told"),
    [
        (None, "The comparison has no tail set; the card's is aaaaaaaaaaaa."),
        ("b" * 64, "The comparison has another tail set, bbbbbbbbbbbb; the card's is aaaaaaaaaaaa."),
        ("a" * 64, None),
    ],
)
def test_a_comparison_must_have_the_tail_set_of_the_card(compared, told):
    inputs = {} if compared is None else {"tail": ComparedInput(pairs_digest=compared)}
    (check,) = before_after(decided(replace(BETTER, inputs=inputs), card=card(tail_set={"digest": "a" * 64})))

    if told is None:
        assert check.outcome == "held"
    else:
        assert (check.outcome, check.sentence.startswith(told)) == ("inconclusive", True)
        assert check.sentence.endswith("Compare again with: distillation-drift compare --tail FILE --card FILE.")


def test_a_tail_set_that_was_trained_on_is_not_the_cards():
    digest = "a" * 64
    seen = ComparedInput(pairs_digest=digest, left_out={"trained_on": 82, "repeated_pair": 3})

    (check,) = before_after(decided(replace(BETTER, inputs={"tail": seen}), card=card(tail_set={"digest": digest})))

    assert check.outcome == "inconclusive"
    assert check.sentence.startswith("The comparison left out 82 pairs of the tail set, which the student was trained")


def test_each_part_that_got_worse_blocks_and_is_named():
    decision = decided(WORSE)

    assert decision.status == "blocked"
    assert decision.exit_code == 1
    assert [check.subject for check in decision.reasons] == [part.title for part in WORSE.worse]
    assert "surface: voice, fresh pairs: fell by 0.19." in decision.sentence
    assert b"before_after surface: voice" in gate_to_junit(decision)
    assert len({each["fingerprint"] for each in json.loads(gate_to_code_quality(decision, path="x"))}) == 2


def test_what_could_not_be_measured_is_inconclusive():
    decision = decided(replace(BETTER, is_measured=False, outcome="cannot tell", sentence="Cannot tell: too few."))

    assert decision.status == "inconclusive"
    assert before_after(decision)[0].sentence.startswith("Cannot tell: too few. Compare again with")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (
            "ranker-3",
            "ranker-3; the card's is ranker-9. Gate with the card of ranker-3, or compare the scores of ranker-9.",
        ),
        (None, "does not name its student"),
    ],
)
def test_a_comparison_of_another_student_is_inconclusive_even_where_it_is_worse(named, told):
    found, of_team = of_student("ranker-9")

    decision = decide_gate(found, now=after(2), card=of_team, comparison=replace(WORSE, student_after=named))

    (check,) = before_after(decision)
    assert check.outcome == "inconclusive"
    assert told in check.sentence


def test_without_a_card_the_newest_run_says_which_student_it_must_be():
    stranger = {"student_after": "ranker-3"}

    (check,) = before_after(decided(replace(BETTER, **stranger), card=None))
    assert check.outcome == "inconclusive"
    assert "of student ranker-3; the newest run's is ranker-7." in check.sentence
    assert decided(replace(WORSE, **stranger), card=None).status == "blocked"


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("ranker-0", "The comparison is with student ranker-0; the card's parent is ranker-1."),
        (None, "does not name the student before; the card's parent is ranker-1."),
    ],
)
def test_a_comparison_with_another_student_than_the_parent_is_inconclusive(before, told):
    found = [week(place) for place in range(3)]
    of_team = card(student={"version": "ranker-7", "parent": "ranker-1"})

    decision = decide_gate(found, now=after(2), card=of_team, comparison=replace(BETTER, student_before=before))

    (check,) = before_after(decision)
    assert check.outcome == "inconclusive"
    assert told in check.sentence
    assert decide_gate(found, now=after(2), card=of_team, comparison=BETTER).status == "pass"


def test_the_cards_own_student_is_held_to_its_comparison():
    found, of_team = of_student("ranker-7")

    assert decide_gate(found, now=after(2), card=of_team, comparison=WORSE).status == "blocked"
    assert decide_gate(found, now=after(2), card=of_team, comparison=BETTER).status == "pass"


def read(comparison, **fields):
    (check,) = before_after(decided(comparison, **fields))
    return check.outcome, check.sentence


@pytest.mark.parametrize(
    ("field", "laxer", "stricter"),
    [("alpha", 0.001, 0.1), ("smallest_loss", 0.2, 0.001), ("alarm_loss", 0.3, 0.01), ("region_min_queries", 50, 3)],
)
def test_a_laxer_rule_than_the_gates_blocks_and_a_stricter_one_is_taken(field, laxer, stricter):
    own = getattr(Rule(), field)

    assert read(replace(BETTER, rule=BETTER.rule | {field: laxer})) == (
        "blocked",
        f"The comparison was made by a laxer rule than the gate's: {field} is {laxer:g}, the gate's {own:g}. "
        "Compare again with: distillation-drift compare --rule FILE.",
    )
    assert read(replace(BETTER, rule=BETTER.rule | {field: stricter}))[0] == "held"


def test_the_gates_own_rule_is_the_one_that_it_is_given():
    strict = GateSettings(rule=Rule(smallest_loss=0.001))

    outcome, sentence = read(BETTER, settings=strict)

    assert outcome == "blocked"
    assert "smallest_loss is 0.01, the gate's 0.001." in sentence


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        ({"made_at": None}, "The comparison does not say when it was made."),
        ({"rule": None}, "The comparison does not say which rule it was made by."),
        ({"rule": {"alpha": 0.05}}, "The comparison does not say which rule it was made by."),
    ],
)
def test_a_record_that_lacks_its_time_or_its_rule_is_inconclusive(lacking, told):
    outcome, sentence = read(replace(BETTER, **lacking))

    assert outcome == "inconclusive"
    assert sentence == f"{told} Compare again with: distillation-drift compare."


def test_a_comparison_dated_after_now_is_inconclusive_beyond_the_clocks_tolerance():
    now = datetime.now(UTC)
    near, far = (read(replace(BETTER, made_at=now + timedelta(minutes=minutes))) for minutes in (9, 20))

    assert near[0] == "held"
    assert far[0] == "inconclusive"
    assert far[1].startswith(f"The comparison is dated {now + timedelta(minutes=20):%Y-%m-%d %H:%M} UTC, after now, ")


def test_a_past_day_may_be_decided_by_a_comparison_made_since():
    assert read(replace(BETTER, made_at=after(3)))[0] == "held"


def test_a_rule_that_is_no_number_is_no_stricter_one():
    assert read(replace(BETTER, rule=BETTER.rule | {"alpha": float("nan")}))[0] == "blocked"


def of_regions(comparison, *names, left_out=()):
    """Read it with a card of two critical slices."""
    wanted = tuple({"partition": "land", "name": name, "floor": 0.5} for name in ("AT", "DE"))
    parts = tuple(ComparedPart(outcome="same", partition="land", name=name) for name in names)
    inputs = {"fresh": ComparedInput(slices_left_out=left_out)}
    (check,) = before_after(decided(replace(comparison, parts=parts, inputs=inputs), card=card(critical_slices=wanted)))
    return check.outcome, check.sentence


def test_a_critical_slice_that_was_not_compared_is_inconclusive_and_named():
    told = "The comparison tells nothing of"

    assert of_regions(BETTER, "AT", "DE") == ("held", BETTER.sentence)
    assert of_regions(BETTER, "AT") == (
        "inconclusive",
        f"{told} a critical slice: land: DE. Its samples lack them. Compare again on pairs that have them.",
    )
    assert of_regions(BETTER, left_out=("land",)) == (
        "inconclusive",
        f"{told} critical slices: land: AT, land: DE. It left out what its samples have. Compare again with: "
        "distillation-drift compare --slice land.",
    )


@pytest.mark.parametrize("version", ["v1; echo 'hi' <x>", "v1.", "it's", "two words"])
def test_commands_that_name_a_student_are_one_argument_each(version):
    for named, of_team in (
        ({"student_after": None}, card(student={"version": version})),
        ({"student_before": None}, card(student={"version": "ranker-7", "parent": version})),
    ):
        (check,) = before_after(decided(replace(BETTER, **named), card=of_team))
        assert shlex.split(told_command(check.sentence)[1])[3:] == [version]

    left = replace(BETTER, inputs={"fresh": ComparedInput(slices_left_out=(version,))})
    wanted = ({"partition": version, "name": "AT", "floor": 0.5},)
    (check,) = before_after(decided(left, card=card(critical_slices=wanted)))
    assert shlex.split(told_command(check.sentence)[1])[2:] == ["--slice", version]


def test_what_a_comparison_left_out_is_named_where_it_holds():
    held = ("held", f"{BETTER.sentence} Slice columns left out: surface.")

    assert of_regions(BETTER, "AT", "DE", left_out=("surface",)) == held


def test_a_comparison_older_than_the_cards_review_cadence_blocks():
    of_team = card(review_every_days=30)

    assert read(replace(BETTER, made_at=after(2) - timedelta(days=30)), card=of_team)[0] == "held"
    assert read(replace(BETTER, made_at=after(2) - timedelta(days=31)), card=of_team) == (
        "blocked",
        "The comparison was made on 2026-02-14, 31 days ago; the card has it reviewed every 30 days. Compare again "
        "with: distillation-drift compare.",
    )


def test_a_comparison_from_before_the_training_of_the_cards_student_blocks():
    of_team = card(training={"date": "2026-03-05"})

    outcome, sentence = read(BETTER, card=of_team)

    assert outcome == "blocked"
    assert "was made on 2026-03-03, before the student was trained, on 2026-03-05." in sentence
    assert read(replace(BETTER, made_at=after(0, 2.5)), card=of_team)[0] == "held"


def test_what_got_worse_blocks_whatever_the_rule_and_the_age():
    found = decided(replace(WORSE, made_at=None, rule=None))

    assert [check.outcome for check in before_after(found)] == ["blocked", "blocked"]
