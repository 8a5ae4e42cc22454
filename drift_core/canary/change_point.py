"""Since when: the week in which agreement began to fall, with the weeks that it may have been; or a slow fall."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from operator import mul
from typing import Literal

from drift_core.canary.assessment import Baseline, WeekAssessment, each_sample_once
from drift_core.canary.baselines import is_baseline_itself, z_error_of
from drift_core.measured import Measured, figure

MIN_ERROR = 1e-6
MIN_WEEKS = 3  # weeks of the lower level from which an interval is given; fewer cannot tell a step from one odd sample
MIN_SLOW = 4  # weeks of a slow fall; three are as well a step and its scatter
CLEAR = 2.0  # squared distance by which a slow fall is clear of a step: e times as likely
IN_WORDS = {1: "one week", 2: "two weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """The first week of the lower level, or about the first of a slow fall.

    Attributes
    ----------
    at
        The most probable first week; of a slow fall the one from which a line fits best.
    low, high
        The earliest and the latest week of the smallest set that holds it with `confidence`; None where too few weeks
        support it, and of a slow fall, which has no such week.
    confidence
        Probability of that set.
    fall
        Agreement lost since, at `at`; of a slow fall by the last week.
    n_weeks
        Measured weeks that were looked at.
    n_since
        How many of them lie at `at` or after it.
    is_share
        Whether agreement is a share of pairs.
    is_slow
        Whether it fell week by week, which fits as well as one step or better.
    may_be_step
        Whether a slow fall fits so little better that it may have come at once too.
    """

    at: datetime
    low: datetime | None
    high: datetime | None
    confidence: float
    fall: float
    n_weeks: int
    n_since: int
    is_share: bool = False
    is_slow: bool = False
    may_be_step: bool = False

    @property
    def how(self) -> str:
        """How a slow fall came, in words."""
        return "at once or week by week" if self.may_be_step else "week by week"

    @property
    def reason(self) -> str | None:
        """Why there is no interval; None where there is one."""
        if self.is_slow:
            return f"It fell {self.how}, so that no week is its first for sure."
        if self.n_since >= MIN_WEEKS:
            return None
        return f"{self.evidence[:1].upper()}{self.evidence[1:]} of evidence; an interval needs at least {MIN_WEEKS}."

    @property
    def evidence(self) -> str:
        """How many weeks support it, in words."""
        return IN_WORDS.get(self.n_since, f"{self.n_since} weeks")

    @property
    def sentence(self) -> str:
        """Since when, how much, and how sure that is."""
        return self.told("is")

    def told(self, verb: Literal["is", "was"]) -> str:
        """The sentence of a level that stands, or of one that is over."""
        if self.is_slow:
            has = "has fallen since" if verb == "is" else "fell from"
            size = figure(self.fall, "-.3f", is_share=self.is_share)
            return f"Agreement {has} about {self.at:%Y-%m-%d}, {self.how}, by {size} in all."
        lower = f"Agreement {verb} lower by {figure(self.fall, '-.3f', is_share=self.is_share)}"
        if self.low is None or self.high is None:
            return f"{lower}, seen first in the week of {self.at:%Y-%m-%d}, with {self.evidence} of evidence."
        span = "" if self.low == self.high else f" (between {self.low:%Y-%m-%d} and {self.high:%Y-%m-%d})"
        return f"{lower} on average since {self.at:%Y-%m-%d}{span}."

    def to_json(self) -> dict[str, object]:
        """Plain values; `reason` says why there is no interval."""
        return {
            "at": self.at.isoformat(),
            "low": self.low.isoformat() if self.low else None,
            "high": self.high.isoformat() if self.high else None,
            "confidence": self.confidence,
            "fall": self.fall,
            "n_weeks": self.n_weeks,
            "n_weeks_since": self.n_since,
            "reason": self.reason,
            "is_slow": self.is_slow,
        }


def find_change(weeks: Sequence[WeekAssessment], *, confidence: float = 0.95) -> ChangePoint | None:
    """Find the week since which agreement lies lower than its baseline.

    Parameters
    ----------
    weeks
        Weeks in order that share one baseline, up to the one in question; gaps are passed over, and so are the week
        that the baseline was taken from and runs on a sample that an earlier one has.
    confidence
        Probability of the set of weeks, in (0, 1).

    Returns
    -------
    ChangePoint or None
        None where no week is measured against a baseline.

    Notes
    -----
    On Fisher's z scale each week lies at the baseline before the change and at one lower level from it on; every first
    week is as likely beforehand and the fall has a flat prior [1]_. The baseline is known with its own error, which all
    weeks before the change share; each week has its standard error, which is larger once new traffic has come. The
    errors are estimated, so that the normal likelihood becomes Student's t with the degrees of freedom of the smallest
    sample [2]_. Assumes one step; where a straight line down to the last week, over `MIN_SLOW` weeks or more, leaves no
    larger squared distance than the best step, which has as many parameters, it is told as a slow fall.

    References
    ----------
    .. [1] Smith, A. F. M. (1975). A Bayesian approach to inference about a change-point in a sequence of random
       variables. Biometrika 62.
    .. [2] Gelman, A., Carlin, J. B., Stern, H. S. and Rubin, D. B. (2004). Bayesian Data Analysis, section 3.3.
    """
    measured = [week for week in weeks if week.status != "gap" and week.baseline and not is_baseline_itself(week)]
    measured = each_sample_once(measured)
    if not measured or measured[0].baseline is None:
        return None
    baseline = measured[0].baseline
    steps = _steps(measured, baseline)
    likely = sorted(range(len(measured)), key=lambda place: -steps.shares[place])
    held = list(accumulate(steps.shares[place] for place in likely))
    inside = likely[: bisect_left(held, confidence) + 1]
    slow = _slow_fall(measured, baseline)
    if slow is not None and slow.left <= min(steps.left):
        return ChangePoint(
            at=measured[slow.first].run.at,
            low=None,
            high=None,
            confidence=confidence,
            fall=baseline.agreement.estimate - baseline.scale.agreement(baseline.z - slow.level),
            n_weeks=len(measured),
            n_since=len(measured) - slow.first,
            is_share=baseline.agreement.is_share,
            is_slow=True,
            may_be_step=min(steps.left) - slow.left < CLEAR,
        )
    best = likely[0]
    is_supported = len(measured) - best >= MIN_WEEKS
    return ChangePoint(
        at=measured[best].run.at,
        low=measured[min(inside)].run.at if is_supported else None,
        high=measured[max(inside)].run.at if is_supported else None,
        confidence=confidence,
        fall=baseline.agreement.estimate - baseline.scale.agreement(baseline.z - steps.levels[best]),
        n_weeks=len(measured),
        n_since=len(measured) - best,
        is_share=baseline.agreement.is_share,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """For each week as the first: its probability, the level from it on below the baseline, and what is left."""

    shares: list[float]
    levels: list[float]
    left: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slow:
    """A line down from before its first week to the last: the level it reaches, and the squared distance left."""

    first: int
    level: float
    left: float


def _slow_fall(weeks: Sequence[WeekAssessment], baseline: Baseline) -> _Slow | None:
    """The line that fits best; None where none falls."""
    falls, errors = _falls(weeks, baseline)
    precisions, own = [1 / error**2 for error in errors], 1 / max(MIN_ERROR, baseline.z_error) ** 2
    found = []
    for first in range(len(weeks) - MIN_SLOW + 1):
        line = [max(week - first + 1, 0) / (len(weeks) - first) for week in range(len(weeks))]
        # the baseline's own distance, known with its error, and the fall by the last week
        shift, fall = _shift_and_fall(falls, line, precisions, own)
        away = zip(falls, line, precisions, strict=True)
        left = math.fsum((own * shift**2, *(each * (y - shift - fall * x) ** 2 for y, x, each in away)))
        if fall > 0:
            found.append(_Slow(first=first, level=shift + fall, left=left))
    return min(found, key=lambda each: each.left, default=None)


def _shift_and_fall(
    falls: Sequence[float], line: Sequence[float], precisions: Sequence[float], own: float
) -> tuple[float, float]:
    """Least squares of `falls` on a constant, drawn to 0 by its own precision, and on `line`."""
    all_weeks = own + math.fsum(precisions)
    on_line = math.fsum(map(mul, precisions, line)) / all_weeks
    centred = [each * (x - on_line) for each, x in zip(precisions, line, strict=True)]
    mean = math.fsum(map(mul, precisions, falls)) / all_weeks
    # the constant's own term stands at 0 of both
    fall = (math.fsum(map(mul, centred, (y - mean for y in falls))) + own * on_line * mean) / (
        math.fsum(map(mul, centred, (x - on_line for x in line))) + own * on_line**2
    )
    return mean - fall * on_line, fall


def _steps(weeks: Sequence[WeekAssessment], baseline: Baseline) -> _Steps:
    falls, errors = _falls(weeks, baseline)
    precisions = [1 / error**2 for error in errors]
    weighted = [fall * precision for fall, precision in zip(falls, precisions, strict=True)]
    squares = math.fsum(fall * each for fall, each in zip(falls, weighted, strict=True))
    own = 1 / max(MIN_ERROR, baseline.z_error) ** 2
    degrees = min(week.run.n_queries for week in weeks) - 1
    degrees = max(1, min(degrees, baseline.agreement.n_queries - 1))
    of_all = degrees + len(weeks) - 1
    sums = (_sums_before(weighted), _sums_before(precisions), _sums_from(weighted), _sums_from(precisions))
    evidence, levels, rests = [], [], []
    for before, known, after, after_precision in zip(*sums, strict=True):
        before_precision = known + own
        # squared distance of the weeks from both levels, in their errors
        left = max(squares - before**2 / before_precision - after**2 / after_precision, 0.0)
        spread = math.sqrt((1 / before_precision + 1 / after_precision) * (degrees + left) / of_all)
        fall = after / after_precision - before / before_precision
        likelihood = -of_all / 2 * math.log1p(left / degrees) - math.log(before_precision * after_precision) / 2
        evidence.append(likelihood + _log_normal(fall / spread))
        levels.append(after / after_precision)
        rests.append(left)
    most = max(evidence)
    shares = [math.exp(each - most) for each in evidence]
    total = math.fsum(shares)
    return _Steps(shares=[share / total for share in shares], levels=levels, left=rests)


def _sums_before(values: Sequence[float]) -> list[float]:
    return list(accumulate(values[:-1], initial=0.0))


def _sums_from(values: Sequence[float]) -> list[float]:
    """Sum from each week on; added up, as a difference of large sums may lose the small ones."""
    return list(accumulate(reversed(values)))[::-1]


def _log_normal(units: float) -> float:
    """Logarithm of the normal distribution function: the chance that the fall is one, and no rise."""
    return math.log(max(math.erfc(-units / math.sqrt(2)) / 2, 1e-300))


def _falls(weeks: Sequence[WeekAssessment], baseline: Baseline) -> tuple[list[float], list[float]]:
    falls, errors = [], []
    for week in weeks:
        assert isinstance(week.run.agreement, Measured)
        errors.append(max(MIN_ERROR, z_error_of(week.run, week.run.agreement)))
        falls.append(baseline.z - baseline.scale.z(week.run.agreement, errors[-1]))
    return falls, errors
