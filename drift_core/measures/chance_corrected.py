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
ADDED_TO_TEST = 1.0  # the same for the score test, which needs less of it (ours)
N_TRIED = 60  # tables on either side of what is seen, and kappas below; limits are interpolated (ours)


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

    Scores are places of labels, 0 to n_labels - 1.

    Notes
    -----
    The interval holds each kappa that a score test does not reject. What is seen to disagree, less what that kappa
    makes of what would by chance, varies as for pairs drawn from a table with that kappa and both sides' shares, as for
    two labels in [3]_, times what shared queries and weights make of it, at least 1. So few pairs with a rare label
    give a wide interval. `ADDED_TO_TEST` pairs are added as in `gwet_ac`; Satterthwaite's degrees of freedom count
    where queries have several pairs.

    References
    ----------
    .. [1] Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
       Measurement 20.
    .. [2] Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70.
    .. [3] Donner, A. and Eliasziw, M. (1992). A goodness-of-fit approach to inference procedures for the kappa
       statistic. Statistics in Medicine 11.

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

    def by_chance(self, cells: np.ndarray) -> np.ndarray:
        return np.asarray((cells.sum(-1) @ self.apart * cells.sum(-2)).sum(-1))

    def influence(self, cells: np.ndarray) -> np.ndarray:
        towards, back = cells.sum(-2) @ self.apart, cells.sum(-1) @ self.apart
        return np.asarray(towards[..., :, None] + back[..., None, :] - 2 * self.by_chance(cells)[..., None, None])


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
    expected = float(chance.by_chance(cells))
    if expected <= 0:
        reason = "Student and teacher give one label to all pairs, so agreement beyond chance says nothing."
        return Unmeasured(reason=reason, n_pairs=n, n_queries=n_queries)
    estimate = 1 - float((chance.apart * cells).sum()) / expected
    middle, error, degrees = _on_log_scale(scores, cells, chance)
    if isinstance(chance, _Kappa):
        low, high = _not_rejected(scores, cells, chance, confidence)
    else:
        reach = t_quantile(confidence, degrees) * error
        low, high = 1 - float(np.exp(middle + reach)), 1 - float(np.exp(middle - reach))
    return Measured(
        estimate=estimate,
        low=max(-1.0, min(estimate, float(low))),
        high=max(estimate, float(high)),
        confidence=confidence,
        standard_error=float(np.exp(middle)) * error,
        n_pairs=n,
        n_queries=n_queries,
    )


def _smoothed(scores: Scores, cells: np.ndarray, n_added: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Shares with the added pairs, these, and how many pairs there are with them."""
    n, k = len(scores), len(cells)
    added = np.where(np.eye(k, dtype=bool), 1 / k, 1 / (k * (k - 1))) * n_added / 2
    return (cells * n + added) / (n + n_added), added, n + n_added


def _on_log_scale(scores: Scores, cells: np.ndarray, chance: _Kappa | _Gwet) -> tuple[float, float, float]:
    """Logarithm of 1 minus the coefficient with the added pairs, its standard error and degrees of freedom."""
    smooth, added, total = _smoothed(scores, cells, ADDED)
    observed, expected = float((chance.apart * smooth).sum()), float(chance.by_chance(smooth))
    influence = (chance.apart - observed) / observed - chance.influence(smooth) / expected
    sums = _by_query(scores, influence / total)
    variance = clustered_error(sums, scores.n_queries) ** 2 + float((added * influence**2).sum()) / total**2
    variance = max(variance, float((smooth * influence**2).sum()) / total)
    degrees = min(degrees_of(scores.effective_queries), satterthwaite_degrees(sums, scores.n_queries))
    return float(np.log(observed / expected)), float(np.sqrt(variance)), max(1.0, degrees)


def _by_query(scores: Scores, influence: np.ndarray) -> np.ndarray:
    each = influence[scores.teacher.astype(int), scores.student.astype(int)] * scores.relative_weights
    return each if scores.queries is None else np.bincount(scores.queries, weights=each)


def _not_rejected(scores: Scores, cells: np.ndarray, chance: _Kappa, confidence: float) -> tuple[float, float]:
    """Limits of the kappas that are not rejected; see `cohen_kappa`."""
    smooth, added, total = _smoothed(scores, cells, ADDED_TO_TEST)
    observed, expected = float((chance.apart * smooth).sum()), float(chance.by_chance(smooth))
    tables, kappas = _tables(smooth, chance)
    ratios = 1 - kappas
    error = np.sqrt(_variances(chance, tables, ratios) / total)
    degrees = degrees_of(scores.effective_queries)
    pulls = np.stack([chance.apart - observed, -chance.influence(smooth)])
    sums = np.stack([_by_query(scores, each) for each in pulls]) / total
    corrected = 1.0
    if scores.n_queries < len(scores):
        corrected = scores.n_queries / (scores.n_queries - 1)
        of_all = np.array([1.0, observed / expected]) @ sums
        degrees = max(1.0, min(degrees, satterthwaite_degrees(of_all, scores.n_queries)))
    together = corrected * sums @ sums.T + np.einsum("iab,jab,ab->ij", pulls, pulls, added) / total**2
    alone = np.einsum("iab,jab,ab->ij", pulls, pulls, smooth) / total
    of_both = np.stack([np.ones_like(ratios), ratios])
    effect = np.maximum(1, (of_both * (together @ of_both)).sum(0) / (of_both * (alone @ of_both)).sum(0))
    beyond = np.abs(observed - ratios * expected) / (error * np.sqrt(effect)) - t_quantile(confidence, degrees)
    kept = np.flatnonzero(beyond <= 0)
    return _zero(kappas, beyond, kept[0] - 1, kept[0]), _zero(kappas, beyond, kept[-1] + 1, kept[-1])


def _tables(smooth: np.ndarray, chance: _Kappa) -> tuple[np.ndarray, np.ndarray]:
    """Tables from independence by what is seen to full agreement, and the kappa of each; below, those to -1."""
    alone, same = np.outer(smooth.sum(1), smooth.sum(0)), np.diag((smooth.sum(0) + smooth.sum(1)) / 2)
    part = np.linspace(0, 1, N_TRIED)[:, None, None]
    tables = np.concatenate([alone + part * (smooth - alone), smooth + part[1:-1] * (same - smooth)])
    kappas = 1 - (chance.apart * tables).sum((-2, -1)) / chance.by_chance(tables)
    if kappas[0] > kappas[N_TRIED - 1]:  # less agreement than by chance is seen
        tables, kappas = tables[N_TRIED - 1 :], kappas[N_TRIED - 1 :]
    below = np.linspace(-1, kappas[0], N_TRIED, endpoint=False)
    return np.concatenate([np.repeat(tables[:1], N_TRIED, axis=0), tables]), np.concatenate([below, kappas])


def _variances(chance: _Kappa, tables: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Of disagreement less a ratio of that by chance, of one pair of each table."""
    influence = chance.apart - ratios[:, None, None] * chance.influence(tables)
    mean = (tables * influence).sum((-2, -1))
    return np.asarray((tables * influence**2).sum((-2, -1)) - mean**2)


def _zero(values: np.ndarray, heights: np.ndarray, outside: int, inside: int) -> float:
    """Where a height is 0 between two places, or the value inside where there is none outside."""
    if not 0 <= outside < len(values):
        return float(values[inside])
    part = heights[inside] / (heights[inside] - heights[outside])
    return float(values[inside] + part * (values[outside] - values[inside]))
