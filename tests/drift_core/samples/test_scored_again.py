"""Pairs go out with their own columns and come back with the student's new scores."""

import io

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from drift_core.samples.scored_again import columns_back, not_written, pairs_csv, to_score_csv, with_new_scores

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

    part = to_score_csv(sample, chosen)

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
        (TABLE.assign(judge=1 - TABLE["judge"] ** 2), "48 of 48 pairs are not in jobs.csv with this query"),
        (TABLE, "holds the scores that jobs.csv holds already"),
    ],
)
def test_an_answer_that_is_none_is_said(answer, told):
    sample = read(TABLE.to_csv(index=False).encode())

    with pytest.raises(InputError, match=told):
        with_new_scores(sample, read(answer.to_csv(index=False).encode(), "answer.csv"))


def test_an_answer_is_placed_by_the_row_where_pairs_are_served_several_times():
    served = pd.concat([TABLE, TABLE.assign(serving_pool="us-1", ranker=TABLE["ranker"] / 2)], ignore_index=True)
    sample = read(served.to_csv(index=False).encode())
    chosen = sample.slices["serving_pool"] == "us-1"
    part = pd.read_csv(io.BytesIO(to_score_csv(sample, chosen)))
    part = part.assign(ranker=1 - part["ranker"]).iloc[::-1]

    made = with_new_scores(sample, answer(sample, part))

    assert np.allclose(made.student[chosen], 1 - sample.student[chosen])
    assert (made.student[~chosen] == sample.student[~chosen]).all()
    told = (
        "answer.csv: 48 of 48 pairs come several times in jobs.csv, and no row_in_production tells which one. No score"
    )
    with pytest.raises(InputError, match=told):
        with_new_scores(sample, answer(sample, part.drop(columns="row_in_production")))
    with pytest.raises(
        InputError, match=r"48 of 48 pairs are not in jobs.csv with this query, doc and teacher's score"
    ):
        with_new_scores(sample, answer(sample, part.assign(row_in_production=np.roll(part["row_in_production"], 1))))


def answer(sample, table):
    file = io.BytesIO(table.to_csv(index=False).encode())
    columns = COLUMNS | columns_back(sample, list(table))
    return read_pairs(file, columns=columns, slices=("serving_pool",), name="answer.csv")


def test_an_answer_is_placed_by_its_pair_id_and_one_without_a_score_is_counted():
    sample = read(
        TABLE.assign(pair_id=[f"p{row}" for row in range(N)], judge=0.5 + TABLE.index % 2 / 4).to_csv().encode()
    )
    part = pd.read_csv(io.BytesIO(to_score_csv(sample, np.arange(N) < N // 2)))
    part["ranker"] = 1 - part["ranker"]

    assert "row_in_production" not in part
    assert np.allclose(with_new_scores(sample, answer(sample, part)).student[: N // 2], part["ranker"])
    part.loc[:2, "ranker"] = np.nan
    with pytest.raises(InputError, match=r"answer.csv: 3 of 24 pairs have no score that can be read"):
        with_new_scores(sample, answer(sample, part))


def test_rows_without_a_teachers_score_are_written_and_stay_missing_with_the_students_new_scores():
    table = TABLE.assign(judge=TABLE["judge"].where(TABLE.index % 6 != 0), ranker=TABLE["ranker"] - 0.5)
    sample = read(table.to_csv(index=False).encode())
    part = pd.read_csv(io.BytesIO(to_score_csv(sample))).assign(ranker=lambda part: 1 - part["ranker"])

    made = read(pairs_csv(with_new_scores(sample, answer(sample, part))))

    assert (len(made), len(made.unscored)) == (len(sample), len(sample.unscored)) == (40, 8)
    assert made.unscored.query.tolist() == sample.unscored.query.tolist()
    assert part["ranker"].dtype == float
    assert np.allclose(made.unscored.student, 1 - sample.unscored.student)
    assert made.unscored.slices["serving_pool"].tolist() == sample.unscored.slices["serving_pool"].tolist()


def test_a_part_that_lacks_a_label_is_placed_all_the_same():
    labels = np.resize(["buy", "rent", "sell"], N)
    table = TABLE.assign(judge=labels, ranker=np.roll(labels, 1), document=[f"offer {row}" for row in range(N)])
    sample = read(table.to_csv(index=False).encode())
    part = pd.read_csv(io.BytesIO(to_score_csv(sample, sample.teacher > 0)))

    made = with_new_scores(sample, answer(sample, part.assign(ranker=part["judge"])))

    assert (made.student == made.teacher).mean() == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "more",
    [
        {"answer_a": "a long answer", "answer_b": [f"another one {row}" for row in range(N)]},
        {"document": "offer", "swapped": ["no", "yes"] * (N // 2)},
    ],
)
def test_comparisons_of_two_answers_are_not_written_as_pairs(more):
    verdicts = np.resize(["A", "B", "A", "tie"], N)
    table = TABLE.drop(columns="document").assign(judge=verdicts, ranker=np.roll(verdicts, 1), **more)
    columns = {role: column for role, column in COLUMNS.items() if column in table}
    sample = read_pairs(table, columns=columns, kind="pairwise")

    assert "which was shown first" in not_written(sample)
    with pytest.raises(InputError, match="Bring the whole file, scored again"):
        with_new_scores(sample, sample)


def test_a_column_of_one_value_is_written_so_that_it_still_tells_the_samples_apart():
    sample = read_pairs(TABLE.assign(market="de"), columns=COLUMNS)
    part = io.BytesIO(pairs_csv(sample))

    assert sample.constants == {"market": "de"}
    assert read_pairs(part, columns=COLUMNS).constants == {"market": "de"}
