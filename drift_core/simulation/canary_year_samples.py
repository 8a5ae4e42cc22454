"""A simulated year of weekly samples: one student, a cohort that launches, a retrained student, a revised teacher.

Holds the story and draws its samples from a seed; measuring them week by week is `canary_year`'s work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd

from drift_core.simulation.plan import Plan
from drift_core.simulation.simulate import simulate

NAME = "canary"
TITLE = "A year of canaries"
STORY = (
    "A help search measures 260 fresh pairs a week for 40 weeks: a voice assistant joins, the student is retrained, "
    "and the vendor revises the teacher.",
    "The sample of week 41 lies ready: add it, and see what the canary says.",
)
TEACHES = "How a canary stays quiet for months, alarms within two weeks of a change, and tells since when and where."

SEED = 342  # of the seeds tried, one whose alarms come at once and whose quiet weeks stay quiet
N_WEEKS = 40
FIRST_WEEK = datetime(2025, 9, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
HELDOUT_PERIOD = 8 * WEEK
BEFORE, REVISED = "judge-large-2025-08", "judge-large-2026-04"
FIRST_STUDENT, SECOND_STUDENT = "ranker-1", "ranker-2"
N_IN_A_GAP = 36

_SHIPPED = Plan(
    n_heldout=1000,
    n_production=260,
    agreement=(0.94, 0.93, 0.92, 0.91),
    shares_heldout=(0.34, 0.27, 0.22, 0.17),
    topics=("delivery", "laptops", "recipes", "login"),
)
_LAUNCHED = replace(_SHIPPED, cohort_share=0.10, cohort_agreement=0.5)
_RETRAINED = replace(_LAUNCHED, cohort_agreement=0.92)
_REVISION = replace(_RETRAINED, teacher_loss=0.08)
_NEW_TOPIC = replace(
    _REVISION, new_shares=(0.15,), new_agreement=(0.45,), topics=(*_SHIPPED.topics, "charging"), teacher_loss=0.08
)

# The first week of each part of the story, and what its samples are drawn from.
_PARTS: Mapping[int, tuple[Plan, str, str]] = MappingProxyType(
    {
        1: (_SHIPPED, FIRST_STUDENT, BEFORE),
        9: (replace(_SHIPPED, n_production=N_IN_A_GAP), FIRST_STUDENT, BEFORE),
        10: (_SHIPPED, FIRST_STUDENT, BEFORE),
        18: (_LAUNCHED, FIRST_STUDENT, BEFORE),
        23: (_RETRAINED, SECOND_STUDENT, BEFORE),
        32: (_REVISION, SECOND_STUDENT, REVISED),
        36: (replace(_REVISION, with_pinned=True), SECOND_STUDENT, REVISED),
        37: (_REVISION, SECOND_STUDENT, REVISED),
        N_WEEKS + 1: (_NEW_TOPIC, SECOND_STUDENT, REVISED),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeeklySample:
    """The production sample of one week, the held-out sample of the student that ran then, and who was compared."""

    week: int
    at: datetime
    heldout: pd.DataFrame
    production: pd.DataFrame
    student_version: str
    teacher_revision: str


def weekly_sample(week: int, *, seed: int = SEED) -> WeeklySample:
    """Draw the samples of a week.

    Parameters
    ----------
    week
        1 to 40 are the history, 41 is the fresh week.
    seed
        The same seed gives the same samples.
    """
    plan, student, revision = _PARTS[max(first for first in _PARTS if first <= week)]
    at = FIRST_WEEK + (week - 1) * WEEK
    drawn = simulate(plan, seed=1000 * seed + week).production
    return WeeklySample(
        week=week,
        at=at + WEEK - timedelta(days=1),
        heldout=_heldout(student, seed),
        production=_placed(drawn, start=at, length=WEEK, prefix=f"w{week:02d}-"),
        student_version=student,
        teacher_revision=revision,
    )


@cache
def _heldout(student: str, seed: int) -> pd.DataFrame:
    """Held-out ends where the student ships; the second one's holds the cohort that the first never saw."""
    if student == FIRST_STUDENT:
        drawn, shipped = simulate(_SHIPPED, seed=seed).heldout, FIRST_WEEK
    else:
        fresh = replace(_RETRAINED, n_production=_SHIPPED.n_heldout)
        drawn, shipped = simulate(fresh, seed=1000 * seed).production, FIRST_WEEK + 22 * WEEK
    return _placed(drawn, start=shipped - HELDOUT_PERIOD, length=HELDOUT_PERIOD, prefix=f"{student}-")


def _placed(drawn: pd.DataFrame, *, start: datetime, length: timedelta, prefix: str) -> pd.DataFrame:
    """Put a sample into its period, in the same order, with ids that no other sample has."""
    time = pd.to_datetime(drawn["timestamp"])
    share = (time - time.min()) / (time.max() - time.min())
    placed = pd.Timestamp(start) + share * length * 0.999
    columns: dict[str, Sequence[str] | np.ndarray] = {
        "pair_id": [f"{prefix}{i + 1:05d}" for i in range(len(drawn))],
        "query_id": [f"{prefix}q{int(code[2:]):05d}" for code in drawn["query_id"]],
        "timestamp": placed.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_numpy(),
    }
    return drawn.assign(**columns)
