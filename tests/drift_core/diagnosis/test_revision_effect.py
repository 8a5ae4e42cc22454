import numpy as np
import pytest

from drift_core.diagnosis.revision_effect import revision_rise
from drift_core.measures.scores import Scores


def noisy(true: np.ndarray, noise: float, seed: int) -> np.ndarray:
    return np.asarray(true + noise * np.random.default_rng(seed).standard_normal(len(true)))


QUALITY = np.random.default_rng(0).standard_normal(700)
STUDENT, PINNED = noisy(QUALITY, 0.3, 1), noisy(QUALITY, 0.3, 2)
HELDOUT = Scores(student=STUDENT[:300], teacher=PINNED[:300])


def revised(current: np.ndarray, queries: np.ndarray | None = None) -> tuple[Scores, Scores]:
    """The last 400 pairs under both revisions."""
    return (
        Scores(student=STUDENT[300:], teacher=PINNED[300:], queries=queries),
        Scores(student=STUDENT[300:], teacher=current[300:], queries=queries),
    )


def test_a_revision_that_adds_noise_raises_the_error_of_the_same_pairs() -> None:
    rise = revision_rise(HELDOUT, revised(noisy(QUALITY, 0.9, 3)))

    assert rise.p_value < 1e-6
    assert (rise.n_pairs, rise.n_queries) == (400, 400)


def test_a_revision_as_good_as_the_pinned_one_is_no_rise() -> None:
    rise = revision_rise(HELDOUT, revised(noisy(QUALITY, 0.3, 3)))

    assert rise.p_value > 0.05
    assert abs(rise.estimate) < 2.5 * rise.standard_error


def test_a_revision_that_comes_nearer_to_the_student_is_a_fall_of_the_error() -> None:
    rise = revision_rise(HELDOUT, revised(noisy(QUALITY, 0.05, 3)))

    assert rise.estimate < 0
    assert rise.p_value > 0.95


def test_a_revision_that_moves_its_scale_alone_is_no_rise() -> None:
    rise = revision_rise(HELDOUT, revised(np.exp(PINNED)))

    assert rise.estimate == pytest.approx(0, abs=1e-9)


def test_the_same_pairs_decide_more_surely_than_two_samples_would() -> None:
    slightly = revised(noisy(PINNED, 0.15, 3))

    paired = revision_rise(HELDOUT, slightly)

    apart = np.sqrt(2 * 2 / 400)  # standard error of a log ratio of two means of squared normals
    assert paired.standard_error < apart / 1.5


def test_docs_of_one_query_are_counted_as_one() -> None:
    current = noisy(QUALITY, 0.9, 3)

    apart, together = (
        revision_rise(HELDOUT, revised(current, queries)) for queries in (np.arange(400), np.repeat(np.arange(80), 5))
    )

    assert together.estimate == apart.estimate
    assert (apart.n_queries, together.n_queries) == (400, 80)
    assert together.degrees == pytest.approx(79)
