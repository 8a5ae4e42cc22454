"""Every block of README and docs that a reader may run, run as it stands and in order, all but those that are excepted.

Each page is read in a folder of its own, unless it goes on where another ends. The reader's own files are made here.
Commands run in processes that have the slow libraries loaded before they begin. None of them may ask another host.
"""

import json
import multiprocessing
import os
import re
import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from drift_core.history.csv_exchange import import_csv
from tests.drift_core.rescoring import endpoint
from tests.drift_core.retraining.cases import tiny_student

ROOT = Path(__file__).parents[1]
COMMAND = "distillation-drift"
EXCEPTED = {
    "pip install": "sets the machine up and opens the app",
    "make app     #": "sets the machine up, opens the app and runs these tests",
    "distillation-drift app": "opens the app",
}
# Pages that go on where the one before ends; every other page stands alone.
IN_ORDER = (
    ("docs/canary.md", "docs/history.md", "docs/gate.md"),
    ("docs/retrain-list.md", "docs/rescoring.md", "docs/retraining.md"),
)
# What a page's commands write, and the section of the page on files that lists its keys.
CONTRACTS = {
    "README.md": ("diagnosis.json", "Diagnosis"),
    "docs/canary.md": ("week.json", "Week"),
    "docs/gate.md": ("gate.json", "Gate"),
    "docs/calibration.md": ("calibration.json", "Calibration"),
    "docs/comparison.md": ("comparison.json", "Comparison"),
    "docs/retrain-list.md": ("list/manifest.json", "Retrain list"),
}
READ = {"sh", "python", "output"}
SHOWN = {"text", "json", "nginx", "{toctree}"}
# Commands that end with another exit code than 0, as the pages say of them; the student is a tiny one here.
OTHER_CODES = {
    "compare frozen-3.csv": 1,  # it got worse
    "gate --history canary.db --card ranker-3/judges.yaml": 1,
    "compare scenario/retrained/frozen.csv": 1,  # one slice forgot
    "review result review.db": 3,  # nobody has answered yet
    "card check": 3,  # begun, not filled in
    "gate --history canary.db --card judges.yaml": 1,  # the README's week alarms; the shipped sample ended long ago
}
REVISION = "judge-large-2026-04"
SLOW = (
    "drift_core.cli",
    "sklearn.cluster",
    "sentence_transformers.cross_encoder.trainer",
    "openai",
    "tests.test_readme",
)
N_OWN = 160
SECONDS = 300
ASKING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
THIS_MACHINE = ("127.0.0.1", "::1", "localhost", None)


def documents():
    """The README and every other page, by name."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in pages}


def blocks(text):
    """Language and lines of every block of a page."""
    found = re.findall(r"^ *```(.+)\n((?:.*\n)*?) *```$", text, flags=re.M)
    return [(language, textwrap.dedent(body).splitlines()) for language, body in found]


def walks():
    """Pages with something to run: each alone, or with those that go on where it ends."""
    told = [page for page, text in documents().items() if runnable(text)]
    joined = {page for pages in IN_ORDER for page in pages}
    return [*((page,) for page in told if page not in joined), *IN_ORDER]


def runnable(text):
    return [each for each in blocks(text) if each[0] in READ and not is_excepted(each[1])]


def is_excepted(lines):
    return any(lines[0].startswith(each) for each in EXCEPTED)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A folder with what the pages take for the reader's own."""
    own = tmp_path_factory.mktemp("reader")
    (own / "logs").mkdir()
    for number, scenario in enumerate(("healthy", "query-drift")):
        log = pd.read_csv(ROOT / "sample_data" / scenario / "production.csv")
        log.assign(cohort=log["country"]).to_parquet(own / "logs" / f"{number}.parquet")
    weeks = {"at": ["2026-01-05", "2026-01-12"], "teacher_revision": "judge-large-2025-08", "n_pairs": 250}
    pd.DataFrame({**weeks, "agreement": [0.91, 0.92]}).to_csv(own / "weeks.csv", index=False)
    heldout, production = (
        pd.read_csv(ROOT / "sample_data" / "query-drift" / f"{name}.csv").drop(
            columns=["surface", "country", "referrer"]
        )
        for name in ("heldout", "production")
    )
    heldout[:N_OWN].to_csv(own / "heldout.csv", index=False)
    heldout[-N_OWN:].to_csv(own / "new-heldout.csv", index=False)
    production[:N_OWN].to_csv(own / "production.csv", index=False)
    production[-N_OWN:].to_csv(own / "fresh.csv", index=False)
    heldout[["query", "doc", "teacher_score"]][N_OWN : 2 * N_OWN].to_parquet(own / "old-pairs.parquet")
    production[["query", "doc"]][:N_OWN].to_parquet(own / "pairs.parquet")
    production[["query", "doc"]][-N_OWN // 2 :].to_parquet(own / "week.parquet")
    import_csv(own / "weeks.csv", own / "weeks.db")
    tiny_student(own / "ranker-1", bounded=True)
    return own


@pytest.fixture
def folder(reader, tmp_path):
    """A copy of the reader's folder for the pages of one test."""
    return shutil.copytree(reader, tmp_path / "reader")


@pytest.fixture
def teacher():
    """A teacher of today's revision, whose scores follow the length of the doc."""
    with endpoint.serve(lambda query, doc: min(1.0, len(doc) / 400), model=REVISION) as serving:
        yield serving


@pytest.mark.parametrize("name", documents())
def test_every_block_says_its_language(name):
    text = documents()[name]

    assert text.count("```") == 2 * len(blocks(text))
    assert {language for language, _ in blocks(text)} <= READ | SHOWN


def test_every_exception_occurs():
    told = [lines[0] for text in documents().values() for _, lines in blocks(text) if lines]

    for beginning in EXCEPTED:
        assert [line for line in told if line.startswith(beginning)], beginning


@pytest.mark.parametrize("pages", walks(), ids=lambda pages: Path(pages[0]).stem)
def test_every_block_runs_as_it_stands(pages, folder, teacher, kept_embeddings, monkeypatch):
    # A test of a page leaves the page as the main module, and processes that are begun later would run it.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    environment = {"XDG_CACHE_HOME": str(kept_embeddings), "OPENAI_BASE_URL": teacher.url, "OPENAI_API_KEY": ""}
    for page in pages:
        read(documents()[page], folder, environment)
        if page in CONTRACTS:
            name, section = CONTRACTS[page]
            assert set(json.loads((folder / name).read_text())) == keys_of(section), name

    assert not (folder / "asked.txt").exists(), (folder / "asked.txt").read_text()
    if "docs/rescoring.md" in pages:
        assert len(teacher.answered)
        written = pd.read_parquet(folder / "rescored" / "rescored.parquet")
        assert np.isfinite(written["teacher_score"]).all()


def test_another_host_that_is_asked_is_written_down(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    keep_other_hosts("socket.getaddrinfo", ("localhost", 80, 0, 0, 0))
    keep_other_hosts("socket.connect", (None, "/run/a-socket"))
    keep_other_hosts("socket.connect", (None, ("192.0.2.1", 80)))

    assert Path("asked.txt").read_text() == "socket.connect: 192.0.2.1\n"


def read(text, folder, environment):
    """Run the blocks of a page in order; what it shows as their output must be in what they said."""
    said = ""
    for language, lines in runnable(text):
        if language == "python":
            said = succeed(python, ["\n".join(lines)], folder, environment)
        elif language == "sh":
            said = "".join(run(line, folder, environment) for line in lines)
        else:
            assert [line for line in lines if line not in said.splitlines()] == []


def keys_of(section):
    """Keys that the page on files lists for a JSON file."""
    text = documents()["docs/files.md"].split(f"### {section}\n", 1)[1].split("\n### ", 1)[0]
    table = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {"schema", "version", *re.findall(r"`(\w+)`", " ".join(table))}


def run(line, folder, environment):
    """Run one line of a shell block; `export` changes the environment of those after it."""
    first, *words = shlex.split(line)
    if first == "export":
        environment |= dict(word.split("=", 1) for word in words)
        return ""
    assert first == COMMAND, line
    return succeed(distillation_drift, words, folder, environment)


def succeed(what, words, folder, environment):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(SLOW))
    log = folder / "said.txt"
    log.unlink(missing_ok=True)
    process = context.Process(target=begin, args=(what, words, folder, environment, log))
    process.start()
    process.join(SECONDS)
    expected = next((code for start, code in OTHER_CODES.items() if re.match(start, shlex.join(words))), 0)
    assert process.exitcode == expected, f"{shlex.join(words)}\n{log.read_text()}"
    return log.read_text()


def begin(what, words, folder, environment, log):
    """Take the place of a process of the shell: its folder, environment and output."""
    os.chdir(folder)
    os.environ.update(environment)
    with log.open("wb") as said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    sys.addaudithook(keep_other_hosts)
    what(words)


def keep_other_hosts(event, details):
    """Write down whoever is asked beside this machine."""
    if event not in ASKING:
        return
    asked = details[-1] if event in ("socket.connect", "socket.sendto") else details
    host = asked[0] if isinstance(asked, tuple) else None  # the address of a Unix socket is a path
    if host not in THIS_MACHINE:
        with Path("asked.txt").open("a") as file:
            file.write(f"{event}: {host}\n")


def distillation_drift(words):
    from drift_core.cli import main

    sys.argv = ["distillation-drift", *words]
    main()


def python(words):
    exec(compile(words[0], "block", "exec"), {})  # noqa: S102 - the pages' own code
