"""Ways by which a gate could open by mistake, one test each, all through the command as CI runs it."""

import hashlib
import json
import random
import resource
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drift_core import InputError, SettingError, open_history
from drift_core.canary.decision import Decision
from drift_core.canary.run import ErrorFigure, HeldoutFigure
from drift_core.diagnosis.rule import Rule
from drift_core.history.csv_exchange import export_csv, import_csv
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, region
from tests.drift_core.canary.runs_by_hand import week as made_by_hand
from tests.drift_core.command_line import run as run_command

CARD = """
student: {version: "s1", parent: "s0"}
teacher: {revision: "r1"}
floors: {agreement: 0.3, overlap: 0.3}
gate: {inconclusive: "pass"}
"""
HELDOUT = HeldoutFigure(digest="held", agreement=measured(0.91, n_pairs=500), z_error=0.046)
FALLEN = measured(0.70)
BAD_HELDOUT = HeldoutFigure(digest="worse", agreement=measured(0.70, n_pairs=500), z_error=0.046)
NAMES = {"student_before": "s0", "student_after": "s1"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("judges.yaml").write_text(CARD)


def week(number, **changes):
    return made_by_hand(number, **{"heldout": HELDOUT} | changes)


def record(*runs, place="canary.db"):
    with open_history(place) as history:
        return [history.record(run) for run in runs]


def gate(*arguments, now="2026-01-20", card="judges.yaml", history="canary.db"):
    """The exit code, and all that is said."""
    of_team = ("--card", card) if card else ()
    where = ("--history", history, *of_team, "--now", now, "--annotations", "none")
    code, shown, said = run_command("gate", *where, *arguments)
    return code, shown + said


def alarm(**changes):
    """Two quiet weeks and one that alarms, of 2026-01-19."""
    return week(0), week(1), week(2, agreement=FALLEN, **changes)


def write(statement, *values):
    with closing(sqlite3.connect("canary.db")) as file, file:
        file.execute(statement, values)


def edit(change, run):
    """Change the stored document of a run as somebody would by hand."""
    document = json.loads(json.dumps({**run.to_json(), "regions": []}))
    change(document)
    write("UPDATE canary_run SET document = ? WHERE run_key = ?", json.dumps(document), run.key)


def store(decision):
    """Put a decision into the file as an earlier version would have."""
    document = json.dumps({**asdict(decision), "at": decision.at.isoformat()}, sort_keys=True)
    key = hashlib.sha256(document.encode()).hexdigest()
    row = (key, f"{decision.at:%Y-%m-%d %H:%M:%S}", decision.kind, decision.by, decision.reason, decision.run_key)
    write("INSERT INTO canary_decision VALUES (?, ?, ?, ?, ?, ?, ?)", *row, document)


def test_without_a_fault_the_alarm_blocks_and_a_quiet_week_passes():
    record(*alarm())

    assert gate()[0] == 1
    record(week(0), week(1), place="quiet.db")
    assert gate(history="quiet.db", now="2026-01-13")[0] == 0


# The rule, the baseline, the alarms and the overrides are those of the card's student.


def test_the_rule_of_another_student_opens_no_gate():
    lax = week(
        2,
        at=MONDAY + timedelta(days=14, hours=1),
        student_version="other",
        rule={**Rule().to_json(), "alarm_loss": 0.9},
    )
    record(*alarm(), lax)

    assert gate()[0] == 1


def test_without_a_card_the_student_of_the_newest_run_is_named():
    record(*alarm(), week(2, at=MONDAY + timedelta(days=15), student_version="other"))

    code, told = gate(card=None, now="2026-01-21")

    assert code == 0
    assert "No card names the student, so it is decided for student other, of the newest run, not for: s1." in told


def test_without_a_card_a_run_of_the_future_does_not_choose_the_student():
    record(
        *alarm(),
        *(week(number, at=MONDAY + timedelta(days=13 + number), student_version="other") for number in (0, 300)),
    )

    assert gate(card=None)[0] == 1


def test_an_override_for_a_student_without_a_run_covers_no_other_student():
    open_history("canary.db").close()
    cannot_tell = CARD.replace("pass", "block")
    Path("judges.yaml").write_text(cannot_tell)
    Path("other.yaml").write_text(cannot_tell.replace("s1", "s2"))
    overridden = gate("--override", "--by", "Ada", "--reason", "First release.")

    assert overridden[0] == 0
    assert gate(card="other.yaml")[0] == 1


def test_a_student_written_otherwise_is_asked_about():
    Path("judges.yaml").write_text(CARD.replace('inconclusive: "pass"', 'inconclusive: "block"'))
    record(week(0), week(1), week(2, agreement=FALLEN, student_version=" S1"))

    code, told = gate(now="2026-01-19T12:00")

    assert code == 1
    assert "The history has runs of student 'S1' too, told from 's1' by case or spaces alone." in told


def test_a_newer_run_that_names_no_student_is_asked_about():
    Path("judges.yaml").write_text(CARD.replace('inconclusive: "pass"', 'inconclusive: "block"'))
    record(week(0), week(1), week(2, agreement=FALLEN, student_version=None))

    code, told = gate(now="2026-01-19T12:00")

    assert code == 1
    assert "1 canary run names no student, dated after the newest of student s1." in told


def test_the_outcomes_that_are_listed_are_by_each_student_s_own_rule():
    strict = {**Rule().to_json(), "alarm_loss": 0.9}
    record(*alarm(), week(2, student_version="s2", agreement=FALLEN, rule=strict))

    listed = run_command("history", "list", "--history", "canary.db")[1]

    assert [line.split()[1] for line in listed.splitlines()[1:-1]] == ["quiet", "quiet", "alarm", "quiet"]


# The order is that of recording.


def test_a_clock_set_back_moves_no_baseline():
    record(*alarm())
    record(week(1, production_digest="x", heldout=BAD_HELDOUT, recorded_at=datetime(1970, 1, 2, tzinfo=UTC)))

    assert gate()[0] == 1


def test_an_imported_record_with_an_early_clock_moves_no_baseline():
    early = week(1, production_digest="x", heldout=BAD_HELDOUT, recorded_at=datetime(1970, 1, 2, tzinfo=UTC))
    record(early, place="other.db")
    with open_history("other.db") as other:
        Path("weeks.csv").write_bytes(export_csv(other))
    record(*alarm())
    import_csv("weeks.csv", "canary.db")

    assert gate()[0] == 1


def test_an_export_into_an_empty_history_keeps_the_order_of_recording():
    late = week(-3, production_digest="x", heldout=BAD_HELDOUT, recorded_at=datetime(1970, 1, 2, tzinfo=UTC))
    record(*alarm(), late)
    with open_history("canary.db") as history:
        Path("weeks.csv").write_bytes(export_csv(history))
        order = [run.key for run in sorted(history.runs(), key=lambda run: run.number)]
    import_csv("weeks.csv", "copy.db")

    with open_history("copy.db") as copy:
        assert [run.key for run in sorted(copy.runs(), key=lambda run: run.number)] == order
    assert gate(history="copy.db")[0] == 1


def test_an_earlier_week_imported_later_does_not_become_the_first():
    bare = [replace(run, heldout=None, regions=()) for run in (week(0), week(1), week(2, agreement=FALLEN))]
    record(*bare)
    record(replace(week(-1, agreement=FALLEN), heldout=None, regions=(), origin="import"))

    assert gate()[0] == 1


def test_a_clock_that_went_backwards_is_said_although_the_day_is_given():
    record(*alarm())
    (recorded,) = record(week(3, recorded_at=datetime(1970, 1, 2, tzinfo=UTC)))

    assert any("after the day it was recorded on" in note for note in recorded.notes)
    assert any("The clock went backwards" in note for note in recorded.notes)


def test_the_sample_of_an_alarm_recorded_again_with_an_earlier_date_hides_nothing():
    slow = [week(number, agreement=measured(0.865)) for number in range(8)]
    record(*slow)
    first = gate(now="2026-02-24")
    record(week(-1, agreement=measured(0.865), production_digest="sample 7"))

    assert first[0] == 1
    assert "the last 8 weeks together exceed" in first[1]
    assert gate(now="2026-02-24")[0] == 1


# Overrides.


def test_an_override_given_for_a_later_day_is_dated_by_the_clock_and_ends():
    record(*alarm())
    gate("--override", "--by", "Eve", "--reason", "x", now="2036-01-01")

    code, told = gate(now="2028-06-01")

    assert code == 1
    assert "days old; at most 8 days are allowed" in told
    with open_history("canary.db") as history:
        assert all(each.at <= datetime.now(UTC) for each in history.decisions())


def test_an_override_never_covers_the_age_of_the_canary():
    record(week(0))

    code, told = gate("--override", "--by", "Eve", "--reason", "x")

    assert code == 2
    assert "No override covers the age of the canary." in told


def test_a_stored_override_of_the_future_does_not_count_and_is_named():
    runs = alarm()
    record(*runs)
    to_come = datetime(2190, 1, 1, tzinfo=UTC)
    store(Decision(kind="override", at=to_come, by="Eve", reason="x", run_key=runs[2].key, reasons=("alarm",)))

    code, told = gate()

    assert code == 1
    assert "The override of Eve is dated 2190-01-01, after the clock, and does not count." in told


def test_no_decision_is_kept_that_is_dated_after_the_clock():
    runs = alarm()
    record(*runs)
    to_come = Decision(
        kind="override",
        at=datetime(2190, 1, 1, tzinfo=UTC),
        by="Eve",
        reason="x",
        run_key=runs[2].key,
        reasons=("alarm",),
    )

    with open_history("canary.db") as history, pytest.raises(SettingError, match="cannot be dated after now"):
        history.decide(to_come)


def test_an_override_that_names_no_finding_covers_none():
    runs = alarm()
    record(*runs)
    at = datetime(2026, 1, 20, tzinfo=UTC)
    blanket = Decision(kind="override", at=at, by="Eve", reason="x", run_key=runs[2].key)
    store(blanket)

    assert gate()[0] == 1
    with open_history("canary.db") as history, pytest.raises(SettingError, match="names none"):
        history.decide(replace(blanket, by="Ada"))


def test_a_second_override_adds_to_the_first():
    record(*alarm())
    compared(worse=("country: DE",))
    first = gate("--override", "--by", "Ada", "--reason", "Known.")
    both = gate("--override", "--by", "Bob", "--reason", "DE is off.", "--comparison", "comparison.json")

    assert (first[0], both[0]) == (0, 0)
    assert "Pass by an override of Ada on " in both[1]
    assert "Bob on " in both[1]
    assert gate()[0] == 0


def test_a_further_run_ends_an_override_although_its_clock_is_set_back_and_it_is_withdrawn():
    record(*alarm())
    assert gate("--override", "--by", "Ada", "--reason", "Known.")[0] == 0
    further = week(2, production_digest="y", recorded_at=datetime(1970, 1, 2, tzinfo=UTC))
    record(further)
    with open_history("canary.db") as history:
        history.decide(Decision(kind="withdraw", at=MONDAY, by="Ada", reason="Wrong", run_key=further.key))

    assert gate()[0] == 1


# Odd input.


def test_a_quiet_run_of_the_future_hides_no_alarm():
    record(*alarm(), week(45))

    code, told = gate()

    assert code == 1
    assert "The canary of 2026-01-19 alarms" in told
    assert "A canary is dated 2026-11-16 09:00 UTC, after now" in told


def test_a_run_of_the_future_with_few_queries_weakens_no_alarm_of_today():
    def of_errors(number, level, degrees, **changes):
        error = ErrorFigure(level=level, variance=0.004, third=0.0, degrees=degrees)
        heldout = replace(HELDOUT, error=replace(error, level=1.0, degrees=200.0))
        return week(number, heldout=heldout, error=error, **changes)

    known = of_errors(0, 1.0, 200.0), of_errors(1, 1.0, 200.0), of_errors(2, 1.35, 200.0, agreement=measured(0.80))
    record(*known, of_errors(500, 1.0, 3.0))

    assert gate()[0] == 1


def test_a_first_record_of_the_future_is_no_baseline():
    record(week(500, heldout=BAD_HELDOUT), *alarm())

    assert gate()[0] == 1


def test_the_runs_of_others_are_not_taken_for_those_of_a_student_without_any():
    nameless = (week(number, student_version=None) for number in (0, 1))
    record(*nameless, week(0, student_version="other", at=MONDAY + timedelta(hours=1)))

    _, told = gate("--json", "gate.json", now="2026-01-13")

    assert json.loads(Path("gate.json").read_text())["status"] == "inconclusive"
    assert "no canary run of student s1" in told


def test_the_rule_is_that_of_the_run_recorded_last():
    lax = week(2, at=MONDAY + timedelta(days=14, hours=2), rule={**Rule().to_json(), "alarm_loss": 0.9})
    record(week(0), week(1), lax, week(2, agreement=FALLEN, production_digest="of the alarm"))

    assert gate()[0] == 1


def test_an_alarm_of_the_future_counts_too():
    record(week(0), week(1), week(2), week(45, agreement=FALLEN), week(46))

    assert gate()[0] == 1


def test_a_rule_of_the_future_decides_nothing():
    record(*alarm(), week(45, rule={**Rule().to_json(), "alarm_loss": 0.9}))

    assert gate()[0] == 1


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


def compared(*, worse=(), name="comparison.json", **changes):
    """Write a comparison in which all pairs are the same, or parts got worse."""
    parts = [{"partition": None, "name": None, "outcome": "same"}]
    parts += [{"partition": "country", "name": title, "outcome": "worse"} for title in worse]
    content = {
        "schema": 1,
        "kind": "before_after",
        "made_at": "2026-01-19T12:00:00+00:00",
        "outcome": "same",
        "sentence": "The same.",
        "is_measured": True,
        "worse": [{"title": title, "sentence": f"{title} fell."} for title in worse],
        "parts": parts,
        "rule": Rule().to_json(),
    }
    Path(name).write_text(json.dumps(content | NAMES | changes))
    return ("--comparison", name)


def test_a_comparison_of_the_card_s_students_is_held():
    record(week(0), week(1), week(2))

    assert gate(*compared())[0] == 0


@pytest.mark.parametrize(
    ("changes", "card", "told"),
    [
        ({"student_after": None}, CARD, "does not name its student"),
        ({"student_after": "S1"}, CARD, "The comparison is of student S1; the card's is s1."),
        ({"student_before": None}, CARD, "does not name the student before"),
        ({"student_before": "S0"}, CARD, "The comparison is with student S0; the card's parent is s0."),
        ({"student_before": "x"}, CARD.replace(', parent: "s0"', ""), "Nothing says that x is the parent of s1."),
        ({"student_before": "s1"}, CARD.replace('"s0"', '"s1"'), "The comparison is of student s1 with itself, s1."),
        ({"student_before": "S 1"}, CARD.replace('"s0"', '"S 1"'), "The comparison is of student s1 with itself, S 1."),
        ({}, None, "Nothing says that s0 is the parent of s1."),
        (dict.fromkeys(NAMES), None, "The comparison does not name its student; the newest run's is s1."),
    ],
)
def test_a_comparison_of_others_does_not_count(changes, card, told):
    record(week(0), week(1), week(2))
    if card:
        Path("judges.yaml").write_text(card.replace('"pass"', '"block"'))

    code, said = gate(*compared(**changes), card="judges.yaml" if card else None)

    assert code in (1, 3)
    assert told in said


def test_a_comparison_where_nobody_names_a_student_does_not_count():
    record(*(week(number, student_version=None) for number in range(3)))

    code, told = gate(*compared(**dict.fromkeys(NAMES)), card=None)

    assert code == 3
    assert "Neither a judge card nor the newest run names the student." in told


def test_the_first_week_is_no_proof_of_itself():
    record(week(2, heldout=None))

    code, told = gate(card=None)

    assert code == 3
    assert "is the first of its student and its own baseline" in told


def test_a_region_that_stands_twice_is_held_to_the_worse():
    good, bad = (region("DE", partition="country", agreement=measured(level)) for level in (0.9, 0.5))
    record(week(0), week(1), week(2, regions=(good, bad)))
    Path("judges.yaml").write_text(CARD + 'critical_slices: [{partition: "country", name: "DE", floor: 0.8}]\n')

    assert gate()[0] == 1


def test_a_past_moment_is_said_to_be_one():
    record(week(0), week(1), week(2))

    assert "Decided for 2026-01-20 00:00 UTC, as --now says, not for this moment." in gate()[1]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_no_card_has_is_one_message(day):
    record(week(0), week(1), week(2))
    Path("judges.yaml").write_text(f'{CARD}training: {{date: "{day}"}}\n')

    for code, told in (gate(*compared()), run_command("card", "check", "judges.yaml")[::2]):
        assert code == 2
        assert "judges.yaml, line 6: training.date: expected day of the training" in told


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
