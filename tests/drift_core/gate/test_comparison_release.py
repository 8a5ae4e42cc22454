from dataclasses import replace

import pytest

from drift_core.errors import InputError, ReleaseBlocked
from drift_core.gate.overrides import make_override
from drift_core.gate.release import gate_release, read_gate
from tests.drift_core.gate.compared import BETTER, VOICE, WORSE, before_after, decided
from tests.drift_core.gate.judged import judge_by_summary, record
from tests.drift_core.gate.weeks import after, card, run


def test_an_override_covers_it():
    made = make_override(decided(WORSE), by="Ada", reason="Voice is switched off.")

    decision = decided(WORSE, decisions=[made])

    assert made.reasons == ("before_after",)
    assert decision.status == "pass"
    assert {check.outcome for check in before_after(decision)} == {"overridden"}
    assert "covers: before and after" in decision.sentence


def test_an_override_of_a_part_covers_no_other_part_and_no_other_comparison():
    made = make_override(decided(replace(WORSE, worse=(VOICE,))), by="Ada", reason="Voice is switched off.")
    same, more, other = (
        decided(comparison, decisions=[made])
        for comparison in (
            replace(WORSE, worse=(VOICE,)),
            WORSE,
            replace(WORSE, worse=(VOICE,), made_at=after(1)),
        )
    )

    assert (same.status, more.status, other.status) == ("pass", "blocked", "blocked")
    assert [check.subject for check in more.reasons] == [WORSE.worse[1].title]


def test_the_release_is_gated_by_a_comparison_or_its_file(tmp_path, monkeypatch):
    judge_by_summary(monkeypatch)
    place = tmp_path / "canary.db"
    record(place, run(0), run(1), run(2))

    with pytest.raises(ReleaseBlocked, match="surface: voice"):
        gate_release(place, now=after(2), comparison=WORSE)
    assert read_gate(place, card=card(), now=after(2), comparison=BETTER).status == "pass"
    with pytest.raises(InputError, match="cannot be read"):
        read_gate(place, now=after(2), comparison=tmp_path / "none.json")
