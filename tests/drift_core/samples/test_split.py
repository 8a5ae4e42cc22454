"""One file that holds both samples is read as two, by a date or by a value."""

import json

import numpy as np
import pandas as pd
import pytest

from drift_core import shipped_scenario_paths
from drift_core.diagnosis.diagnose import diagnose_files
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.diagnosis.settings import Settings
from drift_core.errors import InputError, SettingError, UnmeasurableError
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.retrain_list.manifest import draw_list
from drift_core.retrain_list.settings import ListSettings
from drift_core.samples.limits import Limits
from drift_core.samples.parts import SIDES, Split, split_of
from drift_core.samples.sample_files import SampleFiles
from drift_core.samples.split import count_sides, read_split, split_columns

N = 60
HASHING = EmbeddingSource(encoder="hashing", is_cached=False)


def frame(**columns):
    rng = np.random.default_rng(0)
    teacher = rng.random(N)
    days = pd.date_range("2026-01-01", periods=N, freq="D").strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "query": [f"query {i}" for i in range(N)],
            "teacher": teacher,
            "student": teacher + rng.normal(0, 0.1, N),
            "day": days,
            "model": ["old"] * 35 + ["new"] * 25,
            **columns,
        }
    )


def shuffled(tmp_path):
    """The first rows of both samples of a scenario in one file, in an order of their own."""
    both = [pd.read_csv(path, nrows=400) for path in shipped_scenario_paths("query-drift")]
    whole = pd.concat([each.assign(batch=side) for each, side in zip(both, SIDES, strict=True)])
    whole = whole.sample(frac=1, random_state=3).reset_index(drop=True)
    whole.to_csv(tmp_path / "both.csv", index=False)
    return whole, str(tmp_path / "both.csv")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow", "jsonl"])
def test_rows_before_a_date_are_heldout_and_from_it_on_production(tmp_path, suffix):
    path = tmp_path / f"pairs.{suffix}"
    write = {"csv": "to_csv", "parquet": "to_parquet", "arrow": "to_feather", "jsonl": "to_json"}[suffix]
    options = {"csv": {"index": False}, "jsonl": {"orient": "records", "lines": True}}.get(suffix, {})
    getattr(frame(), write)(path, **options)

    heldout, production = read_split(path, Split(column="day", at="2026-02-05"))

    assert (heldout.row.tolist(), production.row.tolist()) == (list(range(35)), list(range(35, N)))
    assert production.query[0] == "query 35"
    assert "day" not in {*heldout.slices, *production.slices}
    assert (heldout.name, production.name) == ("pairs (before 2026-02-05)", "pairs (from 2026-02-05)")


def test_rows_that_have_a_value_are_production_and_the_column_is_no_slice_of_either():
    heldout, production = read_split(frame(surface=["web", "app"] * 30), Split(column="model", at="new"))

    assert (len(heldout), len(production)) == (35, 25)
    assert production.row.tolist() == list(range(35, N))
    assert list(heldout.slices) == list(production.slices) == ["surface"]


def test_a_date_in_a_column_that_holds_none_is_a_value():
    releases = ["2026-01-01 build"] * 30 + ["2026-02-01"] * 30

    heldout, production = read_split(frame(model=releases), Split(column="model", at="2026-02-01"))

    assert (len(heldout), len(production)) == (30, 30)


def test_a_row_without_a_readable_date_is_in_neither_part_and_is_said():
    days = frame()["day"].tolist()
    days[3], days[40] = None, "soon"

    heldout, production = read_split(frame(day=days), Split(column="day", at="2026-02-05"))

    assert (len(heldout), len(production)) == (34, 24)
    for sample in (heldout, production):
        (problem,) = [each for each in sample.problems if each.name == "no_side"]
        assert (problem.n_rows, problem.rows, problem.left_out) == (2, (4, 41), True)


@pytest.mark.parametrize("missing", [None, float("nan"), "", " "])
def test_a_row_without_a_value_is_in_neither_part_and_is_said(missing):
    models = frame()["model"].tolist()
    models[3] = models[40] = missing

    heldout, production = read_split(frame(model=models), Split(column="model", at="new"))

    assert (len(heldout), len(production)) == (34, 24)
    for sample in (heldout, production):
        (problem,) = [each for each in sample.problems if each.name == "no_side"]
        assert (problem.n_rows, problem.rows, problem.left_out) == (2, (4, 41), True)
        assert problem.message.startswith("2 rows have no value in column 'model', by which the file is split")


def test_rows_without_a_value_are_no_heldout():
    with pytest.raises(InputError, match=r"every row with a value has 'new' .* held-out would be empty"):
        read_split(frame(model=[None] * 35 + ["new"] * 25), Split(column="model", at="new"))


def test_days_are_those_of_utc():
    days = [f"2026-0{1 if i < 30 else 2}-01T00:30:00+02:00" for i in range(N)]  # each on the day before in UTC

    heldout, production = read_split(frame(day=days), Split(column="day", at="2026-01-31"))

    assert (len(heldout), len(production)) == (30, 30)
    with pytest.raises(InputError, match="runs from 2025-12-31 to 2026-01-31 in UTC"):
        read_split(frame(day=days), Split(column="day", at="2026-02-01"))


def test_rows_keep_their_numbers_where_a_limit_draws_and_where_rows_cannot_be_read(tmp_path):
    path = tmp_path / "pairs.csv"
    text = frame().to_csv(index=False).splitlines()
    path.write_text("\n".join([*text[:11], "too,few", *text[11:]]))

    whole = read_split(path, Split(column="model", at="new"))[1]
    drawn = read_split(path, Split(column="model", at="new"), limits=Limits(max_rows=22))[1]

    assert whole.row.tolist() == list(range(36, N + 1))  # the row that cannot be read counts
    assert len(drawn) == 22
    assert [f"query {row - 1}" for row in drawn.row] == drawn.query.tolist()


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ("week=2026-02-05", "has no column 'week' to split it by. It has: query, teacher, student, day, model"),
        ("day=2026-13-05", "holds dates, 2026-01-01 to 2026-03-01 in UTC. It is split by a date among them"),
        ("day=9999-12-31T23:59:59-12:00", "2026-03-01 in UTC. It is split .* found '9999-12-31T23:59:59-12:00'"),
        ("day=0001-01-01T00:00:00+12:00", "found '0001-01-01T00:00:00.12:00'"),
        ("day=2027-01-01", "no row is on or after 2027-01-01 in column 'day', which runs from 2026-01-01 to"),
        ("day=2025-01-01", "no row is before 2025-01-01 in column 'day'"),
        ("model=newer", r"no row has 'newer' in column 'model'.* It has: 'old' \(35 rows\), 'new' \(25 rows\)"),
    ],
)
def test_what_splits_no_file_is_one_message(split, message):
    with pytest.raises(InputError, match=message):
        read_split(frame(), split_of(split))


def test_a_value_that_every_row_has_leaves_no_heldout():
    with pytest.raises(InputError, match=r"every row has 'new' .* held-out would be empty"):
        read_split(frame(model="new"), Split(column="model", at="new"))


def test_a_side_that_is_too_small_is_named():
    with pytest.raises(UnmeasurableError, match=r"The frame \(from 2026-02-25\) has 5 usable pairs"):
        read_split(frame(), Split(column="day", at="2026-02-25"))
    with pytest.raises(InputError, match=r"The frame \(before 2026-01-06\) has 5 usable pairs") as caught:
        read_split(frame(), Split(column="day", at="2026-01-06"))
    assert not isinstance(caught.value, UnmeasurableError)


@pytest.mark.parametrize("text", ["day", "=2026-05-01", "day="])
def test_what_is_no_split_is_refused(text):
    with pytest.raises(SettingError, match=r"--split expects COLUMN=DATE or COLUMN=VALUE"):
        split_of(text)


def test_one_file_alone_and_two_files_with_a_split_are_refused():
    with pytest.raises(SettingError, match="Give two files"):
        SampleFiles(heldout="a.csv")
    with pytest.raises(SettingError, match="Give two files"):
        SampleFiles(heldout="a.csv", production="b.csv", split=Split(column="day", at="2026-05-01"))


def test_columns_that_can_split_are_offered_dates_first_and_no_scores():
    pairs = frame(score_of_five=np.arange(N) % 5, note=[f"note {i}" for i in range(N)])

    days, model = split_columns(pairs.rename(columns={"score_of_five": "label"}))

    assert (days.name, days.days) == ("day", ("2026-01-01", "2026-01-31", "2026-03-01"))
    assert (model.name, model.values) == ("model", ("new", "old"))
    assert count_sides(pairs, Split(column="day", at="2026-01-31")) == {"heldout": 30, "production": 30}


def test_the_value_whose_rows_are_the_latest_is_offered_first():
    revision = ["judge-1"] * 40 + ["judge-2"] * 20
    older_last = revision[::-1]
    times = [f"2026-02-{1 + i // 3:02}" for i in range(N)][::-1]

    assert split_columns(frame(revision=revision).drop(columns="day"))[-1].values == ("judge-2", "judge-1")
    by_time = frame(revision=older_last, timestamp=times).drop(columns="day")
    assert split_columns(by_time)[-1].values == ("judge-2", "judge-1")


def test_a_file_with_a_pause_is_offered_the_day_after_it():
    days = ["2026-01-01"] * 10 + ["2026-01-02"] * 40 + ["2026-03-02"] * 5 + ["2026-03-04"] * 5

    (column, _) = split_columns(frame(day=days))

    assert column.days == ("2026-01-01", "2026-03-02", "2026-03-04")


def test_a_split_file_is_diagnosed_as_its_two_halves_and_its_list_names_rows_of_the_file(tmp_path):
    whole, path = shuffled(tmp_path)
    halves = []
    for side in SIDES:
        halves.append(str(tmp_path / f"{side}.csv"))
        whole[whole["batch"] == side].drop(columns="batch").to_csv(halves[-1], index=False)
    split = Split(column="batch", at="production")

    made = diagnose_files(SampleFiles(heldout=path, split=split), embedding=HASHING)
    apart = diagnose_files(SampleFiles(heldout=halves[0], production=halves[1]), embedding=HASHING)

    assert (made.heldout.digest, made.production.digest) == (apart.heldout.digest, apart.production.digest)
    one, two = diagnosis_to_json(made), diagnosis_to_json(apart)
    assert {key for key in one if one[key] != two[key]} == {"inputs"}
    assert one["inputs"]["heldout"]["path"] == one["inputs"]["production"]["path"] == path
    assert one["inputs"]["production"]["part"] == {"column": "batch", "at": "production", "side": "production"}
    (tmp_path / "made.json").write_text(json.dumps(one))
    drawn = draw_list(tmp_path / "made.json", path, settings=ListSettings(n=100, floor=5), embedding=HASHING)
    listed = whole.iloc[drawn.pairs["row"]]
    assert listed["query"].tolist() == drawn.pairs["query"].tolist()
    assert set(listed["batch"]) == {"production"}


def test_embeddings_of_a_split_file_have_a_row_for_each_of_its_rows(tmp_path):
    sample = frame()
    vectors = np.random.default_rng(1).normal(size=(N, 4)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)

    heldout, production = read_split(sample, Split(column="model", at="new"))
    found = read_embeddings(tmp_path / "vectors.npy", heldout, production)

    expected = vectors[40] / np.linalg.norm(vectors[40])
    assert np.allclose(found.vectors[found.production[5]], expected)


def test_slices_and_seed_of_the_settings_hold_for_both_sides(tmp_path):
    _, path = shuffled(tmp_path)
    files = SampleFiles(heldout=path, split=Split(column="batch", at="production"), limits=Limits(max_rows=300))

    made = diagnose_files(files, settings=Settings(slices=("surface",), seed=2), embedding=HASHING)

    assert list(made.heldout.slices) == list(made.production.slices) == ["surface"]
    assert made.production.sampling.seed == 2
