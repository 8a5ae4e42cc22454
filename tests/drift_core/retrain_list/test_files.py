import io
import json
from hashlib import sha256

import pandas as pd
import pyarrow.parquet as pq
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.files import manifest_files, write_manifest
from drift_core.retrain_list.manifest import ListSettings, draw_manifest
from tests.drift_core.options.stand_ins import diagnosis, sample

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"]


def manifest(**case):
    return draw_manifest(diagnosis(**case), settings=ListSettings(n=120, seed=7))


def with_formulas():
    queries = [FORMULAS[i % len(FORMULAS)] for i in range(700)]
    return manifest(production=sample(queries, docs=[f'"{i}",\ntwo lines' for i in range(700)]))


def test_parquet_csv_and_json_lines_hold_the_same_pairs(tmp_path):
    drawn = manifest()

    parquet, csv, jsonl, _ = write_manifest(drawn, tmp_path / "new" / "list")

    read = [pd.read_parquet(parquet), pd.read_csv(csv), pd.read_json(jsonl, lines=True, precise_float=True)]
    for table in read:
        assert list(table.columns) == list(drawn.pairs.columns)
        assert table["pair_id"].tolist() == drawn.pairs["pair_id"].tolist()
        assert table["teacher_score"].to_numpy() == pytest.approx(drawn.pairs["teacher_score"].to_numpy(), abs=0)
        assert table["drifted"].tolist() == drawn.pairs["drifted"].tolist()


def test_what_a_spreadsheet_would_run_is_text_in_csv_and_untouched_elsewhere():
    files = manifest_files(with_formulas())

    csv = pd.read_csv(io.BytesIO(files["retrain_list.csv"]), dtype={"query": str}, lineterminator="\n")
    parquet = pd.read_parquet(io.BytesIO(files["retrain_list.parquet"]))
    assert csv["query"].str.startswith("'").all()
    assert set(csv["query"].str[1:]) == set(parquet["query"]) == set(FORMULAS)
    assert csv["doc"].tolist() == parquet["doc"].tolist()
    described = json.loads(files["manifest.json"])["files"]
    assert [described[f"retrain_list.{name}"]["formulas_neutralised"] for name in ("csv", "parquet")] == [True, False]


def test_numbers_below_zero_stay_numbers_in_csv():
    drawn = manifest()
    drawn.pairs.loc[0, "teacher_score"] = -0.5

    csv = pd.read_csv(io.BytesIO(manifest_files(drawn)["retrain_list.csv"]))

    assert csv.loc[0, "teacher_score"] == -0.5


def test_the_manifest_describes_the_files_beside_it(tmp_path):
    *lists, description = write_manifest(manifest(), tmp_path)

    described = json.loads(description.read_text())
    assert described["schema"] == 2
    assert described["seed"] == 7
    assert sum(region["n_drawn"] for region in described["regions"]) == described["n_pairs"] == 120
    assert set(described["digests"]) == {"heldout", "heldout_pairs", "list_pairs", "production"}
    for path in lists:
        assert described["files"][path.name]["sha256"] == sha256(path.read_bytes()).hexdigest()


def test_the_same_manifest_gives_the_same_bytes():
    assert manifest_files(manifest()) == manifest_files(manifest())


def test_missing_docs_are_missing_in_every_format():
    files = manifest_files(manifest(production=sample([f"query {i}" for i in range(700)])))

    assert pq.read_table(io.BytesIO(files["retrain_list.parquet"]))["doc"].null_count == 120
    assert pd.read_csv(io.BytesIO(files["retrain_list.csv"]))["doc"].isna().all()
    assert json.loads(files["retrain_list.jsonl"].splitlines()[0])["doc"] is None


def test_only_the_formats_asked_for_are_written(tmp_path):
    assert [path.name for path in write_manifest(manifest(), tmp_path, formats=["csv"])] == [
        "retrain_list.csv",
        "manifest.json",
    ]
    assert len(list(tmp_path.iterdir())) == 2


def test_an_unknown_format_is_refused():
    with pytest.raises(SettingError, match=r"as parquet, csv, jsonl, huggingface, .* croissant; found xlsx"):
        manifest_files(manifest(), formats=["xlsx"])


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="cannot be made"):
        write_manifest(manifest(), tmp_path / "file")
