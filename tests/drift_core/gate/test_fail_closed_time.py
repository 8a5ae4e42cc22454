"""Ways by which a gate could open by mistake: clocks set back or ahead, the order of records, other days."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drift_core import SettingError, open_history
from drift_core.agreement.rule import Rule
from drift_core.canary.decision import Decision
from drift_core.canary.figures import ErrorFigure, HeldoutFigure
from drift_core.history.csv_exchange import export_csv, import_csv
from tests.drift_core.canary.runs_by_hand import measured
from tests.drift_core.command_line import run as run_command
from tests.drift_core.gate.alarming_weeks import CARD, FALLEN, HELDOUT, alarm, compared, gate, record, week

pytestmark = pytest.mark.usefixtures("folder_with_card")

BAD_HELDOUT = HeldoutFigure(digest="worse", agreement=measured(0.70, n_pairs=500), z_error=0.046)


def test_a_clock_set_back_moves_no_baseline():
    record(*alarm())
    record(week(1, production_digest="x", heldout=BAD_HELDOUT, recorded_at=datetime(1970, 1, 2, tzinfo=UTC)))

    assert gate()[0] == 1


def test_an_imported_record_with_an_early_clock_moves_no_baseline():
    early = week(1, production_digest="x", heldout=BAD_HELDOUT, recorded_at=datetime(1970, 1, 2, tzinfo=UTC))
    record(early, place="other.db")
    with open_history("other.db") as other:
        Path("weeks.csv").write_bytes(export_csv(other))
    record(*alarm())
    import_csv("weeks.csv", "canary.db")

    assert gate()[0] == 1


def test_an_export_into_an_empty_history_keeps_the_order_of_recording():
    late = week(-3, production_digest="x", heldout=BAD_HELDOUT, recorded_at=datetime(1970, 1, 2, tzinfo=UTC))
    record(*alarm(), late)
    with open_history("canary.db") as history:
        Path("weeks.csv").write_bytes(export_csv(history))
        order = [run.key for run in sorted(history.runs(), key=lambda run: run.number)]
    import_csv("weeks.csv", "copy.db")

    with open_history("copy.db") as copy:
        assert [run.key for run in sorted(copy.runs(), key=lambda run: run.number)] == order
    assert gate(history="copy.db")[0] == 1


def test_an_earlier_week_imported_later_does_not_become_the_first():
    bare = [replace(run, heldout=None, regions=()) for run in (week(0), week(1), week(2, agreement=FALLEN))]
    record(*bare)
    record(replace(week(-1, agreement=FALLEN), heldout=None, regions=(), origin="import"))

    assert gate()[0] == 1


def test_a_clock_that_went_backwards_is_said_although_the_day_is_given():
    record(*alarm())
    (recorded,) = record(week(3, recorded_at=datetime(1970, 1, 2, tzinfo=UTC)))

    assert any("after the day it was recorded on" in note for note in recorded.notes)
    assert any("The clock went backwards" in note for note in recorded.notes)


def test_the_sample_of_an_alarm_recorded_again_with_an_earlier_date_hides_nothing():
    slow = [week(number, agreement=measured(0.865)) for number in range(8)]
    record(*slow)
    first = gate(now="2026-02-24")
    record(week(-1, agreement=measured(0.865), production_digest="sample 7"))

    assert first[0] == 1
    assert "the last 8 weeks together exceed" in first[1]
    assert gate(now="2026-02-24")[0] == 1


def test_no_decision_is_kept_that_is_dated_after_the_clock():
    runs = alarm()
    record(*runs)
    to_come = Decision(
        kind="override",
        at=datetime(2190, 1, 1, tzinfo=UTC),
        by="Eve",
        reason="x",
        run_key=runs[2].key,
        reasons=("alarm",),
    )

    with open_history("canary.db") as history, pytest.raises(SettingError, match="cannot be dated after now"):
        history.decide(to_come)


def test_a_quiet_run_of_the_future_hides_no_alarm():
    record(*alarm(), week(45))

    code, told = gate()

    assert code == 1
    assert "The canary of 2026-01-19 alarms" in told
    assert "A canary is dated 2026-11-16 09:00 UTC, after now" in told


def test_a_run_of_the_future_with_few_queries_weakens_no_alarm_of_today():
    def of_errors(number, level, degrees, **changes):
        error = ErrorFigure(level=level, variance=0.004, third=0.0, degrees=degrees)
        heldout = replace(HELDOUT, error=replace(error, level=1.0, degrees=200.0))
        return week(number, heldout=heldout, error=error, **changes)

    known = of_errors(0, 1.0, 200.0), of_errors(1, 1.0, 200.0), of_errors(2, 1.35, 200.0, agreement=measured(0.80))
    record(*known, of_errors(500, 1.0, 3.0))

    assert gate()[0] == 1


def test_a_first_record_of_the_future_is_no_baseline():
    record(week(500, heldout=BAD_HELDOUT), *alarm())

    assert gate()[0] == 1


def test_an_alarm_of_the_future_counts_too():
    record(week(0), week(1), week(2), week(45, agreement=FALLEN), week(46))

    assert gate()[0] == 1


def test_a_rule_of_the_future_decides_nothing():
    record(*alarm(), week(45, rule={**Rule().to_json(), "alarm_loss": 0.9}))

    assert gate()[0] == 1


def test_a_past_moment_is_said_to_be_one():
    record(week(0), week(1), week(2))

    assert "Decided for 2026-01-20 00:00 UTC, as --now says, not for this moment." in gate()[1]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_no_card_has_is_one_message(day):
    record(week(0), week(1), week(2))
    Path("judges.yaml").write_text(f'{CARD}training: {{date: "{day}"}}\n')

    for code, told in (gate(*compared()), run_command("card", "check", "judges.yaml")[::2]):
        assert code == 2
        assert "judges.yaml, line 6: training.date: expected day of the training" in told
