import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnose import diagnose_files
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.diagnosis.settings import Settings
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import HashingEncoder
from drift_core.retrain_list.manifest import ListSettings, draw_list, draw_manifest, sampling_frame
from drift_core.retrain_list.near_duplicates import embed_pairs
from drift_core.retrain_list.read_diagnosis import read_diagnosis
from drift_core.samples.sample_files import SampleFiles
from drift_core.samples.written_labels import read_labels, write_labels
from drift_core.tables.json_text import json_text
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.small_case import small_diagnosis


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


@pytest.mark.parametrize("constant", ["heldout", "production"])
def test_a_list_is_drawn_where_a_column_divides_one_sample_and_is_constant_in_the_other(constant, tmp_path):
    files = write_samples(tmp_path)
    for name, file in zip(("heldout", "production"), files, strict=True):
        table = pd.read_csv(file)
        table["market"] = "eu" if name == constant else np.where(np.arange(len(table)) % 3 > 0, "eu", "us")
        table.to_csv(file, index=False)
    record = json.loads(run("diagnose", *files, *FAST, "--json", "-")[1])

    code, _, said = draw(files, record, tmp_path)

    assert (code, said) == (0, "")
    assert "market" in {each["name"] for each in record["partitions"]}
    assert ["market" in record["inputs"][side]["slices"] for side in ("heldout", "production")] == [
        constant != "heldout",
        constant != "production",
    ]


@pytest.mark.parametrize("named", [{"read_with": {"embeddings": "s3://evil/v.npy"}}, {"inputs": "heldout"}])
def test_an_address_in_a_record_is_not_asked(named, files, document, tmp_path):
    inputs = document["inputs"] | {"heldout": document["inputs"]["heldout"] | {"path": "s3://evil/held.csv"}}
    changed = {"inputs": inputs} if "inputs" in named else named

    code, _, said = draw(files, document | changed, tmp_path)

    assert code == 2
    assert "addresses are read where they are typed alone" in said


def test_the_limits_are_recorded(document):
    sampling = document["inputs"]["production"]["sampling"]

    assert (document["read_with"]["max_rows"], document["read_with"]["max_bytes"]) == (280, 1_000_000)
    assert (sampling["max_rows"], sampling["max_bytes"]) == (280, 1_000_000)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"inputs": None}, "inputs has a wrong value, None"),
        ({"regions": [{}]}, "regions.0.partition is missing"),
        ({"partitions": []}, "partitions has a wrong value, []"),
        ({"partitions": [{"name": 3}]}, "partitions.0.name has a wrong value, 3"),
        ({"partitions": [{"name": "a", "regions": ["b"], "pairs": "?"}]}, "by 'a' in"),
        (
            {"partitions": [{"name": "a", "regions": ["b"], "pairs": "eJwDAAAAAAE="}]},
            "expected 279 regions from 0 to 0",
        ),
        ({"encoder": 3}, "encoder has a wrong value, 3"),
        ({"rule": []}, "rule has a wrong value"),
        ({"schema": 2}, "schema has a wrong value, 2"),
        ({"read_with": {"embedder": 3}}, "read_with.embedder has a wrong value, 3"),
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


def test_a_record_without_the_regions_of_pairs_asks_for_another_diagnosis(files, document, tmp_path):
    older = [{name: each[name] for name in ("name", "kind", "n_regions", "reason")} for each in document["partitions"]]

    code, _, said = draw(files, document | {"partitions": older}, tmp_path)

    assert code == 2
    assert "does not tell the region of each pair" in said
    assert "Run diagnose with --json again." in said


def test_another_encoder_than_the_diagnosis_had_is_refused(files, document, tmp_path):
    (tmp_path / "diagnosis.json").write_text(json.dumps(document | {"encoder": "hashing-64"}))

    code, _, said = run(
        *("manifest", files[1], "--diagnosis", tmp_path / "diagnosis.json", "--out", tmp_path / "list", "--no-cache")
    )

    assert code == 2
    assert "was made with encoder hashing-64; this is hashing-512" in said


@pytest.mark.parametrize("kept", ["m@0123456789ab:float32", "m@0123456789ab:bfloat16"])
def test_what_runs_the_weights_of_an_encoder_makes_no_other_diagnosis(files, document, tmp_path, kept):
    (tmp_path / "diagnosis.json").write_text(json.dumps(document | {"encoder": kept}))
    encoder = SimpleNamespace(id="m@0123456789ab:onnx", dimension=512, encode=HashingEncoder().encode)
    embedding = EmbeddingSource(encoder=encoder, is_cached=False)

    made = read_diagnosis(tmp_path / "diagnosis.json", files[1], embedding=embedding)

    assert made.embeddings.encoder == "m@0123456789ab:onnx"


@pytest.mark.parametrize("partition", [None, "query clusters", "surface"])
def test_a_recorded_diagnosis_gives_the_list_that_the_diagnosis_itself_gives(files, tmp_path, partition):
    embedding = EmbeddingSource(encoder="hashing", is_cached=False)
    made = diagnose_files(
        SampleFiles(heldout=files[0], production=files[1]), embedding=embedding, settings=Settings(seed=4)
    )
    (tmp_path / "diagnosis.json").write_text(json_text(diagnosis_to_json(made)))
    settings = ListSettings(n=70, floor=8, seed=5)
    frame = sampling_frame(made, partition=partition, vectors=embed_pairs(made))

    again = draw_list(
        tmp_path / "diagnosis.json",
        files[1],
        settings=settings,
        partition=partition,
        embedding=EmbeddingSource(is_cached=False),
    )

    whole = draw_manifest(made, settings=settings, frame=frame)
    pd.testing.assert_frame_equal(again.pairs, whole.pairs)
    assert again.to_json() == whole.to_json()
    assert 0 < whole.pairs["drifted"].sum() < 70


def test_regions_of_pairs_are_read_back_for_rows_in_any_order():
    production = small_diagnosis().production
    labels = np.random.default_rng(0).integers(0, 9, len(production))

    text = write_labels(labels, production)

    assert (read_labels(text, production, n_regions=9) == labels).all()
    with pytest.raises(ValueError, match="expected 240 regions from 0 to 4"):
        read_labels(text, production, n_regions=5)
