"""Canary weeks and cards made by hand, for the tests of the release gate."""

from datetime import UTC, datetime, timedelta

from drift_core.canary.assessment import Baseline, WeekAssessment
from drift_core.canary.figures import RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.gate.gate import decide_gate
from drift_core.judge_card.card import JudgeCard
from drift_core.measured import Measured

FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def measured(estimate, low=None, high=None):
    low = round(estimate - 0.03, 4) if low is None else low
    high = round(estimate + 0.03, 4) if high is None else high
    return Measured(
        estimate=estimate, low=low, high=high, confidence=0.95, standard_error=0.015, n_pairs=200, n_queries=120
    )


def run(number=0, /, **changes):
    """Give the run of one week, counted from 0; fields by name replace its own."""
    at = FIRST + 7 * number * DAY
    fields = {
        "at": at,
        "recorded_at": at,
        "teacher_model": "large",
        "teacher_revision": "2026-01",
        "student_version": "ranker-7",
        "n_pairs": 200,
        "n_queries": 120,
        "agreement": measured(0.93),
        "overlap": measured(0.82, 0.62, 0.93),
        "overlap_normal_low": 0.7,
        "overlap_normal_high": 0.95,
        "k": 10,
        "heldout": None,
        "production_digest": f"digest-{number}",
    }
    return CanaryRun(**(fields | changes))


def region(name, agreement, partition="country"):
    return RegionFigure(
        partition=partition,
        name=name,
        n_pairs=40,
        share=0.2,
        agreement=agreement,
        agreement_heldout=0.9,
        is_new=False,
        drifted=False,
    )


BASELINE = Baseline(
    source="heldout",
    since=FIRST,
    student_version="ranker-7",
    teacher_revision="2026-01",
    agreement=measured(0.94),
    z=1.74,
    z_error=0.05,
)


def week(number=0, /, status="quiet", reasons=(), baseline=BASELINE, **changes):
    return WeekAssessment(run=run(number, **changes), status=status, reasons=tuple(reasons), baseline=baseline)


def weeks(n):
    return [week(number) for number in range(n)]


def after(number, days=1.0):
    """Give the time some days after a week's run."""
    return run(number).at + days * DAY


def card(**parts):
    """Give a card that pins the runs' own revision; parts by name replace its own."""
    values = {
        "teacher": {"model": "large", "revision": "2026-01"},
        "student": {"version": "ranker-7", "parent": "ranker-1"},
        "gate": {"inconclusive": "block"},
    }
    return JudgeCard.model_validate(values | parts)


def decide(found, days=1.0, **options):
    """Decide some days after the newest week's run."""
    return decide_gate(found, now=found[-1].run.at + days * DAY, **options)


def reasons(decision):
    return {check.name: (check.outcome, check.sentence) for check in decision.reasons}
