from dataclasses import replace
from datetime import timedelta

import pytest

from drift_core.canary.events import find_events
from drift_core.errors import DriftError, InputError, ReleaseBlocked, SettingError
from drift_core.gate.release import end_override, gate_release, override_release, read_gate
from drift_core.history.history import open_history
from drift_core.history.withdraw import restore_run, withdraw_run
from drift_core.judge_card.settings import GateSettings
from tests.drift_core.gate.judged import judge_by_summary, record
from tests.drift_core.gate.weeks import after, card, measured, region, run

STRADDLING = measured(0.83, 0.78, 0.87)


@pytest.fixture
def place(tmp_path, monkeypatch):
    judge_by_summary(monkeypatch)
    return tmp_path / "canary.db"


def test_a_release_that_may_ship_gives_the_answer(place):
    record(place, run(0), run(1))

    decision = gate_release(place, card=card(), now=after(1))

    assert decision.status == "pass"
    with open_history(place) as history:
        assert gate_release(history, card=card(), now=after(1)) == decision


def test_a_release_that_may_not_raises_the_answer_in_one_line(place):
    record(place, run(0), run(1, summary="alarm"))

    with pytest.raises(ReleaseBlocked) as caught:
        gate_release(place, now=after(1))

    assert (
        str(caught.value) == "Blocked since 2026-03-09: The canary of 2026-03-09 alarms: It fell. Diagnose that sample."
    )
    assert isinstance(caught.value, DriftError)
    assert isinstance(caught.value, RuntimeError)


def test_inconclusive_raises_only_where_the_card_says_that_it_blocks(place):
    record(place, run(0, agreement=STRADDLING))

    with pytest.raises(ReleaseBlocked, match="Inconclusive, which the card blocks: Agreement"):
        gate_release(place, card=card(), now=after(0))

    assert gate_release(place, card=card(gate={"inconclusive": "pass"}), now=after(0)).exit_code == 0
    assert gate_release(place, now=after(0)).exit_code == 3


def test_critical_slices_are_read_with_their_runs(place):
    record(place, run(0), run(1, regions=(region("DE", measured(0.70, 0.62, 0.77)),)))
    of_team = card(critical_slices=({"partition": "country", "name": "DE", "floor": 0.8},))

    with pytest.raises(ReleaseBlocked, match="Critical slice country: DE"):
        gate_release(place, card=of_team, now=after(1))


def test_critical_slices_are_those_of_the_card_s_student(place):
    regions = (region("DE", measured(0.9)),)
    record(place, run(0), run(1, regions=regions), run(2, student_version="ranker-6", regions=()))
    of_team = card(critical_slices=({"partition": "country", "name": "DE", "floor": 0.8},))

    decision = gate_release(place, card=of_team, now=after(1))

    assert (decision.status, decision.newest.at) == ("pass", run(1).at)


def test_a_card_may_be_a_file(place, tmp_path):
    record(place, run(0))
    (tmp_path / "judges.yaml").write_text('teacher: {revision: "2026-05"}\n')

    with pytest.raises(ReleaseBlocked, match="The teacher revision is 2026-01"):
        gate_release(place, card=tmp_path / "judges.yaml", now=after(0))
    with pytest.raises(ReleaseBlocked, match="The teacher revision is 2026-01"):
        gate_release(str(place), card=str(tmp_path / "judges.yaml"), now=after(0))


def test_reading_the_gate_stops_nothing(place):
    record(place, run(0, summary="alarm"))

    assert read_gate(place, now=after(0)).status == "blocked"


def test_a_history_that_is_not_there_is_not_made(place):
    with pytest.raises(InputError, match="There is no history"):
        gate_release(place)

    assert not place.exists()


def test_an_override_is_kept_with_name_and_reason_and_ends_with_the_next_run(place):
    record(place, run(0, summary="alarm"))

    decision = override_release(place, by="Ada", reason="The teacher judges it.", now=after(0))
    record(place, run(1, summary="alarm"))

    assert decision.exit_code == 0
    with open_history(place) as history:
        (kept,) = history.decisions()
    assert (kept.kind, kept.by, kept.reason, kept.run_key) == ("override", "Ada", "The teacher judges it.", run(0).key)
    assert kept.at > after(0)  # it is dated by the clock, not by the time that was decided for
    with pytest.raises(ReleaseBlocked):
        gate_release(place, now=after(1))


def test_an_override_is_taken_back_and_both_decisions_stay(place):
    record(place, run(0, summary="alarm"))
    with pytest.raises(SettingError, match="There is no override to take back"):
        end_override(place, by="Bob", reason="It failed.", now=after(0))
    override_release(place, by="Ada", reason="The teacher judges it.", now=after(0))

    ended = end_override(place, by="Bob", reason="It failed.", now=after(0))

    assert (ended.status, ended.overrides) == ("blocked", ())
    with open_history(place) as history:
        assert [(each.kind, each.by, each.reason) for each in history.decisions()] == [
            ("override", "Ada", "The teacher judges it."),
            ("end_override", "Bob", "It failed."),
        ]
        assert "Override taken back by Bob: It failed." in [each.label for each in find_events((), history.decisions())]
    with pytest.raises(SettingError, match="There is no override to take back"):
        end_override(place, by="Bob", reason="It failed.", now=after(0))
    assert override_release(place, by="Ada", reason="It is mended.", now=after(0)).exit_code == 0


def test_a_clock_that_lags_ends_the_override_all_the_same(place):
    record(place, run(0, summary="alarm"))
    override_release(place, by="Ada", reason="The teacher judges it.", now=after(0))
    with open_history(place) as history:
        (made,) = history.decisions()
        history.decide(replace(made, kind="end_override", at=made.at - timedelta(hours=1), reasons=(), about=()))

    assert read_gate(place, now=after(0)).status == "blocked"


def test_an_override_after_one_was_taken_back_holds_although_the_clock_lags(place):
    record(place, run(0, summary="alarm"))
    override_release(place, by="Ada", reason="The teacher judges it.", now=after(0))
    end_override(place, by="Bob", reason="It failed.", now=after(0))
    with open_history(place) as history:
        made = history.decisions()[0]
        history.decide(replace(made, by="Cleo", at=made.at - timedelta(hours=1)))

    assert [each.by for each in read_gate(place, now=after(0)).overrides] == ["Cleo"]


def test_an_override_without_a_reason_is_refused_and_nothing_is_kept(place):
    record(place, run(0, summary="alarm"))

    with pytest.raises(SettingError, match="An override needs a reason"):
        override_release(place, by="Ada", reason="", now=after(0))

    with open_history(place) as history:
        assert history.decisions() == ()


def test_without_settings_the_newest_run_brings_its_own_rule(place):
    fallen = measured(0.80, 0.76, 0.84)
    record(place, run(0), run(1, agreement=fallen, rule={"agreement_healthy": 0.76, "of_a_newer_version": 1}))

    assert gate_release(place, now=after(1)).status == "pass"
    with pytest.raises(ReleaseBlocked, match=r"below the floor 0\.85"):
        gate_release(place, now=after(1), settings=GateSettings())


def test_a_withdrawn_alarm_no_longer_blocks_and_is_named_until_it_is_restored(place):
    record(place, run(0), run(1), run(2, summary="alarm", rule={"alarm_loss": 0.2}))
    with open_history(place) as history:
        withdraw_run(history, run(2).key, by="Ada", reason="Wrong file", at=after(2))

        decision = gate_release(history, card=card(), now=after(2))
        restore_run(history, run(2).key, by="Bob", reason="It was right")

    assert decision.newest.at == decision.measured.at == run(1).at
    assert decision.sentence.endswith(
        "The record of 2026-03-16, which alarmed, was withdrawn by Ada on 2026-03-17: Wrong file."
    )
    with pytest.raises(ReleaseBlocked, match="The canary of 2026-03-16 alarms"):
        gate_release(place, card=card(), now=after(2))


def test_the_rule_is_that_of_the_newest_run_that_counts(place):
    fallen = measured(0.80, 0.76, 0.84)
    record(place, run(0, agreement=fallen, rule={"agreement_healthy": 0.76}), run(1, rule={"agreement_healthy": 0.95}))
    with open_history(place) as history:
        withdraw_run(history, run(1).key, by="Ada", reason="Wrong file", at=after(1))

    assert read_gate(place, now=after(0)).status == "pass"
