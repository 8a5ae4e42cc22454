from datetime import timedelta

from drift_core.canary.decision import Decision
from drift_core.canary.withdrawals import active_runs, find_withdrawals, withdrawals_in_force
from tests.drift_core.canary.runs_by_hand import MONDAY, week

DAY = timedelta(days=1)


def decided(kind, run, *, days=0, **changes):
    values = {"by": "Ada", "reason": "Wrong file", **changes}
    return Decision(kind=kind, at=MONDAY + days * DAY, run_key=run.key, **values)


def test_without_decisions_every_run_counts():
    runs = (week(0), week(1))

    assert active_runs(runs, []) == runs
    assert find_withdrawals(runs, []) == ()


def test_a_withdrawn_run_is_apart_from_those_that_count():
    runs = (week(0), week(1))

    (found,) = find_withdrawals(runs, [decided("withdraw", runs[1])])

    assert (found.run, found.by, found.reason, found.alarmed) == (runs[1], "Ada", "Wrong file", None)
    assert active_runs(runs, [decided("withdraw", runs[1])]) == runs[:1]


def test_the_latest_decision_counts_in_whatever_order_they_come():
    run = week()
    made = [
        decided("withdraw", run),
        decided("restore", run, days=1),
        decided("withdraw", run, days=2, by="Bob"),
        decided("restore", run, days=3),
    ]

    assert [bool(withdrawals_in_force(made[:n])) for n in range(5)] == [False, True, False, True, False]
    assert withdrawals_in_force(reversed(made[:3]))[run.key].by == "Bob"


def test_other_decisions_withdraw_nothing():
    run = week()

    assert not withdrawals_in_force([decided("override", run), decided("accept_level", run)])


def test_withdrawals_come_in_the_order_of_the_weeks():
    runs = (week(2), week(0))

    found = find_withdrawals(runs, [decided("withdraw", each) for each in runs])

    assert [each.run for each in found] == [week(0), week(2)]


def test_a_withdrawal_is_told_on_one_line_without_control_signs():
    odd = decided("withdraw", week(), by="Ada\n", reason="wrong\x1b[31m\nfile.")

    (found,) = find_withdrawals([week()], [odd])

    assert found.told == "withdrawn by Ada on 2026-01-05: wrong [31m file."
    assert found.sentence == "The record of 2026-01-05 was withdrawn by Ada on 2026-01-05: wrong [31m file."
    assert found.how_to_restore.split()[:4] == ["distillation-drift", "history", "restore", week().key[:8]]
