import json

import pandas as pd
import pytest

from drift_core.commands.column_option import column_mapping, roles_of
from drift_core.errors import SettingError
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.comparison.two_students import frame
from tests.sweeps import sweep


def test_one_sample_has_roles_alone():
    assert roles_of(["query=QUESTION", " doc = a=b "]) == {"query": "QUESTION", "doc": "a=b"}


def test_an_option_holds_for_all_samples_unless_it_names_one():
    given = ["teacher=JUDGE", "heldout.teacher=MARK", "production.user.land=Land"]

    assert column_mapping(given, "heldout") == {"teacher": "MARK"}
    assert column_mapping(given, "production") == {"teacher": "JUDGE", "user.land": "Land"}


@pytest.mark.parametrize("option", ["teacher", "=x", "week.teacher=x", "heldout.=x"])
def test_an_option_of_another_form_is_refused(option):
    with pytest.raises(SettingError, match="--column expects ROLE=COLUMN, heldout"):
        column_mapping([option], "heldout")


@pytest.fixture
def spelled(tmp_path):
    """Held-out has the slice `land`, production `Land`."""
    files = write_samples(tmp_path)
    for path, name in zip(files, ("land", "Land"), strict=True):
        pairs = pd.read_csv(path)
        pairs.assign(**{name: ["at", "de"] * (len(pairs) // 2)}).to_csv(path, index=False)
    return files


NAMED = ("--column", "production.land=Land")


def regions(document):
    return {region["name"] for region in document["regions"] if region["partition"] == "land"}


def test_diagnose_tells_the_option_that_compares_a_slice_spelled_differently(spelled):
    told = run("diagnose", *spelled, *FAST)[1]
    document = json.loads(run("diagnose", *spelled, *FAST, *NAMED, "--json", "-")[1])

    assert "--column production.land=Land" in told
    assert regions(document) == {"at", "de"}
    assert document["inputs"]["production"]["columns"]["land"] == "Land"


@pytest.mark.parametrize("is_of_the_command_line", sweep((True, False), True))
def test_a_list_is_drawn_from_a_diagnosis_with_a_named_slice(spelled, tmp_path, is_of_the_command_line):
    document = json.loads(run("diagnose", *spelled, *FAST, *NAMED, "--json", "-")[1])
    kept = {name: value for name, value in document.items() if is_of_the_command_line or name != "read_with"}
    (tmp_path / "d.json").write_text(json.dumps(kept))

    code, _, said = run(
        *("manifest", spelled[1], "--diagnosis", tmp_path / "d.json", "--out", tmp_path / "list", "--no-cache"),
        *("--n", 40, "--floor", 5, "--partition", "land"),
    )

    assert (code, said) == (0, "")
    assert set(pd.read_csv(tmp_path / "list" / "retrain_list.csv")["land"]) == {"at", "de"}


def test_canary_compares_a_slice_spelled_differently(spelled, tmp_path):
    where = ("--history", tmp_path / "canary.db", "--teacher-revision", "r-1", "--json", tmp_path / "week.json")

    code, shown, _ = run("canary", *spelled, *FAST, *NAMED, *where)
    record = run("history", "export", tmp_path / "weeks.csv", "--history", tmp_path / "canary.db")

    assert (code, record[0]) == (0, 0)
    assert "spelled" not in shown
    assert '"land"' in pd.read_csv(tmp_path / "weeks.csv")["record"][0]


def test_compare_names_a_slice_in_one_of_its_samples(tmp_path):
    one, two = tmp_path / "frozen.csv", tmp_path / "fresh.csv"
    frame().rename(columns={"region": "Land"}).to_csv(one, index=False)
    frame(seed=2).to_csv(two, index=False)

    shown = run("compare", one, "--no-clusters", "--fresh", two, "--column", "frozen.region=Land", "--json", "-")[1]
    refused = run("compare", one, "--no-clusters", "--fresh", two, "--column", "heldout.region=Land")[2]

    assert {part["partition"] for part in json.loads(shown)["parts"]} == {None, "region"}
    assert "--column expects ROLE=COLUMN, frozen.ROLE=COLUMN, fresh.ROLE=COLUMN or tail.ROLE=COLUMN" in refused
