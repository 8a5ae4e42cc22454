"""Judged weeks by hand, and a text that would be markup in every form."""

from dataclasses import replace

from drift_core.canary.assessment import Baseline, PooledRegion, WeekAssessment
from drift_core.canary.explanation import explain_alarm
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, region, week

HOSTILE = (
    'a<!channel> & <https://evil.example|click> *b* _c_ ~d~ `e` [x](http://evil.example) {{DATE(1)}} "f"\\ \n# EOF'
)
BASELINE = Baseline(
    source="heldout",
    since=MONDAY,
    student_version="s1",
    teacher_revision="r1",
    agreement=measured(0.95),
    z=1.8,
    z_error=0.05,
)


def judged(number, status, /, *, baseline=BASELINE, regions=(), **changes):
    """A week with a verdict; alarms are of agreement, which fell by 0.2."""
    low = {"agreement": measured(0.75)} if status == "alarm" else {}
    reasons = {"alarm": ("Agreement is 0.75, 0.20 below the baseline 0.95.",), "gap": ("30 pairs, fewer than the 50.",)}
    return WeekAssessment(
        run=week(number, **{**low, **changes}),
        status=status,
        reasons=reasons.get(status, ()),
        signals=("agreement",) if status == "alarm" else (),
        baseline=baseline,
        fall=measured(0.2) if status == "alarm" else measured(0.0),
        regions=regions,
    )


def pooled(name, *, is_alarm=True):
    return PooledRegion(
        partition="cluster",
        name=name,
        since="2026-01-05",
        is_new=True,
        n_weeks=2,
        n_pairs=80,
        n_queries=40,
        share=0.2,
        level=2.0,
        usual=1.0,
        score=5.0,
        threshold=3.0,
        loss=0.1,
        is_alarm=is_alarm,
    )


def hostile_alarm():
    """Two weeks of which the newer alarms, with hostile texts wherever a user gives them."""
    names = {"student_version": HOSTILE, "teacher_revision": HOSTILE, "production_name": HOSTILE}
    found = (region(HOSTILE, drifted=True, partition=HOSTILE),)
    alarm = judged(1, "alarm", regions=(pooled(HOSTILE),), **names)
    weeks = (judged(0, "quiet", student_version=HOSTILE), replace(alarm, run=replace(alarm.run, regions=found)))
    return weeks, explain_alarm(weeks)
