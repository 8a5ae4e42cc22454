from dataclasses import replace

import numpy as np
import pytest

from drift_core.distributions.other_names import classes_renamed, sides_exchanged
from drift_core.measures.scores import Scores

NAMES = ("account", "billing", "bug", "how_to", "billing_invoice", "billing_refund")


def classes(seed: int, *, n: int = 600) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.integers(4, size=n)
    student = np.where(rng.random(n) < 0.06, rng.integers(4, size=n), teacher)
    return Scores(student=student * 1.0, teacher=teacher * 1.0, is_ranked=False)


def split(scores: Scores, seed: int = 3, *, share: float = 1.0) -> Scores:
    rng = np.random.default_rng(seed)
    rows = (scores.teacher == 1) & (rng.random(len(scores)) < share)
    return replace(scores, teacher=np.where(rows, rng.integers(4, 6, size=len(scores)), scores.teacher))


def told(heldout: Scores, production: Scores) -> list[str]:
    return [each.clause for each in classes_renamed(heldout, production, named=lambda code: NAMES[int(code)])]


def test_a_class_that_was_split_is_told_with_the_labels_to_map() -> None:
    (found,) = classes_renamed(classes(1), split(classes(2)), named=lambda code: NAMES[int(code)])

    assert sorted(found.clause.split("'")[1::2]) == ["billing", "billing_invoice", "billing_refund"]
    assert "Map " in found.sentence
    assert found.sentence.startswith("The teacher no longer gives 'billing'")


def test_a_class_renamed_is_told_and_one_that_stays_or_left_is_not() -> None:
    heldout, production = classes(1), classes(2)
    renamed = replace(production, teacher=np.where(production.teacher == 1, 4, production.teacher))

    assert told(heldout, renamed) == ["'billing' became 'billing_invoice'"]
    assert told(heldout, production) == []
    assert told(heldout, split(production, share=0.5)) == []  # a new class beside it
    assert told(heldout, production.take(production.teacher != 1)) == []
    gone = replace(production, teacher=np.where(production.teacher == 1, 2, production.teacher))
    assert told(heldout, gone) == []  # merged with a known one, which no new label tells


def test_new_labels_while_other_classes_fell_as_well_are_no_mere_name() -> None:
    heldout, production = classes(1), split(classes(2))
    rng = np.random.default_rng(4)
    worse = np.where(rng.random(600) < 0.3, rng.integers(4, size=600), production.student)

    assert told(heldout, replace(production, student=np.where(production.student == 1, 1.0, worse))) == []


def verdicts(seed: int, *, n: int = 500) -> Scores:
    rng = np.random.default_rng(seed)
    teacher = rng.choice(3, size=n, p=[0.45, 0.45, 0.1])
    student = np.where(rng.random(n) < 0.12, rng.integers(3, size=n), teacher)
    return Scores(student=student * 1.0, teacher=teacher * 1.0, is_ranked=False)


def exchanged(scores: Scores, rows: np.ndarray) -> Scores:
    other = np.where(scores.student <= 1, 1 - scores.student, scores.student)
    return replace(scores, student=np.where(rows, other, scores.student))


@pytest.mark.parametrize("whole", [True, False])
def test_a_and_b_that_changed_places_are_told_with_where(whole: bool) -> None:
    rows = np.arange(500) >= (0 if whole else 300)
    made = exchanged(verdicts(2), rows)

    (found,) = sides_exchanged(verdicts(1), made, parts=[("since 3 May", rows)], labels=("A", "B", "tie"))

    assert found.clause == "'A' and 'B' are exchanged" + ("" if whole else " since 3 May")
    assert "Retraining would copy it." in found.sentence


def test_noise_is_no_exchange() -> None:
    rng, rows = np.random.default_rng(3), np.arange(500) >= 300
    noise = replace(verdicts(2), student=np.where(rows, rng.integers(2, size=500), verdicts(2).student) * 1.0)

    assert sides_exchanged(verdicts(1), noise, parts=[("since 3 May", rows)], labels=("A", "B", "tie")) == ()
    assert sides_exchanged(classes(1), exchanged(classes(2), np.ones(600) > 0), parts=[], labels=NAMES) == ()


@pytest.mark.parametrize(("turned", "is_told"), [(-1.0, True), (0.0, False)])
def test_scores_that_run_the_other_way_in_a_part_are_told(turned: float, is_told: bool) -> None:
    rng, rows = np.random.default_rng(3), np.arange(600) < 200
    heldout, production = (
        Scores(teacher=worth, student=worth + 0.4 * rng.normal(size=600)) for worth in rng.normal(size=(2, 600))
    )
    made = replace(
        production, student=np.where(rows, turned * production.student + rng.normal(size=600) / 9, production.student)
    )

    found = sides_exchanged(heldout, made, parts=[("in Spanish", rows)])

    assert [each.clause for each in found] == (["scores run the other way in Spanish"] if is_told else [])
