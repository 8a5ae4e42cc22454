import pytest

from drift_core import open_history, read_card
from drift_core.gate.last_canary import update_last_canary
from drift_core.judge_card.file import init_card
from tests.drift_core.canary.runs_by_hand import measured, week
from tests.drift_core.command_line import run


@pytest.fixture
def three(tmp_path):
    """A history whose newest week of three alarms."""
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        calm = [week(number, agreement=measured(0.95)) for number in range(2)]
        kept.record_all([*calm, week(2, agreement=measured(0.5), null_error=0.07)])
    return place


def decide(what, run_named, place, *words):
    return run("history", what, run_named, "--history", place, "--by", "Ada", "--reason", "Wrong file", *words)


def test_a_record_is_withdrawn_listed_as_such_and_restored(three):
    key = week(2, agreement=measured(0.5)).key[:8]

    code, told, _ = decide("withdraw", "2026-01-19", three)
    listed = run("history", "list", "--history", three)[1].splitlines()
    explained = run("history", "explain", "--history", three)[1]
    back = decide("restore", key, three)

    assert code == 0
    assert told.startswith("The record of 2026-01-19 was withdrawn by Ada on ")
    assert "2 records count now; the newest of 2026-01-12." in told
    assert f"To count it again: distillation-drift history restore {key} --history {three} --by" in told
    assert listed[3].startswith("2026-01-19  withdrawn  0.50 (")
    assert key in listed[3]
    assert "r1, s1, healthy; withdrawn by Ada on " in listed[3]
    assert listed[-1] == f"3 runs in {three}, 1 of them withdrawn"
    assert "No week alarms" in explained
    assert "Record of 2026-01-19 withdrawn by Ada: Wrong file" in explained
    assert back[:2] == (0, "The record of 2026-01-19 counts again, restored by Ada.\n")
    assert "Newest alarm 2026-01-19" in run("history", "explain", "--history", three)[1]


def test_the_last_record_that_counts_can_be_withdrawn_too(tmp_path):
    place = tmp_path / "history.db"
    with open_history(place) as kept:
        kept.record(week(0))

    code, told, _ = decide("withdraw", "2026-01-05", place)

    assert code == 0
    assert "0 records count now; record a week." in told
    assert "No week alarms" in run("history", "explain", "--history", place)[1]
    assert "history has no canary run that counts" in run("gate", "--history", place)[1]


@pytest.mark.parametrize(
    ("what", "run_named", "message"),
    [
        ("withdraw", "2026-01-06", "There is no run 2026-01-06 in"),
        ("withdraw", "last week", "A run is named by its day, such as 2026-03-16, or by"),
        ("restore", "2026-01-19", "is not withdrawn: it counts"),
    ],
)
def test_a_run_that_is_not_meant_clearly_is_one_message_and_exit_code_2(three, what, run_named, message):
    code, shown, said = decide(what, run_named, three)

    assert (code, shown, said.count("\n")) == (2, "", 1)
    assert message in said


def test_two_runs_of_a_day_are_told_apart_by_the_keys_of_the_list(three):
    with open_history(three) as kept:
        kept.record(week(2, production_digest="right"))
    listed = run("history", "list", "--history", three)[1].splitlines()

    code, _, said = decide("withdraw", "2026-01-19", three)

    assert code == 2
    keys = [line.split("  r1")[0].split()[-1] for line in listed[3:5]]
    assert all(key in said for key in keys)
    assert decide("withdraw", keys[0], three)[0] == 0


def test_a_withdrawal_without_a_name_is_refused(three):
    code, _, said = run("history", "withdraw", "2026-01-19", "--history", three, "--by", " ", "--reason", "Wrong")

    assert code == 2
    assert "A decision needs a name" in said


def test_a_card_with_the_withdrawn_run_is_mended_and_a_broken_card_stops_before(three, tmp_path):
    card = tmp_path / "judges.yaml"
    init_card(card)
    update_last_canary(card, week(2, agreement=measured(0.5)))

    taken = decide("withdraw", "2026-01-19", three, "--card", card)
    last = read_card(card).canary.last.at
    back = decide("restore", "2026-01-19", three, "--card", card)
    code, _, said = decide("withdraw", "2026-01-19", three, "--card", tmp_path / "none.yaml")

    assert f"The judge card {card} has the run of 2026-01-12 as its last canary." in taken[1]
    assert last == week(1).at.isoformat()
    assert f"The judge card {card} has the run of 2026-01-19 as its last canary." in back[1]
    assert read_card(card).canary.last.at == week(2).at.isoformat()
    assert (code, "There is no judge card" in said) == (2, True)
    with open_history(three) as kept:
        assert len(kept.decisions()) == 2


def test_a_card_is_mended_after_the_decision_too_and_gets_the_newest_that_counts(three, tmp_path):
    card = tmp_path / "judges.yaml"
    init_card(card)
    update_last_canary(card, week(2, agreement=measured(0.5)))
    decide("withdraw", "2026-01-19", three)

    code, told, _ = decide("withdraw", "2026-01-19", three, "--card", card)

    assert code == 0
    assert "Wrong file. It is withdrawn already.\n" in told
    assert f"The judge card {card} has the run of 2026-01-12 as its last canary." in told
    assert read_card(card).canary.last.at == week(1).at.isoformat()
    decide("withdraw", "2026-01-05", three)
    assert "has the run of 2026-01-12 as" in decide("restore", "2026-01-05", three, "--card", card)[1]
    decide("restore", "2026-01-19", three)
    assert "The record of 2026-01-19 counts already.\n" in decide("restore", "2026-01-19", three, "--card", card)[1]
    assert read_card(card).canary.last.at == week(2).at.isoformat()


def test_an_export_brings_its_withdrawn_runs_along_as_withdrawn(three, tmp_path):
    decide("withdraw", "2026-01-19", three)
    run("history", "export", tmp_path / "out.csv", "--history", three)

    imported = run("history", "import", tmp_path / "out.csv", "--history", tmp_path / "other.db")
    listed = run("history", "list", "--history", tmp_path / "other.db")[1]

    assert "1 of the new ones is withdrawn and counted only once restored." in imported[1]
    assert "withdrawn by Ada on" in listed


def test_the_help_of_export_and_import_says_what_becomes_of_withdrawn_runs():
    told = [" ".join(run("history", what, "--help")[1].split()) for what in ("export", "import")]

    assert "Withdrawn runs are written too, with columns that say when, by whom and why" in told[0]
    assert "recorded as withdrawn: it counts only once somebody restores it" in told[1]


def test_a_name_or_reason_of_several_lines_is_told_on_one(three):
    who = ("--history", three, "--by", "Ada\n::error::x", "--reason", "Wrong\r\n::error::y")

    run("history", "withdraw", "2026-01-19", *who)
    told = [run("history", "restore", "2026-01-19", *who), run("history", "accept", *who)]
    told.append(run("history", "explain", "--history", three))

    assert told[0][:2] == (0, "The record of 2026-01-19 counts again, restored by Ada ::error::x.\n")
    assert told[1][1].endswith("accepted by Ada ::error::x.\n")
    assert "Record of 2026-01-19 withdrawn by Ada ::error::x: Wrong ::error::y" in told[2][1]
    assert not any(line.startswith("::") for _, shown, _ in told for line in shown.splitlines())
