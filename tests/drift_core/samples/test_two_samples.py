"""Two samples are held against each other: the same twice, pairs of both, slices spelled otherwise."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.parts import split_of
from drift_core.samples.reading import read_pairs
from drift_core.samples.split import read_split
from drift_core.samples.two_samples import check_two_samples, shared_pairs
from tests.drift_core.samples.test_checks import N, frame


def test_one_sample_given_twice_is_refused_even_if_shuffled() -> None:
    heldout = read_pairs(frame(), name="held-out")
    again = read_pairs(frame().sample(frac=1, random_state=1), name="production")

    with pytest.raises(InputError, match=r"Held-out \(held-out\) and production \(production\) are the same sample"):
        check_two_samples(heldout, again)


def test_pairs_in_both_samples_are_counted_not_left_out() -> None:
    heldout = read_pairs(frame())
    production = read_pairs(
        frame(doc=[f"doc {i}" if i < 4 else f"other {i}" for i in range(N)], student=frame()["teacher"])
    )

    (problem,) = check_two_samples(heldout, production)

    assert (problem.name, problem.n_rows, problem.rows) == ("shared_pairs", 4, (1, 2, 3, 4))
    assert np.flatnonzero(shared_pairs(heldout, production)).tolist() == [0, 1, 2, 3]


def test_without_docs_a_pair_is_shared_if_query_and_scores_are() -> None:
    heldout = read_pairs(frame().drop(columns="doc"))
    production = read_pairs(frame(student=[i * i / N + (i > 1) for i in range(N)]))

    assert np.flatnonzero(shared_pairs(heldout, production)).tolist() == [0, 1]


def test_samples_that_share_nothing_have_no_problem() -> None:
    other = frame(query=[f"question {i}" for i in range(N)])

    assert check_two_samples(read_pairs(frame()), read_pairs(other)) == ()


def test_a_slice_that_the_samples_spell_differently_is_said() -> None:
    markets = ["at", "de"] * (N // 2)
    heldout = read_pairs(frame(Home_Market=markets, Surface=markets, only_here=markets))
    production = read_pairs(
        frame(query=[f"question {i}" for i in range(N)], **{"home market": markets, "Surface": markets, "own": markets})
    )

    problem, *others = check_two_samples(heldout, production)

    assert problem.name == "slice_names"
    assert problem.message == (
        "The slice 'home market' is in production only; held-out has 'Home_Market'. Its regions are not compared. Call "
        "it alike on the samples page, or with --column 'production.Home_Market=home market'."
    )
    assert [each.name for each in others] == ["slice_of_one_file"] * 2


def test_a_file_given_twice_is_refused_with_the_command_that_splits_it(tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    dates = ["2026-05-04"] * (N // 2) + ["2026-06-04"] * (N - N // 2)
    frame(date=dates).to_csv(path, index=False)
    sample = read_pairs(path)

    with pytest.raises(InputError, match="If one file holds both, split it") as caught:
        check_two_samples(sample, sample)

    command = str(caught.value).partition("models: ")[2].partition(", or on the start page")[0]
    name, *words = shlex.split(command)
    assert (name, words[:2]) == ("distillation-drift", ["diagnose", str(path)])
    heldout, production = read_split(words[1], split_of(words[3]))
    assert (len(heldout), len(production)) == (N // 2, N - N // 2)


def test_docs_that_one_sample_alone_has_are_said():
    rows = {"query": [f"q {n}" for n in range(30)], "teacher": range(30), "student": range(30)}
    without, with_docs = (pd.DataFrame(each) for each in (rows, rows | {"agent_reply": [f"d {n}" for n in range(30)]}))
    heldout, production = read_pairs(without, name="week-1"), read_pairs(with_docs.iloc[:25], name="week-2")

    [told] = [each.message for each in check_two_samples(heldout, production) if each.name == "docs_of_one"]

    assert told.startswith("week-1 has no docs and week-2 has (column 'agent_reply'), so docs are compared in neither")
    assert told.endswith("or with --column heldout.doc=COLUMN.")
