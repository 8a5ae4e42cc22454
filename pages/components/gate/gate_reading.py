"""What the release gate says of the open history, by the open card, for the day that is decided for."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from drift_core.calibration.calibration_file import CalibrationRecord
from drift_core.canary.decision import OVERRIDING, Decision
from drift_core.comparison.comparison_json import ComparisonRecord
from drift_core.gate import release
from drift_core.gate.gate_decision import GateDecision
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

_DAY, _WITH_COMPARISON = "gate_day", "gate_with_the_comparison"
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

    @property
    def can_end_override(self) -> bool:
        """Whether the newest decision about the newest run is an override, also one that covers nothing now."""
        key = self.decision.newest.key if self.decision.newest else None
        own = (each.kind for each in self.decisions if each.run_key == key and each.kind in OVERRIDING)
        return next(own, None) == "override"


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
        lambda: release.read_gate(
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
    return release.override_release(canary_history.for_writing().path, by=by, reason=reason, **_brought(read))


def end_override(read: GateReading, *, by: str, reason: str) -> GateDecision:
    """Take the overrides since the newest run back, and keep who decided that in the history."""
    return release.end_override(canary_history.for_writing().path, by=by, reason=reason, **_brought(read))


def _brought(read: GateReading) -> dict[str, Any]:
    """What the answer rests on beside the history, and the time that it is decided for."""
    return {
        "card": read.card.card if read.card else None,
        "now": datetime.now(UTC) if read.is_today else read.decision.now,
        "settings": _settings(),
        "comparison": read.comparison,
        "calibration": read.calibration,
    }


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
    """Whether the open comparison is checked: as the visitor chose, else where it may be of this student."""
    chosen, is_taken = visitor_store.get(_WITH_COMPARISON) or (None, None)
    opened = open_comparison()
    return bool(is_taken) if chosen == _comparison_key() else opened is None or not is_of_others(opened)


def is_of_others(opened: ComparisonRecord) -> bool:
    """Whether a comparison names students, none of whom the history or the open card knows."""
    read, card = canary_history.reading(session.rule()), card_open.current()
    named = {each for each in (opened.student_before, opened.student_after) if each}
    known = {run.student_version for run in (read.runs if read else ())}
    known |= {card.card.student.version, card.card.student.parent} if card else set()
    return bool(named and known - {None}) and not named & known


def keep_comparison_choice(key: str) -> None:
    """Check the open comparison, or leave it out until another is open; fit as a callback."""
    visitor_store.put(_WITH_COMPARISON, (_comparison_key(), bool(session.event(key))))


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
