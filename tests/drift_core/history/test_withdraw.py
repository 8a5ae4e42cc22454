from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drift_core import SettingError, assess, open_history
from drift_core.canary.withdrawals import active_runs, find_withdrawals
from drift_core.history.accept import accept_level
from drift_core.history.withdraw import choose_run, restore_run, withdraw_run, withdrawn_weeks
from tests.drift_core.canary.runs_by_hand import measured, week

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ADA = {"by": "Ada", "reason": "Wrong file"}


@pytest.fixture
def history(place):
    with open_history(place) as opened:
        opened.record_all([week(0), week(1, agreement=measured(0.5), null_error=0.07)])
        yield opened


def judged(history):
    return [(week.run.at.day, week.status) for week in assess(history.runs(), history.decisions())]


def test_a_withdrawn_run_is_not_assessed_and_not_lost(history):
    assert judged(history) == [(5, "quiet"), (12, "alarm")]

    done = withdraw_run(history, "2026-01-12", at=NOW, **ADA)

    assert judged(history) == [(5, "quiet")]
    assert len(history.runs()) == 2
    assert done == find_withdrawals(history.runs(), history.decisions())[0]
    assert (done.run.at.day, done.at, done.by, done.reason) == (12, NOW, "Ada", "Wrong file")


def test_a_restored_run_counts_as_before_and_both_decisions_stay(history):
    withdraw_run(history, "2026-01-12", **ADA)

    found = restore_run(history, "2026-01-12", by="Bob", reason="It was right")

    assert found.at.day == 12
    assert judged(history) == [(5, "quiet"), (12, "alarm")]
    assert [(each.kind, each.by) for each in history.decisions()] == [("withdraw", "Ada"), ("restore", "Bob")]


def test_a_run_is_named_by_its_day_or_the_beginning_of_its_key(history):
    key = history.runs()[0].key

    assert choose_run(history, " 2026-01-05 ") == history.runs()[0]
    assert choose_run(history, key[:6].upper()) == choose_run(history, key) == history.runs()[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-01-06", r"There is no run 2026-01-06 in .*\. It has 2, the newest of 2026-01-12"),
        ("0000", "There is no run 0000"),
        ("2026-02-30", "A run is named by its day"),
        ("abc", "A run is named by its day"),
        ("20260105x", "A run is named by its day"),
        ("", "A run is named by its day"),
    ],
)
def test_a_run_that_is_not_there_is_one_message(history, text, message):
    with pytest.raises(SettingError, match=message):
        withdraw_run(history, text, **ADA)

    assert history.decisions() == ()


def test_several_runs_of_a_day_are_told_apart_by_their_keys(history):
    second = week(1, production_digest="the right file", production_name="right.csv")
    history.record(second)
    withdraw_run(history, second.key, **ADA)

    with pytest.raises(SettingError, match="2026-01-12 means 2 runs") as failed:
        withdraw_run(history, "2026-01-12", **ADA)

    assert all(run.key[:8] in str(failed.value) for run in history.runs()[1:])
    assert str(failed.value).count(", withdrawn)") == 1
    assert f"{second.key[:8]} (right.csv, 200 pairs, recorded " in str(failed.value)


def test_nothing_is_withdrawn_without_a_name_and_a_reason(history):
    for changed, word in (({"by": " "}, "name"), ({"reason": ""}, "reason")):
        with pytest.raises(SettingError, match=f"needs a {word}"):
            withdraw_run(history, "2026-01-12", **ADA | changed)

    assert history.decisions() == ()


def test_an_empty_history_says_that_it_has_none(tmp_path):
    with open_history(tmp_path / "empty.db") as empty, pytest.raises(SettingError, match="It has none"):
        withdraw_run(empty, "2026-01-05", **ADA)


def test_a_withdrawn_level_is_no_baseline_and_cannot_be_accepted(history):
    accept_level(history, at=NOW, by="Ada", reason="Known")
    assert assess(history.runs(), history.decisions())[-1].baseline.source == "accepted"

    withdraw_run(history, "2026-01-12", **ADA)
    history.record(week(2))

    assert [each.baseline.source for each in assess(history.runs(), history.decisions())] == ["heldout", "heldout"]
    withdraw_run(history, "2026-01-19", **ADA)
    assert accept_level(history, at=NOW, by="Ada", reason="Known").at.day == 5
    withdraw_run(history, "2026-01-05", **ADA)
    with pytest.raises(ValueError, match=r"There is no run in .* that counts"):
        accept_level(history, at=NOW, by="Ada", reason="Known")


def test_the_baseline_is_the_held_out_of_the_first_run_that_counts(history):
    other = week(2).heldout
    history.record(week(2, heldout=replace(other, digest="other", agreement=measured(0.97, n_pairs=500))))

    withdraw_run(history, "2026-01-05", **ADA)
    withdraw_run(history, "2026-01-12", **ADA)

    (left,) = assess(history.runs(), history.decisions())
    assert left.baseline.agreement.estimate == 0.97


def test_a_withdrawn_run_tells_whether_it_had_alarmed(history):
    withdraw_run(history, "2026-01-12", **ADA)
    withdraw_run(history, "2026-01-05", **ADA)
    runs, decisions = history.runs(), history.decisions()

    found = withdrawn_weeks(runs, decisions)

    assert [(each.run.at.day, each.alarmed) for each in found] == [(5, False), (12, True)]
    assert found[1].sentence.startswith("The record of 2026-01-12, which alarmed, was withdrawn by Ada on ")
    assert active_runs(runs, decisions) == ()
    assert withdrawn_weeks(runs, []) == ()
