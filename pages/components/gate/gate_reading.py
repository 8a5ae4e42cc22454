"""What the release gate says of the open history, by the open card, for the day that is decided for."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from drift_core.calibration.calibration_file import CalibrationRecord
from drift_core.canary.decision import Decision
from drift_core.comparison.comparison_json import ComparisonRecord
from drift_core.gate.gate_decision import GateDecision
from drift_core.gate.release import override_release, read_gate
from drift_core.judge_card.settings import GateSettings
from drift_core.simulation import canary_year_samples
from pages.components.canary import canary_history
from pages.components.canary.canary_history import CanaryReading
from pages.components.canary.history_copies import OpenHistory
from pages.components.card import card_open
from pages.components.card.card_open import OpenCard
from pages.components.comparison import comparison_open
from pages.components.gate import gate_calibration
from pages.components.session import cached, session, visitor_store

_DAY, _WITHOUT_COMPARISON = "gate_day", "gate_without_comparison"
AFTER = timedelta(days=1)  # the shipped year is over; its releases are decided on the day after its newest week


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReading:
    """The gate's answer with what it was decided by.

    Attributes
    ----------
    opened, card
        The history, and the judge card or None.
    decision
        The answer.
    decisions
        What people decided, the newest first.
    is_own_rule
        Whether the visitor's rule stands in the place of the newest run's.
    is_today
        Whether it is decided for this moment.
    run_days
        The day of every recorded run by its key.
    comparison
        The open comparison with the student before, or None.
    calibration
        The calibration that the visitor gave, or None.
    """

    opened: OpenHistory
    card: OpenCard | None
    decision: GateDecision
    decisions: tuple[Decision, ...]
    is_own_rule: bool
    is_today: bool
    run_days: Mapping[str, date]
    comparison: ComparisonRecord | None = None
    calibration: CalibrationRecord | None = None


def reading() -> GateReading | None:
    """Decide for the open history; None where none is open."""
    opened, weeks = canary_history.current(), canary_history.reading(session.rule())
    if opened is None or weeks is None:
        return None
    card, now = card_open.current(), _moment(opened, weeks)
    compared = open_comparison() if takes_comparison() else None
    calibrated = gate_calibration.current()
    key = (opened.state[0], card.digest if card else "", compared, calibrated)
    decision = cached.result_by_key(
        "gate",
        repr(key),
        (f"{now:%Y-%m-%d %H}", session.view().rule),
        lambda: read_gate(
            opened.path,
            card=card.card if card else None,
            now=now,
            settings=_settings(),
            comparison=compared,
            calibration=calibrated,
        ),
        is_shipped=weeks.is_shipped and not (card or compared or calibrated),
    )
    return GateReading(
        opened=opened,
        card=card,
        decision=decision,
        decisions=tuple(reversed(weeks.decisions)),
        is_own_rule=_settings() is not None,
        is_today=now.date() == datetime.now(UTC).date(),
        run_days={run.key: run.at.date() for run in weeks.runs},
        comparison=compared,
        calibration=calibrated,
    )


def override(read: GateReading, *, by: str, reason: str) -> GateDecision:
    """Let the release ship, and keep who decided that in the history."""
    card = read.card.card if read.card else None
    now = datetime.now(UTC) if read.is_today else read.decision.now
    return override_release(
        canary_history.for_writing().path,
        by=by,
        reason=reason,
        card=card,
        now=now,
        settings=_settings(),
        comparison=read.comparison,
        calibration=read.calibration,
    )


def history_file(opened: OpenHistory) -> bytes:
    """The whole history as one SQLite file, decisions included, as `gate --history` reads it."""
    with closing(sqlite3.connect(opened.path)) as source, closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        return copy.serialize()


def keep_day(key: str) -> None:
    """Decide for the day of the widget with this key; fit as a callback."""
    opened, day = canary_history.current(), session.event(key)
    if opened is not None and isinstance(day, date):
        visitor_store.put(_DAY, (opened.key, day))


def open_comparison() -> ComparisonRecord | None:
    """What the gate may check of the comparison that is open, or None."""
    return comparison_open.record()


def takes_comparison() -> bool:
    """Whether the open comparison is checked; it is unless the visitor leaves it out."""
    return visitor_store.get(_WITHOUT_COMPARISON) != _comparison_key()


def keep_comparison_choice(key: str) -> None:
    """Check the open comparison, or leave it out until another is open; fit as a callback."""
    visitor_store.put(_WITHOUT_COMPARISON, None if session.event(key) else _comparison_key())


def _comparison_key() -> str:
    opened = comparison_open.current()
    return opened.key if opened else ""


def _settings() -> GateSettings | None:
    """As in CI the newest run's rule decides, unless the visitor has changed the rule."""
    return GateSettings(rule=session.rule()) if session.view().rule else None


def _moment(opened: OpenHistory, weeks: CanaryReading) -> datetime:
    now = datetime.now(UTC)
    day = _chosen_day(opened.key)
    if day is None and session.view().history == canary_year_samples.NAME and weeks.runs:
        day = (weeks.runs[-1].at + AFTER).date()
    return now if day in (None, now.date()) else datetime.combine(day, time(), tzinfo=UTC)


def _chosen_day(key: str) -> date | None:
    place, day = visitor_store.get(_DAY) or (None, None)
    return day if place == key else None
