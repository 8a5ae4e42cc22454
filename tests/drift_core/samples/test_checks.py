"""Rows that cannot be used are left out once, with their number and reason; unusable samples are refused."""

import warnings

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.tables.problem import Problem

N = 60


def frame(**columns: object) -> pd.DataFrame:
    plain = {
        "query": [f"query {i}" for i in range(N)],
        "doc": [f"doc {i}" for i in range(N)],
        "teacher": [i / N for i in range(N)],
        "student": [i * i / N for i in range(N)],
    }
    return pd.DataFrame(plain | columns)


def with_values(column: str, **values: object) -> pd.DataFrame:
    """The plain frame with some rows (``r3=...``, counted from 1) of a column changed."""
    given = list(frame()[column]) if column in frame() else [f"{column} {i}" for i in range(N)]
    for row, value in values.items():
        given[int(row[1:]) - 1] = value
    return frame(**{column: pd.Series(given, dtype=object)})


def problem_of(pairs: ScoredPairs) -> Problem:
    (problem,) = pairs.problems
    return problem


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (with_values("teacher", r3=None, r7=float("nan")), "missing_score"),
        (with_values("teacher", r3="NA", r7=" "), "missing_score"),
        (with_values("student", r3=float("inf"), r7="-inf"), "infinite_score"),
        (with_values("student", r3="good", r7="n.d."), "text_score"),
        (with_values("query", r3="", r7=" \t"), "empty_query"),
        (with_values("query", r3=None, r7=None), "empty_query"),
    ],
)
def test_unusable_rows_are_left_out_with_their_number_and_reason(given: pd.DataFrame, name: str) -> None:
    found = read_pairs(given)

    problem = problem_of(found)
    assert (problem.name, problem.n_rows, problem.rows, problem.left_out) == (name, 2, (3, 7), True)
    assert "2 rows have" in problem.message
    assert "rows 3 and 7. Left out." in problem.message
    assert found.row.tolist() == [row for row in range(N) if row not in (2, 6)]


def test_a_row_with_two_faults_is_counted_once() -> None:
    given = with_values("teacher", r3="good", r9=None).assign(student=frame()["student"].where(frame().index != 2))

    found = read_pairs(given)

    assert sum(problem.n_rows for problem in found.problems) == N - len(found) == 2


def test_the_first_value_that_is_no_number_is_shown() -> None:
    assert "'good' in row 3" in problem_of(read_pairs(with_values("teacher", r3="good"))).message


def test_a_score_column_that_is_mostly_text_is_the_wrong_column() -> None:
    with pytest.raises(
        InputError, match=r"column 'judge', taken for teacher, holds no number in 60 of 60 rows.*'great'"
    ):
        read_pairs(frame(judge="great").drop(columns="teacher"))


def test_dates_are_no_scores() -> None:
    with pytest.raises(InputError, match=r"holds points in time \(timestamp\[us\]\), no numbers"):
        read_pairs(frame(teacher=pd.Timestamp("2024-01-09")))


def test_constant_scores_are_refused() -> None:
    with pytest.raises(InputError, match=r"every student score \(column 'student'\) is 0.5"):
        read_pairs(frame(student=0.5))


def test_fewer_than_twenty_usable_pairs_are_refused_with_the_reasons() -> None:
    given = frame(teacher=[1.0, 2.0] + [None] * (N - 2))

    with pytest.raises(InputError, match=r"2 usable pairs; at least 20 are needed. 58 rows have no teacher score"):
        read_pairs(given)


def test_of_identical_rows_the_first_is_kept() -> None:
    given = pd.concat([frame(id=range(N)), frame(id=range(N))[:3]], ignore_index=True)

    found = read_pairs(given)

    problem = problem_of(found)
    assert (problem.name, problem.rows) == ("duplicate_pair", (61, 62, 63))
    assert len(found) == N


def test_of_rows_in_conflict_the_first_is_kept_and_the_conflict_named() -> None:
    given = pd.concat([frame(id=range(N)), frame(id=range(N))[:3].assign(teacher=0.9)], ignore_index=True)

    found = read_pairs(given)

    problem = problem_of(found)
    assert (problem.name, problem.rows, problem.left_out) == ("conflicting_pair_id", (61, 62, 63), True)
    assert found.teacher.max() < 1
    assert len(found) == N


def test_a_row_left_out_does_not_make_a_later_one_a_duplicate() -> None:
    first = frame(id=range(N))
    first.loc[0, "teacher"] = np.nan
    given = pd.concat([first, frame(id=range(N))[:1]], ignore_index=True)

    found = read_pairs(given)

    assert problem_of(found).name == "missing_score"
    assert N in found.row


def test_an_id_that_repeats_over_different_texts_is_no_pair_id_unless_it_was_chosen() -> None:
    given = frame(id=[i // 2 for i in range(N)])

    recognised, chosen = read_pairs(given), read_pairs(given, columns={"pair_id": "id"})

    assert problem_of(recognised).name == "no_pair_id"
    assert recognised.pair_id is None
    assert len(recognised) == N
    assert problem_of(chosen).name == "conflicting_pair_id"
    assert len(chosen) == N // 2


def test_missing_optional_values_stay_missing_and_unreadable_ones_are_counted() -> None:
    label = [None, "yes"] + ["1", "0"] * (N // 2 - 1)
    day = [None, "soon"] + ["2024-01-09"] * (N - 2)

    found = read_pairs(frame(label=label, timestamp=day, teacher_pinned=[np.nan] + [1.0] * (N - 1)))

    assert [(p.name, p.n_rows, p.rows, p.left_out) for p in found.problems] == [
        ("unreadable_label", 1, (2,), False),
        ("unreadable_timestamp", 1, (2,), False),
    ]
    assert found.label is not None
    assert np.isnan(found.label[:2]).all()
    assert found.label[2] == 1
    assert found.timestamp is not None
    assert np.isnat(found.timestamp).sum() == 2
    assert found.teacher_pinned is not None
    assert np.isnan(found.teacher_pinned).sum() == 1


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (("03.02.2026 08:45", "31.12.2026"), ("2026-02-03T08:45", "2026-12-31")),
        (("3.2.2026", "31.12.2026 23:59:01"), ("2026-02-03", "2026-12-31T23:59:01")),
        (("03.02.2026", "04.12.2026"), None),
        (("03.02.2026", "02.13.2026"), None),
        (("31.12.2026", "02.13.2026"), None),
        (("31.12.2026", "2026-02-03"), ("NaT", "2026-02-03")),
    ],
)
def test_dates_with_dots_are_read_where_only_the_day_can_come_first(dates, read) -> None:
    found = read_pairs(frame(timestamp=list(dates) + [None] + [dates[0]] * (N - 3)))

    told = " ".join(problem.message for problem in found.problems)
    if read is None:
        assert found.timestamp is None
        assert "Write times as ISO 8601, such as 2026-12-31 or 2026-12-31T08:45." in told
    else:
        assert found.timestamp is not None
        assert [str(each) for each in found.timestamp[:2]] == [str(np.datetime64(each, "us")) for each in read]
        assert ("Column 'timestamp' was read with the day first." in told) is (read[0] != "NaT")


def test_an_optional_column_without_one_value_is_not_used() -> None:
    found = read_pairs(frame(label=None, timestamp="yesterday"))

    assert found.label is None
    assert found.timestamp is None
    assert {"label", "timestamp"}.isdisjoint(found.columns)
    assert [problem.name for problem in found.problems] == ["unused_label", "unused_timestamp"]


def test_labels_of_truth_become_one_and_zero() -> None:
    found = read_pairs(frame(label=["True", "false"] * (N // 2)))

    assert found.label is not None
    assert found.label[:2].tolist() == [1, 0]


def test_missing_identifiers_and_docs_are_filled_and_said() -> None:
    given = frame(pair_id=[None, ""] + [f"p{i}" for i in range(N - 2)], query_id=[None] + ["a"] * (N - 1))
    given.loc[5, "doc"] = None

    found = read_pairs(given)

    assert found.pair_id is not None
    assert found.pair_id[:3].tolist() == ["row 1", "row 2", "p0"]
    assert found.query_id is not None
    assert found.query_id[:2].tolist() == ["query 0", "a"]
    assert found.doc is not None
    assert found.doc[5] == ""
    assert {problem.name: problem.n_rows for problem in found.problems} == {
        "missing_doc": 1,
        "missing_pair_id": 2,
        "missing_query_id": 1,
    }


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("B", "such as 3, 2, 1 for 'A', 'B', 'C'"),
        ("2,000.0", r"such as 2000.5 for '2,000\.5'"),
        ("Score: 4 of many", "without words or units"),
    ],
)
def test_scores_written_otherwise_are_refused_with_how_to_write_them(given: str, advice: str) -> None:
    with pytest.raises(InputError, match=rf"in row 1\. Write them as numbers, {advice}\.") as caught:
        read_pairs(frame(teacher=given))

    assert "Name the column" not in str(caught.value)
    assert repr(given) in str(caught.value)


def test_the_name_of_a_judge_or_student_is_not_taken_for_its_score() -> None:
    given = frame().rename(columns={"teacher": "score"}).assign(judge="gpt-4o")

    found = read_pairs(given)

    assert found.columns["teacher"] == "score"
    assert [problem.name for problem in found.problems] == ["ambiguous_column"]
    with pytest.raises(InputError, match=r"column 'judge', taken for teacher.*'gpt-4o' in row 1\. Name the column"):
        read_pairs(given.rename(columns={"score": "points"}))
    given = frame().rename(columns={"student": "prediction"}).assign(student="minilm v3")
    assert read_pairs(given).columns["student"] == "prediction"


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_scores_too_large_to_square_are_left_out_and_said(role: str) -> None:
    given = frame()
    given.loc[:1, role] = [1e308, -1e308]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_pairs(given)

    (problem,) = found.problems
    assert (problem.name, problem.rows, problem.left_out) == ("huge_score", (1, 2), True)
    assert r"outside [-1e+100, 1e+100]" in problem.message


def test_scores_too_close_to_compute_with_are_refused() -> None:
    given = frame()

    with pytest.raises(InputError, match="differ by less than 1e-100"):
        read_pairs(given.assign(teacher=given["teacher"] * 1e-310))


@pytest.mark.parametrize(("value", "name"), [(float("inf"), "infinite_label"), (1e308, "huge_label")])
def test_an_optional_score_too_large_is_taken_as_missing(value: float, name: str) -> None:
    found = read_pairs(frame(label=[value] + [1.0] * (N - 1)))

    assert found.label is not None
    assert np.isnan(found.label).tolist() == [True] + [False] * (N - 1)
    assert [(problem.name, problem.rows) for problem in found.problems] == [(name, (1,))]


def test_rows_that_are_an_earlier_one_in_all_are_counted_and_stay() -> None:
    one = pd.DataFrame(
        {
            "query": [f"q{n // 2}" for n in range(40)],
            "doc": [f"d{n}" for n in range(40)],
            "teacher": [n / 40 for n in range(40)],
            "student": [n / 50 for n in range(40)],
        }
    )
    twice = pd.concat([one, one.head(3)], ignore_index=True)

    [problem] = [each for each in read_pairs(twice).problems if each.name == "identical_row"]

    assert (problem.n_rows, problem.rows, problem.left_out) == (3, (41, 42, 43), False)
    assert problem.message.startswith("3 rows have the values of an earlier row in every column that is read: rows 41")
    assert "They stay, as traffic that repeats" in problem.message
    assert len(read_pairs(twice)) == 43
    for other in (one, twice.drop(columns="doc"), twice.assign(day=["2026-03-01"] * 40 + ["2026-03-02"] * 3)):
        assert "identical_row" not in {each.name for each in read_pairs(other).problems}
