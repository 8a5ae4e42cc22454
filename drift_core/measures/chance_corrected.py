"""Agreement of labels beyond chance: Cohen's kappa and Gwet's coefficient, each with weights for grades."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import MIN_PAIRS, MIN_QUERIES, degrees_of
from drift_core.measures.intervals import clustered_error, satterthwaite_degrees, t_quantile
from drift_core.measures.scores import Scores
from drift_core.wording import counted

Weighting = Literal["none", "linear", "quadratic"]
ADDED = 4 / 3  # pairs put in for the interval, half of them agreeing: without, few disagreements look certain (ours)


def distances(n_labels: int, weighting: Weighting) -> np.ndarray:
    """How far two labels disagree, 0 to 1, shape (n_labels, n_labels); all alike without weighting."""
    apart = np.abs(np.subtract.outer(np.arange(n_labels), np.arange(n_labels))) / max(1, n_labels - 1)
    if weighting == "none":
        return (apart > 0).astype(float)
    return apart if weighting == "linear" else apart**2


def confusion(scores: Scores, *, n_labels: int) -> np.ndarray:
    """Share of the pairs with each label of the teacher (rows) and of the student, shape (n_labels, n_labels)."""
    cells = scores.teacher.astype(int) * n_labels + scores.student.astype(int)
    found = np.bincount(cells, weights=scores.relative_weights, minlength=n_labels**2)
    return (found / len(scores)).reshape(n_labels, n_labels)


def chance_agreement(scores: Scores) -> float:
    """Agreement by chance: equal labels if both gave them at random, each as often as it does, or half of an area."""
    if scores.is_ranked:
        return 0.5 if scores.is_answered else 0.0
    cells = confusion(scores, n_labels=int(max(scores.student.max(), scores.teacher.max())) + 1)
    return float(cells.sum(0) @ cells.sum(1))


def cohen_kappa(
    scores: Scores, *, n_labels: int, weighting: Weighting = "none", confidence: float = 0.95
) -> Measurement:
    """Measure agreement beyond that of two judges who give their labels at random [1]_, weighted for grades [2]_.

    Scores are places of labels, 0 to n_labels - 1. See `gwet_ac` for the interval.

    References
    ----------
    .. [1] Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
       Measurement 20.
    .. [2] Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70.

    Examples
    --------
    >>> teacher = np.repeat([0.0, 0, 1, 1], [118, 5, 2, 0])
    >>> student = np.repeat([0.0, 1, 0, 1], [118, 5, 2, 0])
    >>> round(cohen_kappa(Scores(student=student, teacher=teacher), n_labels=2).estimate, 4)
    -0.0234
    """
    return _measured(scores, n_labels, _Kappa(distances(n_labels, weighting)), confidence)


def gwet_ac(scores: Scores, *, n_labels: int, weighting: Weighting = "none", confidence: float = 0.95) -> Measurement:
    """Measure agreement beyond chance where labels that are seldom given are hard: AC1, and AC2 with weights [1]_.

    Notes
    -----
    The interval is symmetric on the scale of the logarithm of 1 minus the coefficient, with the influence of each pair
    summed within queries, and Satterthwaite's degrees of freedom: few where few pairs have a rare label. It is
    taken from the shares with `ADDED` pairs spread evenly over the labels; the estimate is not.

    References
    ----------
    .. [1] Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement.
       British Journal of Mathematical and Statistical Psychology 61.

    Examples
    --------
    >>> teacher = np.repeat([0.0, 0, 1, 1], [118, 5, 2, 0])
    >>> student = np.repeat([0.0, 1, 0, 1], [118, 5, 2, 0])
    >>> round(gwet_ac(Scores(student=student, teacher=teacher), n_labels=2).estimate, 4)
    0.9408
    """
    return _measured(scores, n_labels, _Gwet(distances(n_labels, weighting)), confidence)


@dataclass(frozen=True, slots=True, eq=False)
class _Kappa:
    """Disagreement that chance gives by the labels' shares of both sides, and the influence of a pair on it."""

    apart: np.ndarray

    def by_chance(self, cells: np.ndarray) -> float:
        return float(cells.sum(1) @ self.apart @ cells.sum(0))

    def influence(self, cells: np.ndarray) -> np.ndarray:
        towards, back = self.apart @ cells.sum(0), cells.sum(1) @ self.apart
        return np.add.outer(towards, back) - 2 * self.by_chance(cells)


@dataclass(frozen=True, slots=True, eq=False)
class _Gwet:
    """As `_Kappa`, where chance gives each label as often as both sides together."""

    apart: np.ndarray

    @property
    def _scale(self) -> float:
        k = len(self.apart)
        return float((1 - self.apart).sum()) / (k * (k - 1))

    def by_chance(self, cells: np.ndarray) -> float:
        shares = (cells.sum(0) + cells.sum(1)) / 2
        return 1 - self._scale * float(shares @ (1 - shares))

    def influence(self, cells: np.ndarray) -> np.ndarray:
        shares = (cells.sum(0) + cells.sum(1)) / 2
        slopes = 1 - 2 * shares
        return -self._scale * (np.add.outer(slopes, slopes) / 2 - float(slopes @ shares))


def _measured(scores: Scores, n_labels: int, chance: _Kappa | _Gwet, confidence: float) -> Measurement:
    n, n_queries = len(scores), scores.n_queries
    if n < MIN_PAIRS or n_queries < MIN_QUERIES:
        reason = f"{counted(n_queries, 'query', 'queries')}; at least {MIN_QUERIES} are needed to measure agreement."
        return Unmeasured(reason=reason, n_pairs=n, n_queries=n_queries)
    cells = confusion(scores, n_labels=n_labels)
    expected = chance.by_chance(cells)
    if expected <= 0:
        reason = "Student and teacher give one label to all pairs, so agreement beyond chance says nothing."
        return Unmeasured(reason=reason, n_pairs=n, n_queries=n_queries)
    estimate = 1 - float((chance.apart * cells).sum()) / expected
    middle, error, degrees = _on_log_scale(scores, cells, chance)
    reach = t_quantile(confidence, degrees) * error
    return Measured(
        estimate=estimate,
        low=max(-1.0, min(estimate, 1 - float(np.exp(middle + reach)))),
        high=max(estimate, 1 - float(np.exp(middle - reach))),
        confidence=confidence,
        standard_error=float(np.exp(middle)) * error,
        n_pairs=n,
        n_queries=n_queries,
    )


def _on_log_scale(scores: Scores, cells: np.ndarray, chance: _Kappa | _Gwet) -> tuple[float, float, float]:
    """Logarithm of 1 minus the coefficient with the added pairs, its standard error and degrees of freedom."""
    n, k = len(scores), len(cells)
    added = np.where(np.eye(k, dtype=bool), 1 / k, 1 / (k * (k - 1))) * ADDED / 2
    total = n + ADDED
    smooth = (cells * n + added) / total
    observed, expected = float((chance.apart * smooth).sum()), chance.by_chance(smooth)
    influence = (chance.apart - observed) / observed - chance.influence(smooth) / expected
    each = influence[scores.teacher.astype(int), scores.student.astype(int)] * scores.relative_weights / total
    sums = each if scores.queries is None else np.bincount(scores.queries, weights=each)
    variance = clustered_error(sums, scores.n_queries) ** 2 + float((added * influence**2).sum()) / total**2
    variance = max(variance, float((smooth * influence**2).sum()) / total)
    degrees = min(degrees_of(scores.effective_queries), satterthwaite_degrees(sums, scores.n_queries))
    return float(np.log(observed / expected)), float(np.sqrt(variance)), max(1.0, degrees)
