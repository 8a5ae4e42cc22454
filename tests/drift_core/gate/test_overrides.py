import pytest

from drift_core.canary.decision import Decision
from drift_core.errors import SettingError
from drift_core.gate.gate import decide_gate
from drift_core.gate.overrides import make_override
from tests.drift_core.gate.weeks import after, card, decide, run, week, weeks


def override(found, **changes):
    fields = {
        "kind": "override",
        "at": found[-1].run.at,
        "by": "Ada",
        "reason": "The fall is in a region that the teacher judges.",
        "run_key": found[-1].run.key,
        "reasons": ("alarm",),
    }
    return Decision(**(fields | changes))


def test_an_override_lets_the_release_pass_and_is_told_with_its_name():
    found = [week(0), week(1, "alarm", ["It fell."])]

    decision = decide(found, decisions=[override(found)])

    assert (decision.status, decision.exit_code) == ("pass", 0)
    assert decision.sentence == (
        "Pass by an override of Ada on 2026-03-09, 'The fall is in a region that the teacher judges.' "
        "It holds until the next canary run or until one is overdue, and covers: alarm of the canary. "
        "No judge card was given, so no revision was checked."
    )
    assert decision.since == run(1).at


def test_a_new_run_ends_an_override():
    found = [week(0), week(1, "alarm", ["It fell."])]

    decision = decide([*found, week(2, "alarm", ["It fell."])], decisions=[override(found)])

    assert (decision.status, decision.override) == ("blocked", None)


def test_an_override_covers_the_reasons_that_it_names_and_no_later_one():
    found = [week(0), week(1, "alarm", ["It fell."])]

    assert decide(found, days=20, decisions=[override(found)]).status == "blocked"
    assert decide(found, decisions=[override(found, reasons=())]).status == "blocked"
    assert decide(found, decisions=[override(found, kind="accept_level")]).status == "blocked"


def test_an_override_ends_when_a_canary_is_due_although_none_was_recorded():
    found = [week(0), week(1, "alarm", ["It fell."])]

    late = decide(found, days=20, decisions=[override(found)])

    assert [check.name for check in late.reasons] == ["alarm", "stale"]


def test_an_override_of_an_inconclusive_gate_passes_too():
    empty = decide_gate([], now=after(0), card=card())
    made = make_override(empty, by="Ada", reason="First release.")

    assert (empty.exit_code, made.run_key, made.reasons) == (1, None, ("no_run",))
    assert decide_gate([], now=after(0), card=card(), decisions=[made]).exit_code == 0
    assert decide(weeks(1), card=card(), decisions=[made]).override is None


def test_an_override_of_one_revision_covers_no_later_pin():
    found = weeks(1)
    first, later = (card(teacher={"model": "large", "revision": name}) for name in ("2026-05", "2026-06"))
    made = make_override(decide(found, card=first), by="Ada", reason="It is the same model.")

    assert decide(found, card=first, decisions=[made]).status == "pass"
    assert decide(found, card=later, decisions=[made]).status == "blocked"


def test_no_override_covers_the_age_of_the_canary():
    found = [week(0, "alarm", ["It fell."])]
    old, late = decide(weeks(1), days=9), decide(found, days=9)

    with pytest.raises(SettingError, match=r"No override covers the age of the canary\. The newest measured canary"):
        make_override(old, by="Ada", reason="It runs tomorrow.")
    made = make_override(late, by="Ada", reason="Known.")

    assert made.reasons == ("alarm",)
    assert [check.name for check in decide(found, days=9, decisions=[made]).reasons] == ["stale"]


@pytest.mark.parametrize(("by", "reason", "word"), [("", "why", "name"), (" \n", "why", "name"), ("Ada", "", "reason")])
def test_an_override_needs_a_name_and_a_reason(by, reason, word):
    blocked = decide([week(0, "alarm", ["x"])])

    with pytest.raises(SettingError, match=f"An override needs a {word}"):
        make_override(blocked, by=by, reason=reason)


def test_what_passes_cannot_be_overridden():
    with pytest.raises(SettingError, match="nothing to override"):
        make_override(decide(weeks(1)), by="Ada", reason="why")
