"""No text of a user is a command: to a runner that reads what a job prints, or to a terminal."""

import io
import json
import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drift_core.commands.guarded_output import GuardedOutput
from tests.drift_core.command_line import FAST, run, write_samples
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of
from tests.drift_core.retraining.cases import tiny_student

COMMANDS = (
    "::error::no",
    "::warning file=a,line=1::no",
    "##[error]no",
    "##[set-output name=a]b",
    "##vso[task.complete result=Succeeded;]",
    "##teamcity[buildStatus status='SUCCESS']",
    "section_start:1560896352:a",
    "section_end:1560896352:a",
    "travis_fold:start:a",
)
UNSEEN_TEXT = "\r::error::no\r\n\t::stop-commands::x\x1b[31m\x1b]0;title\x07\u202eevil\u2066\u2028::error::no\x85"
HOSTILE = "a\n" + "\n  ".join(COMMANDS) + UNSEEN_TEXT
OBEYED = re.compile(r"(?m)^\s*(::|section_start:|section_end:|travis_fold:)|##(\[|vso\[|teamcity\[)")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def is_harmless(text):
    return not OBEYED.search(text) and not UNSEEN.search(text)


def guarded(*parts):
    shown = io.StringIO()
    stream = GuardedOutput(shown)
    for part in parts:
        stream.write(part)
    return shown.getvalue()


@given(st.text(alphabet=st.sampled_from(" :#[\n\r\tvsoteamcityerr\x1b\u202e\u2028\x85\ud800a"), max_size=60))
@example(HOSTILE)
def test_whatever_is_printed_is_no_command(text):
    assert is_harmless(guarded(text))


@given(
    st.lists(
        st.sampled_from([":", "::", " ", "#", "##", "[", "vso", "team", "city[", "\n", "section_start", "a"]),
        max_size=12,
    )
)
@example([":", ":error::no\n"])
@example(["section_", "start:1:a"])
@example(["#", "#[error]no\n"])
@example(["##v", "so[task.complete]no\n"])
def test_a_command_that_is_printed_in_parts_is_none(parts):
    assert is_harmless(guarded(*parts))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_none_wherever_it_is_cut(command):
    for at in range(len(command) + 1):
        assert is_harmless(guarded(command[:at], command[at:])), at
    assert is_harmless(guarded(*command))


def test_lines_that_are_written_together_are_guarded():
    shown = io.StringIO()

    GuardedOutput(shown).writelines(["#", "#[error]no\n", "::error::no\n"])

    assert shown.getvalue() == "#\\u0023[error]no\n\\u003a:error::no\n"


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"], exclude_characters="#:"), max_size=60))
@example("Loss +0.053: mix +0.010\n\tand a::b, ü, 漢字, 😀\n")
def test_other_text_is_shown_as_it_is(text):
    assert guarded(text) == text


def test_what_is_shown_in_its_place_means_the_same_in_json():
    text = HOSTILE.replace("\n", " ")

    assert json.loads(guarded(json.dumps({"a": text}, ensure_ascii=False))) == {"a": text}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_encoding_leads_around_it(tmp_path, encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "drift_core", "costs", HOSTILE + "ü"]

    done = subprocess.run(command, env=environment, capture_output=True, check=False)

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert is_harmless(done.stderr.decode(encoding))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder of samples, card and history in which each text of a user holds commands."""
    folder = tmp_path_factory.mktemp("hostile")
    for path in write_samples(folder):
        table = pd.read_csv(path).head(240)
        table["query"] = HOSTILE + table["query"]
        table["doc"] = HOSTILE + table["doc"]
        table["team"] = [HOSTILE + "a", HOSTILE + "b"] * 120
        table["student_score_before"] = table["student_score"]
        table.to_parquet(path.replace(".csv", ".parquet"))
    return folder


def told(hostile, tmp_path):
    """Each command with texts that hold commands; gives the words of the command with what it printed."""
    heldout, production = hostile / "heldout.parquet", hostile / "production.parquet"
    card, history, named = tmp_path / "card.yaml", tmp_path / "canary.db", [HOSTILE[:60], HOSTILE]
    made = ["--student-version", HOSTILE, "--teacher-model", HOSTILE, "--teacher-revision", HOSTILE]
    week = [*made, "--history", history]
    slices = ["--slice", "team"]
    yield "simulate", run("simulate", HOSTILE, "--out", tmp_path)
    yield "diagnose", run("diagnose", heldout, production, *FAST, *slices, "--json", tmp_path / "d.json")
    yield "diagnose", run("diagnose", heldout, production, *FAST, *slices, "--json", "-")
    yield "diagnose", run("diagnose", named[0], named[1])
    yield "plan", run("plan", heldout, production)
    kept = ("--passes-from", 0.5, "--max-misses", 0.3, "--student-version", HOSTILE, "--out", tmp_path / "c.json")
    yield "calibrate", run("calibrate", heldout, production, *kept)
    yield "calibrate", run("calibrate", HOSTILE, "--method", HOSTILE)
    yield "compare", run("compare", heldout, "--no-clusters", "--before", HOSTILE, "--after", HOSTILE + "2", *slices)
    drawn = ("--n", 60, "--floor", 5, "--no-cache", "--partition", "team", "--teacher-revision", HOSTILE)
    yield "manifest", run("manifest", production, "--diagnosis", tmp_path / "d.json", "--out", tmp_path / "l", *drawn)
    checked = (tmp_path / "l" / "retrain_list.parquet", tmp_path / "l" / "manifest.json", "--teacher-revision", "x")
    yield "manifest verify", run("manifest", "verify", *checked)
    yield "card init", run("card", "init", "--out", tmp_path / "plain.yaml")
    yield "card init", run("card", "init", "--out", card, *made, "--owner", HOSTILE)
    text = json.dumps(HOSTILE)
    card.write_text(f"owner: {text}\nstudent: {{version: {text}}}\nteacher: {{model: {text}, revision: {text}}}\n")
    yield "card check", run("card", "check", card)
    yield "card check", run("card", "check", HOSTILE)
    yield "card pin", run("card", "pin", card, HOSTILE)
    for day in ("2026-01-05", "2026-01-12"):
        yield "canary", run("canary", heldout, production, *week, "--at", day, *slices)
    yield "history list", run("history", "list", "--history", history)
    yield "history explain", run("history", "explain", "--history", history)
    yield "history accept", run("history", "accept", "--history", history, "--by", HOSTILE, "--reason", HOSTILE)
    yield (
        "history withdraw",
        run("history", "withdraw", "2026-01-12", "--history", history, "--by", HOSTILE, "--reason", HOSTILE),
    )
    yield "history list", run("history", "list", "--history", history)
    yield "history import", run("history", "import", HOSTILE, "--history", history)
    yield "history export", run("history", "export", tmp_path / HOSTILE.replace("/", "")[:80], "--history", history)
    yield "gate", run("gate", "--history", history, "--card", card, "--now", "2026-06-01")
    overridden = ("--override", "--by", HOSTILE, "--reason", HOSTILE)
    yield "gate", run("gate", "--history", history, "--now", "2026-06-01", *overridden)
    yield "sample", run("sample", production, "--n", 50, "--by", "team", "--out", tmp_path / "week.parquet")
    yield "sample", run("sample", production, "--n", 50, "--by", HOSTILE, "--out", tmp_path / "week.parquet")
    yield "costs", run("costs", "--student-price", HOSTILE, "--calls", 5)


def test_no_command_prints_a_command_of_its_data(hostile, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = list(told(hostile, tmp_path))

    for words, (code, *texts) in shown:
        assert all(map(is_harmless, texts)), (words, texts)
        assert code in (0, 1, 2, 3)
    assert any("\\u003a:error::" in text for _, (_, *texts) in shown for text in texts)
    told_well = {words for words, (code, *_) in shown if code in (0, 1, 3)}
    assert told_well >= {
        "diagnose",
        "calibrate",
        "plan",
        "compare",
        "manifest",
        "manifest verify",
        "card init",
        "canary",
        "gate",
    }
    assert told_well >= {"history list", "history explain", "history withdraw", "sample"}


def test_neither_scoring_nor_rescoring_prints_a_command_of_its_data(hostile, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    student = tiny_student(tmp_path / HOSTILE.replace("/", "")[:60])
    pd.read_parquet(hostile / "production.parquet").head(8).to_parquet(tmp_path / "few.parquet")
    listed = list_of(4, tmp_path)

    scored = run("score", "few.parquet", "--student", student, "--out", "scored.csv", "--no-cache")
    refused = run("score", "few.parquet", "--student", HOSTILE, "--out", "scored.csv")
    with endpoint.serve(lambda query, doc: 0.25) as teacher:
        asked = ("--endpoint", teacher.url, "--max-calls", 9)
        rescored = run("rescore", listed, "--out", "out", "--model", HOSTILE, *asked)
        other = run("rescore", listed, "--out", "o2", "--model", "judge", *asked, "--teacher-revision", HOSTILE)
    trained = run("retrain", "--student", student, "--list", listed, "--out", "new", "--student-version", HOSTILE)

    for code, *texts in (scored, refused, rescored, other, trained):
        assert all(map(is_harmless, texts)), texts
        assert code in (0, 1, 2, 3)
    assert (scored[0], rescored[0]) == (0, 0)
