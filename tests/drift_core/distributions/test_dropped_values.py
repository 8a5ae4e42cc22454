import numpy as np
import pandas as pd
import pytest

from drift_core.distributions.dropped_values import DroppedValue, dropped_values, grade_moved
from drift_core.measures.scores import Scores
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


def scores(frame: pd.DataFrame) -> Scores:
    codes = pd.factorize(frame["query"])[0]
    return Scores(student=frame["student"].to_numpy(), teacher=frame["teacher"].to_numpy(), queries=codes)


def dropped(production: pd.DataFrame, regions: np.ndarray | None = None, **more: object) -> tuple[DroppedValue, ...]:
    """What is dropped from `graded(1)`, all of one region, to production."""
    inside = np.zeros(len(production), dtype=np.int64) if regions is None else regions
    sides = np.zeros(600, dtype=np.int64), inside
    return dropped_values(scores(graded(1)), scores(production), regions=sides, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("left", "told"), [(0, "no longer gives 3"), (4, "hardly gives 3")])
def test_a_grade_that_one_side_no_longer_gives_is_told(left: int, told: str) -> None:
    for side in ("teacher", "student"):
        (found,) = dropped(without(graded(2), 3, side, left=left))

        assert found.clause == f"the {side} {told}"
        assert (found.value, found.n_left, found.n_pairs) == ("3", left, 600)


def test_what_may_be_chance_or_another_scale_is_no_dropped_grade() -> None:
    halves = graded(2)
    halves["teacher"] = np.where(halves["teacher"] > 3, 5.0, 1.0)

    assert dropped(graded(2)) == ()
    assert dropped(without(graded(2), 3, "teacher", "student")) == ()
    assert dropped(without(graded(2, n=20), 3, "teacher")) == ()
    assert dropped(halves) == ()
    assert dropped(without(graded(2), 3, "teacher").assign(query="the same query")) == ()


def test_a_grade_that_left_with_its_traffic_is_none() -> None:
    production, new = without(graded(2), 3, "teacher"), np.full(600, -1)
    pinned = scores(production), scores(production)

    assert dropped(production, new) == ()
    assert dropped(production, pinned=pinned) == ()
    assert dropped(production, pinned=(scores(graded(2)), scores(production)))


def test_few_queries_of_many_docs_know_little_of_a_share() -> None:
    rng = np.random.default_rng(4)
    grade = rng.choice([1.0, 2, 3, 4, 5], 12, p=[0.3, 0.3, 0.2, 0.1, 0.1])
    heldout = Scores(student=np.repeat(grade, 20), teacher=np.repeat(grade, 20), queries=np.repeat(np.arange(12), 20))
    own = rng.choice([1.0, 2, 4, 5], 100)
    production = Scores(student=np.where(rng.random(100) < 0.2, 3.0, own), teacher=own, queries=np.arange(100))

    assert dropped_values(heldout, production, regions=(np.zeros(240, dtype=int), np.zeros(100, dtype=int))) == ()


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
    assert [each.aim for each in made.settling[:2]] == ["drawing", "student"]
    assert "whether it was trained on some of held-out's pairs" in made.settling[1].sentence


def test_a_student_that_drops_a_grade_is_scored_with_again_first() -> None:
    made = diagnosed(graded(1), without(graded(2), 3, "student"))

    assert "student_value_dropped" in names(made)
    assert "version" not in made.verdict.summary
    assert made.settling[0].sentence.startswith("Score production again with the student itself")


def test_few_pinned_scores_do_not_clear_the_teacher() -> None:
    production = graded(2)
    rng = np.random.default_rng(5)
    pinned = production["teacher"].to_numpy()
    production["teacher"] = np.clip(pinned + np.where(rng.random(600) < 0.45, rng.choice([-2, 2], 600), 0), 1, 5)
    some = np.where(np.arange(600) < 24, pinned, np.nan)

    made = diagnosed(graded(1), production.assign(teacher_pinned=some))

    assert made.attribution.teacher is not None
    assert not made.attribution.teacher_inferred
    assert made.spread.reading == "fell"
    assert not made.verdict.not_the_teacher


def test_a_grade_that_a_revision_gives_in_place_of_another_is_told() -> None:
    old = np.tile([1.0, 2.0, 3.0, 4.0], 50)
    rows = (old == 4) & (np.arange(200) < 100)

    assert grade_moved(old, np.where(rows, 2, old)) == " 4 became 2 in 25 of 50 pairs (50%)."
    assert grade_moved(old, np.maximum(old - 1, 1)) == ""
    assert grade_moved(old, old) == ""
