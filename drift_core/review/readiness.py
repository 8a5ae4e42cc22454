"""Whether a student in shadow mode is ready: ready, not ready, or cannot tell and what is missing."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from drift_core.measured import Measured
from drift_core.review.pairs import ReviewDraw
from drift_core.review.result import ReviewResult
from drift_core.wording import N_SHOWN, counted

Status = Literal["ready", "not ready", "cannot tell"]


MORE = "Draw more pairs, and review them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The answer; `missing` says what is still to be done, a sentence each."""

    status: Status
    reason: str
    missing: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return f"{self.status.capitalize()}: {self.reason}"

    @property
    def is_complete(self) -> bool:
        """Whether all that was drawn is answered and the run is over, so that the share stands."""
        return self.status != "cannot tell" or self.missing == (MORE,)

    @property
    def further(self) -> tuple[str, ...]:
        """What is missing beyond what the sentence says."""
        return tuple(each for each in self.missing if each[1:] not in self.reason)


def read_readiness(draw: ReviewDraw, result: ReviewResult, *, today: date) -> Readiness:
    """Decide once everything that was drawn is answered and the run is over; before that it cannot be told.

    Ready where the upper limit of the share is at most the draw's limit, not ready where the lower limit is above it.
    A student whose share is above the limit is called ready at most half as often as the interval misses, for the
    answers are looked at once: when they are complete.
    """
    limit, missing = draw.settings.limit, (*_unreviewed(draw, result), *_of_the_run(draw, today))
    wrong = result.wrong
    if missing or not isinstance(wrong, Measured):
        first = missing[0] if missing else str(wrong)
        return Readiness(status="cannot tell", reason=f"{first[0].lower()}{first[1:]}", missing=missing)
    found = f"the student is wrong in {wrong:.0%} of the disagreements"
    if wrong.high <= limit:
        return Readiness(status="ready", reason=f"{found}, and the upper limit is not above {limit:.0%}.")
    if wrong.low > limit:
        return Readiness(status="not ready", reason=f"{found}, and the lower limit is above {limit:.0%}.")
    return Readiness(
        status="cannot tell",
        reason=f"{found}, and the interval holds {limit:.0%}.",
        missing=(MORE,),
    )


def _unreviewed(draw: ReviewDraw, result: ReviewResult) -> tuple[str, ...]:
    left = result.n_pairs - result.n_answered
    said = [f"{left:,} of {counted(result.n_pairs, 'pair is', 'pairs are')} not reviewed yet."] if left else []
    floor = draw.settings.floor
    few = [each.name for each in result.regions if each.n_answered < min(floor, each.n_pairs)]
    if few:
        named = "; ".join(few[:N_SHOWN]) + (f" and {len(few) - N_SHOWN:,} more" if len(few) > N_SHOWN else "")
        said.append(f"Fewer than {floor} reviewed pairs in {counted(len(few), 'region', 'regions')}: {named}.")
    return tuple(said)


def _of_the_run(draw: ReviewDraw, today: date) -> tuple[str, ...]:
    run = draw.shadow
    if run is None:
        return ()
    if today < run.end:
        return (f"The shadow run ends on {run.end}, in {counted((run.end - today).days, 'day', 'days')}.",)
    if run.last is not None and (run.end - run.last).days > 1:
        again = "Draw again from all of its days, and import the answers there."
        return (f"The shadow run ended on {run.end}, and the newest pair of the sample is of {run.last}. {again}",)
    return ()
