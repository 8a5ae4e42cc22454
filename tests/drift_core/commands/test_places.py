"""A place that cannot be read or written is one message and exit code 2, whatever option names it."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from drift_core.review.draw import draw_review
from drift_core.review.review_file import create_review
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.rescoring.cases import list_of
from tests.drift_core.retraining.cases import tiny_student
from tests.drift_core.review.drawn import halves, labelled

NOBODY = 65534
ENDPOINT = ("--endpoint", "http://127.0.0.1:9", "--model", "judge", "--max-calls", "1")


@contextmanager
def normal_user():
    """Nobody in particular, where the tests run as the one to whom no folder is closed."""
    is_root = os.geteuid() == 0
    if is_root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)


@pytest.fixture(scope="module")
def folder():
    """What a normal user may read and write, with places that he may not."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o777)
    heldout, production = map(Path, write_samples(made))
    pd.read_csv(heldout).assign(student_score_before=lambda table: table["student_score"]).to_csv(
        made / "both.csv", index=False
    )
    run("diagnose", heldout, production, *FAST, "--json", made / "diagnosis.json")
    run("manifest", production, "--diagnosis", made / "diagnosis.json", "--n", 60, "--floor", 5, "--out", made / "list")
    run(
        "canary", heldout, production, "--history", made / "canary.db", "--teacher-revision", "r1", "--at", "2026-01-05"
    )
    run("card", "init", "--out", made / "card.yaml")
    list_of(3, made).rename(made / "few.parquet")
    tiny_student(made / "student")
    run("score", made / "few.parquet", "--student", made / "student", "--out", made / "scored.csv", "--no-cache")
    create_review(draw_review(halves(labelled())), made / "review.db")
    run("sample", production, "--n", 20, "--by", "query", "--out", made / "week.csv")
    run("simulate", "healthy", "--out", made)
    for name in ("closed", "read_only"):
        (made / name).mkdir()
    (made / "closed" / "there.csv").write_text("query,doc\n")
    (made / "file").write_text("")
    (made / "circle").symlink_to(made / "circle")
    for each in made.rglob("*"):
        if not each.is_symlink():
            each.chmod(0o777)
    (made / "closed").chmod(0o000)
    (made / "read_only").chmod(0o555)
    yield made
    for name in ("closed", "read_only"):
        (made / name).chmod(0o777)
    shutil.rmtree(made)


PLACES = ("closed/there", "closed/below/there", "file/there", "circle/there", "circle", "x" * 300, "nul\0byte")
TO_WRITE = (*PLACES, "read_only/there")


def writing(folder):
    """Each option that names a file or a folder to write, by its command; the place comes last."""
    samples = (folder / "heldout.csv", folder / "production.csv")
    drawn = ("manifest", samples[1], "--diagnosis", folder / "diagnosis.json", "--n", 60, "--floor", 5)
    listed, student = folder / "few.parquet", ("--student", folder / "student")
    gate = ("gate", "--history", folder / "canary.db", "--now", "2026-01-06")
    week = ("canary", *samples, "--teacher-revision", "r1", "--at", "2026-01-12")
    compared = ("compare", folder / "both.csv", "--no-clusters")
    return {
        "diagnose --json": (("diagnose", *samples, *FAST, "--json"), ".json"),
        "diagnose --pairs": (("diagnose", *samples, *FAST, "--pairs"), ".csv"),
        "diagnose --report": (("diagnose", *samples, *FAST, "--report"), ".html"),
        "compare --json": ((*compared, "--before", "a", "--after", "b", "--json"), ".json"),
        "manifest --out": ((*drawn, "--no-cache", "--out"), ""),
        "card init --out": (("card", "init", "--out"), ".yaml"),
        "card pin": (("card", "pin", "--teacher-revision", "r2"), ".yaml"),
        "canary --json": ((*week, "--history", folder / "canary.db", "--json"), ".json"),
        "canary --history": ((*week, "--history"), ".db"),
        "canary --card": ((*week, "--history", folder / "canary.db", "--card"), ".yaml"),
        "history export": (("history", "export", "--history", folder / "canary.db"), ".csv"),
        "gate --json": ((*gate, "--json"), ".json"),
        "gate --junit": ((*gate, "--junit"), ".xml"),
        "gate --code-quality": ((*gate, "--code-quality"), ".json"),
        "rescore --out": (("rescore", listed, *ENDPOINT, "--out"), ""),
        "review spot-check --out": (("review", "spot-check", folder / "scored.csv", "--out"), ".db"),
        "review export --out": (("review", "export", folder / "review.db", "--out"), ""),
        "review result --json": (("review", "result", folder / "review.db", "--json"), ".json"),
        "rescore --ledger": (("rescore", listed, *ENDPOINT, "--out", folder / "out", "--ledger"), ".db"),
        "calibrate --out": (("calibrate", *samples, "--passes-from", 0.5, "--out"), ".json"),
        "score --out": (("score", listed, *student, "--no-cache", "--out"), ".csv"),
        "retrain --out": (("retrain", *student, "--list", listed, "--out"), ""),
        "sample --out": (("sample", samples[1], "--n", 20, "--by", "query", "--out"), ".csv"),
        "simulate --out": (("simulate", "healthy", "--out"), ""),
        "tail --out": (("tail", *samples, "--n", 20, "--embedder", "hashing", "--no-cache", "--out"), ".csv"),
        "simulate canary --out": (("simulate", "canary", "--out"), ""),
        "simulate retrained --out": (("simulate", "retrained", "--out"), ""),
    }


def reading(folder):
    """Each argument and option that names what to read; the place comes last."""
    samples = (folder / "heldout.csv", folder / "production.csv")
    listed, history = folder / "few.parquet", folder / "canary.db"
    out, student = ("--out", folder / "out2"), ("--student", folder / "student")
    return {
        "diagnose": (("diagnose", samples[0]), ".csv"),
        "diagnose --rule": (("diagnose", *samples, *FAST, "--rule"), ".toml"),
        "diagnose --embeddings": (("diagnose", *samples, "--embeddings"), ".npy"),
        "plan": (("plan", samples[0]), ".csv"),
        "calibrate": (("calibrate",), ".csv"),
        "calibrate with production": (("calibrate", samples[0], "--passes-from", 0.5), ".csv"),
        "score --calibration": (("score", listed, *student, "--out", folder / "s.csv", "--calibration"), ".json"),
        "compare": (("compare",), ".csv"),
        "compare --tail": (("compare", folder / "both.csv", "--no-clusters", "--tail"), ".csv"),
        "compare --card": (("compare", folder / "both.csv", "--no-clusters", "--card"), ".yaml"),
        "versions": (("versions",), ".json"),
        "tail --card": (("tail", *samples, "--out", folder / "tail.csv", "--card"), ".yaml"),
        "manifest --diagnosis": (("manifest", samples[1], *out, "--diagnosis"), ".json"),
        "manifest --canary": (
            ("manifest", samples[1], "--diagnosis", folder / "diagnosis.json", *out, "--canary"),
            ".csv",
        ),
        "manifest verify": (("manifest", "verify", folder / "list" / "retrain_list.csv"), ".json"),
        "card check": (("card", "check"), ".yaml"),
        "gate --history": (("gate", "--history"), ".db"),
        "gate --card": (("gate", "--history", history, "--card"), ".yaml"),
        "gate --rule": (("gate", "--history", history, "--rule"), ".json"),
        "gate --comparison": (("gate", "--history", history, "--comparison"), ".json"),
        "history import": (("history", "import", "--history", folder / "new.db"), ".csv"),
        "history list": (("history", "list", "--history"), ".db"),
        "rescore": (("rescore", *ENDPOINT, *out), ".parquet"),
        "rescore --prompt": (("rescore", listed, *ENDPOINT, *out, "--prompt"), ".txt"),
        "review spot-check": (("review", "spot-check", "--out", folder / "new-review.db"), ".csv"),
        "review import": (("review", "import", folder / "review.db"), ".csv"),
        "review result": (("review", "result"), ".db"),
        "score": (("score", *student, "--out", folder / "s.csv"), ".csv"),
        "score --student": (("score", listed, "--out", folder / "s.csv", "--student"), ""),
        "retrain --list": (("retrain", *student, *out, "--list"), ".parquet"),
        "retrain --student": (("retrain", "--list", listed, *out, "--student"), ""),
        "retrain --replay": (("retrain", *student, "--list", listed, *out, "--replay"), ".csv"),
        "sample": (("sample", "--n", 20, "--by", "query", "--out", folder / "s.csv"), ".csv"),
    }


WRITING, READING = writing(Path()), reading(Path())


def check_message(arguments, place, ending):
    path = f"{place}{ending}" if not place.endswith("circle") else place
    with normal_user():
        code, _, said = run(*arguments, path)

    assert code == 2, (arguments, place, said)
    assert said.count("Error") == 1, said
    assert "Traceback" not in said


@pytest.mark.parametrize("option", WRITING)
def test_a_place_that_cannot_be_written_is_one_message(folder, option):
    arguments, ending = writing(folder)[option]

    for place in TO_WRITE:
        check_message(arguments, str(folder / place), ending)


@pytest.mark.parametrize("scenario", ["healthy", "canary", "retrained"])
def test_nothing_is_drawn_for_a_place_that_cannot_be_written(folder, scenario, monkeypatch):
    monkeypatch.setattr("drift_core.commands.simulate._write", lambda *_: pytest.fail("drawn before the look"))

    check_message(("simulate", scenario, "--out"), str(folder / "file/there"), "")


@pytest.mark.parametrize("option", READING)
def test_a_place_that_cannot_be_read_is_one_message(folder, option):
    arguments, ending = reading(folder)[option]

    for place in PLACES:
        check_message(arguments, str(folder / place), ending)


@pytest.mark.parametrize("place", ["closed/there", "circle", "nul\0byte"])
def test_a_cache_that_cannot_be_kept_is_a_note(folder, place):
    samples = (folder / "heldout.csv", folder / "production.csv")
    few = ["--embedder", "hashing", "--clusters", "3", "--cache", str(folder / place)]

    with normal_user():
        code, shown, said = run("diagnose", *samples, *few)
        scored = run(
            "score", folder / "few.parquet", "--student", folder / "student", "--out", folder / "s.csv", *few[4:]
        )

    for ended, *texts in ((code, shown, said), scored):
        assert ended in (0, 3) or (ended == 2 and texts[1].count("Error") == 1), texts
        assert "cannot be" in "".join(texts)


def test_a_card_that_finds_no_room_is_not_begun(tmp_path, full_disk):
    with full_disk():
        code, _, said = run("card", "init", "--out", tmp_path / "judges.yaml")
    assert (code, "cannot be written: File too large" in said) == (2, True)
    assert not list(tmp_path.iterdir())

    assert run("card", "init", "--out", tmp_path / "judges.yaml")[0] == 0
