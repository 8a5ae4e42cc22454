import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.retrain_list.exclusions import exclude_sample, read_excluded
from drift_core.retrain_list.files import write_manifest
from drift_core.retrain_list.manifest import ListSettings, draw_manifest, sampling_frame
from drift_core.retrain_list.reader import read_list_table
from drift_core.retrain_list.verify import verify_manifest
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.writing import to_csv
from tests.drift_core.options import stand_ins
from tests.drift_core.options.stand_ins import diagnosis, sample

GOLDEN = Path(__file__).parent / "golden"
FORMULAS = ["=1+1", "'=1+1", "+1", "-1", "@SUM(A1)", "\tx", "NA", "1.0"]


def written(folder, *, case=None, **frame):
    return write_manifest(usual() if case is None else drawn(case, **frame), folder)


@cache
def usual():
    return drawn(diagnosis())


def drawn(case, **frame):
    settings = ListSettings(n=120, floor=10, seed=7)
    return draw_manifest(case, settings=settings, frame=sampling_frame(case, **frame), teacher_revision="judge-2")


def test_a_list_just_written_matches_in_every_format(tmp_path):
    *lists, manifest = written(tmp_path)

    found = [verify_manifest(path, manifest, teacher_revision="judge-2") for path in lists]

    assert [each.faults for each in found] == [()] * 3
    assert [each.notes for each in found] == [()] * 3
    assert found[0].sentence == "The list matches its manifest: 120 pairs."


def test_texts_that_csv_neutralised_are_read_as_they_were(tmp_path):
    queries = [FORMULAS[i % len(FORMULAS)] for i in range(700)]
    case = diagnosis(production=sample(queries, docs=[f"{i}: NA" for i in range(700)]))
    parquet, csv, jsonl, manifest = written(tmp_path, case=case)

    tables = [read_list_table(path) for path in (parquet, csv, jsonl)]

    for path, table in zip((parquet, csv, jsonl), tables, strict=True):
        assert table["query"].tolist() == tables[0]["query"].tolist()
        assert verify_manifest(path, manifest).matches
    assert set(tables[0]["query"]) == set(FORMULAS)


def test_slices_and_their_names_are_read_from_csv_as_they_were(tmp_path):
    row = {"query": "a", "doc": "b", "teacher_score": 0.5, "region": "=r", "drifted": True, "probability": 1.0}
    row["pair_digest"] = digest_pairs(["a"], ["b"])[0]
    path = tmp_path / "list.csv"
    path.write_bytes(to_csv(pd.DataFrame([row | {"-land": "-1", "'-land": "'-1", "n": -1}])))

    read = read_list_table(path)

    assert [*read.columns] == [*row, "-land", "'-land", "n"]
    assert read[["region", "-land", "'-land"]].to_numpy().tolist() == [["=r", "-1", "'-1"]]


@pytest.mark.parametrize("region", ["+1", "@home", "-", "007", "NA", "a\rb", "a\r\nb"])
def test_names_and_texts_that_csv_has_trouble_with_match_all_the_same(tmp_path, monkeypatch, region):
    monkeypatch.setattr(stand_ins, "REGIONS", (region, "pets", "taxes"))
    texts = ["=1", "'=1", "a\rb", "''=1", "\r", "'", " sp ", "007"]
    queries = [f"{texts[i % 8]}{i // 80}" for i in range(700)]
    docs = [f"{texts[i // 8 % 8]}{i}" for i in range(700)]

    *lists, manifest = written(tmp_path, case=diagnosis(production=sample(queries, docs=docs)))

    assert [verify_manifest(path, manifest).faults for path in lists] == [()] * 3


def changed(path, change):
    table = pd.read_json(path, lines=True, precise_float=True, dtype={"pair_id": str})
    table = change(table)
    path.write_text(table.to_json(orient="records", lines=True, force_ascii=False, double_precision=15))
    return path


def set_first(column, value):
    def change(table):
        table.loc[0, column] = value
        return table

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t: t.iloc[1:], "The list has 119 pairs; the manifest says 120."),
        (
            lambda t: t.rename(columns={"row": "line"}),
            "The columns are others than the manifest's: the list lacks 'row', and the manifest does not name 'line'.",
        ),
        (lambda t: t.drop(columns="row"), "The columns are others than the manifest's: the list lacks 'row'."),
        (
            lambda t: t[["pair_id", "row", *t.columns[2:]]],
            "The columns stand in another order than the manifest's: column 1 is 'pair_id' in place of 'row'.",
        ),
        (set_first("query", "another text"), "1 row (1) with texts that do not give the digest beside them"),
        (lambda t: pd.concat([t.iloc[:-1], t.iloc[:1]]), "1 row (120) with a pair that is on the list already."),
        (set_first("region", "nowhere"), "Region 'nowhere' has 1 pairs on the list and is not in the manifest."),
        (set_first("probability", 1.5), "1 row (1) with a probability outside (0, 1]."),
        (set_first("probability", 0.5), "are not its pairs drawn over those available."),
        (set_first("student_score", None), "1 row (1) without a number in student_score."),
        (lambda t: t.iloc[::-1], "The pairs are others than the manifest's, or in another order."),
    ],
)
def test_each_change_of_the_list_is_a_fault(tmp_path, change, fault):
    *_, jsonl, manifest = written(tmp_path)

    found = verify_manifest(changed(jsonl, change), manifest)

    assert not found.matches
    assert any(each.startswith("The file retrain_list.jsonl") for each in found.faults)
    assert any(fault in each for each in found.faults), found.faults


def test_quotas_that_do_not_add_up_are_a_fault(tmp_path):
    parquet, *_, manifest = written(tmp_path)
    document = json.loads(manifest.read_text())
    document["regions"][0]["n_drawn"] += 1
    manifest.write_text(json.dumps(document))

    faults = verify_manifest(parquet, manifest).faults

    assert any("quotas add up to 121; it says 120" in each for each in faults)
    assert any("The strata of region 'delivery' add up to" in each for each in faults)


def test_pairs_of_held_out_and_canary_files_are_faults(tmp_path):
    case = diagnosis()
    parquet, *_, manifest = written(tmp_path, case=case)
    own = exclude_sample(case.production)

    as_heldout = verify_manifest(parquet, manifest, heldout=own).faults
    as_canary = verify_manifest(parquet, manifest, canaries=[own]).faults

    assert "120 rows (1, 2, 3, ...) with a pair of the held-out file production." in as_heldout
    assert "production does not hold the pairs of the held-out sample that the list was drawn against." in as_heldout
    assert "120 rows (1, 2, 3, ...) with a pair of the canary file production." in as_canary
    assert "The canary file production is not among those that the manifest says were left out." in as_canary


def test_the_files_that_were_left_out_match(tmp_path):
    case = diagnosis()
    canary = read_excluded(pd.DataFrame({"query": ["query 1"], "doc": ["doc 1"]}), name="week")
    parquet, *_, manifest = written(tmp_path, case=case, exclude=[canary])

    found = verify_manifest(parquet, manifest, heldout=exclude_sample(case.heldout), canaries=[canary])

    assert found.faults == ()


def test_a_held_out_sample_without_docs_is_said_and_no_fault(tmp_path):
    case = diagnosis(heldout=sample([f"query {i}" for i in range(200)], name="heldout", seed=5))
    parquet, *_, manifest = written(tmp_path, case=case)

    found = verify_manifest(parquet, manifest, heldout=exclude_sample(case.heldout))

    assert found.faults == ()
    assert found.notes[0].startswith("Not compared with held-out: heldout has no docs, and a query alone may be")


def test_another_revision_is_a_fault(tmp_path):
    parquet, *_, manifest = written(tmp_path)

    faults = verify_manifest(parquet, manifest, teacher_revision="judge-3").faults

    assert faults == ("The manifest names the teacher revision judge-2; expected judge-3.",)


def test_an_informative_list_of_an_earlier_version_is_still_verified_by_its_bounds(tmp_path):
    *_, jsonl, path = written(tmp_path)
    other = changed(jsonl, set_first("probability", 0.5))
    document = json.loads(path.read_text())
    document["settings"]["spend"] = "informative"
    path.write_text(json.dumps(document))

    faults = verify_manifest(other, path).faults

    assert not any("drawn over those available" in fault for fault in faults)


def test_a_manifest_of_schema_1_is_still_read():
    folder = GOLDEN / "schema_1"

    found = verify_manifest(folder / "retrain_list.csv", folder / "manifest.json")

    assert (found.faults, found.notes, found.n_pairs) == ((), (), 24)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "is not a manifest"), ("{}", "is not a manifest: schema"), (None, "cannot be read")],
)
def test_what_is_no_manifest_is_refused(tmp_path, content, message):
    parquet, *_ = written(tmp_path)
    path = tmp_path / "odd.json"
    if content:
        path.write_text(content)

    with pytest.raises(InputError, match=message):
        verify_manifest(parquet, path)


def test_a_newer_schema_is_refused(tmp_path):
    parquet, *_, manifest = written(tmp_path)
    manifest.write_text(manifest.read_text().replace('"schema": 2', '"schema": 3'))

    with pytest.raises(InputError, match="has schema 3; this version reads 1 and 2"):
        verify_manifest(parquet, manifest)


def test_what_is_no_list_is_refused(tmp_path):
    *_, manifest = written(tmp_path)
    (tmp_path / "odd.csv").write_text("query,doc\na,b\n")

    with pytest.raises(InputError, match="is no retrain list: it lacks teacher_score, region, drifted, probability"):
        verify_manifest(tmp_path / "odd.csv", manifest)


STRATUM = ("regions", 0, "strata", 0)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ((*STRATUM, "n_drawn"), -5, r"regions\.0\.strata\.0\.n_drawn: .*greater than or equal to 0; found -5"),
        ((*STRATUM, "n_available"), -1, r"strata\.0\.n_available: .*found -1"),
        ((*STRATUM, "n_drawn"), 10**18, r"n_drawn: .*found 1000000000000000000"),
        ((*STRATUM, "n_drawn"), 10**9, "has 1,000,000,000 pairs drawn out of "),
        (("regions", 0, "n_drawn"), -1, r"regions\.0\.n_drawn: .*found -1"),
        (("n_pairs",), -1, "n_pairs: .*found -1"),
        (("settings", "floor"), 1e400, "settings.floor: "),
    ],
)
def test_a_count_that_cannot_be_is_refused_by_its_name(tmp_path, where, value, message):
    *lists, path = written(tmp_path)
    content = json.loads(path.read_text())
    place = content
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    path.write_text(json.dumps(content))

    with pytest.raises(InputError, match=rf"is not a manifest: .*{message}"):
        verify_manifest(lists[0], path)


def test_strata_that_do_not_add_up_to_their_quota_are_a_fault(tmp_path):
    *lists, path = written(tmp_path)
    content = json.loads(path.read_text())
    stratum = next(each for each in content["regions"][0]["strata"] if each["n_drawn"])
    stratum["n_available"] += 10**12
    stratum["n_drawn"] += 10**12
    path.write_text(json.dumps(content))

    assert any("The strata of region" in fault for fault in verify_manifest(lists[0], path).faults)
