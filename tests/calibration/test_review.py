"""A review drawn by region: its share is unbiased, its interval right, and it rarely calls a bad student ready."""

from datetime import date
from itertools import product

import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.review.draw import draw_review
from drift_core.review.pairs import ReviewDraw, ReviewSettings
from drift_core.review.readiness import read_readiness
from drift_core.review.result import ReviewResult, estimate_review
from drift_core.samples.pairs import ScoredPairs
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import fewest, most
from tests.drift_core.review.drawn import PASS_FAIL, answered, with_regions

N_DRAWS, N_DISAGREEMENTS, FEW_DISAGREEMENTS = 400, 600, 240
SHARED = 0.2  # correlation of two pairs of one query in whether the student is wrong
# Traffic share of each region, and in which share of its disagreements the student is wrong.
WORLDS = {
    "alike": ((0.6, 0.3, 0.1), (0.3, 0.3, 0.3)),
    "one bad region": ((0.6, 0.3, 0.1), (0.2, 0.3, 0.9)),
    "six unlike regions": ((0.5, 0.2, 0.1, 0.1, 0.05, 0.05), (0.1, 0.3, 0.5, 0.9, 0.2, 0.6)),
    "seldom wrong": ((0.7, 0.3), (0.05, 0.1)),
    "at the limit": ((0.6, 0.3, 0.1), (0.4, 0.4, 0.4)),
}
SIZES, DOCS = (50, 100, 300), (1, 5)
TODAY = date(2026, 6, 20)


def review(world: str, n: int, docs: int, size: int, rng: np.random.Generator) -> tuple[ReviewDraw, ReviewResult]:
    """A new sample of the traffic, a draw from it, and a reviewer who knows who is right."""
    shares, wrong = WORLDS[world]
    region = np.repeat(rng.choice(len(shares), size=size // docs, p=shares), docs)
    chance = np.array(wrong)[region]
    if docs > 1:
        apart = (1 - SHARED) / SHARED
        chance = np.repeat(rng.beta(chance[::docs] * apart, (1 - chance[::docs]) * apart), docs)
    is_wrong = rng.random(size) < chance
    rows = np.arange(size)
    sample = ScoredPairs(
        name="production",
        query=np.array([f"query {each // docs}" for each in rows], dtype=object),
        doc=np.array([f"doc {each}" for each in rows], dtype=object),
        teacher=np.ones(size),
        student=np.zeros(size),
        kind=PASS_FAIL,
    )
    settings = ReviewSettings(n=n, seed=int(rng.integers(10**9)))
    draw = draw_review(with_regions(sample, region, map(str, range(len(shares)))), settings=settings)
    rights = ["teacher" if is_wrong[int(pair.doc.split()[1])] else "student" for pair in draw.pairs]
    return draw, estimate_review(draw, answered(draw, rights))


def simulate(world: str, n: int, docs: int, size: int, n_draws: int) -> tuple[float, float, float, float]:
    """Mean estimate minus truth, its standard error, share of intervals with the truth, share called ready."""
    rng = np.random.default_rng([list(WORLDS).index(world), n, docs])
    truth = float(np.dot(*WORLDS[world]))
    estimates, held, ready = [], [], []
    for _ in range(n_draws):
        draw, result = review(world, n, docs, size, rng)
        assert isinstance(result.wrong, Measured)
        estimates.append(result.wrong.estimate)
        held.append(result.wrong.low <= truth <= result.wrong.high)
        ready.append(read_readiness(draw, result, today=TODAY).status == "ready")
    error = float(np.std(estimates) / np.sqrt(n_draws))
    return float(np.mean(estimates)) - truth, error, float(np.mean(held)), float(np.mean(ready))


def test_the_share_of_a_review_is_unbiased_and_its_interval_right() -> None:
    n_draws = 40

    bias, error, held, _ = simulate("six unlike regions", 60, 5, FEW_DISAGREEMENTS, n_draws)

    assert abs(bias) < 3.3 * error  # once in a thousand seeds
    assert held * n_draws >= fewest(n_draws, 0.93)


@pytest.mark.slow
@pytest.mark.parametrize(("world", "docs"), list(product(WORLDS, DOCS)))
def test_reviews(world: str, docs: int, tables: MeasuredTables) -> None:
    found = [simulate(world, n, docs, N_DISAGREEMENTS, N_DRAWS) for n in SIZES]

    biases, errors, held, ready = zip(*found, strict=True)
    head = ("regions", "pairs a query", "wrong student", "bias, points", "intervals that hold it", "called ready")
    truth = float(np.dot(*WORLDS[world]))
    cells = (
        ", ".join(f"{100 * each:+z.1f}" for each in biases),
        ", ".join(f"{each:.1%}" for each in held),
        ", ".join(f"{each:.1%}" for each in ready),
    )
    how = f"{N_DRAWS:,} draws a figure; 50, 100, 300 reviewed pairs of {N_DISAGREEMENTS}"
    tables.add("reviews", head, (world, str(docs), f"{truth:.1%}", *cells), n_rows=len(WORLDS) * len(DOCS), how=how)
    for bias, error, share in zip(biases, errors, held, strict=True):
        assert abs(bias) < 4 * error + 0.002
        assert fewest(N_DRAWS, 0.93) <= share * N_DRAWS <= most(N_DRAWS, 0.97)
    if world == "at the limit":
        assert all(each * N_DRAWS <= most(N_DRAWS, 0.025) for each in ready)
