"""The check of calibration: the file of `calibrate`, else what the judge card says."""

from datetime import timedelta
from typing import TYPE_CHECKING

from drift_core.gate.context import GateContext, as_sentence, in_days, on_day
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.calibration.calibration_file import CalibrationRecord
    from drift_core.gate.limits import Reading

NAME = "calibration"
AGAIN = "Calibrate again with: distillation-drift calibrate HELDOUT PRODUCTION"


def read_calibration_check(context: GateContext) -> "Reading | None":
    """Read the calibration that is given; where none is, what the card says; None where neither speaks of it."""
    if context.calibration is None:
        return _by_card(context)
    found = context.calibration
    return _why_not_counted(found, context) or _read(found)


def _by_card(context: GateContext) -> "Reading | None":
    point = context.card.governance.calibration if context.card else None
    if point is None or point.done is None:
        return None
    if point.done == "no":
        return "skipped", "By the judge card, calibration and thresholds are not verified; --calibration checks them."
    who = f" by {one_line(point.by)}" if point.by else ""
    when = f" on {point.date}" if point.date else ""
    return "held", f"By the judge card, calibration and thresholds were verified{who}{when}."


def _read(found: "CalibrationRecord") -> "Reading":
    told = as_sentence(one_line(found.check.sentence))
    if found.check.reading == "not calibrated":
        return "blocked", f"{told} {AGAIN}."
    if found.check.reading == "cannot tell":
        return "inconclusive", f"{told} Calibrate on more pairs."
    if found.not_kept:
        return "inconclusive", as_sentence(one_line(found.not_kept[0]))
    if found.check.sample != "production":
        return "inconclusive", f"The calibration was checked on {one_line(found.check.sample)} alone. {AGAIN}."
    kept = " ".join(as_sentence(one_line(each.sentence)) for each in found.thresholds)
    return "held", f"{told} {kept}".rstrip()


def _why_not_counted(found: "CalibrationRecord", context: GateContext) -> "Reading | None":
    """Of another student, dated after now, or older than the card's review cadence."""
    wanted, own = context.student, found.student_version
    if wanted is not None and own != wanted:
        whose = f"is of student {one_line(own)}" if own else "names no student"
        again = f"{AGAIN} --student-version {one_line(wanted)}."
        return "inconclusive", f"The calibration {whose}, and the release is of {one_line(wanted)}. {again}"
    latest = max(context.now, context.clock)  # as a comparison, one made since may decide for a past day
    if found.made_at - latest > context.settings.skew:
        told = f"The calibration is dated {found.made_at:%Y-%m-%d %H:%M} UTC, after now, {latest:%Y-%m-%d %H:%M} UTC."
        return "inconclusive", f"{told} Check the clock of the machine that made it."
    age = context.now - found.made_at
    if context.card is None or age <= (limit := timedelta(days=context.card.review_every_days)):
        return None
    figure = f"The calibration of {on_day(found.made_at)} is older than {in_days(limit)}, the card's review cadence."
    return "blocked", f"{figure} {AGAIN}."
