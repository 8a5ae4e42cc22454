import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drift_core.errors import EngineError, InputError
from drift_core.regions.encoding import load_encoder
from drift_core.traffic import embed_log as module
from drift_core.traffic.embed_log import EmbedPart, EmbedSettings, embed_log
from drift_core.traffic.engine import Engine
from tests.drift_core.command_line import FAST, run, write_samples

SMALL = EmbedSettings(encoder="hashing", part_texts=40)


@pytest.fixture
def log(tmp_path):
    """A log of 200 distinct queries, each three times."""
    texts = [f"where is parcel {number} of order {number % 7}" for number in range(200)]
    pd.DataFrame({"query": texts * 3 + ["", None]}).to_parquet(tmp_path / "log.parquet")
    return tmp_path / "log.parquet"


def parts(folder):
    table = pq.read_table(folder)
    return table["query"].to_pylist(), np.array(table["vector"].to_pylist(), dtype=np.float32)


def check_whole(folder, log):
    """Nothing twice, nothing missing, and each vector that of the encoder, bit for bit."""
    texts, vectors = parts(folder)
    assert sorted(texts) == sorted(pd.read_parquet(log)["query"].replace("", None).dropna().unique())
    assert np.array_equal(vectors, load_encoder("hashing").encode(texts))


def test_each_query_is_embedded_once_with_the_bits_of_the_encoder(log, tmp_path):
    done = embed_log(log, tmp_path / "parts", settings=SMALL)

    assert (done.n_before, done.n_added, done.encoder) == (0, 200, "hashing-512")
    assert len(list((tmp_path / "parts").glob("*.parquet"))) == 5
    check_whole(tmp_path / "parts", log)


def test_a_run_that_ends_midway_is_gone_on_from_and_a_longer_log_adds_its_own(log, tmp_path, monkeypatch):
    seen = []

    class Stopping(EmbedPart):
        def __call__(self, table):
            if len(seen) == 2:
                raise KeyboardInterrupt
            seen.append(table["query"].to_pylist())
            return super().__call__(table)

    monkeypatch.setattr(module, "EmbedPart", Stopping)
    with pytest.raises(KeyboardInterrupt):
        embed_log(log, tmp_path / "parts", settings=SMALL)
    monkeypatch.undo()
    half = tmp_path / "parts" / f".{'0' * 15}-{'f' * 15}.parquet.17"
    half.write_bytes(b"half")
    (tmp_path / "parts" / ".theirs.parquet.crc").write_bytes(b"theirs")

    again = embed_log(log, tmp_path / "parts", settings=SMALL)

    assert (again.n_before, again.n_added) == (80, 120)
    assert not half.exists()
    assert (tmp_path / "parts" / ".theirs.parquet.crc").exists()
    check_whole(tmp_path / "parts", log)
    grown = tmp_path / "grown.parquet"
    pd.concat([pd.read_parquet(log), pd.DataFrame({"query": ["a new one"]})]).to_parquet(grown)
    assert embed_log(grown, tmp_path / "parts", settings=SMALL).n_added == 1
    check_whole(tmp_path / "parts", grown)


def test_a_process_that_is_killed_leaves_whole_parts_and_the_next_run_adds_the_rest(log, tmp_path):
    folder = tmp_path / "parts"
    options = ("--out", str(folder), "--embedder", "hashing", "--part-texts", "1")
    command = [sys.executable, "-m", "drift_core", "embed", str(log), *options]
    process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(folder.glob("*.parquet"))) < 3:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()

    code, _, _ = run(*command[3:])

    assert code == 0
    check_whole(folder, log)


def test_a_folder_of_another_encoder_or_in_use_is_refused(log, tmp_path):
    embed_log(log, tmp_path / "parts", settings=SMALL)
    part = next((tmp_path / "parts").glob("*.parquet"))
    other = pq.read_table(part).replace_schema_metadata({b"distillation_drift.encoder": b"other@1"})
    (tmp_path / "others").mkdir()
    pq.write_table(other, tmp_path / "others" / part.name)

    with pytest.raises(InputError, match="holds vectors of other@1; this is hashing-512"):
        embed_log(log, tmp_path / "others", settings=SMALL)
    with module._locked(tmp_path / "parts"), pytest.raises(InputError, match="Another run embeds into"):
        embed_log(log, tmp_path / "parts", settings=SMALL)


def test_a_diagnosis_by_a_folder_is_that_by_the_encoder(tmp_path):
    samples = write_samples(tmp_path)
    for sample in samples:
        assert run("embed", sample, "--out", tmp_path / "parts", "--embedder", "hashing")[0] == 0
    for name, by in (("encoder", FAST), ("folder", ["--clusters", "3", "--embeddings", tmp_path / "parts"])):
        run("diagnose", *samples, *by, "--pairs", tmp_path / f"{name}.csv")

    one, other = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("encoder", "folder"))

    assert one[["cluster", "drifted"]].equals(other[["cluster", "drifted"]])


def test_a_folder_that_lacks_texts_of_a_diagnosis_is_refused(tmp_path):
    heldout, production = write_samples(tmp_path)
    run("embed", heldout, "--out", tmp_path / "parts", "--embedder", "hashing")

    code, _, said = run("diagnose", heldout, production, "--embeddings", tmp_path / "parts")

    assert code == 2
    assert "distinct queries have no vector, for example" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--actors", "2"], "--actors and --gpus are those of Ray"),
        (["--part-texts", "0"], "Texts a part must be in [1, 1,000,000]; found 0"),
        (["--column", "query=q"], "has no column 'q', named for query"),
    ],
)
def test_settings_out_of_range_are_said(log, tmp_path, options, words):
    code, _, said = run("embed", log, "--out", tmp_path / "parts", "--embedder", "hashing", *options)

    assert code == 2
    assert words in said


def test_a_folder_of_other_files_is_refused_in_words(tmp_path):
    (tmp_path / "parts").mkdir()
    pd.DataFrame({"query": ["a", "b"]}).to_parquet(tmp_path / "parts" / "log.parquet")

    code, _, said = run(
        "embed", tmp_path / "parts" / "log.parquet", "--out", tmp_path / "parts", "--embedder", "hashing"
    )

    assert code == 2
    assert "is no part that embed wrote: it has no column number. Choose another folder." in said


def test_a_cluster_where_nothing_answers_is_one_message_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")

    with pytest.raises(EngineError, match=r"^The Ray cluster at 127\.0\.0\.1:1 cannot be begun: Connection refused\. "):
        list(Engine(name="ray").run([pa.table({"a": [1]})], len, folder=tmp_path))
