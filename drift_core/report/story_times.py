"""The part of the story that tells since when: as far as times or the teacher's revisions say it, and no further."""

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.operations.broken_part import day_of
from drift_core.regions.picking import Picked
from drift_core.report.first_seen import first_seen
from drift_core.report.story_parts import TEACHERS, StoryPart, leading_drifted, name_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import one_line, shortened

NO_TIMES = "These files hold no times, so since when is unknown. Weekly canary samples would tell."


def since(diagnosis: Diagnosis, revisions: tuple[str, str]) -> StoryPart:
    """Say since when, where times or the teacher's revisions tell it."""
    sentence, day = _since(diagnosis)
    old, new = (shortened(one_line(name)) for name in revisions)
    lines = []
    if diagnosis.verdict.cause in TEACHERS and old and new and old != new:
        lines.append(f"The student was trained against {old}; today {new} scores.")
    for word, sample in (("Held-out", diagnosis.heldout), ("Production", diagnosis.production)):
        span = period(sample)
        lines += [f"{word}: {span}."] if span else []
    return StoryPart(
        name="since",
        question="Since when",
        sentence=sentence,
        figure=day,
        label="first seen" if day else "",
        lines=tuple(lines),
    )


def arrival(diagnosis: Diagnosis) -> tuple[str, np.datetime64] | None:
    """Find the new region that carries most of the loss, and since when it is there; None where times do not tell."""
    new = next((each for each in leading_drifted(diagnosis) if each.is_new), None)
    if new is None:
        return None
    partition = next(each for each in diagnosis.regions.partitions if each.name == new.partition)
    picked = Picked(heldout=partition.heldout == new.index, production=partition.production == new.index)
    seen = first_seen(picked, diagnosis.heldout, diagnosis.production)
    return None if seen is None else (name_of(new), seen.to_datetime64())


def ends_of(sample: ScoredPairs) -> tuple[np.datetime64, np.datetime64] | None:
    """First and last time of a sample; None without times."""
    times = None if sample.timestamp is None else sample.timestamp[~np.isnat(sample.timestamp)]
    return None if times is None or not len(times) else (times.min(), times.max())


def period(sample: ScoredPairs) -> str:
    """The days from a sample's first pair to its last; empty without times."""
    ends = ends_of(sample)
    if ends is None:
        return ""
    first, last = map(day_of, ends)
    return first if first == last else f"{first} to {last}"


def _since(diagnosis: Diagnosis) -> tuple[str, str]:
    """The sentence, and the day where one is known."""
    cause, ends = diagnosis.verdict.cause, [ends_of(each) for each in (diagnosis.heldout, diagnosis.production)]
    if cause == "healthy":
        return "No drift was found, so there is nothing to date.", ""
    part = diagnosis.part
    if part is not None and part.start is not None:
        since_day = "" if part.kind == "time" else f"Since {day_of(part.start)}. "
        return f"{since_day}{part.sentence}", day_of(part.start)
    arrived = arrival(diagnosis)
    if arrived is not None:
        return f"Since {day_of(arrived[1])}, when {arrived[0]} came up.", day_of(arrived[1])
    if ends[1] is None:
        return NO_TIMES, ""
    if cause == "inconclusive":
        return "Whether anything changed is open, so there is no date yet.", ""
    if ends[0] is None:
        return f"By {day_of(ends[1][1])}, when production ends; held-out holds no times to say it closer.", ""
    if ends[0][1] < ends[1][0]:
        between = f"after {day_of(ends[0][1])}, when held-out ends, and by {day_of(ends[1][1])}, when production ends"
        return f"Some time {between}. Weekly canary samples would tell the week.", ""
    if ends[1][1] < ends[0][0]:
        return "Held-out is newer than production, so their times do not tell since when.", ""
    return "Held-out and production overlap in time, so they do not tell since when.", ""
