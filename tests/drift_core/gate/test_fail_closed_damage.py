"""Ways by which a gate could open by mistake: a record edited or damaged, a full disk, another file."""

import json
import random
import resource
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from drift_core import InputError, open_history
from tests.drift_core.canary.runs_by_hand import measured
from tests.drift_core.command_line import run as run_command
from tests.drift_core.gate.alarming_weeks import CARD, FALLEN, alarm, edit, gate, record, week, write

pytestmark = pytest.mark.usefixtures("folder_with_card")


def nan(document):
    document["agreement"] |= {"estimate": float("nan"), "low": float("nan"), "high": float("nan")}


EDITED = {
    "agreement.estimate": lambda document: document["agreement"].update(estimate=float("inf")),
    "agreement": lambda document: document.update(agreement=[0.9]),
    "agreement.low": lambda document: document["agreement"].update(low="0.9"),
    "heldout.z_error": lambda document: document["heldout"].update(z_error=-1.0),
    "n_pairs": lambda document: document.update(n_pairs="200"),
    "n_queries": lambda document: document.update(n_queries=-5),
    "k": lambda document: document.update(k=10.5),
    "at": lambda document: document.update(at="9999-12-31T23:59:59-12:00"),
    "rule": lambda document: document.update(rule=[1]),
}


@pytest.mark.parametrize(("field", "change"), [("agreement.estimate", nan), *EDITED.items()])
def test_a_record_edited_by_hand_is_an_error_that_names_it(field, change):
    runs = (week(0), week(1), week(2))
    record(*runs)
    edit(change, runs[2])

    code, told = gate()

    assert code == 2
    assert told.startswith(f"Error: canary.db: The run of 2026-01-19 (key {runs[2].key[:8]}) cannot be read: ")
    assert field in told or field == "at"
    assert "Restore the history from a copy." in told


def test_a_figure_edited_to_a_better_one_is_an_error():
    runs = alarm()
    record(*runs)
    edit(lambda document: document.update(agreement=asdict(measured())), runs[2])

    code, told = gate()

    assert code == 2
    assert f"The run of 2026-01-19 (key {runs[2].key[:8]}) is not what was recorded" in told


@pytest.mark.parametrize(
    ("column", "value"), [("agreement", 0.99), ("agreement", None), ("at_utc", "2026-02-09 00:00:00")]
)
def test_a_plain_column_that_dashboards_read_is_an_error_once_it_was_edited(column, value):
    runs = alarm()
    record(*runs)
    write(f"UPDATE canary_run SET {column} = ? WHERE run_key = ?", value, runs[2].key)

    code, told = gate()

    assert code == 2
    assert f"is not what was recorded: its column {column} was changed since" in told


def test_a_decision_of_another_type_is_an_error_that_names_it():
    record(*alarm())
    document = json.dumps({"kind": "override", "at": 5, "by": "Eve", "reason": [], "run_key": None})
    row = ("0" * 64, "2026-01-20", "override", "Eve", "x", None, document)
    write("INSERT INTO canary_decision VALUES (?, ?, ?, ?, ?, ?, ?)", *row)

    code, told = gate()

    assert code == 2
    assert "The decision of 2026-01-20 (key 00000000) cannot be read: at: " in told


def test_a_stored_rule_that_is_none_is_an_error_that_names_its_run():
    record(*alarm(rule={"alarm_budget": 7}))

    code, told = gate()

    assert code == 2
    assert "The rule that the run of 2026-01-19" in told


def flips(whole, part, draw):
    """Draw a place and a bit: anywhere, of a letter in the schema, or of a digit in the newest run."""
    if part == "anywhere":
        return draw.randrange(len(whole)), 1 << draw.randrange(8)
    begin = whole.index(b"CREATE TABLE" if part == "schema" else b'"at": "2026-02-09')
    places = range(begin, begin + 900) if part == "schema" else range(begin - 300, begin + 900)
    wanted = bytes.isalpha if part == "schema" else bytes.isdigit
    return draw.choice([place for place in places if wanted(whole[place : place + 1])]), 128 if part == "schema" else 1


@pytest.mark.parametrize("part", ["anywhere", "schema", "figures"])
def test_a_flipped_bit_gives_one_message_or_the_same_answer(part):
    record(*alarm(), *(week(number) for number in range(3, 6)))
    whole, draw = Path("canary.db").read_bytes(), random.Random(5)
    before = gate("--json", "-", now="2026-02-10")

    for _ in range(20):
        place, bit = flips(whole, part, draw)
        Path("canary.db").write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])

        code, told = gate("--json", "-", now="2026-02-10")

        assert (code, told) == before or (code == 2 and told.startswith("Error: "))


def test_a_card_with_the_same_name_twice_is_one_message():
    record(*alarm())
    Path("judges.yaml").write_text(f"{CARD}floors: {{agreement: 0.1}}\n")

    assert gate()[0] == 2


def test_a_copy_of_the_one_file_has_what_was_recorded_while_somebody_had_it_open():
    record(week(0), week(1))
    with closing(sqlite3.connect("canary.db")) as reader:
        reader.execute("SELECT count(*) FROM canary_run").fetchall()
        record(week(2, agreement=FALLEN))
        shutil.copy("canary.db", "copy.db")

    assert gate(history="copy.db", now="2026-01-20")[0] == 1
    with open_history("copy.db", is_created=False) as copy:
        assert len(copy.runs()) == 3


@contextmanager
def full_disk():
    """No file of this process can grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_healthy_history_is_read_on_a_full_disk(mode):
    record(*alarm())
    write_mode = f"PRAGMA journal_mode={mode}"  # files of earlier versions are in the second
    with closing(sqlite3.connect("canary.db")) as file:
        file.execute(write_mode)

    with full_disk():
        listed, (code, told) = run_command("history", "list", "--history", "canary.db"), gate()
        with open_history("canary.db") as history, pytest.raises(InputError, match="could not be recorded"):
            history.record(week(3))

    assert (listed[0], code) == (0, 1)
    assert "The canary of 2026-01-19 alarms" in told
    record(week(3))
    with open_history("canary.db") as history:
        assert len(history.runs()) == 4


def test_a_file_of_an_earlier_version_is_made_one_file_when_it_is_opened():
    record(*alarm())
    with closing(sqlite3.connect("canary.db")) as file:
        file.execute("PRAGMA journal_mode=WAL")

    assert gate()[0] == 1

    assert Path("canary.db").read_bytes()[18:20] == b"\1\1"
    assert {each.name for each in Path().iterdir()} == {"canary.db", "judges.yaml"}


def test_a_name_mistyped_makes_no_history():
    record(*alarm())

    code, told = gate(history="canery.db")

    assert code == 2
    assert "There is no history at canery.db." in told
    assert not Path("canery.db").exists()


def test_what_no_reader_would_take_is_not_recorded():
    with open_history("canary.db") as history, pytest.raises(InputError, match="agreement: expected low up to high"):
        history.record(week(0, agreement=replace(measured(), low=0.99, high=0.5)))
