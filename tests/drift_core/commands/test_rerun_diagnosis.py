import json

import pandas as pd
import pytest

from tests.drift_core.command_line import FAST, run, write_samples


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def document(files):
    """The JSON of a diagnosis that left the docs unused and drew whole queries, as plain values."""
    options = ("--column", "doc=", "--max-rows", 280, "--max-bytes", 1_000_000)
    return json.loads(run("diagnose", *files, *FAST, *options, "--json", "-")[1])


def draw(files, document, folder):
    (folder / "diagnosis.json").write_text(json.dumps(document))
    where = ("--diagnosis", folder / "diagnosis.json", "--out", folder / "list", "--no-cache")
    return run("manifest", files[1], *where, "--n", 40, "--floor", 5)


@pytest.mark.parametrize("is_of_the_command_line", [True, False])
def test_a_list_is_drawn_from_the_record_of_the_command_line_and_of_a_notebook(
    files, document, tmp_path, is_of_the_command_line
):
    kept = {name: value for name, value in document.items() if is_of_the_command_line or name != "read_with"}

    code, _, said = draw(files, kept, tmp_path)

    assert (code, said) == (0, "")
    assert len(pd.read_csv(tmp_path / "list" / "retrain_list.csv")) == 40


def test_the_limits_are_recorded(document):
    sampling = document["inputs"]["production"]["sampling"]

    assert (document["read_with"]["max_rows"], document["read_with"]["max_bytes"]) == (280, 1_000_000)
    assert (sampling["max_rows"], sampling["max_bytes"]) == (280, 1_000_000)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"inputs": None}, "inputs has a wrong value, None"),
        ({"regions": [{}]}, "regions.0.partition is missing"),
        ({"settings": {}}, "settings.n_clusters is missing"),
        ({"seed": "x"}, "seed has a wrong value, 'x'"),
        ({"seed": -1}, "seed has a wrong value, -1"),
        ({"rule": []}, "rule has a wrong value"),
        ({"schema": 2}, "schema has a wrong value, 2"),
        ({"read_with": {"max_rows": "many"}}, "read_with.max_rows has a wrong value, 'many'"),
    ],
)
def test_a_record_of_another_form_is_refused_by_the_name_of_the_field(files, document, tmp_path, changed, field):
    code, _, said = draw(files, document | changed, tmp_path)

    assert code == 2
    assert field in said
    assert said.count("Error") == 1


def test_own_embeddings_of_a_record_are_asked_for(files, document, tmp_path):
    kept = {name: value for name, value in document.items() if name != "read_with"}

    code, _, said = draw(files, kept | {"encoder": "vectors.npy@0123456789ab"}, tmp_path)

    assert code == 2
    assert "embeddings of your own, vectors.npy. Give them with --embeddings" in said
