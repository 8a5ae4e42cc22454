"""The student's error on a week of pairs, against how far it usually is off on the sample that it shipped with.

Finer than agreement: that scatters with the range of the week's scores, this does not.
"""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.error_tails import ErrorTails, find_tails
from drift_core.measures.hat_functions import between_knots, find_knots
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.residuals import LEAST_SIZE, label_errors, label_rates
from drift_core.measures.scores import Scores

N_BINS = 5  # steps of the fitted value between which the usual size of an error is interpolated
MIN_BIN = 60  # pairs in such a step
N_FOLDS = 10  # parts of whole queries that the maps are tried on in turn
MIN_PAIRS = 20  # of a sample that is referred to, or a reference
FREE = 2  # place of the explained scale, and stretch of the explaining one, which each week may move
SCALES_DIFFER = 2.5  # standard errors by which the two maps must differ before a stretched scale is supposed
TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorReference:
    """How student and teacher map onto each other on a sample, and how large and how scattered the errors are there.

    Attributes
    ----------
    maps
        Student from teacher, and teacher from student.
    levels
        Mean squared error of both maps on pairs that they were not fitted on.
    errors
        Error of each pair in units of the mean, shape (n,), on maps that were fitted on other queries; tails cut.
    queries
        Dense code of each pair's query, shape (n,).
    gaps
        Error by the first map minus that by the second, shape (n,).
    tails
        How far the longest errors count.
    usual
        Mean of each map's errors so cut, in units of the mean of all.
    """

    maps: tuple["_Map", "_Map"]
    levels: tuple[float, float]
    errors: np.ndarray
    queries: np.ndarray
    gaps: np.ndarray
    tails: ErrorTails
    usual: tuple[float, float]

    def of(self, scores: Scores) -> np.ndarray:
        """Error of each pair of another sample, shape (n,); 1 is as usual.

        The mean of both maps. Where they differ by more than chance, one side's scale has stretched or shrunk, and with
        it the error of that side; then the error of the side whose spread moved less is given.

        Where the sample has weights, place and spread of its scales are those of the traffic that it stands for.
        """
        sides, share = ((scores.student, scores.teacher), (scores.teacher, scores.student)), scores.relative_weights
        parts = [
            self.tails.cut(_errors(each, explained, explaining, share) / level, scores.queries) / usual
            for each, (explained, explaining), level, usual in zip(
                self.maps, sides, self.levels, self.usual, strict=True
            )
        ]
        levels = [mean_error(part, scores) for part in parts]
        n_effective = share.sum() ** 2 / (share @ share)
        if abs(levels[0] - levels[1]) > SCALES_DIFFER * self._usual_gap(n_effective) * max(1.0, *levels):
            moved = [_departure(each, explained, share) for each, (explained, _) in zip(self.maps, sides, strict=True)]
            return parts[int(np.argmin(moved))]
        return (parts[0] + parts[1]) / 2

    def _usual_gap(self, n: float) -> float:
        """Standard error of the difference between the two maps' mean errors on n pairs."""
        sums = np.bincount(self.queries, weights=self.gaps - self.gaps.mean())
        return float(np.sqrt(sums @ sums / len(self.gaps) * (1 / n + 1 / len(self.gaps))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelReference:
    """How often labels differ on a sample: an error is whether they do, over how often is usual for both labels."""

    sample: Scores
    errors: np.ndarray
    queries: np.ndarray

    def of(self, scores: Scores) -> np.ndarray:
        """Error of each pair of another sample, shape (n,); 1 is as usual."""
        return np.asarray(np.mean(label_errors(self.sample, scores), axis=0))

    def rates(self, scores: Scores) -> np.ndarray:
        """Chance that the labels of each pair of another sample differ, shape (n,), as it was here."""
        return label_rates(self.sample, scores)


Reference = ErrorReference | LabelReference


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorShift:
    """How much more a second teacher's scores add to the mean error on the same pairs, and the variance of that."""

    estimate: float
    variance: float


def error_reference(scores: Scores) -> Reference | None:
    """Learn from the sample at ship time how far the student usually is off.

    Parameters
    ----------
    scores
        The sample, usually held-out.

    Returns
    -------
    ErrorReference, LabelReference or None
        None under 20 pairs or queries, where a side of ranked scores is constant, and where the student makes no error.

    Notes
    -----
    Each side is put on the scale of its own normal scores on this sample [1]_ and explained by the other through an
    increasing map, straight between at most eight knots. Squared errors are divided by their usual size at the fitted
    value, at least by half of all: where there is no error here, the first in a week would count without end. The
    sample's own errors come from maps fitted on nine tenths of the queries and tried on the last tenth [2]_, so that
    they are as large as on new pairs. The longest are cut where their tail is heavy, see `error_tails`.

    References
    ----------
    .. [1] van der Waerden, B. L. (1952). Order tests for the two-sample problem. Indagationes Mathematicae 14.
    .. [2] Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. Journal of the Royal
       Statistical Society B 36.
    """
    if min(len(scores), scores.n_queries) < MIN_PAIRS:
        return None
    queries = np.arange(len(scores)) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
    if not scores.is_ranked:
        errors = np.mean(label_errors(scores, scores), axis=0)
        is_equal = bool((scores.student == scores.teacher).all())
        return None if is_equal else LabelReference(sample=scores, errors=errors, queries=queries)
    if min(np.ptp(scores.student), np.ptp(scores.teacher)) == 0:
        return None
    maps, levels, errors = [], [], []
    for explained, explaining in ((scores.student, scores.teacher), (scores.teacher, scores.student)):
        tried = _cross_fitted(explained, explaining, queries)
        levels.append(mean_error(tried, scores))
        if levels[-1] < TINY:
            return None
        errors.append(tried / levels[-1])
        maps.append(_fit_map(explained, explaining))
    tails = find_tails((errors[0] + errors[1]) / 2, queries)
    cut = [tails.cut(each, queries) for each in errors]
    usual = mean_error(cut[0], scores), mean_error(cut[1], scores)
    errors = [each / mean for each, mean in zip(cut, usual, strict=True)]
    return ErrorReference(
        maps=(maps[0], maps[1]),
        levels=(levels[0], levels[1]),
        errors=(errors[0] + errors[1]) / 2,
        queries=queries,
        gaps=errors[0] - errors[1],
        tails=tails,
        usual=usual,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Map:
    """An increasing map between two sides on normal scores, and the usual squared error at its values."""

    explained: np.ndarray
    explaining: np.ndarray
    knots: np.ndarray
    heights: np.ndarray
    middles: np.ndarray
    sizes: np.ndarray


def _fit_map(explained: np.ndarray, explaining: np.ndarray) -> _Map:
    from scipy.optimize import isotonic_regression

    references = np.sort(explained), np.sort(explaining)
    y, x = _normal_scores(explained, references[0]), _normal_scores(explaining, references[1])
    knots = find_knots(x)
    rows = between_knots(x, knots)
    gram = rows.T @ rows
    gram += TINY * np.trace(gram) * np.eye(len(gram))
    at_knots = np.linalg.solve(gram, rows.T @ y)
    heights = isotonic_regression(at_knots, weights=np.maximum(rows.sum(axis=0), TINY)).x
    fitted = rows @ heights
    is_answer = np.count_nonzero(np.diff(references[0])) == 1  # of which a step without a miss may have one yet
    middles, sizes = _usual_sizes(fitted, (y - fitted) ** 2, is_answer=is_answer)
    return _Map(
        explained=references[0], explaining=references[1], knots=knots, heights=heights, middles=middles, sizes=sizes
    )


def _errors(fitted_map: _Map, explained: np.ndarray, explaining: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Squared errors over their usual size, with a rising line of the week's own between fitted and found.

    A scale that was turned round is an error, and no other scale.
    """
    y, fitted, usual = _placed(fitted_map, explained, explaining)
    weights = share / usual
    total = weights.sum()
    centre_y, centre = weights @ y / total, weights @ fitted / total
    spread = weights @ (fitted - centre) ** 2
    slope = max(0.0, weights @ ((fitted - centre) * (y - centre_y)) / spread) if spread > TINY else 0.0
    left = y - centre_y - slope * (fitted - centre)
    return left**2 / usual * (len(y) / max(1, len(y) - FREE))


def _departure(fitted_map: _Map, explained: np.ndarray, share: np.ndarray) -> float:
    """How far the spread of a side's scores left the reference's, on the log scale."""
    place = _normal_scores(explained, fitted_map.explained)
    variance = np.average((place - np.average(place, weights=share)) ** 2, weights=share)
    return abs(float(np.log(max(np.sqrt(variance), TINY))))


def _placed(fitted_map: _Map, explained: np.ndarray, explaining: np.ndarray) -> tuple[np.ndarray, ...]:
    y = _normal_scores(explained, fitted_map.explained)
    x = _normal_scores(explaining, fitted_map.explaining)
    fitted = between_knots(x, fitted_map.knots) @ fitted_map.heights
    return y, fitted, np.interp(fitted, fitted_map.middles, fitted_map.sizes)


def _cross_fitted(explained: np.ndarray, explaining: np.ndarray, queries: np.ndarray) -> np.ndarray:
    n_folds = min(N_FOLDS, int(queries.max()) + 1)
    fold = queries % n_folds
    errors = np.empty(len(queries))
    for each in range(n_folds):
        tried = fold == each
        fitted_map = _fit_map(explained[~tried], explaining[~tried])
        y, fitted, usual = _placed(fitted_map, explained[tried], explaining[tried])
        errors[tried] = (y - fitted) ** 2 / usual
    return errors


def _usual_sizes(fitted: np.ndarray, squares: np.ndarray, *, is_answer: bool) -> tuple[np.ndarray, np.ndarray]:
    n_bins = int(min(N_BINS, max(1, len(fitted) // MIN_BIN)))
    place = np.minimum((mid_ranks(fitted) - 1) * n_bins // len(fitted), n_bins - 1).astype(np.int64)
    place, counts = np.unique(place, return_inverse=True, return_counts=True)[1:]
    sizes = np.bincount(place, weights=squares) / counts
    least = squares.mean() * (1.0 if is_answer else LEAST_SIZE)
    return np.bincount(place, weights=fitted) / counts, np.maximum(sizes, max(least, TINY))


def _normal_scores(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri

    below, upto = (np.searchsorted(reference, values, side) for side in ("left", "right"))
    return ndtri(((below + upto) / 2 + 0.5) / (len(reference) + 1))


def mean_error(errors: np.ndarray, scores: Scores) -> float:
    """Mean of the errors of a sample's pairs, shape (n,), at their weights."""
    return float(errors.mean()) if scores.weights is None else float(np.average(errors, weights=scores.weights))


def error_shift(reference: Reference, before: Scores, after: Scores) -> ErrorShift:
    """Compare the errors of the same pairs under two teachers, in the same order; errors sum within queries."""
    difference = reference.of(after) - reference.of(before)
    estimate = mean_error(difference, after)
    codes = np.arange(len(difference)) if after.queries is None else np.unique(after.queries, return_inverse=True)[1]
    sums = np.bincount(codes, weights=(difference - estimate) * after.relative_weights)
    variance = float(sums @ sums) * len(sums) / max(1, len(sums) - 1) / len(difference) ** 2
    return ErrorShift(estimate=estimate, variance=variance)


def query_sizes(scores: Scores) -> np.ndarray:
    """Pairs of each query, shape (n_queries,)."""
    if scores.queries is None:
        return np.ones(len(scores), dtype=np.int64)
    return np.unique(scores.queries, return_counts=True)[1]
