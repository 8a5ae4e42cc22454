"""Ways by which a gate could open by mistake: what an override covers, from when, and until when."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drift_core import SettingError, open_history
from drift_core.canary.decision import Decision
from tests.drift_core.canary.runs_by_hand import MONDAY
from tests.drift_core.gate.alarming_weeks import alarm, compared, gate, record, store, week

pytestmark = pytest.mark.usefixtures("folder_with_card")


def test_an_override_given_for_a_later_day_is_dated_by_the_clock_and_ends():
    record(*alarm())
    gate("--override", "--by", "Eve", "--reason", "x", now="2036-01-01")

    code, told = gate(now="2028-06-01")

    assert code == 1
    assert "old; at most 8 days are allowed" in told
    with open_history("canary.db") as history:
        assert all(each.at <= datetime.now(UTC) for each in history.decisions())


def test_an_override_never_covers_the_age_of_the_canary():
    record(week(0))

    code, told = gate("--override", "--by", "Eve", "--reason", "x")

    assert code == 2
    assert "No override covers the age of the canary." in told


def test_a_stored_override_of_the_future_does_not_count_and_is_named():
    runs = alarm()
    record(*runs)
    to_come = datetime(2190, 1, 1, tzinfo=UTC)
    store(Decision(kind="override", at=to_come, by="Eve", reason="x", run_key=runs[2].key, reasons=("alarm",)))

    code, told = gate()

    assert code == 1
    assert "The override of Eve is dated 2190-01-01, after the clock, and does not count." in told


def test_an_override_that_names_no_finding_covers_none():
    runs = alarm()
    record(*runs)
    at = datetime(2026, 1, 20, tzinfo=UTC)
    blanket = Decision(kind="override", at=at, by="Eve", reason="x", run_key=runs[2].key)
    store(blanket)

    assert gate()[0] == 1
    with open_history("canary.db") as history, pytest.raises(SettingError, match="names none"):
        history.decide(replace(blanket, by="Ada"))


def test_a_second_override_adds_to_the_first():
    record(*alarm())
    compared(worse=("country: DE",))
    first = gate("--override", "--by", "Ada", "--reason", "Known.")
    both = gate("--override", "--by", "Bob", "--reason", "DE is off.", "--comparison", "comparison.json")

    assert (first[0], both[0]) == (0, 0)
    assert "Pass by an override of Ada on " in both[1]
    assert "Bob on " in both[1]
    assert gate()[0] == 0


def test_a_further_run_ends_an_override_although_its_clock_is_set_back_and_it_is_withdrawn():
    record(*alarm())
    assert gate("--override", "--by", "Ada", "--reason", "Known.")[0] == 0
    further = week(2, production_digest="y", recorded_at=datetime(1970, 1, 2, tzinfo=UTC))
    record(further)
    with open_history("canary.db") as history:
        history.decide(Decision(kind="withdraw", at=MONDAY, by="Ada", reason="Wrong", run_key=further.key))

    assert gate()[0] == 1
