"""Files in object storage, read through the file systems of their libraries from a server that answers as theirs do."""

import gzip
import io
import json
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drift_core import installation
from drift_core.commands import app
from drift_core.errors import InputError, MissingExtraError
from drift_core.installation import FILES_VARIABLE
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.samples.reading import read_pairs
from drift_core.tables import place_systems, places
from drift_core.tables.addresses import refuse_address
from drift_core.tables.places import each_copied_once
from drift_core.tables.small_files import read_small
from drift_core.tables.writing import check_folder, check_place, make_folder
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.tables.object_servers import COMMIT, environment, object_server

KINDS = ("s3://ours", "gs://ours", "abfs://ours", "hf://datasets/team/ours")
SECRET = "hush/hush+4711"  # noqa: S105 - of nothing
N = 300


def table(n=N, seed=0):
    random = np.random.default_rng(seed)
    scores = random.random(n)
    return pa.table(
        {
            "query": [f"query {i // 3}" for i in range(n)],
            "doc": [random.bytes(600).hex() for _ in range(n)],
            "teacher": scores,
            "student": scores + random.normal(size=n) / 9,
        }
    )


def parquet(of):
    written = io.BytesIO()
    pq.write_table(of, written, row_group_size=1_000, compression="none")
    return written.getvalue()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with object_server(tmp_path_factory.mktemp("server")) as store:
        text = table().to_pandas().to_csv(index=False).encode()
        for place in ("ours", "team/ours"):
            store.put(f"{place}/logs/a week.parquet", parquet(table()))
            store.put(f"{place}/logs/text.csv", text)
            store.put(f"{place}/logs/text.csv.gz", gzip.compress(text))
            for day in range(3):
                store.put(f"{place}/days/day={day}/part-{day}.parquet", parquet(table().slice(day * 100, 100)))
            store.put(f"{place}/days/_SUCCESS", b"")
        yield store


@pytest.fixture
def store(served, monkeypatch):
    for name, value in environment(served).items():
        monkeypatch.setenv(name, value)
    served.answer()
    return served


@pytest.fixture(scope="module")
def expected():
    return read_pairs(table())


@pytest.mark.parametrize("place", KINDS)
@pytest.mark.parametrize(
    "rest", ["logs/a week.parquet", "logs/text.csv", "logs/text.csv.gz", "days", "*/day=?/part-[0-9].*"]
)
def test_a_file_a_folder_and_a_pattern_hold_what_they_hold_on_this_machine(place, rest, store, expected):
    source = f"{place}/{rest}" if rest[0] != "*" else f"{place}/days/{rest[2:]}"

    read = read_pairs(source)

    assert np.array_equal(read.query, expected.query)
    np.testing.assert_allclose(read.student, expected.student)


def test_of_a_large_parquet_file_only_the_columns_that_are_needed_come(store):
    content = parquet(table(8_000))
    store.put("ours/large.parquet", content)

    read = read_pairs("s3://ours/large.parquet", columns={"doc": ""}, slices=[])

    assert len(read) == 8_000
    assert len(content) > 9_000_000
    assert store.n_bytes() < 0.2 * len(content)


def test_what_is_copied_is_deleted(store, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    read_pairs("s3://ours/logs/text.csv.gz")

    assert list(tmp_path.iterdir()) == []


def test_within_one_step_a_file_is_copied_once(store):
    def n_bytes_of_two_reads():
        store.answer()
        for _ in range(2):
            read_pairs("s3://ours/logs/text.csv")
        return store.n_bytes()

    once = each_copied_once()(n_bytes_of_two_reads)()

    assert once < 0.6 * n_bytes_of_two_reads()


def test_a_repository_is_read_at_the_commit_that_it_had_at_first(store):
    read_pairs("hf://datasets/team/ours@v1/logs/a week.parquet")

    assert {COMMIT in path for method, path, n_bytes in store.asked() if n_bytes} == {True}


@pytest.mark.parametrize("place", KINDS)
def test_what_is_not_there_is_said(place, store):
    for rest, said in (("logs/none.parquet", "There is no file"), ("logs/n*.csv", "No file matches")):
        with pytest.raises(InputError, match=f"{said} {place}"):
            read_pairs(f"{place}/{rest}")


@pytest.mark.parametrize("place", ["s3://closed", "gs://closed", "abfs://closed", "hf://datasets/team/closed"])
def test_a_place_that_is_not_there_is_said(place, store):
    with pytest.raises(
        InputError, match=f"{place}/x.csv cannot be read: (there is no such|it is not there)|There is no file {place}"
    ):
        read_pairs(f"{place}/x.csv")


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "AccessDenied", "it refuses to be read|not accepted"),
        (403, "InvalidAccessKeyId", "not accepted|it refuses to be read"),
        (401, "Unauthorized", "not accepted|it refuses to be read"),
    ],
)
@pytest.mark.parametrize("place", KINDS)
def test_what_may_not_be_read_is_said_without_a_key(place, status, code, said, store, monkeypatch):
    store.answer(status=status, code=code)

    with pytest.raises(InputError, match=f"{place}/logs/text.csv cannot be read: .*({said})") as raised:
        read_pairs(f"{place}/logs/text.csv")

    assert not any(secret in str(raised.value) for secret in ("AKIA", "our/secret", "b3VyIHN"))


@pytest.mark.parametrize("place", KINDS[::3])
def test_a_host_that_does_not_answer_in_time_is_left(place, store, monkeypatch):
    monkeypatch.setattr(place_systems, "SECONDS", 0.3)
    store.answer(seconds=2)

    with pytest.raises(InputError, match=r"did not answer within 0\.3 seconds"):
        read_pairs(f"{place}/logs/text.csv")


def test_a_host_that_is_not_there_is_said(monkeypatch, store):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(InputError, match=r"logs/text\.csv cannot be read: its host cannot be reached"):
        read_pairs("s3://ours/logs/text.csv")


def test_a_file_that_goes_or_changes_between_two_reads_is_said(store):
    store.answer(reads=2)

    with pytest.raises(InputError, match=r"s3://ours/logs/a week\.parquet.*(gone|not there)"):
        read_pairs("s3://ours/logs/a week.parquet")

    store.answer()
    store.put("ours/changing.parquet", parquet(table()))
    (place, _), *_ = places.files_at("s3://ours/changing.parquet", store.folder)
    store.put("ours/changing.parquet", parquet(table(N + 1)))

    with pytest.raises(InputError, match=r"changing\.parquet was changed while it was read"):
        place.open()


def test_small_files_and_embeddings_are_read_by_their_address(store, expected):
    written = io.BytesIO()
    np.save(written, np.random.default_rng(0).normal(size=(2 * N, 4)))
    store.put("ours/v.npy", written.getvalue())
    store.put("ours/rule.json", b"{}")

    assert read_small("s3://ours/rule.json", called="The rule file") == b"{}"
    with pytest.raises(InputError, match="more than 1 bytes"):
        read_small("s3://ours/rule.json", called="The rule file", largest=1)
    with pytest.raises(InputError, match=r"^s3://ours/v\.npy: expected 300 held-out rows"):
        read_embeddings("s3://ours/v.npy", expected, read_pairs(table(N - 3)))


def test_a_week_is_drawn_from_a_log_in_a_place_as_from_the_same_log_here(store, tmp_path):
    here = tmp_path / "log.parquet"
    pq.write_table(table().append_column("market", pa.array(["a", "b"] * (N // 2))), here)
    store.put("ours/log.parquet", here.read_bytes())

    for source, out in ((here, "one.csv"), ("s3://ours/log.parquet", "two.csv")):
        code, _, said = run("sample", source, "--n", "60", "--by", "market", "--out", tmp_path / out)
        assert code == 0, said

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_text_of_a_query_and_the_files_of_an_app_are_taken_from_a_place(store, monkeypatch):
    store.put("ours/week.sql", b"select * from judged where day > 3")
    monkeypatch.setenv(FILES_VARIABLE, "")
    monkeypatch.setattr(app, "serve", lambda arguments: None)
    files = ["s3://ours/logs/text.csv", "s3://ours/logs/a week.parquet"]

    code, shown, said = run(
        "sample", "--print-sql", "duckdb", "--query", "s3://ours/week.sql", "--n", 9, "--by", "none"
    )
    assert (code, "day > 3" in shown) == (0, True), said
    code, _, said = run("app", *files, "--no-browser")
    assert (code, os.environ[FILES_VARIABLE].split("\n")) == (0, files), said


def test_nothing_is_written_to_a_place(tmp_path):
    for refused in (check_place, check_folder, make_folder, refuse_address):
        for place in ("s3://ours/x.csv", Path("s3://ours/x.csv"), "hf://x"):
            with pytest.raises(InputError, match="cannot be taken here: results"):
                refused(place)


def test_without_the_extra_one_message_says_what_to_install(monkeypatch):
    found = installation.find_spec
    monkeypatch.setattr(installation, "find_spec", lambda name: None if name == "huggingface_hub" else found(name))

    with pytest.raises(MissingExtraError, match=r'pip install "distillation-drift\[places\]"'):
        read_pairs("s3://ours/x.csv")


def test_a_diagnosis_keeps_the_addresses_and_its_record_fetches_nothing(store, tmp_path):
    here = write_samples(tmp_path)
    for path in here:
        store.put(f"ours/{Path(path).name}", Path(path).read_bytes())
    there = [f"s3://ours/{Path(path).name}" for path in here]

    assert run("diagnose", *there, *FAST, "--json", tmp_path / "d.json")[0] in (0, 3)

    assert json.loads((tmp_path / "d.json").read_text())["inputs"]["production"]["path"] == there[1]
    code, _, said = run("manifest", "draw", there[1], "--diagnosis", tmp_path / "d.json", "--out", tmp_path / "list")
    assert code == 2
    assert "Give it with --heldout" in said


def test_a_file_that_grows_while_it_is_copied_is_no_shorter_file(tmp_path):
    listed, later = SimpleNamespace(path="k", size=3, mtime=1), SimpleNamespace(path="k", size=6, mtime=2)
    system = SimpleNamespace(opened=lambda *_: None, read=lambda *_: b"abc", info=lambda *_: later)

    with pytest.raises(InputError, match="was changed while it was copied"):
        places._copy(system, listed, "s3://ours/x.csv", tmp_path / "x")
