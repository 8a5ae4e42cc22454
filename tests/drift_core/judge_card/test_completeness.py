from datetime import UTC, datetime

from drift_core.judge_card.card import Governance, JudgeCard
from drift_core.judge_card.completeness import check_card

NOW = datetime(2026, 6, 1, tzinfo=UTC)
POINT = {"done": "yes", "by": "Ada", "date": "2026-03-01"}
COMPLETE = {
    "owner": "Ada",
    "last_review": "2026-05-01",
    "student": {"version": "ranker-7", "model_path": "models/ranker-7"},
    "teacher": {"model": "large", "revision": "2026-01"},
    "training": {"snapshot": "spring", "n_pairs": 5000, "date": "2026-03-02"},
    "canary": {"last": {"at": "2026-05-25T06:00:00+00:00", "agreement": 0.93}},
    "gate": {"inconclusive": "block"},
    "governance": dict.fromkeys(Governance.model_fields, POINT),
}


def gaps(now=NOW, **parts):
    found = check_card(JudgeCard.model_validate(COMPLETE | parts), now=now)
    return found, {(gap.field, gap.kind): gap.sentence for gap in found.gaps}


def test_a_complete_card_lacks_nothing():
    found, told = gaps()

    assert found.is_complete
    assert found.sentence == "The card is complete."
    assert told == {}


def test_a_partial_pin_says_what_is_missing_and_how_to_fill_it():
    found, told = gaps(teacher={"revision": "2026-01"})

    assert not found.is_complete
    assert found.sentence == "The card is incomplete: 1 field missing."
    assert told == {("teacher.model", "missing"): "Fill in: the teacher's name, in quotes."}


def test_an_empty_card_lacks_every_field_and_every_answer():
    found = check_card(JudgeCard(), now=NOW)

    assert [gap.field for gap in found.gaps] == [
        "owner",
        "student.version",
        "student.model_path",
        "teacher.model",
        "teacher.revision",
        "training.snapshot",
        "training.n_pairs",
        "training.date",
        "gate.inconclusive",
        "canary.last",
        *[f"governance.{name}" for name in Governance.model_fields],
    ]
    assert found.sentence == "The card is incomplete: 16 fields missing."


def test_the_checklist_wants_an_answer_with_name_and_date():
    points = dict.fromkeys(Governance.model_fields, POINT)

    found, told = gaps(governance=points | {"calibration": {"done": "no"}, "monitoring": {"done": "yes", "by": "Ada"}})

    assert found.sentence == "The card is incomplete: 1 field missing, 1 point of the checklist not done."
    assert told == {
        ("governance.calibration", "not_done"): "Not done: calibration and thresholds verified.",
        ("governance.monitoring.date", "missing"): 'Fill in: when, in quotes, as "2026-05-01".',
    }


def test_a_passed_review_is_due_and_leaves_the_card_complete():
    found, told = gaps(now=datetime(2026, 8, 1, tzinfo=UTC))

    assert found.is_complete
    assert told == {
        ("last_review", "due"): "A review is due: reviewed 2026-05-01, 92 days ago; the card says every 91 days.",
    }
