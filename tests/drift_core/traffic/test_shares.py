import json
import socket
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drift_core.measures.agreement import agreement
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.regions.encoding import load_encoder
from drift_core.traffic.frozen_regions import ELSEWHERE, NOWHERE, freeze
from drift_core.traffic.log import open_log
from drift_core.traffic.read_frozen import read_frozen
from drift_core.vectors.parts import part_table, write_part
from drift_core.vectors.text_numbers import number_texts
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.small_case import small_diagnosis


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Paths of a diagnosed production sample and of the JSON; and the region of each of its pairs."""
    folder = tmp_path_factory.mktemp("diagnosed")
    heldout, production = write_samples(folder)
    told = run("diagnose", heldout, production, *FAST, "--json", folder / "d.json", "--pairs", folder / "pairs.csv")
    assert told[0] in (0, 3), told
    return production, folder / "d.json", pd.read_csv(folder / "pairs.csv")


def count(source, record, *options):
    code, shown, said = run("shares", source, "--diagnosis", record, "--no-cache", "--json", "-", *options)
    assert (code, said) == (0, "")
    return json.loads(shown)


def test_the_pairs_of_the_diagnosis_keep_their_regions(made):
    production, record, pairs = made

    whole = count(production, record)["whole"]

    found = {each["name"]: each["n_rows"] for each in whole["regions"] if each["n_rows"]}
    assert found == pairs["cluster"].value_counts().to_dict()


def test_every_text_of_the_diagnosis_is_placed_as_it_was_and_what_is_like_none_in_none():
    diagnosis = small_diagnosis()
    partition, embeddings = diagnosis.regions.partitions[0], diagnosis.embeddings
    frozen = freeze(partition, embeddings)
    far = np.zeros_like(embeddings.vectors[:1])
    far[0, int(np.abs(frozen.centroids).sum(axis=0).argmin())] = 1.0

    placed = frozen.place(embeddings.vectors, number_texts(embeddings.texts))

    assert np.array_equal(placed[embeddings.production], partition.production)
    assert np.array_equal(placed[embeddings.heldout], partition.heldout)
    assert frozen.place(far, number_texts(["a text that is not there"])).tolist() == [NOWHERE]
    assert 0.5 < frozen.told_alone <= 1.0


def test_shares_and_agreement_by_week_are_those_of_the_rows(made):
    production, record, pairs = made
    log = pd.read_csv(production).assign(cluster=pairs["cluster"])
    queries = pd.factorize(log["query"])[0]

    found = count(production, record)

    week = pd.to_datetime(log["timestamp"], utc=True).dt.tz_localize(None).dt.to_period("W").dt.start_time
    assert [each["start"] for each in found["periods"]] == sorted(str(day.date()) for day in week.unique())
    for period in found["periods"]:
        inside = (week == pd.Timestamp(period["start"])).to_numpy()
        rows = log[inside]
        scores = Scores(
            student=rows["student_score"].to_numpy(), teacher=rows["teacher_score"].to_numpy(), queries=queries[inside]
        )
        assert period["n_rows"] == len(rows)
        expected = agreement(scores).to_json()["estimate"]
        assert period["agreement"]["estimate"] == (None if expected is None else pytest.approx(expected))
        for each in period["regions"]:
            mine = proportion((rows["cluster"] == each["name"]).to_numpy(), scores)
            assert each["share"]["estimate"] == pytest.approx(mine.estimate)
            assert each["share"]["standard_error"] == pytest.approx(mine.standard_error, abs=1e-9)


def test_a_log_mostly_without_scores_counts_all_rows_and_agrees_on_those_that_hold_both(made, tmp_path):
    production, record, _ = made
    log = pd.read_csv(production)
    kept = log["teacher_score"].where(np.arange(len(log)) % 3 == 0)
    log.assign(teacher_score=kept).to_parquet(tmp_path / "log.parquet")

    whole = count(tmp_path / "log.parquet", record)["whole"]

    assert (whole["n_rows"], whole["agreement"]["n_pairs"]) == (len(log), int(kept.notna().sum()))


@pytest.mark.parametrize("times", ["none", "some", "odd"])
def test_scores_of_rows_without_a_readable_time_count_in_the_whole(made, tmp_path, times):
    production, record, _ = made
    log = pd.read_csv(production)
    odd = [np.nan, np.inf, 1e22, 1e12, 20_000_101.0]
    day = {"none": None, "some": log["timestamp"].where(np.arange(len(log)) > 5), "odd": np.resize(odd, len(log))}[
        times
    ]
    log.assign(timestamp=day).to_parquet(tmp_path / "log.parquet")

    found = count(tmp_path / "log.parquet", record)

    assert found["whole"]["agreement"]["n_pairs"] == len(log)
    n_timed = sum(each["n_rows"] for each in found["periods"])
    assert n_timed == {"none": 0, "some": len(log) - 6, "odd": -(-(len(log) - 3) // 5)}[times]


@pytest.mark.parametrize("days", [("3.2.2026 23:59", "31.12.2026", ""), ("03.02.2026", "04.12.2026", "")])
def test_times_with_the_day_first_are_read_as_a_samples_are(tmp_path, days):
    pd.DataFrame({"query": ["a", "b", "c"], "timestamp": days}).to_csv(tmp_path / "log.csv", index=False)

    with open_log(tmp_path / "log.csv") as log:
        found = log.scan.rows(f"select {log.period('day')} from ({log.scan.query}) order by query")

    is_told = days[1].startswith("31")
    read = (date(2026, 2, 3), date(2026, 12, 31), None) if is_told else (None, None, None)
    assert found == [(day,) for day in read]
    assert ("Column 'timestamp' was read with the day first." in log.notes) is is_told


def test_a_log_of_one_query_is_told_in_words(made, tmp_path):
    production, record, _ = made
    pd.read_csv(production)[:1].to_csv(tmp_path / "log.csv", index=False)

    code, shown, _ = run("shares", tmp_path / "log.csv", "--diagnosis", record, "--no-cache")

    assert code == 0
    assert shown.startswith("1 row of 1 distinct query, 1 week from ")


def test_a_new_region_is_told_with_the_week_since_which_it_is_there(made, tmp_path):
    production, record, pairs = made
    region = json.loads(record.read_text())["frozen"]["regions"][-1]["name"]
    text = pd.read_csv(production)["query"][pairs["cluster"] == region]
    others = pd.read_csv(production)["query"][pairs["cluster"] != region]
    days = pd.date_range("2026-01-05", periods=10, freq="7D")
    texts = [
        pd.DataFrame({"query": pd.concat([others[:100], text[:50] if week >= 6 else text[:1]]), "day": str(day.date())})
        for week, day in enumerate(days)
    ]
    pd.concat(texts).to_csv(tmp_path / "log.csv", index=False)

    code, shown, _ = run(
        "shares", tmp_path / "log.csv", "--diagnosis", record, "--no-cache", "--csv", tmp_path / "s.csv"
    )

    line = next(each for each in shown.splitlines() if each.startswith(region))
    rows = pd.read_csv(tmp_path / "s.csv").query("region == @region")["rows"]
    assert code == 0
    assert line.split()[-2:] == ["2026-02-16", "-"]
    assert rows.tolist() == [1] * 6 + [50] * 4


@pytest.mark.parametrize(
    ("values", "weeks"),
    [
        (["2026-01-05T10:00:00Z", "2026-01-11 23:59:59+00:00", "2026-01-12"], ["2026-01-05", "2026-01-12"]),
        ([1767607200, 1767607200000, 1768176000000000], ["2026-01-05", "2026-01-12"]),
        (["soon", None, ""], []),
    ],
)
def test_times_are_read_as_the_samples_have_them_and_rows_without_are_told(made, tmp_path, values, weeks):
    _, record, _ = made
    log = pd.DataFrame({"query": ["where is my parcel", "how to return shoes", "late parcel"], "ts": values})
    log.to_parquet(tmp_path / "log.parquet")

    found = count(tmp_path / "log.parquet", record)

    assert [each["start"] for each in found["periods"]] == weeks
    assert found["whole"]["n_rows"] == 3
    assert bool(found["notes"]) == (not weeks)


def test_vectors_of_a_folder_give_what_the_encoder_gives(made, tmp_path):
    production, record, _ = made
    texts = np.unique(pd.read_csv(production)["query"])
    encoder = load_encoder("hashing")
    for part in np.array_split(texts, 3):
        numbers = number_texts(part)
        write_part(tmp_path, part_table(numbers, part.tolist(), encoder.encode(part.tolist()), encoder=encoder.id))
    own = tmp_path / "own.pq"
    vectors = [3 * vector for vector in encoder.encode(texts.tolist())]
    pd.DataFrame({"query": texts, "embedding": vectors}).to_parquet(own)

    embedded = count(production, record)

    assert count(production, record, "--embeddings", own) == embedded
    own.unlink()
    assert count(production, record, "--embeddings", tmp_path) == embedded
    whole = pq.read_table(tmp_path).replace_schema_metadata(None)
    plain = whole.set_column(2, "vector", pa.array(whole["vector"].to_pylist(), pa.list_(pa.float32())))
    pq.write_table(plain, tmp_path.parent / "of-spark.parquet")
    assert count(production, record, "--embeddings", tmp_path.parent / "of-spark.parquet") == embedded


def test_a_folder_that_lacks_texts_or_is_of_another_encoder_is_refused(made, tmp_path):
    production, record, _ = made
    (tmp_path / "few").mkdir()
    (tmp_path / "other").mkdir()
    vectors = load_encoder("hashing").encode(["late parcel"])
    write_part(
        tmp_path / "few", part_table(number_texts(["late parcel"]), ["late parcel"], vectors, encoder="hashing-512")
    )
    write_part(
        tmp_path / "other", part_table(number_texts(["late parcel"]), ["late parcel"], vectors, encoder="other@1")
    )

    for folder, words in (
        ("few", "distinct queries of"),
        ("other", "were made with encoder hashing-512; these vectors are of other@1"),
        ("absent", "there are no embeddings. Embed the log with"),
    ):
        code, _, said = run("shares", production, "--diagnosis", record, "--embeddings", tmp_path / folder)
        assert code == 2
        assert words in said


def test_nobody_is_asked_while_a_log_is_embedded_and_counted(made, tmp_path, monkeypatch):
    production, record, _ = made
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args) or [])

    assert run("embed", production, "--out", tmp_path / "parts", "--embedder", "hashing")[0] == 0
    assert run("shares", production, "--diagnosis", record, "--embeddings", tmp_path / "parts")[0] == 0
    assert asked == []


def test_what_cannot_be_counted_is_said_in_one_message(made, tmp_path):
    production, record, _ = made
    document = json.loads(record.read_text())
    (tmp_path / "log.csv").write_text("a,b\n1,2\n")
    for name, changed in (
        ("old", {each: value for each, value in document.items() if each != "frozen"}),
        ("own", document | {"encoder": "vectors.npy@0123456789ab"}),
        ("broken", document | {"frozen": document["frozen"] | {"regions": [{"name": "a"}]}}),
        ("other", {"schema": 1}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(changed))

    for log, file, words in (
        (production, tmp_path / "old.json", "has no frozen regions: version"),
        (production, tmp_path / "own.json", "was made with embeddings of your own, vectors.npy"),
        (production, tmp_path / "broken.json", "cannot be read: 'centroid'"),
        (production, tmp_path / "other.json", "is not a diagnosis: it has no 'version'"),
        (tmp_path / "log.csv", record, "has no column for query"),
    ):
        code, shown, said = run("shares", log, "--diagnosis", file, "--no-cache")
        assert (code, shown) == (2, "")
        assert words in said


def test_the_regions_read_back_are_those_that_were_frozen(made):
    found = read_frozen(made[1])

    assert found.drifted <= set(found.frozen.regions)
    assert found.frozen.encoder == "hashing-512"
    assert ELSEWHERE not in found.frozen.regions
    assert np.allclose(np.linalg.norm(found.frozen.centroids, axis=1), 1, atol=1e-6)
    assert np.all(np.diff(found.frozen.numbers) > 0)
