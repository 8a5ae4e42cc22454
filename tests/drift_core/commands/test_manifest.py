import json
from datetime import UTC, datetime

import pandas as pd
import pytest

from drift_core.history.history import open_history
from drift_core.history.withdraw import withdraw_run
from drift_core.samples.reading import read_pairs
from tests.drift_core.canary.runs_by_hand import week
from tests.drift_core.command_line import FAST, run, write_samples


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def record(files, tmp_path_factory):
    path = tmp_path_factory.mktemp("diagnosed") / "diagnosis.json"
    run("diagnose", *files, *FAST, "--json", path)
    return path


@pytest.fixture(scope="module")
def weeks(files, tmp_path_factory):
    """Two canary weeks cut out of production, and the folder that they are in."""
    folder = tmp_path_factory.mktemp("weeks")
    table = pd.read_csv(files[1])
    for name, rows in (("week-1", table[:40]), ("week-2", table[40:80])):
        rows.to_csv(folder / f"{name}.csv", index=False)
    return folder


def drawn(files, record, out, *more):
    return run("manifest", files[1], "--diagnosis", record, "--n", 60, "--floor", 5, "--no-cache", "--out", out, *more)


def test_help_tells_of_both_ways():
    _, shown, _ = run("manifest", "--help")
    _, of_verify, _ = run("manifest", "verify", "--help")

    assert "manifest verify LIST MANIFEST" in " ".join(shown.split())
    assert all(option in shown for option in ("--canary", "--history", "--format"))
    assert all(option in of_verify for option in ("--heldout", "--canary", "--teacher-revision"))


def test_a_drawn_list_is_verified_with_the_files_that_were_left_out(files, record, weeks, tmp_path):
    code, shown, said = drawn(
        *(files, record, tmp_path, "--canary", weeks / "week-*.csv", "--teacher-revision", "judge-2"),
    )
    assert (code, said) == (0, "")
    assert "80 of canary weeks" in shown

    checks = ("--heldout", files[0], "--canary", weeks / "week-*.csv", "--teacher-revision", "judge-2")
    for name in ("parquet", "csv", "jsonl"):
        found = run("manifest", "verify", tmp_path / f"retrain_list.{name}", tmp_path / "manifest.json", *checks)
        assert found == (0, "The list matches its manifest: 60 pairs.\n", "")


def test_files_with_other_column_names_are_read_when_told_and_say_how(files, record, weeks, tmp_path):
    drawn(files, record, tmp_path, "--canary", weeks / "week-1.csv")
    other = {"query": "Frage", "doc": "Text der Antwort"}
    pd.read_csv(files[0]).rename(columns=other).to_csv(tmp_path / "held.csv", index=False)
    verify = ("manifest", "verify", tmp_path / "retrain_list.csv", tmp_path / "manifest.json")
    heldout = ("--heldout", tmp_path / "held.csv", "--canary", weeks / "week-1.csv")

    code, _, said = run(*verify, *heldout)
    assert code == 2
    assert "held.csv has no column for query. It has: " in said
    assert "Name it with --column query=COLUMN." in said

    told = run(*verify, *heldout, "--column", "heldout.query=Frage")[1]
    assert "held.csv has no docs" in told
    assert "--column doc=COLUMN" in told
    both = ("--column", "heldout.query=Frage", "--column", "heldout.doc=Text der Antwort")
    assert run(*verify, *heldout, *both)[:2] == (
        0,
        "The list matches its manifest: 60 pairs.\nNote: The manifest names no teacher revision.\n",
    )
    assert "held.csv has no column 'Passage'" in run(*verify, *heldout, *both, "--column", "heldout.doc=Passage")[2]
    assert "There is no role called 'frage'" in run(*verify, *heldout, "--column", "frage=Frage")[2]


def test_a_canary_week_with_other_column_names_is_kept_off_the_list(files, record, weeks, tmp_path):
    week = pd.read_csv(weeks / "week-1.csv").rename(columns={"query": "Frage", "doc": "Dokument"})
    week.to_csv(tmp_path / "week.csv", index=False)
    columns = ("--column", "query=Frage", "--column", "canary.doc=Dokument")

    assert "--column query=COLUMN" in drawn(files, record, tmp_path / "a", "--canary", tmp_path / "week.csv")[2]
    code, shown, _ = drawn(files, record, tmp_path / "b", "--canary", tmp_path / "week.csv", *columns)

    assert code == 0
    assert "40 of canary weeks" in shown


def test_held_out_and_canary_files_each_have_column_names_of_their_own(files, record, weeks, tmp_path):
    week = pd.read_csv(weeks / "week-1.csv").rename(columns={"query": "Anfrage", "doc": "Dokument"})
    week.to_csv(tmp_path / "week.csv", index=False)
    held = pd.read_csv(files[0]).rename(columns={"query": "Frage", "doc": "Text"})
    held.to_csv(tmp_path / "held.csv", index=False)
    drawn(files, record, tmp_path, "--canary", weeks / "week-1.csv")
    given = ("canary.query=Anfrage", "canary.doc=Dokument", "heldout.query=Frage", "heldout.doc=Text")
    columns = [word for each in given for word in ("--column", each)]

    code, shown, _ = run(
        *("manifest", "verify", tmp_path / "retrain_list.csv", tmp_path / "manifest.json"),
        *("--heldout", tmp_path / "held.csv", "--canary", tmp_path / "week.csv", *columns),
    )

    assert (code, shown.splitlines()[0]) == (0, "The list matches its manifest: 60 pairs.")


@pytest.mark.parametrize(
    ("command", "column", "told"),
    [
        ("draw", "heldout.doc=nonsense", "ROLE=COLUMN or canary.ROLE=COLUMN"),
        ("draw", "production.doc=doc", "ROLE=COLUMN or canary.ROLE=COLUMN"),
        ("verify", "production.doc=doc", "ROLE=COLUMN, heldout.ROLE=COLUMN or canary.ROLE=COLUMN"),
    ],
)
def test_a_column_of_another_file_than_the_command_reads_is_refused(
    files, record, weeks, tmp_path, command, column, told
):
    drawn(files, record, tmp_path)
    canary = ("--canary", weeks / "week-1.csv", "--column", column)
    verify = ("manifest", "verify", tmp_path / "retrain_list.csv", tmp_path / "manifest.json", *canary)

    code, _, said = drawn(files, record, tmp_path / "b", *canary) if command == "draw" else run(*verify)

    assert code == 2
    assert f"--column expects {told}; found {column!r}." in said


def test_a_list_that_does_not_match_ends_with_1_and_a_line_a_fault(files, record, weeks, tmp_path):
    drawn(files, record, tmp_path)
    path = tmp_path / "retrain_list.csv"
    pd.read_csv(path).iloc[1:].to_csv(path, index=False)

    code, shown, said = run("manifest", "verify", path, tmp_path / "manifest.json", "--canary", weeks / "week-1.csv")

    lines = shown.splitlines()
    assert (code, said) == (1, "")
    assert lines[0].startswith("The list does not match its manifest: ")
    assert "The list has 59 pairs; the manifest says 60." in lines
    assert lines[-1] == "Note: The manifest names no teacher revision."


def test_files_that_cannot_be_read_end_with_2(tmp_path):
    code, shown, said = run("manifest", "verify", tmp_path / "gone.csv", tmp_path / "gone.json")

    assert (code, shown) == (2, "")
    assert "gone.json cannot be read" in said


def test_recorded_weeks_without_a_file_are_named_withdrawn_ones_too(files, record, weeks, tmp_path):
    place = tmp_path / "canary.db"
    with open_history(place) as history:
        for day, digest in ((4, read_pairs(weeks / "week-1.csv").digest), (11, "another"), (18, "withdrawn")):
            history.record(week(at=datetime(2026, 5, day, tzinfo=UTC), production_digest=digest))
        withdraw_run(history, "2026-05-18", by="Ada", reason="Wrong file")

    code, _, said = drawn(files, record, tmp_path / "list", "--canary", weeks / "week-1.csv", "--history", place)

    described = json.loads((tmp_path / "list" / "manifest.json").read_text())
    assert code == 0
    assert said == "Note: canary weeks not kept off the list, for their files were not given: 2026-05-11, 2026-05-18.\n"
    assert described["unchecked_weeks"] == ["2026-05-11", "2026-05-18"]
    assert [each["n_left_out"] for each in described["excluded"]] == [40]


def test_a_recorded_week_of_other_column_names_is_known_as_the_diagnosis_read_it(files, tmp_path):
    named = {"teacher": "verdict", "student": "chance"}
    paths = [tmp_path / name for name in ("held.csv", "now.csv", "week.csv")]
    for path, rows in zip(paths, (slice(None), slice(40, None), slice(40)), strict=True):
        table = pd.read_csv(files[0] if path == paths[0] else files[1])[rows]
        table.rename(columns={"teacher_score": "verdict", "student_score": "chance"}).to_csv(path, index=False)
    columns = [word for role, column in named.items() for word in ("--column", f"{role}={column}")]
    assert run("diagnose", *paths[:2], *columns, *FAST, "--json", tmp_path / "diagnosis.json")[0] == 0
    with open_history(tmp_path / "canary.db") as history:
        history.record(week(production_digest=read_pairs(paths[2], columns=named).digest))
    drawing = ("--diagnosis", tmp_path / "diagnosis.json", "--n", 60, "--no-cache", "--history", tmp_path / "canary.db")

    given = run("manifest", paths[1], *drawing, "--canary", paths[2], "--out", tmp_path / "a")
    pd.read_csv(paths[2]).rename(columns={"chance": "odd"}).to_csv(tmp_path / "odd.csv", index=False)
    unknown = run("manifest", paths[1], *drawing, "--canary", tmp_path / "odd.csv", "--out", tmp_path / "b")[2]

    assert (given[0], given[2]) == (0, "")
    assert "canary weeks not kept off the list" in unknown
    assert "odd.csv, whose scores were not found: name them with --column" in unknown


def test_the_tail_set_is_kept_off_the_list_and_must_be_given_where_the_card_has_one(files, record, tmp_path):
    tail, card = tmp_path / "tail.csv", tmp_path / "judges.yaml"
    table = pd.read_csv(files[1])
    first = table["query"].isin(table["query"].unique()[:60])
    table[first].assign(query=lambda each: "=" + each["query"]).to_csv(tmp_path / "hard.csv", index=False)
    marked = table.assign(query=table["query"].where(~first, "=" + table["query"]))
    marked.to_csv(tmp_path / "now.csv", index=False)
    run("card", "init", "--student-version", "ranker-2", "--out", card)
    run("tail", files[0], tmp_path / "hard.csv", "--n", 20, "--out", tail, "--card", card, *FAST[:2], "--no-cache")
    run("diagnose", files[0], tmp_path / "now.csv", *FAST, "--json", tmp_path / "diagnosis.json")
    drawing = ("manifest", tmp_path / "now.csv", "--diagnosis", tmp_path / "diagnosis.json", "--n", 60, "--no-cache")

    code, shown, _ = run(*drawing, "--tail", tail, "--card", card, "--out", tmp_path / "list")
    without = run(*drawing, "--card", card, "--out", tmp_path / "b")
    fewer = pd.read_csv(tail).iloc[1:]
    fewer.to_csv(tmp_path / "fewer.csv", index=False)

    drawn = pd.read_parquet(tmp_path / "list" / "retrain_list.parquet")
    assert code == 0
    assert " 20 of canary weeks or the tail set" in shown
    assert not set(pd.read_csv(tail)["pair_digest"]) & set(drawn["pair_digest"])
    assert (without[0], run(*drawing, "--card", card, "--tail", tmp_path / "fewer.csv", "--out", tmp_path)[0]) == (2, 2)
    assert "The judge card has a tail set, whose pairs must stay off the list" in without[2]


def test_every_export_is_written_where_the_manifest_says(files, record, tmp_path):
    formats = ("huggingface", "label-studio", "croissant")

    code, shown, _ = drawn(files, record, tmp_path, *(word for name in formats for word in ("--format", name)))

    described = json.loads((tmp_path / "manifest.json").read_text())
    assert code == 0
    assert all((tmp_path / name).is_file() for name in (*described["files"], *described["exports"]))
    assert str(tmp_path / "huggingface" / "data" / "train.parquet") in shown


def test_an_unknown_format_is_refused_before_the_work(record, files, tmp_path):
    assert "found xlsx" in drawn(files, record, tmp_path / "a", "--format", "xlsx")[2]
    assert not (tmp_path / "a").exists()


def test_a_list_is_drawn_from_a_diagnosis_that_set_odd_scores_aside(files, tmp_path):
    table = pd.read_csv(files[1])
    broken = table.copy()
    broken.loc[broken.index[::8], "teacher_score"] = -100.0
    production = tmp_path / "broken.csv"
    broken.to_csv(production, index=False)
    code, shown, _ = run("diagnose", files[0], production, *FAST, "--json", tmp_path / "diagnosis.json")

    found = drawn((files[0], production), tmp_path / "diagnosis.json", tmp_path / "list")

    assert code == 0
    assert "-100" in shown.split("Agreement went")[0]
    assert found[0] == 0, found
    drawn_pairs = pd.read_csv(tmp_path / "list" / "retrain_list.csv")
    assert len(drawn_pairs) == 60


def test_a_file_that_was_split_goes_all_the_way_and_the_list_names_its_rows(files, tmp_path):
    halves = [pd.read_csv(path).assign(half=half) for half, path in zip(("old", "new"), files, strict=True)]
    whole = pd.concat(halves).sample(frac=1, random_state=2).reset_index(drop=True)
    path, record = tmp_path / "both.csv", tmp_path / "d.json"
    whole.to_csv(path, index=False)
    split = ("--split", "half=new")

    assert run("diagnose", path, *split, *FAST, "--json", record)[0] == 0
    code, _, said = drawn((path, path), record, tmp_path / "out")
    assert (code, said) == (0, "")
    listed = pd.read_csv(tmp_path / "out" / "retrain_list.csv")
    rows = whole.iloc[listed["row"]]
    assert rows["query"].tolist() == listed["query"].tolist()
    assert set(rows["half"]) == {"new"}

    verify = ("manifest", "verify", tmp_path / "out" / "retrain_list.csv", tmp_path / "out" / "manifest.json")
    assert run(*verify, "--heldout", path, *split)[0] == 0
    assert run(*verify, "--heldout", path)[0] == 1  # all of the file would be held-out

    names = ("--history", tmp_path / "c.db", "--teacher-revision", "r", "--student-version", "s")
    code, _, _ = run("canary", path, *split, *FAST, *names, "--json", tmp_path / "week.json")
    assert code == 0
    assert json.loads((tmp_path / "week.json").read_text())["n_pairs"] == len(halves[1])
    assert run("plan", path, *split)[0] == 0
