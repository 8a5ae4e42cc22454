"""Pairs go out with their own columns and come back with the student's new scores."""

import io

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from drift_core.samples.scored_again import pairs_csv, with_new_scores

N = 48
TABLE = pd.DataFrame(
    {
        "qid": [f"q{number // 3}" for number in range(N)],
        "logged_at": [f"2026-10-{number % 28 + 1:02}T00:10:09Z" for number in range(N)],
        "serving_pool": ["eu-2", "blue"] * (N // 2),
        "q": [f"=job {number // 3}" for number in range(N)],
        "document": [f"offer {number % 2}" for number in range(N)],
        "judge": np.linspace(0.1, 0.9, N).round(2),
        "ranker": np.linspace(0.2, 0.8, N).round(2),
    }
)
COLUMNS = {"query": "q", "doc": "document", "teacher": "judge", "student": "ranker", "timestamp": "logged_at"}


def read(content, name="jobs.csv"):
    file = io.BytesIO(content)
    file.name = name
    return read_pairs(file, columns=COLUMNS, slices=("serving_pool",), name=name)


def test_chosen_pairs_keep_the_names_of_their_columns_and_all_that_was_read():
    sample = read(TABLE.to_csv(index=False).encode())
    chosen = sample.slices["serving_pool"] == "eu-2"

    part = pairs_csv(sample, chosen)

    assert {*TABLE.columns} <= {*pd.read_csv(io.BytesIO(part)).columns}
    again = read(part)
    assert len(again) == N // 2
    assert again.query.tolist() == sample.query[chosen].tolist()
    assert (again.timestamp == sample.timestamp[chosen]).all()
    assert read(pairs_csv(sample)).digest == sample.digest


def test_new_scores_take_the_place_of_the_old_ones_in_their_pairs_alone():
    sample = read(TABLE.to_csv(index=False).encode())
    part = TABLE[TABLE["serving_pool"] == "eu-2"].iloc[::-1].assign(ranker=lambda part: 1 - part["ranker"])

    made = with_new_scores(sample, read(part.to_csv(index=False).encode()))

    is_new = sample.slices["serving_pool"] == "eu-2"
    assert np.allclose(made.student[is_new], 1 - sample.student[is_new])
    assert (made.student[~is_new] == sample.student[~is_new]).all()
    assert made.digest != sample.digest


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (TABLE.assign(judge=1 - TABLE["judge"] ** 2), "48 of 48 pairs are not in jobs.csv. Bring the downloaded pairs"),
        (TABLE, "holds the scores that jobs.csv holds already"),
    ],
)
def test_an_answer_that_is_none_is_said(answer, told):
    sample = read(TABLE.to_csv(index=False).encode())

    with pytest.raises(InputError, match=told):
        with_new_scores(sample, read(answer.to_csv(index=False).encode(), "answer.csv"))
