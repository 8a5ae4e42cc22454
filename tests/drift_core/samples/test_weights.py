"""Sampling weights on the way in: a column is recognised, bad ones leave a row out, equal ones change nothing."""

import numpy as np
import pandas as pd
import pytest

from drift_core import read_pairs

N = 60


def frame(**columns):
    rng = np.random.default_rng(3)
    teacher = rng.uniform(size=N).round(3)
    plain = {
        "query": [f"question {i}" for i in range(N)],
        "teacher": teacher,
        "student": (teacher + 0.1 * rng.normal(size=N)).round(3),
        "cohort": ["web", "app", "beta"] * (N // 3),
    }
    return pd.DataFrame(plain | columns)


def drawn(**columns):
    return frame(weight=[30.0, 12.5, 2.0] * (N // 3), stratum=["web", "app", "beta"] * (N // 3), **columns)


def names_of(sample):
    return [problem.name for problem in sample.problems]


def test_weights_are_read_and_said():
    sample = read_pairs(drawn())

    assert sample.weight.tolist() == [30.0, 12.5, 2.0] * (N // 3)
    assert sample.columns["weight"] == "weight"
    (problem,) = sample.problems
    assert problem.name == "weighted"
    assert "Column 'weight' was taken for sampling weights, 2 to 30" in problem.message
    assert "--column weight=" in problem.message
    with pytest.raises(ValueError, match="read-only"):
        sample.weight[0] = 1


def test_other_weights_make_another_sample():
    digests = {read_pairs(each).digest for each in (frame(), drawn(), drawn().assign(weight=lambda f: f["weight"] * 2))}

    assert len(digests) == 3


@pytest.mark.parametrize("bad", [None, 0, -1, float("inf"), "heavy"])
def test_a_row_without_a_good_weight_is_left_out_and_counted(bad):
    table = drawn().astype({"weight": object})
    table.loc[[4, 9], "weight"] = bad
    if bad == "heavy":
        table["weight"] = table["weight"].astype(str)

    sample = read_pairs(table)

    assert len(sample) == N - 2
    assert not {4, 9} & set(sample.row.tolist())
    (problem,) = (each for each in sample.problems if each.name == "bad_weight")
    assert (problem.n_rows, problem.rows, problem.left_out) == (2, (5, 10), True)
    assert "no finite sampling weight above 0 (column 'weight')" in problem.message


def test_equal_weights_leave_the_sample_as_it_is_without():
    plain, equal = read_pairs(frame()), read_pairs(frame(weight=2.5))

    assert equal.weight is None
    assert equal.digest == plain.digest
    assert (equal.columns, equal.problems, equal.slices.keys()) == (plain.columns, (), plain.slices.keys())


def test_a_column_of_texts_is_no_weight_and_may_divide_the_pairs():
    sample = read_pairs(frame(weight=["heavy", "light"] * (N // 2)))

    assert sample.weight is None
    assert names_of(sample) == ["unused_weight"]
    assert "holds 'heavy' in row 1" in sample.problems[0].message
    assert list(sample.slices) == ["cohort", "weight"]


def test_an_empty_column_of_weights_is_not_used():
    sample = read_pairs(frame(weight=[None] * N))

    assert (sample.weight, len(sample)) == (None, N)
    assert "is empty; it is not used" in sample.problems[0].message


def test_the_stratum_of_a_weighted_sample_is_no_slice_beside_the_column_that_it_repeats():
    assert list(read_pairs(drawn()).slices) == ["cohort"]
    assert list(read_pairs(drawn(), columns={"weight": ""}).slices) == ["cohort", "stratum"]
    assert list(read_pairs(drawn(), slices=["stratum"]).slices) == ["stratum"]


def test_weights_that_are_something_else_can_be_left_unused():
    sample = read_pairs(drawn(), columns={"weight": ""})

    assert sample.weight is None
    assert sample.problems == ()


def test_weights_stay_with_their_pairs_whatever_the_order():
    table = drawn()
    shuffled = table.sample(frac=1, random_state=1)

    assert read_pairs(shuffled).digest == read_pairs(table).digest
    assert read_pairs(shuffled).weight.tolist() == shuffled["weight"].tolist()
