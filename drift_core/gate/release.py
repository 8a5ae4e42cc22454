"""The gate on a history: read the runs, judge the weeks, decide; raise where a release may not ship."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from drift_core.agreement.rule import Rule
from drift_core.canary.decision import in_utc
from drift_core.canary.pooled_regions import RECENT
from drift_core.canary.run import CanaryRun
from drift_core.canary.students import recorded_rule, students_of
from drift_core.canary.withdrawals import active_runs
from drift_core.errors import ReleaseBlocked
from drift_core.gate.context import runs_of_student, weeks_of_student
from drift_core.gate.gate import decide_gate
from drift_core.gate.gate_decision import BLOCKS, GateDecision
from drift_core.gate.overrides import end_overrides, make_override
from drift_core.history.history import History, open_history
from drift_core.judge_card.settings import GateSettings

if TYPE_CHECKING:
    from drift_core.calibration.calibration_file import CalibrationRecord
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.decision import Decision
    from drift_core.canary.withdrawals import Withdrawal
    from drift_core.comparison.compare import Comparison
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.judge_card.card import JudgeCard
    from drift_core.review.record import ReviewRecord


class GateInputs(TypedDict, total=False):
    """What a release may bring to its gate beside the history; see `gate_release`."""

    card: "JudgeCard | str | Path | None"
    now: datetime | None
    settings: GateSettings | None
    comparison: "Comparison | ComparisonRecord | str | Path | None"
    calibration: "CalibrationRecord | str | Path | None"
    review: "ReviewRecord | str | Path | None"


def gate_release(history: History | str | Path, **given: Unpack[GateInputs]) -> GateDecision:
    """Let a release pass, or stop it.

    Parameters
    ----------
    history
        The history of canary runs: open, or its file or URL.
    card
        The judge card or its file. Without one the settings decide, and no revision is checked.
    now
        The time to decide for; by default this moment.
    settings
        The rule, and limits where the card gives none. Without them the rule is that of the newest run of the card's
        student, so that the gate sees the alarm that the canary saw; without a card, of the newest run's student.
    comparison
        The student held against the one before, or the file of it. A part that got worse blocks, and so does one made
        by a laxer rule than the gate's or older than the card's review cadence. Without a comparison nothing is
        checked.
    calibration
        What `calibrate` wrote, or its file. One that does not hold blocks, and so does one older than the card's review
        cadence. Without one the card's checklist speaks.
    review
        What `review result` found, or its file. A student that is surely wrong in more than 40 % of the disagreements
        blocks. Without one the card's figure speaks.

    Returns
    -------
    GateDecision
        A pass; or "inconclusive" where the card does not say that this blocks.

    Raises
    ------
    ReleaseBlocked
        When the gate blocks, or is inconclusive and the card says that this blocks; its text is the reason in one line.
    InputError
        When the history or the card cannot be read.
    """
    decision = read_gate(history, **given)
    if decision.exit_code == BLOCKS:
        raise ReleaseBlocked(decision.sentence)
    return decision


def read_gate(history: History | str | Path, **given: Unpack[GateInputs]) -> GateDecision:
    """Read what the gate says without stopping anything; the parameters are those of `gate_release`."""
    read = _read(given)
    with _opened(history) as opened:
        return _decide(opened, read)


def override_release(
    history: History | str | Path, *, by: str, reason: str, **given: Unpack[GateInputs]
) -> GateDecision:
    """Let a release ship although the gate does not, and keep who decided that and why in the history.

    It holds for the reasons that the gate has at `now`, until the next canary run, or until one is overdue. It is dated
    by the clock, and never covers a canary that is too old.

    Raises
    ------
    SettingError
        When the name or the reason is empty, the gate passes anyway, or all that stops it is the age of the canary.
    InputError
        When the history or the card cannot be read or written.
    """
    read = _read(given)
    with _opened(history) as opened:
        opened.decide(make_override(_decide(opened, read), by=by, reason=reason))
        return _decide(opened, read)


def end_override(history: History | str | Path, *, by: str, reason: str, **given: Unpack[GateInputs]) -> GateDecision:
    """Take back the overrides that hold, and keep who decided that and why; they stay in the history.

    Raises
    ------
    SettingError
        When the name or the reason is empty, or none was made since the newest run.
    InputError
        When the history or the card cannot be read or written.
    """
    read = _read(given)
    with _opened(history) as opened:
        opened.decide(end_overrides(_decide(opened, read), by=by, reason=reason))
        return _decide(opened, read)


def card_at(card: "JudgeCard | str | Path | None") -> "JudgeCard | None":
    """Give a card, read where it is a file."""
    if not isinstance(card, str | Path):
        return card
    from drift_core.judge_card.file import read_card

    return read_card(card)


def comparison_at(comparison: "Comparison | ComparisonRecord | str | Path | None") -> "ComparisonRecord | None":
    """Give what the gate asks of a comparison, read where it is a file."""
    if comparison is None:
        return None
    from drift_core.comparison.comparison_json import ComparisonRecord, read_comparison, record_of

    if isinstance(comparison, ComparisonRecord):
        return comparison
    return read_comparison(comparison) if isinstance(comparison, str | Path) else record_of(comparison)


def calibration_at(calibration: "CalibrationRecord | str | Path | None") -> "CalibrationRecord | None":
    """Give a calibration, read where it is a file."""
    if not isinstance(calibration, str | Path):
        return calibration
    from drift_core.calibration.calibration_file import read_calibration

    return read_calibration(calibration)


def review_at(review: "ReviewRecord | str | Path | None") -> "ReviewRecord | None":
    """Give the result of a review, read where it is a file."""
    if not isinstance(review, str | Path):
        return review
    from drift_core.review.record import read_review

    return read_review(review)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a release brings to its gate beside the history, read."""

    card: "JudgeCard | None"
    now: datetime
    settings: GateSettings | None
    comparison: "ComparisonRecord | None"
    calibration: "CalibrationRecord | None"
    review: "ReviewRecord | None"


def _read(given: GateInputs) -> Given:
    return Given(
        card=card_at(given.get("card")),
        now=in_utc(given.get("now") or datetime.now(UTC)),
        settings=given.get("settings"),
        comparison=comparison_at(given.get("comparison")),
        calibration=calibration_at(given.get("calibration")),
        review=review_at(given.get("review")),
    )


@contextmanager
def _opened(history: History | str | Path) -> Iterator[History]:
    if isinstance(history, History):
        yield history
        return
    with open_history(history, is_created=False) as opened:
        yield opened


def _decide(history: History, given: Given) -> GateDecision:
    from drift_core.history.withdraw import withdrawn_weeks

    now, card = given.now, given.card
    runs, decisions = history.runs(with_regions=RECENT), history.decisions()
    if len(students_of(runs)) > 1:  # the last of all may lack some of this one's
        runs = history.runs(with_regions=True)
    active = active_runs(runs, decisions)
    settings = given.settings or GateSettings(rule=_rule(runs, active, card, now=now))
    weeks = _assessed(active, decisions, settings.rule, until=now + settings.skew)
    withdrawn = withdrawn_weeks(runs, decisions, rule=settings.rule)
    if card and card.critical_slices:
        weeks = _with_regions(weeks, card, history, withdrawn, until=now + settings.skew)
    return decide_gate(
        weeks,
        now=now,
        clock=datetime.now(UTC),
        card=card,
        decisions=decisions,
        settings=settings,
        comparison=given.comparison,
        calibration=given.calibration,
        review=given.review,
        withdrawn=withdrawn,
    )


def _assessed(
    runs: Sequence[CanaryRun], decisions: "Sequence[Decision]", rule: Rule, *, until: datetime
) -> "tuple[WeekAssessment, ...]":
    """Judge the runs up to a time as if there were no later ones, and the later ones beside them."""
    from drift_core.canary.alarm import assess

    known = [run for run in runs if run.at <= until]
    weeks = assess(known, decisions, rule=rule)
    if len(known) == len(runs):
        return weeks
    return (*weeks, *(week for week in assess(runs, decisions, rule=rule) if week.run.at > until))


def _rule(runs: Sequence[CanaryRun], active: Sequence[CanaryRun], card: "JudgeCard | None", *, now: datetime) -> Rule:
    """The rule of the newest run of the gate's student; of one dated after now only where there is no other."""
    counted, until = {run.key for run in active}, now + GateSettings().skew
    apart = [run for run in runs if run.key not in counted]
    own = runs_of_student(active, card, apart, until=until)
    return recorded_rule([run for run in own if run.at <= until] or own)


def _with_regions(
    weeks: "Sequence[WeekAssessment]",
    card: "JudgeCard",
    history: History,
    withdrawn: "Sequence[Withdrawal]",
    *,
    until: datetime,
) -> "tuple[WeekAssessment, ...]":
    """Give the newest measured week the regions of its run, the only ones that the gate looks at."""
    own = weeks_of_student(weeks, card, withdrawn, until=until)
    measured = [week.run.key for week in own if week.status != "gap" and week.run.at <= until]
    run = history.run(measured[-1]) if measured else None
    return tuple(replace(week, run=run) if run and week.run.key == run.key else week for week in weeks)
