"""The check of a review of disagreements: the JSON of `review result`, else the figure that the judge card keeps."""

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from drift_core.gate.context import GateContext, as_sentence, in_days, on_day
from drift_core.review.record import LIMIT, ReviewRecord
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.gate.limits import Reading

NAME = "review"
AGAIN = "Draw a review again with: distillation-drift review draw"


def read_review_check(context: GateContext) -> "Reading | None":
    """Read the review that is given; where none is, the figure on the card; None where neither has one."""
    try:
        found = context.review or _of_card(context)
    except ValidationError:
        return (
            "inconclusive",
            f"The card's shadow_review is none: expected wrong_low up to wrong up to wrong_high. {AGAIN}.",
        )
    if found is None:
        return None
    return _why_not_counted(found, context) or _read(found)


def _of_card(context: GateContext) -> ReviewRecord | None:
    last = context.card.shadow_review if context.card else None
    if context.card is None or last is None or None in (last.at, last.wrong, last.wrong_low, last.wrong_high):
        return None
    wrong = {"estimate": last.wrong, "low": last.wrong_low, "high": last.wrong_high}
    held = {"schema": 1, "kind": "disagreements", "made_at": last.at, "student_version": last.student_version}
    return ReviewRecord.model_validate(held | {"wrong": wrong})


def _read(found: ReviewRecord) -> "Reading":
    wrong, readiness, day = found.wrong, found.readiness, on_day(found.made_at)
    limit = min(found.settings.limit, LIMIT)
    if wrong.estimate is None or wrong.low is None or wrong.high is None:
        return "inconclusive", f"The review of {day} has no share yet. Review more of its pairs."
    told = f"the student is wrong in {wrong.estimate:.0%} ({wrong.low:.0%} to {wrong.high:.0%}) of the disagreements"
    told = f"By the review of {day} {told}"
    if wrong.low > limit:
        return "blocked", f"{told}, more than {limit:.0%}. Retrain on the regions where it is wrong."
    if readiness is not None and readiness.status == "cannot tell":
        return "inconclusive", f"{told}, and it cannot tell: {as_sentence(one_line(readiness.reason))}"
    if wrong.high > limit:
        return "inconclusive", f"{told}; the interval holds {limit:.0%}. Draw more pairs, and review them."
    return "held", f"{told}, at most {limit:.0%}."


def _why_not_counted(found: ReviewRecord, context: GateContext) -> "Reading | None":
    """Of another student, dated after now, or older than the card's review cadence."""
    wanted, own = context.student, found.student_version
    if wanted is not None and own is not None and own != wanted:
        return (
            "inconclusive",
            f"The review is of student {one_line(own)}, and the release is of {one_line(wanted)}. {AGAIN}.",
        )
    if found.made_at - max(context.now, context.clock) > context.settings.skew:
        return "inconclusive", f"The review is dated {found.made_at:%Y-%m-%d %H:%M} UTC, after now. Check the clock."
    if context.card is None or context.now - found.made_at <= (limit := timedelta(days=context.card.review_every_days)):
        return None
    day = on_day(found.made_at)
    return "inconclusive", f"The review of {day} is older than {in_days(limit)}, the card's review cadence. {AGAIN}."
