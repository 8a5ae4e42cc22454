"""A wrong record is taken back or made to count again, with name and reason kept; nothing is deleted."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from drift_core.agreement.rule import Rule
from drift_core.canary.decision import WITHDRAWING, Decision
from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import (
    SHOWN,
    Withdrawal,
    find_withdrawals,
    withdrawal_of,
    withdrawals_in_force,
)
from drift_core.errors import SettingError
from drift_core.history.history import History
from drift_core.wording import one_line

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
KEY = re.compile(r"[0-9a-f]{4,64}")
N_LISTED = 5


def withdraw_run(history: History, run: str, *, by: str, reason: str, at: datetime | None = None) -> Withdrawal:
    """Take a recorded run back, so that it counts nowhere until somebody restores it.

    Parameters
    ----------
    history
        Where the decision is kept, beside the run, which stays.
    run
        Its day (UTC), or the beginning of its key: four or more digits.
    by, reason
        Who withdraws it and why; neither may be empty.
    at
        When; by default now.

    Raises
    ------
    SettingError
        When no run or several are meant, it is withdrawn already, or name or reason is empty.
    InputError
        When the decision cannot be written.

    Notes
    -----
    A withdrawn run is not assessed: it raises no alarm, is no baseline, no part of a change-point, and not the newest
    week of the gate. It stays in the history and its exports, marked.
    """
    found = choose_run(history, run)
    decision = Decision(kind="withdraw", at=at or datetime.now(UTC), by=by, reason=reason, run_key=found.key)
    history.decide(decision)
    return withdrawal_of(found, decision)


def restore_run(history: History, run: str, *, by: str, reason: str, at: datetime | None = None) -> CanaryRun:
    """Let a withdrawn run count again; the parameters are those of `withdraw_run`.

    Raises
    ------
    SettingError
        When no run or several are meant, it counts already, or name or reason is empty.
    InputError
        When the decision cannot be written.
    """
    found = choose_run(history, run)
    history.decide(Decision(kind="restore", at=at or datetime.now(UTC), by=by, reason=reason, run_key=found.key))
    return found


def find_withdrawal(history: History, run: str) -> Withdrawal | None:
    """Give by what decision a run does not count, named as in `withdraw_run`; None where it counts.

    Raises
    ------
    SettingError
        When no run or several are meant.
    """
    key = choose_run(history, run).key
    return next((each for each in find_withdrawals(history.runs(), history.decisions()) if each.run.key == key), None)


def choose_run(history: History, text: str) -> CanaryRun:
    """Find the one run of a day, or whose key begins with a text; withdrawn ones too.

    Raises
    ------
    SettingError
        When there is none, or several.
    """
    wanted, runs = text.strip().lower(), history.runs()
    if not (_is_day(wanted) or KEY.fullmatch(wanted)):
        raise SettingError(
            f"A run is named by its day, such as 2026-03-16, or by the first four or more digits of its key, as "
            f"`history list` shows them; found {text!r}."
        )
    found = [run for run in runs if f"{run.at:%Y-%m-%d}" == wanted or run.key.startswith(wanted)]
    if not found:
        days = f" It has {len(runs):,}, the newest of {runs[-1].at:%Y-%m-%d}." if runs else " It has none."
        raise SettingError(f"There is no run {wanted} in {history.shown}.{days} `history list` shows them all.")
    if len(found) > 1:
        raise SettingError(
            f"{wanted} means {len(found):,} runs of {history.shown}: {_listed(found, history.decisions())}. Name one "
            "by the beginning of its key."
        )
    return found[0]


def withdrawn_weeks(
    runs: Sequence[CanaryRun], decisions: Sequence[Decision], *, rule: Rule | None = None
) -> tuple[Withdrawal, ...]:
    """List the runs that do not count, each with whether it alarmed while every record counted."""
    found = find_withdrawals(runs, decisions)
    if not found:
        return ()
    from drift_core.canary.alarm import assess

    others = [each for each in decisions if each.kind not in WITHDRAWING]
    alarmed = {week.run.key for week in assess(runs, others, rule=rule) if week.status == "alarm"}
    return tuple(replace(each, alarmed=each.run.key in alarmed) for each in found)


def _is_day(text: str) -> bool:
    try:
        return bool(DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _listed(runs: Sequence[CanaryRun], decisions: Sequence[Decision]) -> str:
    held = withdrawals_in_force(decisions)
    told = [
        f"{run.key[:SHOWN]} ({f'{one_line(run.production_name)}, ' if run.production_name else ''}"
        f"{run.n_pairs:,} pairs, recorded {run.recorded_at:%Y-%m-%d %H:%M} UTC"
        f"{', withdrawn' if run.key in held else ''})"
        for run in runs[:N_LISTED]
    ]
    return ", ".join(told) + (f" and {len(runs) - N_LISTED:,} more" if len(runs) > N_LISTED else "")
