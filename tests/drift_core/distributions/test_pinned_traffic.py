"""Pinned scores where an analyst puts them: half in a region of 15 % of traffic, in which alone the teacher changed."""

import numpy as np
import pandas as pd
import pytest

from drift_core import read_pairs
from drift_core.distributions.pinned_traffic import PinnedTraffic, pinned_traffic
from drift_core.measured import Measured
from drift_core.measures.agreement import paired_difference
from drift_core.measures.scores import Scores

N, SHARES = 900, [0.15, *[0.17] * 5]
NAMES = tuple(f"region {i}" for i in range(6))


def drawn(n: int, rng: np.random.Generator) -> tuple[np.ndarray, Scores, np.ndarray]:
    """Regions, scores under today's teacher, and what the pinned one gave."""
    regions, worth = rng.choice(6, n, p=SHARES), rng.normal(size=n)
    old = worth + 0.25 * rng.normal(size=n)
    new = old + 0.15 * rng.normal(size=n) - 1.6 * (regions == 0)
    scores = Scores(student=worth + 0.35 * rng.normal(size=n), teacher=new, queries=np.arange(n))
    return regions, scores, old


def cost(every: Scores, old: np.ndarray) -> Measured:
    pinned = Scores(student=every.student, teacher=old, queries=every.queries)
    measured = paired_difference(pinned, every)
    assert isinstance(measured, Measured)
    return measured


def found(n_in_first: int, n_elsewhere: int, seed: int = 0, *, by_gap: bool = False) -> PinnedTraffic:
    rng = np.random.default_rng(seed)
    regions, every, old = drawn(N, rng)
    rows = [
        rng.permutation(np.flatnonzero((regions == 0) == first))[:n]
        for first, n in ((True, n_in_first), (False, n_elsewhere))
    ]
    if by_gap:
        gap = np.abs(every.student - every.teacher)
        rows = [np.flatnonzero((regions == i) & (gap > np.quantile(gap[regions == i], 0.8))) for i in range(6)]
    pinned = np.full(N, np.nan)
    pinned[np.concatenate(rows)] = old[np.concatenate(rows)]
    frame = pd.DataFrame({"query": [f"query {i}" for i in range(N)], "student_score": every.student})
    sample = read_pairs(frame.assign(teacher_score=every.teacher, teacher_pinned=pinned))
    return pinned_traffic(sample, every, [(NAMES, regions)], alpha=0.05)


def test_the_cost_of_a_revision_covers_what_it_costs_all_traffic() -> None:
    _, every, old = drawn(100_000, np.random.default_rng(99))
    true, hits, plain = cost(every, old).estimate, [], []
    for seed in range(60):
        made = found(75, 75, seed)
        assert made.scores is not None
        assert made.picked is not None
        for pair, told in ((made.scores, hits), (made.picked, plain)):
            part = paired_difference(*pair)
            assert isinstance(part, Measured)
            told.append(part.low <= true <= part.high)

    assert np.mean(hits) >= 0.9
    assert np.mean(plain) < 0.5


def test_an_uneven_spread_is_told_with_its_region() -> None:
    assert "of the pinned scores lie in region 0, which has 1" in found(100, 100).told
    assert found(30, 170).told == ""


@pytest.mark.parametrize(
    ("picks", "why"),
    [
        ({"n_in_first": 100, "n_elsewhere": 0}, "Pinned scores hardly reach region 1, region 2 and 3 more (8"),
        ({"n_in_first": 100, "n_elsewhere": 16}, "by region they tell as much as"),
        ({"n_in_first": 0, "n_elsewhere": 0, "by_gap": True}, "agree with today's teacher by"),
    ],
)
def test_pairs_that_stand_for_no_traffic_measure_nothing_and_say_why(picks: dict[str, int], why: str) -> None:
    made = found(**picks)

    assert made.scores is None
    assert why in (made.why_not or "")
    assert made.shows_revision
    assert "what the revision costs all traffic is not measured" in made.told


@pytest.mark.parametrize(("changed", "digits", "told"), [(0.4, 6, 0.4), (1.0, 6, None), (1.0, 2, None)])
def test_a_revision_of_some_pairs_is_told_by_their_share_and_one_of_all_by_none(
    changed: float, digits: int, told: float | None
) -> None:
    rng = np.random.default_rng(4)
    old = rng.uniform(size=N).round(digits)
    new = np.where(np.arange(N) < changed * N, (old + 0.1 * rng.normal(size=N)).round(digits), old)
    both = tuple(Scores(student=old, teacher=each, queries=np.arange(N)) for each in (old, new))

    share = PinnedTraffic(scores=both).revised_share  # type: ignore[arg-type]

    assert share == (None if told is None else pytest.approx(told, abs=0.01))


def test_grades_that_stayed_tell_no_share() -> None:
    grades = np.arange(N) % 5 * 1.0
    both = tuple(Scores(student=grades, teacher=each, queries=np.arange(N)) for each in (grades, grades[::-1]))

    assert PinnedTraffic(scores=both).revised_share is None  # type: ignore[arg-type]
