"""Records that a person took back: which runs do not count, who decided that and why. Nothing of them is lost.

How one is withdrawn or restored is in `history.withdraw`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from drift_core.canary.decision import Decision
from drift_core.canary.run import CanaryRun, in_time
from drift_core.wording import one_line

SHOWN = 8  # digits of a key that tell a run from the others of a history


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A recorded run that does not count until somebody restores it.

    Attributes
    ----------
    run
        The run.
    at, by, reason
        When it was withdrawn, by whom and why.
    alarmed
        Whether it alarmed while every record counted; None where that was not asked.
    """

    run: CanaryRun
    at: datetime
    by: str
    reason: str
    alarmed: bool | None = None

    @property
    def told(self) -> str:
        """Who, when and why, on one line: ``withdrawn by Ada on 2026-03-17: wrong file``."""
        return f"withdrawn by {one_line(self.by)} on {self.at:%Y-%m-%d}: {one_line(self.reason)}"

    @property
    def sentence(self) -> str:
        """The same with the day of the run, and whether it alarmed."""
        alarmed = ", which alarmed," if self.alarmed else ""
        return f"The record of {self.run.at:%Y-%m-%d}{alarmed} was {self.told.rstrip('.')}."

    @property
    def how_to_restore(self) -> str:
        """The command that makes the run count again."""
        return f"distillation-drift history restore {self.run.key[:SHOWN]} --history PLACE --by NAME --reason TEXT"


def withdrawals_in_force(decisions: Sequence[Decision]) -> Mapping[str, Decision]:
    """Give, by the key of the run, the decision by which it does not count: a later one restores it."""
    found: dict[str, Decision] = {}
    for each in sorted(decisions, key=lambda decision: decision.at):
        if each.run_key is not None and each.kind == "withdraw":
            found[each.run_key] = each
        elif each.run_key is not None and each.kind == "restore":
            found.pop(each.run_key, None)
    return found


def find_withdrawals(runs: Sequence[CanaryRun], decisions: Sequence[Decision]) -> tuple[Withdrawal, ...]:
    """List the runs that do not count, in the order of the time that they stand for.

    Parameters
    ----------
    runs
        All recorded runs.
    decisions
        What people decided.
    """
    held = withdrawals_in_force(decisions)
    found = [withdrawal_of(run, held[run.key]) for run in runs if run.key in held] if held else []
    return tuple(sorted(found, key=lambda each: in_time(each.run)))


def active_runs(runs: Sequence[CanaryRun], decisions: Sequence[Decision]) -> tuple[CanaryRun, ...]:
    """Give the runs that count, in the order given: all that are not withdrawn."""
    held = withdrawals_in_force(decisions)
    return tuple(run for run in runs if run.key not in held) if held else tuple(runs)


def withdrawal_of(run: CanaryRun, decision: Decision) -> Withdrawal:
    """Put a run and the decision about it together."""
    return Withdrawal(run=run, at=decision.at, by=decision.by, reason=decision.reason)
