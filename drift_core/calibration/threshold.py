"""A threshold on the student's score that keeps an error at a level, with a bound that holds in most draws."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.intervals import t_quantile
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores

Error = Literal["misses", "false_passes"]
ERROR_WORDS: dict[Error, str] = {"misses": "misses", "false_passes": "false passes"}
_LOOKED_AT = (1.0, 2.0, 4.0)  # multiples of the level at which errors of one query are told apart
MOST_LOOKED_AT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold that keeps one error.

    Attributes
    ----------
    error
        "misses": pairs that the teacher passes, under the threshold, as a share of what the teacher passes.
        "false_passes": pairs that the teacher stops, at or above it, as a share of what the teacher stops.
    level
        What the error is kept at, in (0, 1).
    confidence
        Share of samples in which the error of all traffic is at most `level`.
    value
        On the student's own score; a pair passes from there on.
    observed
        The error on the pairs that it was set on, with its two-sided interval.
    highest
        One-sided upper limit of the error of all traffic at `confidence`, at most `level`: what it is set by.
    n_effective
        Pairs of the teacher's answer, as many as would scatter like these with a query of their own each.
    """

    error: Error
    level: float
    confidence: float
    value: float
    observed: Measurement
    highest: float
    n_effective: float

    @property
    def sentence(self) -> str:
        here = "" if isinstance(self.observed, Unmeasured) else f"here they are {self.observed.figure('.1%')}, and "
        return (
            f"A threshold of {self.value:.4g} on the student's own score keeps {ERROR_WORDS[self.error]} at "
            f"{self.level:.1%} or less, sure to {100 * self.confidence:.4g}%; {here}of all such traffic at most "
            f"{self.highest:.1%}."
        )

    def to_json(self) -> dict[str, object]:
        return {
            "error": self.error,
            "level": self.level,
            "confidence": self.confidence,
            "value": self.value,
            "observed": self.observed.to_json(),
            "highest": self.highest,
            "n_effective": self.n_effective,
        }


def set_threshold(answers: Scores, error: Error, *, level: float, confidence: float = 0.95) -> Threshold | Unmeasured:
    """Find the threshold that keeps an error at a level and costs the least traffic.

    Parameters
    ----------
    answers
        The student's scores on any scale, and 0 or 1 as teacher; of the traffic that the threshold is for.
    level
        In (0, 1), highest share of the teacher's passed pairs that are missed, or of its stopped pairs that pass.
    confidence
        Share of samples in which the error of all traffic keeps to `level`.

    Returns
    -------
    Threshold or Unmeasured
        Unmeasured where too few pairs have the teacher's answer for any threshold to be sure, or none keeps the error
        but one that passes all pairs, or none of them.

    Notes
    -----
    Thresholds are tested one after the other, from the one without errors on, each against "the error is above the
    level", until the first that cannot be told; as an error only grows along that order, no correction for their number
    is due [1]_ [2]_. A test is exact for pairs that are drawn independently [3]_; pairs of one query count as fewer, by
    how errors cluster where the level is reached and beyond, the most clustered of these, and by the t quantile of the
    queries [4]_. Equal scores stay on one side.

    References
    ----------
    .. [1] Angelopoulos, A., Bates, S., Candes, E., Jordan, M. and Lei, L. (2021). Learn then test: calibrating
       predictive algorithms to achieve risk control. arXiv 2110.01052.
    .. [2] Bates, S., Angelopoulos, A., Lei, L., Malik, J. and Jordan, M. (2021). Distribution-free, risk-controlling
       prediction sets. Journal of the ACM 68.
    .. [3] Clopper, C. and Pearson, E. (1934). The use of confidence or fiducial limits illustrated in the case of the
       binomial. Biometrika 26.
    .. [4] Korn, E. and Graubard, B. (1998). Confidence intervals for proportions with small expected number of positive
       counts estimated from survey data. Survey Methodology 24.
    """
    asked = answers.take(answers.teacher == (1.0 if error == "misses" else 0.0))
    sign = 1.0 if error == "misses" else -1.0
    if not len(asked):
        return _too_few(asked, 0.0, error, level, confidence)
    order = np.argsort(sign * asked.student, kind="stable")
    ordered, weights = (sign * asked.student)[order], asked.relative_weights[order]
    n_effective = _effective(asked, ordered, weights, order, level, confidence)
    share = _share_kept(n_effective, level, confidence)
    if share is None:
        return _too_few(asked, n_effective, error, level, confidence)
    beyond = np.cumsum(weights) / weights.sum()  # of errors, where the threshold lies above each
    first = int(np.searchsorted(beyond, share, side="right"))  # the first that must not be an error
    edge = ordered[min(first, len(ordered) - 1)]
    value = float(edge) if error == "misses" else _above(-float(edge), answers.student)
    passes = answers.student >= value
    if passes.all() or not passes.any():
        return _none_but_all(asked, error, level)
    wrong = asked.student < value if error == "misses" else asked.student >= value
    wrong_share = float(wrong @ asked.relative_weights / asked.relative_weights.sum())
    return Threshold(
        error=error,
        level=level,
        confidence=confidence,
        value=value,
        observed=proportion(wrong, asked, confidence=confidence),
        highest=_highest(wrong_share, n_effective, confidence),
        n_effective=n_effective,
    )


def passed_share(answers: Scores, value: float, *, confidence: float = 0.95) -> Measurement:
    """Share of the traffic that passes a threshold, with an interval that counts queries."""
    return proportion(answers.student >= value, answers, confidence=confidence)


def error_at(answers: Scores, error: Error, value: float, *, confidence: float = 0.95) -> Measurement:
    """The error of a threshold on a sample, with an interval that counts queries."""
    asked = answers.take(answers.teacher == (1.0 if error == "misses" else 0.0))
    wrong = asked.student < value if error == "misses" else asked.student >= value
    return proportion(wrong, asked, confidence=confidence)


def _above(score: float, seen: np.ndarray) -> float:
    """The smallest score seen above this one, else the next number, so that this score does not pass."""
    larger = seen[seen > score]
    return float(larger.min()) if len(larger) else float(np.nextafter(score, np.inf))


def _share_kept(n: float, level: float, confidence: float) -> float | None:
    """Largest share of errors among n pairs that shows the error to be at most the level; None where none does."""
    from scipy.optimize import brentq
    from scipy.special import betainc

    if (1 - level) ** n > 1 - confidence:
        return None

    def excess(count: float) -> float:  # chance of at most so many errors at the level, less what is allowed
        return float(1 - betainc(count + 1, n - count, level)) - (1 - confidence)

    return float(brentq(excess, 0, n * level)) / n


def _highest(share: float, n: float, confidence: float) -> float:
    """Largest error of all traffic that so small a share of errors among n pairs does not rule out."""
    from scipy.special import betaincinv

    return float(betaincinv(share * n + 1, n - share * n, confidence))


def _effective(
    asked: Scores, ordered: np.ndarray, weights: np.ndarray, order: np.ndarray, level: float, confidence: float
) -> float:
    """Pairs that would scatter as these do; as many as there are where each has a query of its own."""
    n = asked.effective_pairs
    if asked.queries is None or asked.n_queries == len(asked):
        return n
    if asked.n_queries < 2:
        return 1.0
    queries = np.unique(asked.queries, return_inverse=True)[1][order]
    counted = weights / weights.sum()
    worst = 1 / n
    for rate in {min(each * level, MOST_LOOKED_AT) for each in _LOOKED_AT}:
        is_wrong = (np.cumsum(counted) <= rate).astype(float)
        mean = float(counted @ is_wrong)
        if 0 < mean < 1:
            sums = np.bincount(queries, weights=counted * (is_wrong - mean))
            worst = max(worst, float(sums @ sums) / (mean * (1 - mean)))
    normal, student = (t_quantile(2 * confidence - 1, degrees) for degrees in (np.inf, asked.n_queries - 1))
    return float(1 / worst * (normal / student) ** 2)


def _none_but_all(asked: Scores, error: Error, level: float) -> Unmeasured:
    whole = "passes every pair" if error == "misses" else "stops every pair"
    reason = (
        f"No threshold keeps {ERROR_WORDS[error]} at {level:.1%} but one that {whole}: these scores do not tell the "
        "teacher's answers apart well enough, or the pairs are too few. Allow more errors, or measure more pairs."
    )
    return Unmeasured(reason=reason, n_pairs=len(asked), n_queries=asked.n_queries)


def _too_few(asked: Scores, n: float, error: Error, level: float, confidence: float) -> Unmeasured:
    least = int(np.ceil(np.log(1 - confidence) / np.log(1 - level)))
    answer = "passes" if error == "misses" else "stops"
    counted_as = f", which count as {int(n):,} of equal weight and a query each" if int(n) < len(asked) else ""
    reason = (
        f"No threshold can be sure to keep {ERROR_WORDS[error]} at {level:.1%}: the teacher {answer} {len(asked):,} "
        f"pairs{counted_as}, and at least {least:,} are needed."
    )
    return Unmeasured(reason=reason, n_pairs=len(asked), n_queries=asked.n_queries)
