"""Residual errors: how far the student is off, on a scale that neither the mix of traffic nor a moved scale changes."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.ranks import group_equals, mid_ranks, order_both, sorted_mid_ranks
from drift_core.measures.scores import Scores

N_BINS = 5  # steps of the fitted value between which the usual size of an error is interpolated
MIN_BIN = 60  # pairs in such a step


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Squared residuals of each pair in units of what held-out shows at the same fitted value; 1 is as usual.

    Attributes
    ----------
    of_student
        Student against its best monotone fit on the teacher: untouched by any scale that the teacher moves to.
    of_teacher
        Teacher against its best monotone fit on the student: untouched by any scale that the student moves to.
    """

    of_student: np.ndarray
    of_teacher: np.ndarray

    def both(self) -> np.ndarray:
        """Array of shape (n, 2)."""
        return np.column_stack((self.of_student, self.of_teacher))


def residual_errors(
    heldout: Scores, production: Scores, *, usual: np.ndarray | None = None
) -> tuple[Residuals, Residuals]:
    """Compute the residual errors of both samples.

    Parameters
    ----------
    heldout, production
        Scores of the two samples, neither side constant.
    usual
        Production pairs that the monotone fit of production rests on, bool of shape (n_production,); all by default.
        Pairs known to have drifted would bend the fit for the others.

    Notes
    -----
    The explained side is put on the scale of its held-out normal scores [1]_; each sample has a monotone fit of its
    own, so the explaining side may move its scale at will. The fit uses up about one and a half degrees of freedom a
    level set [2]_. A region of narrow range keeps its errors where its rank correlation falls.

    References
    ----------
    .. [1] van der Waerden, B. L. (1952). Order tests for the two-sample problem. Indagationes Mathematicae 14.
    .. [2] Meyer, M. and Woodroofe, M. (2000). On the degrees of freedom in shape-restricted regression. Annals of
       Statistics 28.
    """
    usual = np.ones(len(production), dtype=bool) if usual is None else usual
    samples = [_sides(scores) for scores in (heldout, production)]
    sides = []
    for explained, explaining in (("student", "teacher"), ("teacher", "student")):
        scores = _normal_scores(*(sample[explained] for sample in samples))
        sides.append(_standardised(scores, [sample[explaining] for sample in samples], usual))
    (student_before, student_after), (teacher_before, teacher_after) = sides
    return (
        Residuals(of_student=student_before, of_teacher=teacher_before),
        Residuals(of_student=student_after, of_teacher=teacher_after),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Side:
    """Scores of one side of a sample and the indices that sort them."""

    values: np.ndarray
    order: np.ndarray


def _sides(scores: Scores) -> dict[str, _Side]:
    by_student, by_teacher = order_both(scores.student, scores.teacher)
    return {
        "student": _Side(values=scores.student, order=by_student.order),
        "teacher": _Side(values=scores.teacher, order=by_teacher.order),
    }


def _standardised(
    scores: tuple[np.ndarray, np.ndarray], known: list[_Side], usual: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    masks = (np.ones(len(scores[0]), dtype=bool), usual)
    fits = [_monotone_fit(y, x, mask) for y, x, mask in zip(scores, known, masks, strict=True)]
    squares = [(y - fit.values) ** 2 * fit.inflation for y, fit in zip(scores, fits, strict=True)]
    expected = _usual_size(fits[0].values, squares[0])
    before, after = (square / expected(fit.values) for square, fit in zip(squares, fits, strict=True))
    level = before.mean()
    return before / level, after / level


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fit:
    values: np.ndarray
    inflation: float


def _monotone_fit(y: np.ndarray, x: _Side, usual: np.ndarray) -> _Fit:
    """Best increasing fit of y on x among the usual pairs, read off at every x."""
    from scipy.optimize import isotonic_regression

    inner = group_equals(x.values, x.order[usual[x.order]])
    n = len(inner.order)
    group = np.arange(n) if inner.group is None else inner.group
    starts = group if inner.starts is None else inner.starts[:-1]
    sizes = np.bincount(group)
    fitted = isotonic_regression(np.bincount(group, weights=y[inner.order]) / sizes, weights=sizes)
    n_sets = len(fitted.blocks) - 1
    values = np.empty(len(y))
    # Looking up in ascending order is several times faster than in any other.
    values[x.order] = np.interp(x.values[x.order], x.values[inner.order[starts]], fitted.x)
    return _Fit(values=values, inflation=n / max(n - 1.5 * n_sets, n / 4))


def _usual_size(fitted: np.ndarray, squares: np.ndarray):  # type: ignore[no-untyped-def]
    """Mean squared residual as a function of the fitted value, between quantile steps."""
    n_bins = int(min(N_BINS, max(1, len(fitted) // MIN_BIN)))
    place = np.minimum((mid_ranks(fitted) - 1) * n_bins // len(fitted), n_bins - 1).astype(np.int64)
    place = np.unique(place, return_inverse=True)[1]
    counts = np.bincount(place)
    middles = np.bincount(place, weights=fitted) / counts
    sizes = np.maximum(np.bincount(place, weights=squares) / counts, 1e-6)
    scatter = np.bincount(place, weights=squares**2) / counts / sizes**2 - 1
    sizes *= 1 + scatter / counts  # the mean of a quotient lies above the quotient of the means
    return lambda values: np.interp(values, middles, sizes)


def _normal_scores(heldout: _Side, production: _Side) -> tuple[np.ndarray, np.ndarray]:
    """Normal quantile of each value's mid-rank in held-out, for both samples."""
    from scipy.special import ndtri

    n = len(heldout.values)
    before, after = np.empty(n), np.empty(len(production.values))
    before[heldout.order] = ndtri(sorted_mid_ranks(group_equals(heldout.values, heldout.order)) / (n + 1))
    reference, asked = heldout.values[heldout.order], production.values[production.order]
    below, upto = np.searchsorted(reference, asked, "left"), np.searchsorted(reference, asked, "right")
    after[production.order] = ndtri(((below + upto) / 2 + 0.5) / (n + 1))
    return before, after
