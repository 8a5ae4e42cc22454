import csv
import json
import socket
import sqlite3
import sys
from contextlib import closing

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.errors import InputError
from drift_core.history.csv_exchange import import_csv
from drift_core.history.history import open_place
from drift_core.history.migrations import STEPS
from drift_core.mcp_server.server import make_server
from drift_core.simulation.canary_year import shipped_canary_files
from drift_core.simulation.scenarios import shipped_scenario_paths
from tests.drift_core.command_line import run

URL = "postgresql://judge:s3cret@db/x"


def answers(server, *calls):
    """What the tools say, each as (is_error, text, values)."""

    async def talk():
        async with Client(server) as client:
            return [await client.call_tool(name, given) for name, given in calls]

    return [(each.is_error, each.content[0].text, each.structured_content) for each in anyio.run(talk)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two samples, a year of canary weeks, and a file outside that a link leads to."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "private.csv").write_text("query,teacher_score,student_score\na,1,1\n")
    root = tmp_path_factory.mktemp("judge")
    for path in shipped_scenario_paths("query-drift"):
        (root / path.name).write_bytes(path.read_bytes())
    import_csv(str(shipped_canary_files().history), str(root / "canary.db"))
    (root / "link.csv").symlink_to(outside / "private.csv")
    (outside / "secret.csv").write_bytes((root / "production.csv").read_bytes())
    (root / "way").symlink_to(outside)
    (root / "parts").mkdir()
    (root / "parts" / "a.parquet").symlink_to(outside / "private.csv")
    (root / ".env").write_text("API_KEY=s3cret")
    (root / "deep.json").write_text("[" * 100_000)
    return root


def test_an_assistant_gets_the_verdict_of_two_files_and_no_row(folder, diagnosis_of):
    server = make_server(folder, encoder="hashing")
    production = folder / "production.csv"

    [(is_error, text, found)] = answers(
        server, ("diagnose", {"heldout": "heldout.csv", "production": "production.csv"})
    )

    made = diagnosis_of(folder / "heldout.csv", production)
    assert not is_error
    assert json.loads(text) == found
    assert found["headline"] == made.verdict.headline
    assert {each["name"] for each in found["regions"]} == {
        region.name for region in made.regions.all_regions if region.drifted
    }
    assert found["n_regions"] == len(made.regions.all_regions)
    assert found["measure"] == "Spearman"
    assert found["next_step"]["title"] == "Re-score and retrain, or route"
    with production.open(newline="") as file:
        texts = {row[name] for row in csv.DictReader(file) for name in ("query", "doc")}
    assert not [each for each in texts if each in text]
    assert str(folder) not in text


def test_a_saved_verdict_is_told_as_it_was(folder, diagnosis_of):
    made = diagnosis_of(*shipped_scenario_paths("healthy"))
    (folder / "verdict.json").write_text(json.dumps(diagnosis_to_json(made)))

    [(is_error, _, found)] = answers(make_server(folder), ("read_diagnosis", {"file": "verdict.json"}))

    assert not is_error
    assert (found["cause"], found["regions"], found["ways"]) == ("healthy", [], None)


def test_canary_and_gate_say_what_the_commands_say(folder):
    history = str(folder / "canary.db")
    code, shown, _ = run("gate", "--history", history, "--json", "-")
    gate = json.loads(shown)
    server = make_server(folder, history=history)

    weeks, decided, named = answers(server, ("canary", {"last": 3}), ("gate", {}), ("gate", {"history": "canary.db"}))

    assert weeks[2]["n_weeks"] == 40
    assert len(weeks[2]["weeks"]) == 3
    assert [each["student_version"] for each in weeks[2]["students"]] == ["ranker-1", "ranker-2"]
    assert {"at", "status", "next_step", "measure"} <= weeks[2]["students"][-1].keys()
    assert weeks[2]["newest_alarm"]["student_version"] == "ranker-2"
    assert decided[2]["exit_code"] == named[2]["exit_code"] == code
    assert [each["name"] for each in decided[2]["reasons"]] == [each["name"] for each in gate["reasons"]]


@pytest.mark.parametrize(
    ("tool", "given", "message"),
    [
        ("diagnose", {"heldout": "../judge.csv", "production": "production.csv"}, "../judge.csv is not in the folder"),
        ("diagnose", {"heldout": "/etc/passwd", "production": "production.csv"}, "/etc/passwd is not in the folder"),
        ("diagnose", {"heldout": "heldout.csv", "production": "link.csv"}, "link.csv is not in the folder"),
        ("diagnose", {"heldout": "heldout.csv", "production": "lin*.csv"}, "is not in the folder"),
        ("diagnose", {"heldout": "heldout.csv", "production": "way/s*.csv"}, "is not in the folder"),
        ("diagnose", {"heldout": "heldout.csv", "production": "**/secret.csv"}, "is not in the folder"),
        ("diagnose", {"heldout": "heldout.csv", "production": "parts"}, "is not in the folder"),
        ("diagnose", {"heldout": ".env", "production": "production.csv"}, "is hidden"),
        ("diagnose", {"heldout": "production.csv", "split": "query=zzz"}, "different values. Split by a date"),
        ("diagnose", {"heldout": "\0", "production": "link.csv"}, "is not in the folder"),
        ("diagnose", {"heldout": "-", "production": "production.csv"}, "There is no file"),
        ("diagnose", {"heldout": "heldout.csv"}, "Give two files, held-out and production, or one file and where"),
        (
            "diagnose",
            {"heldout": "heldout.csv", "production": "production.csv", "kind": "stars"},
            "kind of score is one",
        ),
        ("read_diagnosis", {"file": "heldout.csv"}, "cannot be read as JSON"),
        ("read_diagnosis", {"file": "deep.json"}, "cannot be read as JSON"),
        ("canary", {}, "Name its file, or start the server with --history"),
        ("canary", {"history": "heldout.csv"}, "is no history"),
        ("canary", {"history": URL}, "A tool reads files of the folder alone"),
        ("gate", {"history": "canary.db", "card": "../judges.yaml"}, "is not in the folder"),
    ],
)
def test_what_cannot_be_read_is_one_message(folder, tool, given, message):
    [(is_error, text, _)] = answers(make_server(folder), (tool, given))

    assert is_error
    assert message in text
    assert "Traceback" not in text
    assert "s3cret" not in text
    assert str(folder) not in text


@pytest.mark.parametrize(
    ("tool", "given", "message"),
    [
        ("read_diagnosis", {}, "read_diagnosis needs 'file'. Its arguments are file."),
        ("read_diagnosis", {"file": ["s3cret"]}, "read_diagnosis expects a text as 'file'. Its arguments are file."),
        (
            "canary",
            {"last": 99},
            "canary expects a whole number from 1 to 60 as 'last'. Its arguments are history, last.",
        ),
        ("canary", {"weeks": 3}, "canary takes no 'weeks'. Its arguments are history, last."),
        ("review", {}, "Unknown tool: review"),
    ],
)
def test_wrong_arguments_are_one_message(folder, tool, given, message):
    assert answers(make_server(folder), (tool, given)) == [(True, message, None)]


def test_what_arguments_of_diagnose_are_is_said_in_words(folder):
    given = {"production": 3, "columns": "teacher=judge", "labels": "yes,no"}

    [(is_error, text, _)] = answers(make_server(folder), ("diagnose", given))

    assert is_error
    assert text.startswith(
        "diagnose needs 'heldout', expects a text as 'production', expects an object of texts as 'columns', expects a "
        "list of texts as 'labels'. Its arguments are heldout,"
    )


def test_json_that_is_no_diagnosis_is_said(folder):
    for content in ("[]", "{}", '{"regions": 3}', '"text"'):
        (folder / "other.json").write_text(content)

        [(is_error, text, _)] = answers(make_server(folder), ("read_diagnosis", {"file": "other.json"}))

        assert is_error
        assert "It holds no diagnosis" in text


def test_every_tool_says_that_it_only_reads(folder):
    async def tools():
        async with Client(make_server(folder)) as client:
            return (await client.list_tools()).tools

    found = anyio.run(tools)

    assert {each.name for each in found} == {"diagnose", "read_diagnosis", "canary", "gate"}
    assert all(each.annotations.read_only_hint and each.description for each in found)


def test_nobody_is_asked_and_no_file_of_the_folder_changes(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args) or [])
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    server = make_server(folder, history=str(folder / "canary.db"), encoder="hashing")
    pair = {"heldout": "heldout.csv", "production": "production.csv"}
    told = answers(server, ("canary", {}), ("gate", {}), ("diagnose", pair))

    assert [is_error for is_error, _, _ in told] == [False] * 3
    assert asked == []
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("fault", ["older", "written ahead"])
def test_an_older_history_is_read_as_it_is(folder, tmp_path, fault):
    path = tmp_path / "old.db"
    if fault == "older":
        open_place(path, is_created=True, steps=STEPS[:-1])
    else:
        path.write_bytes((folder / "canary.db").read_bytes())
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=wal")
    before = path.read_bytes()

    told = answers(make_server(tmp_path), ("canary", {"history": "old.db"}), ("gate", {"history": "old.db"}))

    assert [is_error for is_error, _, _ in told] == [False, False]
    assert path.read_bytes() == before


def test_a_database_is_shown_nowhere(folder, capsys):
    told = answers(make_server(folder, history="postgresql://judge:s3cret@127.0.0.1:9/x"), ("canary", {}), ("gate", {}))

    assert {text.split(": ", 1)[1] for _, text, _ in told} == {"The server's history cannot be read; its log says why."}
    assert "127.0.0.1:9/x" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        make_server(tmp_path / "nothing")


def test_the_command_talks_over_standard_input_and_output(folder):
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "drift_core", "mcp", str(folder), "--history", str(folder / "canary.db")]
    )

    [(is_error, _, found)] = answers(stdio_client(parameters), ("canary", {}))

    assert not is_error
    assert found["n_weeks"] == 40
