import dataclasses
import io
import json
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

from drift_core.rescoring.result import rescored_pairs
from drift_core.retrain_list.columns import CONTRACT, names_of_slices, other_columns
from drift_core.retrain_list.exports import export_files
from drift_core.retrain_list.files import write_manifest
from drift_core.retrain_list.manifest import ListSettings, draw_manifest
from drift_core.retrain_list.reader import read_list
from drift_core.retrain_list.verify import verify_manifest
from drift_core.tables.writing import to_parquet
from tests.drift_core.options.stand_ins import diagnosis

N = 700


@cache
def drawn(slices=("cohort", "Region", "état civil", "=state"), *, with_id=True):
    case = diagnosis()
    values = {name: np.array([f"{name} {i % 3}" for i in range(N)], dtype=object) for name in slices}
    ids = np.array([f"00{i // 5}" for i in range(N)], dtype=object) if with_id else None
    case.production = dataclasses.replace(case.production, slices=values, query_id=ids)
    return draw_manifest(case, settings=ListSettings(n=60, seed=7))


def test_a_list_holds_the_query_id_and_every_slice_of_its_pairs():
    manifest = drawn()

    pairs = manifest.pairs
    assert list(pairs)[:10] == [name for name in CONTRACT if name != "query_id"]
    assert list(pairs)[10:] == ["query_id", "cohort", "slice_Region", "état civil", "=state"]
    assert pairs["query_id"].tolist() == [f"00{row // 5}" for row in pairs["row"]]
    assert pairs["cohort"].tolist() == [f"cohort {row % 3}" for row in pairs["row"]]
    assert pairs["slice_Region"].tolist() == [f"Region {row % 3}" for row in pairs["row"]]
    assert set(pairs["region"]) <= {"delivery", "pets", "taxes"}
    assert manifest.to_json()["slices"]["Region"] == "slice_Region"


def test_a_sample_without_query_ids_and_slices_gives_the_columns_of_the_contract_alone():
    assert list(drawn((), with_id=False).pairs) == [name for name in CONTRACT if name != "query_id"]


def test_a_slice_never_takes_the_name_of_another_column():
    named = names_of_slices(["pair id", "DOC", "slice_doc", "state", "Cohort", "cohort", "x"])

    assert named == {
        "pair id": "slice_pair id",
        "DOC": "slice_DOC",
        "slice_doc": "slice_slice_doc",
        "state": "slice_state",
        "Cohort": "Cohort",
        "cohort": "slice_cohort",
        "x": "x",
    }


def test_every_form_matches_its_manifest_which_names_the_columns(tmp_path):
    *lists, manifest = write_manifest(drawn(), tmp_path)

    assert json.loads(manifest.read_text())["columns"][10:] == [
        "query_id",
        "cohort",
        "slice_Region",
        "état civil",
        "=state",
    ]
    assert [verify_manifest(path, manifest).faults for path in lists] == [()] * 3
    without = pd.read_parquet(lists[0]).drop(columns=["cohort"])
    lists[0].write_bytes(to_parquet(without))
    assert any("the list lacks 'cohort'" in fault for fault in verify_manifest(lists[0], manifest).faults)


def test_slices_come_through_a_re_scoring_and_into_the_exports():
    table = rescored_pairs(read_list(to_parquet(drawn().pairs), name="list.parquet"), {}).assign(teacher_score=0.5)

    files = export_files(table)

    ids = pd.read_parquet(io.BytesIO(files["huggingface/ids.parquet"]))
    train = pd.read_parquet(io.BytesIO(files["huggingface/data/train.parquet"]))
    meta = json.loads(files["label-studio/tasks.json"])[0]["meta"]
    assert list(train) == ["query", "document", "label"]
    assert other_columns(table) == ("cohort", "slice_Region", "état civil", "=state")
    for name in ("query_id", *other_columns(table)):
        assert ids[name].tolist() == table[name].tolist()
        assert meta[name] == table[name].iloc[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:(mlcroissant|rdflib)")
def test_croissant_reads_slices_whatever_they_are_called(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib and its parsers
        import mlcroissant

    manifest = drawn(("cohort", "état civil", "=a", "a b", "a_b", "a/b#c%20"))
    write_manifest(manifest, tmp_path, formats=["croissant"])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json"))
        records = list(read.records("pairs"))
    fields = {field.name: field.uuid for field in read.metadata.record_sets[0].fields}
    for name in ("query_id", *other_columns(manifest.pairs)):
        assert [each[fields[name]].decode() for each in records] == manifest.pairs[name].tolist()
