import numpy as np
import pytest
from scipy.stats import t

from drift_core.measures.scores import Scores
from drift_core.measures.split_terms import Term

N = 50
HELDOUT = Scores(student=np.arange(N), teacher=np.arange(N), queries=np.arange(N))
PRODUCTION = Scores(student=np.arange(N), teacher=np.arange(N), queries=N + np.arange(N))
NONE = np.zeros(2 * N)


def contributions(variance: float) -> np.ndarray:
    """Contributions of the first queries, which come to a variance after their correction."""
    return np.where(np.arange(2 * N) < N, np.sqrt(variance * (N - 1) / N / N), 0.0)


def test_degrees_of_one_sample_are_its_queries_less_one() -> None:
    term = Term(estimate=0.1, heldout=contributions(0.01), production=NONE)

    found = term.measured(HELDOUT, PRODUCTION, 0.95)

    assert found.standard_error == pytest.approx(0.1)
    assert found.high - 0.1 == pytest.approx(0.1 * t.ppf(0.975, N - 1))


@pytest.mark.parametrize("rounding", [0.0, 1e-34, 1e-20])
def test_what_rounding_leaves_of_terms_that_cancel_is_no_error(rounding: float) -> None:
    term = Term(
        estimate=0.0, heldout=contributions(rounding), production=NONE, excess=0.0, floor=0.02, region_degrees=7
    )

    found = term.measured(HELDOUT, PRODUCTION, 0.95)

    assert found.high == pytest.approx(0.02 * t.ppf(0.975, 7))


def test_an_excess_that_carries_the_error_has_the_degrees_of_the_regions() -> None:
    term = Term(estimate=0.0, heldout=NONE, production=NONE, excess=0.03, region_degrees=4)

    assert term.measured(HELDOUT, PRODUCTION, 0.95).high == pytest.approx(0.03 * t.ppf(0.975, 4))


def test_without_any_error_the_interval_is_the_estimate() -> None:
    found = Term(estimate=0.2, heldout=NONE, production=NONE).measured(HELDOUT, PRODUCTION, 0.95)

    assert (found.low, found.high, found.standard_error) == (0.2, 0.2, 0.0)
