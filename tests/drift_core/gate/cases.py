"""Answers of the gate that the golden files hold, from weeks made by hand."""

from drift_core.canary.withdrawals import Withdrawal
from drift_core.gate.gate import decide_gate
from drift_core.gate.overrides import make_override
from tests.drift_core.gate.weeks import after, card, measured, region, run, week, weeks

LOW = measured(0.70, 0.62, 0.77)
ODD = {"partition": "tier & plan", "name": '<b>"100%, | a:b"</b>', "floor": 0.8}


def passing():
    of_team = card()
    return decide_gate(weeks(3), now=after(2), card=of_team), of_team


def blocked():
    """Give an answer with several reasons and texts that every format must escape."""
    of_team = card(critical_slices=(ODD,), gate={"inconclusive": None})
    regions = (region(ODD["name"], LOW, partition=ODD["partition"]),)
    reasons = ["Fell by 8 % ]]> ::error::no\n<script>"]
    found = [
        *weeks(2),
        week(2, "alarm", reasons, regions=regions, agreement=LOW, teacher_revision="2026-05"),
        week(3, "gap", ["40 pairs are too few."], teacher_revision="2026-05"),
    ]
    return decide_gate(found, now=after(3, 3), card=of_team), of_team


def inconclusive():
    found = [*weeks(2), week(2, agreement=measured(0.83, 0.78, 0.87))]
    return decide_gate(found, now=after(2)), None


def passed_by_choice():
    of_team = card(gate={"inconclusive": "pass"})
    found = [*weeks(2), week(2, agreement=measured(0.83, 0.78, 0.87))]
    return decide_gate(found, now=after(2), card=of_team), of_team


def overridden():
    of_team = card()
    found = [*weeks(2), week(2, "alarm", ["Agreement fell by 0.08."])]
    before = decide_gate(found, now=after(2), card=of_team)
    made = make_override(before, by="Ada <ada@example.org>", reason="The teacher judges that region.", at=after(2))
    return decide_gate(found, now=after(2), card=of_team, decisions=[made]), of_team


def no_run():
    return decide_gate([], now=after(0)), None


def withdrawn():
    """Give an answer without the newest record, which alarmed, and with texts that every format must escape."""
    of_team = card()
    wrong = Withdrawal(
        run=run(2), at=after(2, 0.5), by="Ada <ada@example.org>", reason="Wrong file ]]> ::error::no\n%", alarmed=True
    )
    return decide_gate(weeks(2), now=after(2), card=of_team, withdrawn=[wrong]), of_team


MADE = (passing, blocked, inconclusive, passed_by_choice, overridden, no_run, withdrawn)
CASES = {made.__name__: made for made in MADE}
