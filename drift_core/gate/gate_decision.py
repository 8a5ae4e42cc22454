"""What the gate decided: may this student ship, why, and since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from drift_core.canary.decision import Decision
from drift_core.gate.checks import GateCheck
from drift_core.gate.context import as_sentence, on_day
from drift_core.gate.triggers import Trigger
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.canary.run import CanaryRun
    from drift_core.canary.withdrawals import Withdrawal
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.judge_card.card import Inconclusive

Status = Literal["pass", "blocked", "inconclusive"]
PASSES, BLOCKS, CANNOT_TELL = 0, 1, 3
EXIT_CODES: "dict[Inconclusive | None, int]" = {"pass": PASSES, "block": BLOCKS, None: CANNOT_TELL}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """Whether a release may ship.

    Attributes
    ----------
    status
        "blocked" when a check blocks; else "inconclusive" when one cannot tell; else "pass".
    checks
        Every check, held ones too.
    sentence
        The answer on one line: verdict, figure, reason, next step.
    since
        When the status began, as far as the runs tell; None without runs.
    now
        The time that it was decided for.
    on_inconclusive
        What the card says that an inconclusive gate does; None where it says nothing.
    newest, measured
        The newest run of the card's student, and the newest that could be measured; None where there is none.
    data_at
        The time that the figures of `measured` are as old as.
    overrides
        The decisions of people that hold for the newest run and changed the answer, oldest first.
    comparison
        The student held against the one before; None where none was given.
    withdrawn
        Records that somebody took back, oldest first: of the card's student and those that name none, of all where the
        card names no student.
    notes
        Sentences on these, on whose release is decided where no card says it, on regions that somebody named, and on
        overrides that do not count; that a retraining is due.
    triggers
        The card's retrain triggers, in its order; none without a card. They ask for a retraining and block nothing.
    named_alarms
        Names of the regions that somebody named and that alarm in the newest measured run.
    last_number
        Number of the last run that the student had, withdrawn ones too; 0 without any.
    """

    status: Status
    checks: tuple[GateCheck, ...]
    sentence: str
    since: datetime | None
    now: datetime
    on_inconclusive: "Inconclusive | None"
    newest: "CanaryRun | None"
    measured: "CanaryRun | None"
    data_at: datetime | None = None
    overrides: tuple[Decision, ...] = ()
    comparison: "ComparisonRecord | None" = None
    withdrawn: "tuple[Withdrawal, ...]" = ()
    notes: tuple[str, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    named_alarms: tuple[str, ...] = ()
    last_number: int = 0

    @property
    def override(self) -> Decision | None:
        """The newest of the overrides; None where there is none."""
        return self.overrides[-1] if self.overrides else None

    @property
    def overridden_by(self) -> str:
        """Who overrode it, when and why, on one line."""
        return " ".join(
            f"{one_line(each.by)} on {on_day(each.at)}, '{as_sentence(each.reason)}'" for each in self.overrides
        )

    @property
    def findings(self) -> tuple[GateCheck, ...]:
        """Checks that do not hold, overridden ones too: what every report of the gate lists."""
        return tuple(check for check in self.checks if check.outcome not in ("held", "skipped"))

    @property
    def reasons(self) -> tuple[GateCheck, ...]:
        """Checks that keep it from passing, blocking ones first."""
        open_checks = (check for check in self.findings if check.outcome != "overridden")
        return tuple(sorted(open_checks, key=lambda check: not check.is_blocking))

    @property
    def first_reason_since(self) -> datetime | None:
        """When the reason that is told first began; of a pass, when the pass began."""
        return self.reasons[0].since if self.reasons else self.since

    @property
    def exit_code(self) -> int:
        """0 it may ship, 1 it may not, 3 inconclusive and nobody said what that means."""
        if self.status == "inconclusive":
            return EXIT_CODES[self.on_inconclusive]
        return PASSES if self.status == "pass" else BLOCKS
