"""Coverage of the interval of the area under the ROC curve, of two answers beside a probability."""

from itertools import product

import numpy as np
import pytest
from scipy.special import ndtri

from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import fewest, most

NOMINAL, N_DRAWS, N_TRUTH = 0.95, 4_000, 2_000_000
SHARED = 0.3  # correlation of two pairs of one query, in what the teacher judges and in the student's error
SIZES, DOCS, BASES, ALIKE = (200, 1_000), (1, 5), (0.5, 0.9), (0.7, 0.9, 0.99)


def draw(n: int, docs: int, base: float, alike: float, rng: np.random.Generator) -> Scores:
    """The teacher passes a share `base`; the student's score correlates by `alike` with what it passes them by."""
    queries = np.repeat(np.arange(n // docs), docs)
    quality, own = (
        np.sqrt(SHARED) * rng.normal(size=n // docs)[queries] + np.sqrt(1 - SHARED) * rng.normal(size=n)
        for _ in range(2)
    )
    return Scores(
        student=alike * quality + np.sqrt(1 - alike**2) * own,
        teacher=(quality > ndtri(1 - base)).astype(float),
        queries=None if docs == 1 else queries,
        is_answered=True,
    )


def coverage(n: int, docs: int, base: float, alike: float, n_draws: int) -> float:
    """Share of the draws whose interval holds the area of two million pairs."""
    rng = np.random.default_rng([n, docs, int(100 * base), int(100 * alike)])
    truth = agreement(draw(N_TRUTH, 1, base, alike, np.random.default_rng(1)))
    assert isinstance(truth, Measured)
    held = []
    for _ in range(n_draws):
        found = agreement(draw(n, docs, base, alike, rng), confidence=NOMINAL)
        held.append(isinstance(found, Measured) and found.low <= truth.estimate <= found.high)
    return float(np.mean(held))


def test_intervals_of_an_area_hold_the_truth_about_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.calibration.test_area_intervals.N_TRUTH", 200_000)
    n_draws = 300

    assert fewest(n_draws, 0.93) <= coverage(200, 5, 0.9, 0.9, n_draws) * n_draws <= most(n_draws, 0.97)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "docs", "base"), list(product(SIZES, DOCS, BASES)))
def test_coverage_of_an_area(n: int, docs: int, base: float, tables: MeasuredTables) -> None:
    found = [coverage(n, docs, base, alike, N_DRAWS) for alike in ALIKE]

    head = ("pairs", "pairs a query", "pass rate", *(f"correlation {alike:g}" for alike in ALIKE))
    row = (f"{n:,}", str(docs), f"{base:.0%}", *(f"{share:.1%}" for share in found))
    n_rows = len(SIZES) * len(DOCS) * len(BASES)
    tables.add("area intervals", head, row, n_rows=n_rows, how=f"{N_DRAWS:,} draws a figure")
    for share, alike in zip(found, ALIKE, strict=True):
        # Of 20 failed pairs hardly any lies out of order, which is so coarse that limits can lie beyond 97 %.
        highest = 0.985 if (n, base, alike) == (200, 0.9, 0.99) else 0.97
        assert fewest(N_DRAWS, 0.93) <= share * N_DRAWS <= most(N_DRAWS, highest)
