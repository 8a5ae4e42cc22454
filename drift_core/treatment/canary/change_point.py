"""Since when: the week in which agreement began to fall, with the weeks that it may have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from drift_core.measures.estimate import Measured
from drift_core.measures.fisher import unbiased_z
from drift_core.treatment.canary.assessment import WeekAssessment
from drift_core.treatment.canary.baselines import z_error_of

MIN_ERROR = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """The first week of the lower level.

    Attributes
    ----------
    at
        The most probable first week.
    low, high
        The earliest and the latest week of the smallest set that holds it with `confidence`.
    confidence
        Probability of that set.
    fall
        Agreement lost since, at `at`.
    n_weeks
        Measured weeks that were looked at.
    """

    at: datetime
    low: datetime
    high: datetime
    confidence: float
    fall: float
    n_weeks: int


def find_change(weeks: Sequence[WeekAssessment], *, confidence: float = 0.95) -> ChangePoint | None:
    """Find the week since which agreement lies lower than its baseline.

    Parameters
    ----------
    weeks
        Weeks in order that share one baseline, up to the one in question; gaps are passed over.
    confidence
        Probability of the set of weeks, in (0, 1).

    Returns
    -------
    ChangePoint or None
        None where no week is measured against a baseline.

    Notes
    -----
    On Fisher's z scale each week lies at the baseline before the change and at one lower level from it on; every first
    week is as likely beforehand and the fall has a flat prior [1]_. Each week's own standard error counts, which is
    larger once new traffic has come. Assumes one step: of a slow fall it finds a week in its midst.

    References
    ----------
    .. [1] Smith, A. F. M. (1975). A Bayesian approach to inference about a change-point in a sequence of random
       variables. Biometrika 62.
    """
    measured = [week for week in weeks if week.status != "gap" and week.baseline is not None]
    if not measured:
        return None
    falls, errors = _falls(measured)
    weights = 1 / errors**2
    total = np.cumsum((falls * weights)[::-1])[::-1]
    precision = np.cumsum(weights[::-1])[::-1]
    level = total / precision
    evidence = np.where(level > 0, total**2 / precision / 2, 0.0) - np.log(precision) / 2
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    likely = np.argsort(-share)
    inside = likely[: int(np.searchsorted(np.cumsum(share[likely]), confidence)) + 1]
    best = int(likely[0])
    baseline = measured[best].baseline
    assert baseline is not None
    return ChangePoint(
        at=measured[best].run.at,
        low=measured[int(inside.min())].run.at,
        high=measured[int(inside.max())].run.at,
        confidence=confidence,
        fall=baseline.agreement.estimate - float(np.tanh(baseline.z - level[best])),
        n_weeks=len(measured),
    )


def _falls(weeks: Sequence[WeekAssessment]) -> tuple[np.ndarray, np.ndarray]:
    falls, errors = [], []
    for week in weeks:
        assert week.baseline is not None
        assert isinstance(week.run.agreement, Measured)
        errors.append(max(MIN_ERROR, z_error_of(week.run, week.run.agreement)))
        falls.append(week.baseline.z - unbiased_z(week.run.agreement.estimate, errors[-1]))
    return np.array(falls), np.array(errors)
