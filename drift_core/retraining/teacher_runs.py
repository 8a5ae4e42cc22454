"""Repeated scores of the teacher on a list: their mean to train on, and pairs on which they differ too much."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from drift_core.errors import InputError
from drift_core.measures.reliability import MIN_REPEATED
from drift_core.retrain_list.list_labels import yes_or_no
from drift_core.retrain_list.reader import DIGEST, RetrainList, read_list
from drift_core.tables.repeats import repeat_columns
from drift_core.wording import counted

TEACHER = "teacher_score"
WITHIN = 0.95  # of repeated results under repeatability lie within the critical range (ISO 5725-6, 5.2)
ROUNDING = 1e-9  # of the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherNoise:
    """How much the teacher's runs on the list differ, and what was left out for that.

    Attributes
    ----------
    n_pairs
        Pairs with more than one score; they are trained on with the mean.
    deviation
        Standard deviation of one run around a pair's mean, pooled over pairs, on the teacher's scale; None under 20
        pairs.
    limit
        Two runs may differ by so much, three or more by somewhat more unless it was given; None where there is none.
    is_given
        Whether the limit was given, not taken from the deviation.
    n_left_out
        Pairs left out of the training because their runs differ by more.
    """

    n_pairs: int
    deviation: float | None
    limit: float | None
    is_given: bool
    n_left_out: int

    @property
    def sentence(self) -> str:
        """The rule, the limit and the count in words."""
        pairs = f"{counted(self.n_pairs, 'pair has', 'pairs have')} more than one teacher score and count by the mean"
        if self.limit is None:
            return f"{pairs}; too few to say which of them differ too much, so none was left out (--max-difference)."
        if self.is_given:
            beyond = "as asked (--max-difference)"
        else:
            beyond = f"more than this teacher's own scatter explains in {WITHIN:.0%} of pairs (--max-difference)"
        if not self.n_left_out:
            return f"{pairs}. None was left out: no scores of a pair differ by more than {self.limit:.3g}, {beyond}."
        left = counted(self.n_left_out, "pair was", "pairs were")
        return f"{pairs}. {left} left out, whose scores differ by more than {self.limit:.3g}: {beyond}."

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def runs_of_list(listed: RetrainList, repeats: Sequence[str | Path], path: str | Path) -> np.ndarray:
    """The teacher's scores of each row, that in use first, shape (n, r), NaN where a run has none.

    Further runs are columns named like the first (``teacher_score_2``), and lists scored again.

    Raises
    ------
    InputError
        When a list scored again has no score for any pair, or scores are labels other than yes and no.
    """
    columns = [TEACHER, *repeat_columns(map(str, listed.table.columns), TEACHER)]
    runs = [yes_or_no(listed.table[column], path) for column in columns]
    return np.column_stack([*runs, *(_run_of(listed, each) for each in repeats)])


def _run_of(listed: RetrainList, path: str | Path) -> np.ndarray:
    again = read_list(path)
    if TEACHER not in again.table:
        raise InputError(f"{path} has no column {TEACHER}. Give a list that rescore wrote.")
    scores = dict(zip(again.table[DIGEST], yes_or_no(again.table[TEACHER], path), strict=True))
    run = np.array([scores.get(digest, np.nan) for digest in listed.table[DIGEST]])
    if not np.isfinite(run).any():
        raise InputError(f"{path} has a score for no pair of {listed.name}. Give the same list, scored again.")
    return run


def mean_of_runs(runs: np.ndarray) -> np.ndarray:
    """The label of each pair, the mean of its runs; NaN without a score in use."""
    known = np.isfinite(runs)
    total = np.where(known, runs, 0).sum(axis=1)
    mean = total / np.maximum(known.sum(axis=1), 1)
    return np.where(known[:, 0], mean, np.nan)


def differ_too_much(runs: np.ndarray, max_difference: float | None) -> tuple[np.ndarray, TeacherNoise | None]:
    """Find pairs whose runs differ by more than a limit.

    Parameters
    ----------
    runs
        Scores of each pair by one teacher, shape (n, r), NaN where a run has none.
    max_difference
        The limit for highest minus lowest, on the scale of the scores; by default the teacher's own critical range.

    Returns
    -------
    numpy.ndarray
        bool of shape (n,).
    TeacherNoise or None
        What was found; None where no pair has a second score.

    Notes
    -----
    The critical range of r results is the 95 % quantile of the studentised range times the standard deviation under
    repeatability: 2.8 deviations for two, 3.3 for three [1]_. It holds where every pair has the same normal scatter;
    then 1 in 20 pairs lies beyond. The deviation is pooled over the pairs themselves, so that a few wild ones widen
    the limit.

    References
    ----------
    .. [1] ISO 5725-6:1994, Accuracy of measurement methods and results, Part 6, section 5.2.

    Examples
    --------
    >>> runs = np.array([[0.5, 0.5 + step] for step in (0.01, -0.01) * 20] + [[0.1, 0.9]])
    >>> found, noise = differ_too_much(runs, None)
    >>> int(found.sum()), round(noise.limit, 2)
    (1, 0.25)
    """
    known = np.isfinite(runs)
    n_runs = known.sum(axis=1)
    is_repeated = n_runs > 1
    if not is_repeated.any():
        return is_repeated, None
    some = runs[is_repeated]
    width = np.nanmax(some, axis=1) - np.nanmin(some, axis=1)
    squares = np.nansum((some - np.nanmean(some, axis=1, keepdims=True)) ** 2)
    is_enough = len(some) >= MIN_REPEATED
    deviation = float(np.sqrt(squares / (n_runs[is_repeated] - 1).sum())) if is_enough else None
    limits = np.full(runs.shape[1] + 1, np.inf if max_difference is None else max_difference)
    if max_difference is None and deviation is not None:
        limits[2:] = deviation * _critical_factors(runs.shape[1])
    is_beyond = np.zeros(len(runs), dtype=bool)
    is_beyond[is_repeated] = width > limits[n_runs[is_repeated]] * (1 + ROUNDING)
    return is_beyond, TeacherNoise(
        n_pairs=len(some),
        deviation=deviation,
        limit=float(limits[2]) if np.isfinite(limits[2]) else None,
        is_given=max_difference is not None,
        n_left_out=int(is_beyond.sum()),
    )


def _critical_factors(most: int) -> np.ndarray:
    from scipy.stats import studentized_range

    return np.array([studentized_range.ppf(WITHIN, n, np.inf) for n in range(2, most + 1)])
