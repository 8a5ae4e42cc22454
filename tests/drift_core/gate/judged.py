"""Weeks judged by what their summary says, so that tests of the gate rest on the gate alone."""

import sys
from types import ModuleType

from drift_core.canary.assessment import WeekAssessment
from drift_core.history.history import open_history
from tests.drift_core.gate.weeks import BASELINE


def judge_by_summary(monkeypatch):
    """Put a stand-in where the gate takes its assessments from."""
    alarm = ModuleType("drift_core.canary.alarm")
    alarm.assess = _assess
    monkeypatch.setitem(sys.modules, alarm.__name__, alarm)


def _assess(runs, decisions, *, rule):
    return tuple(
        WeekAssessment(
            run=each, status=each.summary or "quiet", reasons=("It fell.",) if each.summary else (), baseline=BASELINE
        )
        for each in runs
    )


def record(place, *runs):
    with open_history(place) as history:
        history.record_all(runs)
