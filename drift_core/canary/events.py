"""What happened along the time line: releases, revisions, new regions, bridges, and what people decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from drift_core.canary.decision import Decision, Kind
from drift_core.canary.run import CanaryRun, in_time
from drift_core.canary.withdrawals import active_runs
from drift_core.regions.named_region import DRAWN
from drift_core.wording import one_line

EventKind = Literal[
    "teacher_revision",
    "student_release",
    "new_region",
    "bridge",
    "accepted_level",
    "override",
    "ended_override",
    "withdrawn",
    "restored",
    "named_region",
    "forgotten_region",
]
_KINDS: Mapping[Kind, tuple[EventKind, str]] = MappingProxyType(
    {
        "override": ("override", "Override"),
        "end_override": ("ended_override", "Override taken back"),
        "accept_level": ("accepted_level", "Level accepted"),
        "withdraw": ("withdrawn", "{record} withdrawn"),
        "restore": ("restored", "{record} restored"),
        "name_region": ("named_region", "Region {region} named"),
        "forget_region": ("forgotten_region", "Region {region} followed no longer"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; `label` says it in a few words, `about` names the new region."""

    at: datetime
    kind: EventKind
    label: str
    about: str = ""


def find_events(runs: Sequence[CanaryRun], decisions: Sequence[Decision] = ()) -> tuple[Event, ...]:
    """Read the events off the runs and the decisions, ordered by time.

    An event stands at the first run that shows it; it happened since the run before. New regions are found in runs that
    carry their regions or their new traffic; a region that a person drew is none, naming it is another event. Runs that
    were withdrawn show nothing; that they were is an event.
    """
    ordered = sorted(active_runs(runs, decisions), key=in_time)
    days = {run.key: f"{run.at:%Y-%m-%d}" for run in runs} if decisions else {}
    found = [
        *_changes(ordered),
        *_new_regions(ordered, _named(decisions)),
        *(_decided(each, days) for each in decisions),
    ]
    on_one_line = (replace(each, label=one_line(each.label)) for each in found)
    return tuple(sorted(on_one_line, key=lambda event: event.at))


def _changes(runs: Sequence[CanaryRun]) -> list[Event]:
    found = []
    seen = {run.student_version for run in runs[:1]}
    revisions: dict[str | None, str] = {}  # of students side by side, each has its own
    for before, run in pairwise(runs):
        revisions[before.student_version] = before.teacher_revision
        earlier = revisions.get(run.student_version, before.teacher_revision)
        if run.teacher_revision != earlier:
            label = f"Teacher {earlier} to {run.teacher_revision}"
            found.append(Event(at=run.at, kind="teacher_revision", label=label))
        if run.student_version not in seen:
            label = f"Student {run.student_version or 'without a version'} released"
            found.append(Event(at=run.at, kind="student_release", label=label))
        seen.add(run.student_version)
    bridges = [run for run in runs if run.is_bridge]
    return found + [
        Event(at=run.at, kind="bridge", label=f"Bridge to {run.teacher_revision}") for run in _first_a_revision(bridges)
    ]


def _first_a_revision(runs: Sequence[CanaryRun]) -> list[CanaryRun]:
    seen: dict[tuple[str | None, str], CanaryRun] = {}
    for run in runs:
        seen.setdefault((run.student_version, run.teacher_revision), run)
    return list(seen.values())


def _named(decisions: Sequence[Decision]) -> set[str]:
    """Every name that a person gave a region."""
    return {each.region.name for each in decisions if each.kind == "name_region" and each.region is not None}


def _new_regions(runs: Sequence[CanaryRun], named: set[str]) -> list[Event]:
    seen: set[tuple[str | None, str]] = set()
    found = []
    for run in runs:
        drawn = named | {each.name for each in run.regions if each.partition == DRAWN}
        names = {each.name for each in run.regions if each.is_new and each.partition != DRAWN}
        names |= set(run.new_traffic.names) - drawn if run.new_traffic else set()
        for name in sorted(names):
            if (run.student_version, name) not in seen:
                seen.add((run.student_version, name))
                found.append(Event(at=run.at, kind="new_region", label=f"New region: {name}", about=name))
    return found


def _decided(decision: Decision, days: Mapping[str, str]) -> Event:
    told = f"by {decision.by}: {decision.reason}"
    record = f"Record of {days.get(decision.run_key or '', 'another history')}"
    region = decision.region.name if decision.region else ""
    kind, what = _KINDS[decision.kind]
    return Event(at=decision.at, kind=kind, label=f"{what.format(record=record, region=region)} {told}")
