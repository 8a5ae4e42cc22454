from datetime import timedelta

import pytest

from drift_core.errors import InputError
from drift_core.gate.gate import decide_gate
from drift_core.review.record import ReviewRecord, read_review
from tests.drift_core.gate.weeks import after, card, weeks

READY = {"status": "ready", "reason": "the student is wrong in 21%."}


def record(low, wrong, high, **fields):
    made = {
        "schema": 1,
        "kind": "disagreements",
        "made_at": after(1),
        "readiness": READY,
        "student_version": "ranker-7",
    }
    return ReviewRecord.model_validate(made | {"wrong": {"low": low, "estimate": wrong, "high": high}} | fields)


def outcome(review, **of_card):
    decision = decide_gate(weeks(3), now=after(2), card=card(**of_card), review=review)
    return next(((each.outcome, each.sentence) for each in decision.checks if each.name == "review"), None)


@pytest.mark.parametrize(
    ("review", "expected", "said"),
    [
        (record(0.15, 0.21, 0.29), "held", "wrong in 21% (15% to 29%) of the disagreements, at most 40%."),
        (record(0.41, 0.5, 0.6), "blocked", "more than 40%. Retrain on the regions where it is wrong."),
        (record(0.3, 0.39, 0.5), "inconclusive", "the interval holds 40%. Draw more pairs, and review them."),
        (record(0.2, 0.28, 0.38, settings={"limit": 0.3}), "inconclusive", "the interval holds 30%."),
        (record(0.45, 0.5, 0.6, settings={"limit": 0.9}), "blocked", "more than 40%."),  # a laxer limit is not taken
        (
            record(0.1, 0.2, 0.3, readiness={"status": "cannot tell", "reason": "4 of 40 pairs are not reviewed yet."}),
            "inconclusive",
            "and it cannot tell: 4 of 40 pairs are not reviewed yet.",
        ),
        (record(None, None, None), "inconclusive", "has no share yet"),
        (record(0.1, 0.2, 0.3, student_version="ranker-6"), "inconclusive", "is of student ranker-6, and the release"),
        (record(0.1, 0.2, 0.3, made_at=after(2) - timedelta(days=92)), "inconclusive", "is older than 91 days"),
        (record(0.1, 0.2, 0.3, made_at=after(1) + timedelta(days=9999)), "inconclusive", "Check the clock."),
    ],
)
def test_a_review_is_held_to_the_share_that_shadow_mode_allows(review, expected, said):
    found, sentence = outcome(review)

    assert found == expected
    assert said in sentence


def test_without_a_review_the_card_speaks_and_without_a_figure_nobody_does():
    figure = {"at": after(1).isoformat(), "wrong": 0.5, "wrong_low": 0.45, "wrong_high": 0.55}

    assert outcome(None) is None
    assert outcome(None, shadow_review={"at": figure["at"]}) is None
    assert outcome(None, shadow_review=figure)[0] == "blocked"
    assert outcome(record(0.1, 0.2, 0.3), shadow_review=figure)[0] == "held"


def test_limits_out_of_order_are_no_review(tmp_path):
    figure = {"at": after(1).isoformat(), "wrong": 0.5, "wrong_low": 0.9, "wrong_high": 0.6}
    (tmp_path / "r.json").write_text(
        '{"schema": 1, "kind": "disagreements", "made_at": "2026-11-01", '
        '"wrong": {"estimate": 0.5, "low": 0.9, "high": 0.6}}'
    )

    assert outcome(None, shadow_review=figure)[0] == "inconclusive"
    with pytest.raises(InputError, match=r"\(wrong: .*expected low up to estimate up to high\)"):
        read_review(tmp_path / "r.json")


def test_another_file_is_refused_with_what_to_give(tmp_path):
    (tmp_path / "check.json").write_text('{"schema": 1, "kind": "spot check"}')

    with pytest.raises(InputError, match=r"check\.json is not the result of a review of disagreements \(kind: "):
        read_review(tmp_path / "check.json")
