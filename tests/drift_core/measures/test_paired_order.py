from dataclasses import replace

import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import agreement, paired_difference
from drift_core.measures.paired_order import PairedOrder, paired_order
from drift_core.measures.scores import Scores

N = 600
EVERY = np.ones(N, dtype=bool)


def drawn(*, tied: bool, weighted: bool) -> tuple[Scores, np.ndarray]:
    rng = np.random.default_rng(3)
    teacher = rng.normal(size=N)
    before, after = teacher + rng.normal(size=N), teacher + 0.5 * rng.normal(size=N)
    if tied:
        teacher, before = np.round(teacher), np.round(before)
    weights = rng.random(N) + 0.2 if weighted else None
    return Scores(student=after, teacher=teacher, queries=np.arange(N) // 3, weights=weights), before


def ordered(scores: Scores, before: np.ndarray) -> PairedOrder:
    found = paired_order(scores, before)
    assert isinstance(found, PairedOrder)
    return found


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_over_all_pairs_it_is_the_paired_difference_of_spearmans(tied: bool, weighted: bool) -> None:
    scores, before = drawn(tied=tied, weighted=weighted)

    found = ordered(scores, before).change(EVERY)
    wanted = paired_difference(scores, replace(scores, student=before))

    assert isinstance(found.after, Measured)
    assert isinstance(found.change, Measured)
    assert isinstance(wanted, Measured)
    assert found.after.estimate == pytest.approx(agreement(scores).estimate)  # type: ignore[union-attr]  # measured
    for name in ("estimate", "low", "high", "standard_error"):
        assert getattr(found.change, name) == pytest.approx(getattr(wanted, name))


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_regions_average_to_the_whole_at_their_shares(tied: bool, weighted: bool) -> None:
    scores, before = drawn(tied=tied, weighted=weighted)
    order = ordered(scores, before)
    region = np.arange(N) % 4

    parts = [(order.share[region == code].sum(), order.change(region == code).change) for code in range(4)]

    whole = order.change(EVERY).change
    total = sum(share * part.estimate for share, part in parts)  # type: ignore[union-attr]  # measured
    assert total == pytest.approx(whole.estimate)  # type: ignore[union-attr]  # measured


def test_values_worked_by_hand() -> None:
    teacher, before = np.arange(5.0), np.array([0.0, 1, 2, 4, 3])

    order = ordered(Scores(student=teacher, teacher=teacher), before)
    found = order.change(np.ones(5, dtype=bool))

    # ranks are -2 to 2 over 5, their variance 2 / 25; two pairs are one rank off: 1 - (1 / 2) (2 / 5) / 2
    assert found.before.estimate == pytest.approx(0.9)  # type: ignore[union-attr]  # measured
    assert found.after.estimate == pytest.approx(1.0)  # type: ignore[union-attr]  # measured


def test_identical_and_equally_ordered_students_differ_by_exactly_nothing() -> None:
    scores, _ = drawn(tied=False, weighted=False)

    found = ordered(scores, scores.student**3).change(np.arange(N) < 90).change

    assert isinstance(found, Measured)
    assert (found.estimate, found.standard_error) == (0.0, 0.0)


def test_a_region_that_moved_as_a_whole_is_seen_though_its_own_order_stays() -> None:
    scores, _ = drawn(tied=False, weighted=False)
    region = np.arange(N) < 150
    moved = replace(scores, student=scores.student + 2.0 * region)

    found = ordered(moved, scores.student).change(region).change

    assert isinstance(found, Measured)
    assert found.high < -0.2
    inside = [agreement(each.take(region)).estimate for each in (scores, moved)]  # type: ignore[union-attr]  # measured
    assert inside[0] == inside[1]


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [(slice(0, 4), "4 pairs; at least 5"), (slice(0, 6), "2 queries; at least 3")],
)
def test_too_small_a_part_is_unmeasured_with_its_reason(chosen: slice, reason: str) -> None:
    scores, before = drawn(tied=False, weighted=False)
    mask = np.zeros(N, dtype=bool)
    mask[chosen] = True

    found = ordered(scores, before).change(mask).change

    assert isinstance(found, Unmeasured)
    assert found.reason.startswith(reason)


def test_constant_scores_are_unmeasured_and_name_the_side() -> None:
    scores, _ = drawn(tied=False, weighted=False)

    found = paired_order(scores, np.zeros(N))

    assert isinstance(found, Unmeasured)
    assert "student before are equal" in found.reason
