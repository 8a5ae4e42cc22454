"""Classes of one sample or one side alone are said, and a rare one that looks misspelt with what it may mean."""

import numpy as np
import pandas as pd
import pytest

from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.two_samples import check_two_samples

N = 300
CLASSES = ("delivery", "refund", "account 1", "account 2")


def sample(name: str, *, teacher: dict[int, str] | None = None, student: dict[int, str] | None = None) -> ScoredPairs:
    """Rows of four classes, some rows of either side changed."""
    given = pd.DataFrame({"query": [f"{name} {row}" for row in range(N)]})
    for side, changed in (("teacher", teacher), ("student", student)):
        labels = [CLASSES[row % 4] for row in range(N)]
        given[side] = pd.Series(labels).mask(np.isin(np.arange(N), [*(changed or {})]), pd.Series(changed or {}))
    return read_pairs(given, kind="nominal", name=name)


def told(heldout: ScoredPairs, production: ScoredPairs) -> list[tuple[str, str]]:
    return [(problem.name, problem.message) for problem in check_two_samples(heldout, production)]


def rows(n: int, label: str) -> dict[int, str]:
    return dict.fromkeys(range(n), label)


def test_classes_that_both_samples_have_are_no_problem() -> None:
    assert told(sample("a"), sample("b")) == []


def test_a_misspelt_class_is_told_with_the_class_that_it_may_be() -> None:
    [(name, message)] = told(sample("a"), sample("b", teacher=rows(13, "delivrey")))

    assert name == "label_spelling"
    assert message.startswith(
        "The label 'delivrey' is given by the teacher only, in production only (13 rows); did you mean 'delivery'?"
    )


def test_a_slip_of_one_side_in_both_samples_is_told() -> None:
    [(_, message)] = told(sample("a", student=rows(3, "refnd")), sample("b", student=rows(2, "refnd")))

    assert "'refnd' is given by the student only (5 rows); did you mean 'refund'?" in message


def test_a_row_that_both_sides_misspell_counts_once() -> None:
    [(_, message)] = told(sample("a", teacher=rows(4, "refnd"), student=rows(4, "refnd")), sample("b"))

    assert "'refnd' is in held-out only (4 rows)" in message


@pytest.mark.parametrize(("label", "n"), [("deepfake", 13), ("account 3", 13), ("delivrey", 20)])
def test_a_class_of_one_sample_that_is_frequent_or_like_no_other_is_told_without_a_guess(label: str, n: int) -> None:
    found = told(sample("a"), sample("b", teacher=rows(n, label)))

    assert found == [("label_of_one_sample", f"The label '{label}' ({n} rows) is in production only, not in held-out.")]


def test_many_classes_of_one_sample_are_told_in_one_note() -> None:
    new = {row: f"class {'abcdefg'[row % 7] * 3}" for row in range(14)}

    [(_, message)] = told(sample("a", teacher=new), sample("b"))

    assert message.startswith("Labels 'class aaa' (2 rows), 'class bbb' (2 rows), ")
    assert message.endswith("'class eee' (2 rows) and 2 more are in held-out only, not in production.")


def test_a_rare_class_of_both_samples_and_sides_may_read_like_another() -> None:
    both = {"teacher": rows(3, "refnd"), "student": rows(3, "refnd")}

    assert told(sample("a", **both), sample("b", **both)) == []
