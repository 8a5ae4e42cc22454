import numpy as np
import pandas as pd
import pytest

from drift_core.samples.dropped_values import dropped_values
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from tests.drift_core.diagnosis.test_messy_files import diagnosed, names


def graded(seed: int, n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=n)
    teacher, student = (
        np.clip(np.round(3 + 1.1 * (latent + error * rng.normal(size=n))), 1, 5) for error in (0.0, 0.35)
    )
    words = rng.choice(["lace", "boat", "tax", "comet", "yeast", "rail", "lens", "moss"], size=(n, 3))
    return pd.DataFrame(
        {"query": [" ".join(w) + f" {i}" for i, w in enumerate(words)], "teacher": teacher, "student": student}
    )


def without(frame: pd.DataFrame, value: float, *sides: str, left: int = 0) -> pd.DataFrame:
    rng, changed = np.random.default_rng(9), frame.copy()
    for side in sides:
        rows = np.flatnonzero(changed[side] == value)[left:]
        changed.loc[rows, side] = value + rng.choice([-1, 1], size=len(rows))
    return changed


def samples(production: pd.DataFrame) -> tuple[ScoredPairs, ScoredPairs]:
    return read_pairs(graded(1), name="held-out"), read_pairs(production, name="production")


@pytest.mark.parametrize(("left", "told"), [(0, "no longer gives 3"), (4, "hardly gives 3")])
def test_a_grade_that_one_side_no_longer_gives_is_told(left: int, told: str) -> None:
    for side in ("teacher", "student"):
        (found,) = dropped_values(*samples(without(graded(2), 3, side, left=left)))

        assert found.clause == f"the {side} {told}"
        assert (found.value, found.n_left, found.n_pairs) == ("3", left, 600)


def test_what_may_be_chance_traffic_or_another_scale_is_no_dropped_grade() -> None:
    halves = graded(2)
    halves["teacher"] = np.where(halves["teacher"] > 3, 5.0, 1.0)
    repeated = without(graded(2), 3, "teacher").assign(query="the same query")

    assert dropped_values(*samples(graded(2))) == ()
    assert dropped_values(*samples(without(graded(2), 3, "teacher", "student"))) == ()
    assert dropped_values(*samples(without(graded(2, n=20), 3, "teacher"))) == ()
    assert dropped_values(*samples(halves)) == ()
    assert dropped_values(*samples(repeated)) == ()


def test_the_verdict_names_it_and_asks_for_pinned_scores_first() -> None:
    made = diagnosed(graded(1), without(graded(2), 3, "teacher"))

    assert "teacher_value_dropped" in names(made)
    assert "no longer gives 3" in made.verdict.summary
    assert made.verdict.cause != "healthy"
    assert next(each.aim for each in made.settling) == "pinned"


def test_a_revision_that_costs_nothing_leaves_the_student_or_held_out() -> None:
    rng = np.random.default_rng(3)
    production = graded(2)
    production["student"] += rng.normal(0, 1.2, len(production))
    made = diagnosed(graded(1), production.assign(teacher_pinned=production["teacher"]))

    assert made.verdict.headline == "Inconclusive: all familiar traffic got worse, and the teacher is not why."
    assert (made.verdict.not_the_teacher, made.verdict.or_student) == (True, False)
    assert made.settling[0].aim == "student"
    assert "whether it was trained on some of held-out's pairs" in made.settling[0].sentence
