"""A copy is told apart from judges that meet at the end of a scale, and hides no fall."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.distributions.copied_scores import COPIED, copied_scores
from drift_core.distributions.other_names import OtherName
from drift_core.measures.scores import Scores
from tests.drift_core.diagnosis.by_hand import FELL, HEALTHY, INFERRED, decided, new_region


def judged(seed: int, n: int = 600, *, grid: int, at_the_end: float = 0.0, moved: float = 0.0) -> Scores:
    """Scores from 0 to 1 on a grid; some pairs are so far off the topic that both judges say 0."""
    rng = np.random.default_rng(seed)
    worth = np.where(rng.random(n) < at_the_end, -9.0, rng.normal(size=n) + moved)
    student = worth + 0.35 * rng.normal(size=n)
    teacher, student = (np.round(grid / (1 + np.exp(-2 * each))) / grid for each in (worth, student))
    return Scores(student=student, teacher=teacher)


@pytest.mark.parametrize("grid", [100, 1000])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_judges_that_meet_at_the_end_of_the_scale_are_no_copy_and_a_copy_beside_them_is_found(
    grid: int, share: float
) -> None:
    heldout, production = judged(1, grid=grid, at_the_end=0.03), judged(2, grid=grid, at_the_end=0.25)
    rows = np.random.default_rng(3).random(len(production)) < share
    copied = Scores(student=np.where(rows, production.teacher, production.student), teacher=production.teacher)

    assert bool(copied_scores(heldout, copied)) == (share > 0)


def test_scores_that_moved_to_where_both_are_oftener_equal_are_no_copy() -> None:
    pairs = [(judged(i, 1000, grid=100), judged(i + 50, 1000, grid=100, moved=-1.0)) for i in range(10)]

    assert not any(copied_scores(*each) for each in pairs)


@pytest.mark.parametrize(("more", "cause"), [({}, "inconclusive"), ({"regions": (new_region(),)}, "query_drift")])
def test_a_copy_of_some_scores_opens_a_quiet_verdict_and_hides_no_drifted_region(more: dict, cause: str) -> None:
    some = OtherName(name=COPIED, clause="c", told="T.", look="L.", figures={}, only_raises=True)
    held = replace(HEALTHY.spread, reading="held")

    assert decided(dropped=(some,), spread=held, **more).cause == cause
    assert decided(dropped=(some,), shared=FELL, attribution=INFERRED).cause == "teacher_drift"
