import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from drift_core.retrain_list.settings import LARGEST_USUAL, USUAL_FLOOR, ListSettings
from drift_core.samples.limits import Limits
from drift_core.simulation.simulate import SCENARIOS
from tests.drift_core.command_line import FAST, run, write_samples


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def diagnosed(files, tmp_path_factory):
    """Folder with all that one diagnosis writes."""
    folder = tmp_path_factory.mktemp("diagnosed")
    _, shown, _ = run(
        *("diagnose", *files, *FAST, "--k", 20, "--seed", 3),
        *("--json", folder / "diagnosis.json", "--pairs", folder / "pairs.csv", "--report", folder / "report.html"),
    )
    written = [line for line in shown.splitlines() if line.startswith("Wrote ")]
    assert written == [f"Wrote {folder / name}." for name in ("diagnosis.json", "pairs.csv", "report.html")]
    return folder


@pytest.fixture(scope="module")
def record(diagnosed):
    """The JSON of a diagnosis."""
    return diagnosed / "diagnosis.json"


def test_help_documents_every_option_and_loads_nothing_heavy():
    look = (
        "import sys; from drift_core.cli import main; sys.argv = ['x', 'diagnose', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'umap', 'sklearn', 'streamlit', 'pandas', 'scipy', 'duckdb', 'altair'} & set(sys.modules)\n"
        "print('heavy:', heavy)"
    )

    shown = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout

    assert "heavy: set()" in shown
    for option in (
        "--json",
        "--pairs",
        "--report",
        "--rule",
        "--slice",
        "--k",
        "--embeddings",
        "--no-cache",
        "--column",
    ):
        assert option in shown


@pytest.mark.parametrize("command", ["app", "calibrate", "costs", "diagnose", "plan", "sample", "simulate"])
def test_every_command_has_help_for_all_it_takes(command):
    function = getattr(import_module(f"drift_core.commands.{command}"), command)
    documented = [each.annotation.__metadata__[0].help for each in inspect.signature(function).parameters.values()]

    code, shown, _ = run(command, "--help")

    assert code == 0
    assert function.__doc__.splitlines()[0][:40] in " ".join(shown.split())
    assert all(documented)


def test_defaults_in_the_help_are_those_of_the_settings():
    _, of_manifest, _ = run("manifest", "--help")
    _, of_diagnose, _ = run("diagnose", "--help")
    _, of_simulate, _ = run("simulate", "--help")

    settings = ListSettings()
    shown = " ".join(of_manifest.split())
    assert settings.n is None
    assert (
        "by default half of the different pairs, so that drifted regions can get twice their share: at most "
        f"{LARGEST_USUAL:,}" in shown
    )
    assert f"or all of it; by default {USUAL_FLOOR}, or fewer" in shown
    assert f"counts as traffic. [default: {settings.drifted_weight}]" in shown
    assert f"by default {Limits().max_rows:,}." in " ".join(of_diagnose.split())
    assert all(name in of_simulate for name in SCENARIOS)


def test_without_json_the_verdict_is_told_in_words(files):
    code, shown, said = run("diagnose", *files, *FAST)

    assert code in (0, 3)
    assert "spread" in shown
    assert "At K = 10" in shown
    assert "held-out  production  traffic" in shown
    assert said == ""


def test_the_json_is_strict_and_holds_the_contract(files, record):
    document = json.loads(record.read_text(), parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))

    assert {"schema", "version", "cause", "inferred", "summary", "findings", "tests", "regions", "attribution"} <= set(
        document
    )
    assert [test["name"] for test in document["tests"]] == ["spread", "top_k", "regions"]
    assert document["rule"]["k"] == document["tests"][1]["k"] == 20
    assert document["seed"] == 3
    assert document["inputs"]["heldout"]["path"] == files[0]


def test_the_same_input_gives_the_same_bytes_on_standard_output_too(files, record):
    _, shown, said = run("diagnose", *files, *FAST, "--k", 20, "--seed", 3, "--json", "-")

    assert shown == record.read_text()
    assert said == ""


def test_an_inconclusive_cause_has_its_own_exit_code(files, tmp_path):
    few = pd.read_csv(files[1]).head(25)
    few.to_csv(tmp_path / "few.csv", index=False)

    code, shown, _ = run("diagnose", files[0], tmp_path / "few.csv", *FAST)

    assert code == (3 if shown.startswith("Inconclusive") else 0)


def test_pairs_have_one_row_a_production_pair_in_input_order(files, diagnosed):
    table = pd.read_csv(diagnosed / "pairs.csv")

    assert list(table.columns[:5]) == ["row", "cluster", "drifted", "x", "y"]
    assert table["row"].tolist() == list(range(300))
    assert table["surface"].tolist() == pd.read_csv(files[1])["surface"].tolist()
    assert np.isfinite(table[["x", "y"]].to_numpy()).all()


def test_the_report_is_one_file_that_loads_nothing(diagnosed):
    page = (diagnosed / "report.html").read_text()

    assert page.startswith("<!DOCTYPE html>")
    assert "src=" not in page
    assert "<link" not in page


def test_columns_can_be_named_for_both_samples_or_for_one(files, tmp_path):
    frame = pd.read_csv(files[1]).rename(columns={"student_score": "s2"})
    frame.to_csv(tmp_path / "other.csv", index=False)

    _, shown, _ = run(
        "diagnose", files[0], tmp_path / "other.csv", *FAST, "--column", "production.student=s2", "--json", "-"
    )

    columns = {name: sample["columns"] for name, sample in json.loads(shown)["inputs"].items()}
    assert (columns["heldout"]["student"], columns["production"]["student"]) == ("student_score", "s2")


def test_one_sample_can_come_from_standard_input_and_a_rule_from_a_file(files, tmp_path):
    (tmp_path / "rule.toml").write_text("k = 15\nmaterial_loss = 0.02\n")

    with Path(files[1]).open() as production, mock.patch.object(sys, "stdin", production):
        _, shown, _ = run("diagnose", files[0], "-", *FAST, "--json", "-", "--rule", tmp_path / "rule.toml")

    document = json.loads(shown)
    assert document["inputs"]["production"]["n_pairs"] == 300
    assert (document["rule"]["k"], document["rule"]["material_loss"]) == (15, 0.02)


def test_the_retrain_list_is_drawn_from_the_recorded_diagnosis(files, record, tmp_path):
    heldout = pd.read_csv(files[0])

    code, shown, said = run(
        "manifest",
        files[1],
        "--diagnosis",
        record,
        "--n",
        80,
        "--floor",
        10,
        "--seed",
        7,
        "--out",
        tmp_path,
        "--no-cache",
    )

    drawn = pd.read_csv(tmp_path / "retrain_list.csv")
    described = json.loads((tmp_path / "manifest.json").read_text())
    assert (code, said) == (0, "")
    assert len(drawn) == 80 == sum(region["n_drawn"] for region in described["regions"])
    assert drawn.groupby("region").size().min() >= 10
    assert not set(zip(drawn["query"], drawn["doc"], strict=True)) & set(
        zip(heldout["query"], heldout["doc"], strict=True)
    )
    assert "80 pairs from" in shown


def test_a_list_is_not_drawn_from_another_sample(files, record, tmp_path):
    pd.read_csv(files[1]).head(200).to_csv(tmp_path / "other.csv", index=False)

    code, _, said = run("manifest", tmp_path / "other.csv", "--diagnosis", record, "--out", tmp_path / "list")

    assert code == 2
    assert "is not the production sample that was diagnosed" in said
    assert not (tmp_path / "list").exists()


def test_rows_in_another_order_are_the_same_sample(files, record, tmp_path):
    shuffled = pd.read_csv(files[1]).sample(frac=1, random_state=0)
    shuffled.to_csv(tmp_path / "shuffled.csv", index=False)
    arguments = ("--diagnosis", record, "--n", 50, "--floor", 5, "--no-cache", "--format", "csv")

    run("manifest", files[1], *arguments, "--out", tmp_path / "a")
    run("manifest", tmp_path / "shuffled.csv", *arguments, "--out", tmp_path / "b")

    first, second = (pd.read_csv(tmp_path / name / "retrain_list.csv").drop(columns="row") for name in "ab")
    pd.testing.assert_frame_equal(first, second)


def test_a_held_out_file_that_is_gone_is_asked_for(files, record, tmp_path):
    moved = json.loads(record.read_text())
    moved["inputs"]["heldout"]["path"] = str(tmp_path / "gone.csv")
    (tmp_path / "moved.json").write_text(json.dumps(moved))
    arguments = ("manifest", files[1], "--diagnosis", tmp_path / "moved.json", "--out", tmp_path / "list", "--no-cache")

    code, _, said = run(*arguments)

    assert code == 2
    assert "Give it with --heldout" in said
    assert run(*arguments, "--heldout", files[0])[0] == 0


def test_a_plan_asks_for_more_pairs_for_a_smaller_loss_and_names_their_price(files):
    plans = [json.loads(run("plan", *files, "--loss", loss, "--price", 0.5, "--json")[1]) for loss in (0.12, 0.1)]
    _, shown, _ = run("plan", *files, "--loss", 0.1, "--price", 0.5)

    assert plans[0]["n_pairs"] < plans[1]["n_pairs"]
    assert plans[1]["cost"] == plans[1]["more_pairs"] * 0.5
    assert f"{plans[1]['n_pairs']:,} production pairs" in shown


def test_simulate_writes_the_shipped_files_again(tmp_path):
    code, shown, _ = run("simulate", "healthy", "--out", tmp_path)

    assert code == 0
    assert shown.count("Wrote ") == 3
    assert (tmp_path / "healthy" / "heldout.csv").is_file()


def test_prices_give_the_options_their_amounts(files):
    prices = ("--price", 0.002, "--student-price", 0.02, "--calls", 1_000_000, "--retrain-pairs", 500)

    code, shown, _ = run("diagnose", *files, *FAST, *prices, "--json", "-")

    options = json.loads(shown)["options"]
    assert code in (0, 3)
    assert [each["way"] for each in options["choices"]] == ["nothing", "route", "retrain"]
    assert options["choices"][2]["once"] in (None, 0.598)  # 299 pairs that held-out lacks
    assert "draw more for 500" in options["choices"][2]["note"]
