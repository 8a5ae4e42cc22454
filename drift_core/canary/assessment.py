"""How a week reads against the baseline: quiet, an alarm, or a gap. Values only; `alarm` computes them."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from drift_core.canary.figures import ErrorFigure, OwnRegion, RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.measured import Measured, Measurement
from drift_core.measures.fisher import ZScale
from drift_core.wording import no_option

Status = Literal["quiet", "alarm", "gap"]
Source = Literal["heldout", "first_week", "bridge", "accepted"]
Signal = Literal["agreement", "new_traffic", "region", "revision"]
Tense = Literal["present", "past"]  # of an alarm that stands, and of one that is over
TENSES: tuple[Tense, ...] = ("present", "past")
_PAST = {
    "is": "was",
    "errs": "erred",
    "exceeds": "exceeded",
    "exceed": "exceeded",
    "costs": "cost",
    "alarms": "alarmed",
    "alarm": "alarmed",
    "names": "named",
}
_TOLD = ("partition", "name", "share", "is_new", "n_heldout")  # of a region that is blamed
FILES = frozenset({".csv", ".tsv", ".parquet", ".jsonl", ".ndjson", ".arrow"})  # what the name of a file ends in


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The agreement that weeks are compared with.

    Attributes
    ----------
    source
        "heldout": held-out as measured at ship time. "first_week": the first measured week of this student, where no
        held-out was ever recorded with it. "bridge": the earlier baseline, moved by what a revision of the teacher
        costs on the same pairs. "accepted": the level of a run that a person accepted.
    since
        Time of the run that it was taken from.
    student_version, teacher_revision
        Whom it holds for.
    agreement
        Agreement, with its interval.
    z, z_error
        The same on the `scale`.
    error
        The error level of it, with its scatter; None where only agreement is known.
    heldout_digest
        Held-out that the error level is measured in; error levels in units of another are not compared.
    scale
        Fisher's z, or that of a share of equal labels.
    """

    source: Source
    since: datetime
    student_version: str | None
    teacher_revision: str
    agreement: Measured
    z: float
    z_error: float
    error: ErrorFigure | None = None
    heldout_digest: str | None = None
    scale: ZScale = ZScale()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledRegion:
    """What the last weeks of a region say together.

    Attributes
    ----------
    partition, name, since
        Which region, and the day of the run that showed it first.
    is_new
        Whether held-out lacks it.
    n_weeks, n_pairs, n_queries, share
        Of the window that says most: weeks that have the region, its pairs and queries, its fraction of all pairs.
    level, usual
        The student's error there, and what it should be, in units of its error on held-out.
    score, threshold
        The excess on the normal scale, and the limit that it is held against.
    loss
        Agreement that the excess costs where scores range as usual.
    is_alarm
        Whether it alarms.
    n_heldout
        Pairs that held-out has of it; None in runs of earlier versions.
    """

    partition: str
    name: str
    since: str
    is_new: bool
    n_weeks: int
    n_pairs: int
    n_queries: int
    share: float
    level: float
    usual: float
    score: float
    threshold: float
    loss: float
    is_alarm: bool = False
    n_heldout: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAssessment:
    """One week against the baseline.

    Attributes
    ----------
    run
        The week's measurement.
    status
        "gap" when the sample is too small or could not be measured: neither quiet nor an alarm.
    reasons
        Sentences: why it alarms, or why it is a gap; empty for a quiet week.
    past_reasons
        Why it alarmed, as it is told once the alarm is over.
    signals
        What alarmed.
    baseline
        What it was compared with; None while there is none.
    fall
        Baseline minus this week's agreement.
    score, threshold
        The largest standardised fall over the windows that end this week, and the limit that it is held against.
    window
        Weeks in that window.
    limit
        Agreement under which this week alone would have alarmed; None for a gap.
    regions
        Regions with what their weeks say together, the highest score first; empty where the run was read without
        regions or made by an earlier version.
    """

    run: CanaryRun
    status: Status
    reasons: tuple[str, ...] = ()
    past_reasons: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    baseline: Baseline | None = None
    fall: Measurement | None = None
    score: float | None = None
    threshold: float | None = None
    window: int | None = None
    limit: float | None = None
    regions: tuple[PooledRegion, ...] = ()

    @property
    def next_step(self) -> str:
        """What an alarm asks for; empty for a week that does not alarm."""
        if self.status != "alarm":
            return ""
        name = self.run.production_name
        if not name:
            return "Diagnose that sample."
        is_file = PurePath(name).suffix in FILES
        if not is_file:
            return f"Diagnose that sample, {name}."
        command = self.run.command or f"distillation-drift diagnose HELDOUT {shlex.quote(no_option(name))}"
        held_out = " and with your held-out file as HELDOUT" if " HELDOUT " in command else ""
        return f"Diagnose that sample, in its folder{held_out}: {command}"


def in_tense(verb: str, tense: Tense) -> str:
    """A verb of the reasons of alarms, given in the present."""
    return verb if tense == "present" else _PAST[verb]


def alarmed(week: WeekAssessment, signal: Signal, tell: Callable[[Tense], str]) -> WeekAssessment:
    """The week with an alarm, and why: a sentence by its tense."""
    return replace(
        week,
        status="alarm",
        signals=week.signals if signal in week.signals else (*week.signals, signal),
        reasons=(*week.reasons, tell("present")),
        past_reasons=(*week.past_reasons, tell("past")),
    )


def blamed_regions(run: CanaryRun) -> tuple[OwnRegion, ...]:
    """The regions that the diagnosis of a week blames, by the names and shares that they have in the history.

    The history finds a week's clusters anew and knows which of them hold what the diagnosis flagged. Where none does,
    a region keeps the name that it has in the diagnosis.
    """
    found: dict[OwnRegion, None] = {}
    for own in run.own_regions:
        drifted = [each for each in run.regions if each.drifted and each.partition == own.partition]
        alike = [each for each in drifted if _is_lacking(each) == _is_lacking(own)]
        alike = alike or [each for each in drifted if each.is_new == own.is_new]  # of another cut, which has a few
        by_history = [OwnRegion(**{name: getattr(each, name) for name in _TOLD}) for each in alike]
        found |= dict.fromkeys(by_history or [own])
    return tuple(found)


def _is_lacking(region: RegionFigure | OwnRegion) -> bool:
    """Whether held-out has none of it; what it has a few of may be new or known by another cut."""
    return region.is_new and not region.n_heldout


def with_own_regions(week: WeekAssessment) -> WeekAssessment:
    """Beside an alarm, the regions that the diagnosis of its week blames where the alarm names them not at all."""
    told = " ".join(week.reasons)
    missing = [each.told for each in blamed_regions(week.run) if not _is_named(each.name, told)]
    if week.status != "alarm" or not missing:
        return week
    tell = [f"The diagnosis of this week alone {in_tense('names', tense)}: {'; '.join(missing)}." for tense in TENSES]
    return replace(week, reasons=(*week.reasons, tell[0]), past_reasons=(*week.past_reasons, tell[1]))


def _is_named(name: str, told: str) -> bool:
    """Whether reasons name a region, whose name may be a common word."""
    return re.search(rf"(?<=[ “]){re.escape(name)}(?= \(|;|\.|,? and |”)", told) is not None


def each_sample_once(weeks: Sequence[WeekAssessment]) -> list[WeekAssessment]:
    """Leave out what was measured on the pairs of an earlier run, which are no second evidence."""
    first: dict[tuple[str | None, str], WeekAssessment] = {}
    for place, week in enumerate(weeks):
        first.setdefault((week.run.student_version, week.run.production_digest or f"run {place}"), week)
    return list(first.values())
