from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from drift_core import SettingError, open_history
from drift_core.canary.decision import Decision
from drift_core.canary.withdrawals import active_runs
from tests.drift_core.canary.runs_by_hand import MONDAY, week

KEY = week().key


@pytest.fixture
def history(place):
    with open_history(place) as opened:
        opened.record(week())
        yield opened


def decided(kind, *, hours=0, **changes):
    values = {"by": "Ada", "reason": "Wrong file", "run_key": KEY, **changes}
    return Decision(kind=kind, at=MONDAY + timedelta(hours=hours), **values)


def counts(history):
    return bool(active_runs(history.runs(), history.decisions()))


def test_the_same_withdrawal_twice_is_kept_once(history):
    for _ in range(2):
        history.decide(decided("withdraw"))

    assert history.decisions() == (decided("withdraw"),)


def test_what_is_withdrawn_already_is_said_with_who_why_and_how_to_restore(history):
    history.decide(decided("withdraw"))

    with pytest.raises(SettingError) as failed:
        history.decide(decided("withdraw", hours=1, by="Bob"))

    assert str(failed.value) == (
        "The record of 2026-01-05 was withdrawn by Ada on 2026-01-05: Wrong file. It is withdrawn already. To count it "
        f"again: distillation-drift history restore {KEY[:8]} --history PLACE --by NAME --reason TEXT"
    )
    assert len(history.decisions()) == 1


def test_what_counts_cannot_be_restored(history):
    with pytest.raises(SettingError, match=rf"Record {KEY[:8]}, of 2026-01-05, is not withdrawn: it counts"):
        history.decide(decided("restore"))


def test_a_withdrawal_names_its_run(history):
    with pytest.raises(SettingError, match="none is named"):
        history.decide(decided("withdraw", run_key=None))
    with pytest.raises(SettingError, match="is not in"):
        history.decide(decided("withdraw", run_key="0" * 64))


def test_a_clock_that_lags_does_not_undo_what_is_decided(history):
    history.decide(decided("withdraw", hours=5))

    history.decide(decided("restore", hours=2))
    assert counts(history)

    history.decide(decided("withdraw", hours=1))
    assert not counts(history)
    assert [each.kind for each in history.decisions()] == ["withdraw", "restore", "withdraw"]


def test_of_several_writers_at_once_one_withdraws(history):
    def withdraw(number):
        try:
            history.decide(decided("withdraw", by=f"Writer {number}"))
        except SettingError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(withdraw, range(8)))

    assert told.count("") == len(history.decisions()) == 1
    assert all("withdrawn already" in each for each in told if each)


@pytest.mark.parametrize("nobody", ["\x07", "\u200b", " \n"])
def test_a_name_of_signs_that_nobody_sees_is_none(history, nobody):
    with pytest.raises(SettingError, match="A decision needs a name, and it is empty"):
        history.decide(decided("withdraw", by=nobody))


def test_a_time_without_a_zone_is_taken_for_utc(history):
    history.decide(decided("withdraw"))

    history.decide(replace(decided("restore"), at=(MONDAY + timedelta(hours=2)).replace(tzinfo=None)))

    assert counts(history)
    assert history.decisions()[1].at == MONDAY + timedelta(hours=2)
