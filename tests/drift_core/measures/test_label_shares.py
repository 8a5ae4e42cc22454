"""Shares of labels, and what they cost by themselves."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.measures.label_shares import cost_of_shares, label_shares, risen_label
from drift_core.measures.scores import Scores


def labelled(teacher: dict[float, int], student: float | None = None, docs: int = 1) -> Scores:
    """So many pairs of each teacher's label; the student gives the same, or one label to all."""
    given = np.repeat(list(teacher), list(teacher.values()))
    follows = given.copy() if student is None else np.full(len(given), student)
    queries = None if docs == 1 else np.arange(len(given)) // docs
    return Scores(student=follows, teacher=given, queries=queries, is_ranked=False)


def test_the_label_that_rose_most_is_found_with_its_shares() -> None:
    risen = risen_label(labelled({0: 20, 1: 80}), labelled({0: 60, 1: 40}), side="teacher", confidence=0.99)

    assert (risen.code, risen.before, risen.after, risen.is_sure) == (0, 0.2, 0.6, True)


def test_a_label_that_only_one_sample_has_counts_as_0_in_the_other() -> None:
    before, after = label_shares(labelled({1: 50}), labelled({0: 10, 1: 30, 2: 10}), side="teacher")

    assert before.tolist() == [0, 1, 0]
    assert after.tolist() == [0.2, 0.6, 0.2]


def test_a_rise_counts_queries() -> None:
    samples = {0: 40, 1: 60}, {0: 60, 1: 40}

    sure = [
        risen_label(*(labelled(each, docs=docs) for each in samples), side="teacher", confidence=0.95).is_sure
        for docs in (1, 20)
    ]

    assert sure == [True, False]


def test_chance_alone_is_sure_about_as_seldom_as_stated() -> None:
    rng = np.random.default_rng(3)
    sure = 0
    for _ in range(400):
        given = [rng.integers(0, 3, 150).astype(float) for _ in range(2)]
        sides = [Scores(student=each, teacher=each, is_ranked=False) for each in given]
        sure += risen_label(*sides, side="teacher", confidence=0.95).is_sure

    assert sure <= 0.05 * 400


@pytest.mark.parametrize("docs", [1, 2])
def test_shares_cost_what_the_student_errs_more_on_the_label_that_grew(docs: int) -> None:
    heldout, production = (labelled({0: n, 1: 400 - n}, student=1.0, docs=docs) for n in (20, 120))

    assert cost_of_shares(heldout, production) == pytest.approx(0.25, abs=0.015)
    assert cost_of_shares(production, heldout) == pytest.approx(-0.25, abs=0.015)


def test_shares_that_moved_between_labels_known_alike_cost_nothing() -> None:
    assert cost_of_shares(labelled({0: 20, 1: 380}), labelled({0: 300, 1: 100})) == pytest.approx(0)


def test_weights_count_as_pairs_do() -> None:
    heldout, production = (labelled({0: n, 1: 400 - n}, student=1.0) for n in (20, 120))
    weights = np.where(heldout.teacher == 0, 4.0, 1.0)  # 80 to 380

    before, _ = label_shares(replace(heldout, weights=weights), production, side="teacher")

    assert before[0] == pytest.approx(80 / 460)
