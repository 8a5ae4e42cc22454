"""Scores, identifiers and times are read in whatever type a file has them, or refused with the type."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from drift_core.errors import InputError
from drift_core.samples.limits import Limits
from drift_core.samples.reading import read_pairs, read_table
from tests.drift_core.samples.sample_files import N, assert_same, frame, written


def test_decimal_commas_are_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "european.csv"
    frame().to_csv(path, sep=";", decimal=",", index=False)

    found = read_pairs(path)

    assert_same(found, frame())
    assert {problem.name for problem in found.problems} == {"decimal_comma"}


@pytest.mark.parametrize(
    "teacher",
    [
        pa.array(range(N), pa.int8()),
        pa.array([2**60 + i * 10**6 for i in range(N)], pa.int64()),
        pa.array([2**63 + i * 10**6 for i in range(N)], pa.uint64()),
        pa.array(range(N), pa.int64()).cast(pa.decimal128(25, 2)),
        pa.array(range(N), pa.int64()).cast(pa.decimal256(40, 2)),
        pa.array(np.arange(N, dtype=np.float16)),
        pa.array([i % 2 == 0 for i in range(N)]),
        pa.array([str(i) for i in range(N)]).dictionary_encode(),
        pa.array([str(i) for i in range(N)], pa.string_view()),
        pa.array([str(i) for i in range(N)], pa.large_string()),
    ],
    ids=lambda array: str(array.type),
)
def test_scores_of_any_numeric_type_are_read(tmp_path: Path, teacher: pa.Array) -> None:
    table = pa.Table.from_pandas(frame()).set_column(2, "teacher_score", teacher)
    expected = [float(value) for value in teacher.to_pylist()]

    assert read_pairs(table).teacher.tolist() == expected
    assert read_pairs(table, limits=Limits(max_bytes=3000)).teacher.tolist()[0] in expected
    if teacher.type not in (pa.float16(), pa.decimal256(40, 2), pa.string_view()):
        pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
        assert read_pairs(tmp_path / "a.parquet").teacher.tolist() == expected


def test_identifiers_keep_all_their_digits(tmp_path: Path) -> None:
    given = frame().assign(
        pair_id=[9_007_199_254_740_993 + i for i in range(N)], query_id=[i // 2 * 1.0 for i in range(N)]
    )
    given.to_parquet(tmp_path / "a.parquet")
    given.to_csv(tmp_path / "a.csv", index=False)
    given.to_json(tmp_path / "a.jsonl", orient="records", lines=True)

    for name in ("a.parquet", "a.csv", "a.jsonl"):
        found = read_pairs(tmp_path / name)
        assert found.pair_id is not None
        assert found.pair_id[:2].tolist() == ["9007199254740993", "9007199254740994"]
        assert found.n_queries == N // 2


@pytest.mark.parametrize(
    "times",
    [
        ["2024-01-09T12:00:00"] * N,
        ["2024-01-09 14:00:00+02:00"] * N,
        [1704801600] * N,
        ["1704801600"] * N,
        [1704801600000] * N,
        pd.to_datetime(["2024-01-09 12:00"] * N),
        pd.to_datetime(["2024-01-09 12:00"] * N).tz_localize("UTC").tz_convert("Asia/Tokyo"),
    ],
    ids=["text", "text with zone", "seconds", "seconds as text", "milliseconds", "timestamp", "timestamp with zone"],
)
def test_times_of_any_form_become_utc(tmp_path: Path, times: object) -> None:
    given = frame().assign(timestamp=times)
    given.to_parquet(tmp_path / "a.parquet")
    given.to_csv(tmp_path / "a.csv", index=False)

    for source in (given, tmp_path / "a.parquet", tmp_path / "a.csv"):
        found = read_pairs(source)
        assert found.timestamp is not None
        assert found.timestamp.dtype == "datetime64[us]"
        assert set(found.timestamp.tolist()) == {pd.Timestamp("2024-01-09 12:00").to_pydatetime()}


NO_NUMBERS = {
    "durations": pa.array(range(N), pa.duration("s")),
    "times of day": pa.array(range(N), pa.time64("us")),
    "dates": pa.array(range(N), pa.date32()),
    "points in time": pa.array(range(N), pa.timestamp("us")),
    "periods of time": pa.array(pd.period_range("2024", periods=N, freq="D")),
    "lists": pa.array([[1.0]] * N),
    "records": pa.array([{"a": 1}] * N),
    "bytes": pa.array([b"1"] * N, pa.binary(1)),
}


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_a_score_column_of_another_type_is_refused_with_the_type(tmp_path: Path, kind: str, role: str) -> None:
    place = frame().columns.get_loc(f"{role}_score")
    table = pa.Table.from_pandas(frame(), preserve_index=False).set_column(place, f"{role}_score", NO_NUMBERS[kind])
    reason = rf"column '{role}_score', taken for {role}, holds .*{kind}.* \(.*\), no numbers\. Write scores as numbers"

    sources = [table, written(table, tmp_path / "a.arrow")]
    if kind != "bytes":  # old writers of Parquet mark texts as bytes, so that they are read as texts
        sources.append(written(table, tmp_path / "a.parquet"))
    for source in sources:
        with pytest.raises(InputError, match=reason):
            read_pairs(source)


def test_a_duration_beside_the_scores_stays_what_it_is(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(frame(), preserve_index=False).append_column("took", NO_NUMBERS["durations"])
    path = written(table, tmp_path / "a.parquet")

    assert_same(read_pairs(path), frame())
    assert read_table(path)["took"].type == pa.duration("s")
    (problem,) = read_pairs(path, columns={"label": "took"}).problems
    assert problem.message == "Column 'took', taken for label, holds durations (duration[s]); it is not used."


def test_truth_values_as_scores_are_read_and_said(tmp_path: Path) -> None:
    given = frame().assign(teacher_score=[i % 3 == 0 for i in range(N)])
    given.to_parquet(tmp_path / "a.parquet")
    given.to_csv(tmp_path / "a.csv", index=False)

    for source in (given, tmp_path / "a.parquet", tmp_path / "a.csv"):
        found = read_pairs(source)
        assert found.teacher.tolist() == given["teacher_score"].astype(float).tolist()
        assert [problem.name for problem in found.problems] == ["label_and_probability", "truth_values"]


@pytest.mark.parametrize("first", [1_000, 1_000_000])
@pytest.mark.parametrize("n_below", [0, 20, 5_000])
def test_what_may_be_thousands_or_decimals_is_refused(tmp_path, n_below, first):
    path = tmp_path / "scores.csv"
    scores = [*range(n_below), *range(first, first + 60)]
    rows = [f'query {n},"{score if n < n_below else format(score, ",")}",{n}' for n, score in enumerate(scores)]
    path.write_text("\n".join(["query,teacher_score,student_score", *rows]))
    reason = f"holds no number in 60 of .* rows .* for example '{first:,}' in row .*such as 2000.5 for '2,000.5'"

    with pytest.raises(InputError, match=reason):
        read_pairs(path)


def test_decimal_commas_stay_what_they_are_beside_one_that_may_be_thousands(tmp_path):
    path = tmp_path / "scores.csv"
    texts = ["0,5", "12,75", "1,000", "0,500", "3"] * 6
    rows = [f'query {n},"{text}",{n}' for n, text in enumerate(texts)]
    path.write_text("\n".join(["query,teacher_score,student_score", *rows]))

    assert read_pairs(path).teacher.tolist() == [0.5, 12.75, 1.0, 0.5, 3.0] * 6


@pytest.mark.parametrize("kind", sorted(NO_NUMBERS.keys() - {"bytes"}))
@pytest.mark.parametrize("suffix", ["arrow", "parquet"])
def test_what_is_no_score_in_one_of_several_files_is_refused_by_its_name(tmp_path, suffix, kind):
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    place = table.column_names.index("teacher_score")
    odd = written(table.set_column(place, "teacher_score", NO_NUMBERS[kind]), tmp_path / f"odd.{suffix}")
    numbers = written(table, tmp_path / "numbers.parquet")
    reason = rf"odd\.{suffix}: column 'teacher_score' holds .*{kind}.* \(.*\), no numbers, unlike that of .*numbers"

    for files in ([odd, numbers], [numbers, odd]):
        with pytest.raises(InputError, match=reason):
            read_pairs(files)


@pytest.mark.parametrize("kind", ["durations", "points in time", "dates", "periods of time"])
def test_a_column_of_another_kind_beside_the_scores_may_be_missing_in_other_files(tmp_path, kind):
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    first = written(table.append_column("took", NO_NUMBERS[kind]), tmp_path / "first.arrow")
    second = written(table, tmp_path / "second.parquet")

    assert len(read_pairs([first, second])) == 2 * N
