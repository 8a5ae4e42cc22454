import json
import socket
import sys

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.errors import InputError
from drift_core.history.csv_exchange import import_csv
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
    rows = production.read_text().splitlines()[1:]
    assert not [row for row in rows if row.split(",")[1] in text]


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
    assert weeks[2]["weeks"][-1]["status"] == weeks[2]["status"]
    assert weeks[2]["next_step"] or weeks[2]["status"] == "quiet"
    assert decided[2]["exit_code"] == named[2]["exit_code"] == code
    assert [each["name"] for each in decided[2]["reasons"]] == [each["name"] for each in gate["reasons"]]


@pytest.mark.parametrize(
    ("tool", "given", "message"),
    [
        ("diagnose", {"heldout": "../judge.csv", "production": "production.csv"}, "../judge.csv is not in the folder"),
        ("diagnose", {"heldout": "/etc/passwd", "production": "production.csv"}, "/etc/passwd is not in the folder"),
        ("diagnose", {"heldout": "heldout.csv", "production": "link.csv"}, "link.csv is not in the folder"),
        ("diagnose", {"heldout": "\0", "production": "link.csv"}, "is not in the folder"),
        ("diagnose", {"heldout": "-", "production": "production.csv"}, "There is no file"),
        ("diagnose", {"heldout": "heldout.csv"}, "Give two files, held-out and production, or one file and where"),
        (
            "diagnose",
            {"heldout": "heldout.csv", "production": "production.csv", "kind": "stars"},
            "kind of score is one",
        ),
        ("read_diagnosis", {"file": "heldout.csv"}, "cannot be read as JSON"),
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
    before = {path: path.read_bytes() for path in folder.iterdir()}

    server = make_server(folder, history=str(folder / "canary.db"), encoder="hashing")
    told = answers(server, ("canary", {}), ("gate", {}))

    assert [is_error for is_error, _, _ in told] == [False, False]
    assert asked == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


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
