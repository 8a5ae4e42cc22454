"""Residual errors: how far the student is off, on a scale that neither the mix of traffic nor a moved scale changes."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.hat_functions import between_knots, find_knots
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.scores import Scores

N_BINS = 5  # steps of the fitted value between which the usual size of an error is interpolated
MIN_BIN = 60  # pairs in such a step
MOST_LEVERAGE = 0.5
LEAST_SIZE = 0.5  # of the mean squared residual, that a pair is measured by where less is usual (ours)
TINY = 1e-9
REFERENCE_COST = 8.0  # placing a sample among another's n quantiles adds this over n to its errors (measured)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Squared residuals of each pair in units of what held-out shows at the same fitted value; 1 is as usual.

    Attributes
    ----------
    of_student
        Student against its best fit on the teacher's ranks: untouched by any scale that the teacher moves to.
    of_teacher
        Teacher against its best fit on the student's ranks: untouched by any scale that the student moves to.
    moved
        How far the student's and the teacher's scores left held-out's, in place and in spread of normal scores.
    """

    of_student: np.ndarray
    of_teacher: np.ndarray
    moved: tuple[float, float] = (0.0, 0.0)

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
        Production pairs that the fit of production rests on, bool of shape (n_production,); all by default.
        Pairs known to have drifted would bend the fit for the others.

    Notes
    -----
    The explained side is put on the scale of its held-out normal scores [1]_. Each sample has a fit of its own, on the
    ranks of the explaining side, which may move its scale at will. Each squared residual is divided by one minus its
    leverage, or by one plus it for a pair that the fit does not rest on [2]_, so that both are unbiased. A region of
    narrow range keeps its errors where its rank correlation falls. For labels see `label_errors`.

    References
    ----------
    .. [1] van der Waerden, B. L. (1952). Order tests for the two-sample problem. Indagationes Mathematicae 14.
    .. [2] Cook, R. D. and Weisberg, S. (1982). Residuals and Influence in Regression, section 2.1.
    """
    if not heldout.is_ranked:
        both = label_errors(heldout, heldout), label_errors(heldout, production)
        before, after = (Residuals(of_student=student, of_teacher=teacher) for student, teacher in both)
        return before, after
    usual = np.ones(len(production), dtype=bool) if usual is None else usual
    student, teacher = (
        [_Ordered.of(getattr(sample, side)) for sample in (heldout, production)] for side in ("student", "teacher")
    )
    sides, moved = [], []
    for explained, explaining in ((student, teacher), (teacher, student)):
        scores = [_normal_scores(side, explained[0].values) for side in explained]
        sides.append(_standardised(scores, explaining, usual))
        moved.append(_departure(scores[0], scores[1], usual))
    (student_before, student_after), (teacher_before, teacher_after) = sides
    return (
        Residuals(of_student=student_before, of_teacher=teacher_before),
        Residuals(of_student=student_after, of_teacher=teacher_after, moved=(moved[0], moved[1])),
    )


def label_errors(heldout: Scores, scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """Disagreement of each pair in units of held-out's, by what the teacher's label and the student's let one expect.

    Arrays of shape (n,), given the teacher's label and given the student's, with mean 1 on held-out. A label that is
    mistaken often is held against nobody where there is more of it; one that held-out lacks is expected to be mistaken
    as often as all. What held-out's own pairs let one expect leaves out their query, as of a new sample [1]_: else the
    many labels of a small sample fit it too well. A perfect held-out counts as half a disagreement.

    .. [1] Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. JRSS B 36.
    """
    usual, rate = _disagreements(heldout)
    queries = np.arange(len(usual)) if heldout.queries is None else heldout.queries
    errors = []
    for known, given in ((heldout.teacher, scores.teacher), (heldout.student, scores.student)):
        codes, n = known.astype(np.int64), int(max(known.max(), given.max())) + 1
        differing, counts = _by_label(codes, usual, n)
        cell = np.unique(queries * n + codes, return_inverse=True)[1]
        own, n_own = np.bincount(cell, weights=usual)[cell], np.bincount(cell)[cell]
        # as if one pair more of each label were mistaken as often as all
        expected = (differing[codes] - own + rate) / (counts[codes] - n_own + 1)
        left_out = _relative(usual, expected, LEAST_SIZE * rate)
        level = max(float(left_out.mean()), TINY)
        if scores is heldout:
            errors.append(left_out / level)
            continue
        expected = ((differing + rate) / (counts + 1))[given.astype(np.int64)]
        errors.append(_relative((scores.student != scores.teacher) * 1.0, expected, LEAST_SIZE * rate) / level)
    return errors[0], errors[1]


def label_rates(heldout: Scores, scores: Scores) -> np.ndarray:
    """Chance that each pair's labels differ, shape (n,): the mean of what either label lets one expect by held-out."""
    usual, rate = _disagreements(heldout)
    found = []
    for known, given in ((heldout.teacher, scores.teacher), (heldout.student, scores.student)):
        differing, counts = _by_label(known.astype(np.int64), usual, int(max(known.max(), given.max())) + 1)
        found.append(((differing + rate) / (counts + 1))[given.astype(np.int64)])
    return np.asarray(np.mean(found, axis=0))


def _disagreements(heldout: Scores) -> tuple[np.ndarray, float]:
    usual = (heldout.student != heldout.teacher) * 1.0
    return usual, max(float(usual.mean()), 0.5 / len(usual))


def _by_label(codes: np.ndarray, usual: np.ndarray, n_labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Disagreements and pairs of each label."""
    return np.bincount(codes, weights=usual, minlength=n_labels), np.bincount(codes, minlength=n_labels)


def _departure(before: np.ndarray, after: np.ndarray, usual: np.ndarray) -> float:
    after = after[usual] if usual.any() else after
    spread = np.log((after.std() + TINY) / (before.std() + TINY))
    return float(abs(after.mean() - before.mean()) + abs(spread))


def _standardised(
    scores: list[np.ndarray], known: list["_Ordered"], usual: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    masks = (np.ones(len(scores[0]), dtype=bool), usual)
    fits = [_fit(y, x, mask) for y, x, mask in zip(scores, known, masks, strict=True)]
    squares = [(y - fit.values) ** 2 / fit.variance for y, fit in zip(scores, fits, strict=True)]
    expected = _usual_size(fits[0].values, squares[0])
    least = LEAST_SIZE * float(squares[0].mean())
    before, after = (_relative(square, expected(fit.values), least) for square, fit in zip(squares, fits, strict=True))
    level = before.mean()
    placing = 1 + REFERENCE_COST / len(before)
    return before / level, after / (level * placing)


def _relative(squares: np.ndarray, usual: np.ndarray, least: float) -> np.ndarray:
    """Squared residuals in units of their usual size, with mean 1 at every fitted value.

    Where next to nothing is usual, as in the pure tails of a teacher with two values, one odd pair would weigh a
    thousandfold; there the excess over the usual size is measured by `least`.
    """
    return 1 + (squares - usual) / np.maximum(usual, least)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ordered:
    """Values from the smallest to the largest, and the place that each came from."""

    values: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> "_Ordered":
        order = np.argsort(values)
        return cls(values=values[order], order=order)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fit:
    """Fitted values, and the variance of each residual in units of the error's own."""

    values: np.ndarray
    variance: np.ndarray


def _fit(y: np.ndarray, x: _Ordered, usual: np.ndarray) -> _Fit:
    """Fit of y on the rank of x among the usual pairs, increasing and straight between knots, read off at all."""
    place = _normal_scores(x, x.values[usual[x.order]])
    rows = between_knots(place, find_knots(place[usual]))
    inner = rows[usual]
    gram = inner.T @ inner
    gram += TINY * np.trace(gram) * np.eye(len(gram))
    at_knots = np.linalg.solve(gram, inner.T @ y[usual])
    if np.any(np.diff(at_knots) <= 0):  # seldom, and the import takes as long as the rest
        from scipy.optimize import isotonic_regression

        at_knots = isotonic_regression(at_knots, weights=np.maximum(inner.sum(axis=0), TINY)).x
    values = rows @ at_knots
    leverage = np.minimum(np.einsum("ij,ij->i", rows, np.linalg.solve(gram, rows.T).T), MOST_LEVERAGE)
    return _Fit(values=values, variance=np.where(usual, 1 - leverage, 1 + leverage))


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


def _normal_scores(ordered: _Ordered, reference: np.ndarray) -> np.ndarray:
    """Normal quantile of each value's mid-rank in a sorted reference; searched in order, which the cache likes."""
    from scipy.special import ndtri

    n = len(reference)
    below, upto = (np.searchsorted(reference, ordered.values, side) for side in ("left", "right"))
    scores = np.empty(len(ordered.order))
    scores[ordered.order] = ndtri(((below + upto) / 2 + 0.5) / (n + 1))
    return scores
