from datetime import timedelta

import pytest

from drift_core.calibration.calibration_file import CalibrationRecord
from drift_core.gate.gate import decide_gate
from drift_core.gate.gate_decision import GateDecision
from tests.drift_core.gate.weeks import after, card, week, weeks

HELD = CalibrationRecord.model_validate(
    {
        "kind": "calibration",
        "schema": 1,
        "version": "1",
        "made_at": after(1),
        "student_version": "ranker-7",
        "fitted_on": "held-out",
        "map": {"method": "temperature", "slope": 0.5},
        "check": {"sample": "production", "reading": "calibrated", "sentence": "Calibrated on production"},
        "thresholds": [
            {"error": "misses", "level": 0.1, "confidence": 0.95, "value": 0.3, "sentence": "Misses are kept."}
        ],
    }
)


def changed(**fields) -> CalibrationRecord:
    return HELD.model_copy(update=fields)


def decided(calibration, of=None, **fields) -> GateDecision:
    return decide_gate(of or weeks(3), now=after(2), card=card(**fields), calibration=calibration)


def outcome(decision):
    [check] = [each for each in decision.checks if each.name == "calibration"]
    return check.outcome, check.sentence


def read(**of_check):
    return changed(check=HELD.check.model_copy(update=of_check))


def test_a_calibration_that_holds_on_production_is_held_with_its_thresholds():
    decision = decided(HELD)

    assert outcome(decision) == ("held", "Calibrated on production. Misses are kept.")
    assert decision.status == "pass"


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (read(reading="not calibrated"), "blocked", "Calibrate again with: distillation-drift calibrate"),
        (read(reading="cannot tell"), "inconclusive", "Calibrate on more pairs."),
        (read(sample="held-out"), "inconclusive", "was checked on held-out alone"),
        (changed(not_kept=("No threshold can be sure",)), "inconclusive", "No threshold can be sure."),
        (
            changed(made_at=after(2) - timedelta(days=92)),
            "blocked",
            "of 2025-12-15 is older than 91 days",
        ),
    ],
)
def test_what_does_not_hold_keeps_the_gate_shut(given, status, said):
    decision = decided(given)

    assert said in outcome(decision)[1]
    assert (outcome(decision)[0], decision.status) == (status, status)


def test_a_calibration_dated_after_the_clock_cannot_tell():
    decision = decided(changed(made_at=after(9_000)))

    assert outcome(decision)[0] == "inconclusive"
    assert "after now" in outcome(decision)[1]


def test_a_calibration_of_another_student_cannot_be_used():
    own = [week(place, student_version="ranker-7") for place in range(3)]

    other, nameless, same = (
        outcome(decided(changed(student_version=name), own, student={"version": "ranker-7"}))
        for name in ("ranker-6", None, "ranker-7")
    )

    assert other[1].startswith("The calibration is of student ranker-6, and the release is of ranker-7.")
    assert nameless[1].startswith("The calibration names no student")
    assert (other[0], nameless[0], same[0]) == ("inconclusive", "inconclusive", "held")


def test_without_a_file_the_cards_checklist_speaks():
    done, open_ = (
        decided(None, governance={"calibration": {"done": answer, "by": "Ada", "date": "2026-01-05"}})
        for answer in ("yes", "no")
    )

    assert outcome(done) == (
        "held",
        "By the judge card, calibration and thresholds were verified by Ada on 2026-01-05.",
    )
    assert outcome(open_)[0] == "skipped"
    assert open_.status == "pass"
    assert not [check for check in decided(None).checks if check.name == "calibration"]


def test_a_pass_says_that_calibration_moved_in_its_week_and_what_the_card_says_of_it():
    moved = [week(number, findings=("calibration_moved",)) for number in range(3)]
    point = {"calibration": {"done": "yes", "by": "Ada", "date": "2026-03-01"}}

    decision = decided(None, of=moved, governance=point)

    assert decision.status == "pass"
    assert "In that week calibration moved: older thresholds do not keep their errors" in decision.sentence
    assert "known only from scores of the pinned revision" in decision.sentence
    assert "By the judge card, calibration and thresholds were verified by Ada on 2026-03-01." in decision.sentence
    assert "calibration" not in decided(None).sentence
