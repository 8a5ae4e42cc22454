"""The card's critical slices in the newest measured canary: each held to its floor, and whether its pairs suffice."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from drift_core.gate.context import GateContext, on_day
from drift_core.gate.limits import Outcome, against_floor, floor_digits
from drift_core.measured import Measured, Measurement, Unmeasured, figure
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.canary.figures import RegionFigure
    from drift_core.canary.run import CanaryRun
    from drift_core.judge_card.card import CriticalSlice

WORST_FIRST: tuple[Outcome, ...] = ("blocked", "inconclusive", "held")
ROUND_TO = 10  # pairs that are needed are told in tens
TINY = 1e-9  # what rounding may add


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceReading:
    """A critical slice in the newest measured canary.

    Attributes
    ----------
    title
        ``country: DE``.
    outcome, sentence, since
        As of a check of the gate.
    warning
        That it holds its floor with too few pairs for its interval to hold it too, and how many would do; else empty.
    """

    title: str
    outcome: Outcome
    sentence: str
    since: datetime | None = None
    warning: str = ""


def read_slices(context: GateContext) -> Iterator[SliceReading]:
    """Read every critical slice of the card."""
    week = context.measured
    regions = regions_by_name(week.run) if week else {}
    for wanted in context.card.critical_slices if context.card else ():
        title = one_line(f"{wanted.partition}: {wanted.name}")
        subject = title if wanted.measure == "agreement" else f"{title}, {wanted.measure}"
        found = regions.get((wanted.partition, wanted.name), ())
        if week is None:
            yield SliceReading(title=subject, outcome="skipped", sentence="No run could be measured.")
        else:
            yield replace(_read(wanted, title, week.run, found), title=subject)


def notes_on_slices(context: GateContext) -> tuple[str, ...]:
    """Warn of each critical slice that has too few pairs to hold its floor with its interval."""
    return tuple(each.warning for each in read_slices(context) if each.warning)


def regions_by_name(run: "CanaryRun") -> "Mapping[tuple[str, str], Sequence[RegionFigure]]":
    """Give the regions of a run by partition and name; of a name that stands twice, each."""
    found: dict[tuple[str, str], list[RegionFigure]] = {}
    for region in run.regions:
        found.setdefault((region.partition, region.name), []).append(region)
    return found


def _read(wanted: "CriticalSlice", title: str, run: "CanaryRun", regions: "Sequence[RegionFigure]") -> SliceReading:
    """Hold the regions of that name in a run, most often one, to the floor of the slice; the worst counts."""
    if not regions:
        return SliceReading(
            title=title,
            outcome="inconclusive",
            sentence=f"The critical slice {title} is not in the canary of {on_day(run.at)}. Sample the week by that "
            "column.",
            since=run.at,
        )
    figures = [_figure_of(each, wanted.measure, run) for each in regions]
    read = [(*against_floor(f"Critical slice {title}: {wanted.measure}", each, wanted.floor), each) for each in figures]
    outcome, sentence, worst = min(read, key=lambda each: WORST_FIRST.index(each[0]))
    is_open = outcome in ("blocked", "inconclusive")
    return SliceReading(
        title=title,
        outcome=outcome,
        sentence=sentence,
        since=run.at if is_open else None,
        warning="" if is_open else _too_few(title, wanted, worst),
    )


def _figure_of(region: "RegionFigure", measure: str, run: "CanaryRun") -> Measurement:
    if measure == "agreement":
        return region.agreement
    why = f"the canary of {on_day(run.at)} did not record it. Record the next one with --card."
    if region.measures:
        why = f"this judge's answers have no {measure}, only {', '.join(region.measures)}. Change the card's measure."
    return region.measures.get(measure, Unmeasured(reason=why))


def _too_few(title: str, wanted: "CriticalSlice", found: Measurement) -> str:
    """Warn where the floor lies inside the interval; its length falls with the root of the number of pairs."""
    floor = wanted.floor
    if not isinstance(found, Measured) or found.low >= floor:
        return ""
    digits = floor_digits(found, floor)
    told = (
        f"Critical slice {title} has {counted(found.n_pairs, 'pair', 'pairs')}, too few to hold its floor "
        f"{figure(floor, digits, is_share=found.is_share)} with its interval: {wanted.measure} {found:{digits}}."
    )
    if found.estimate <= floor:
        return told
    needed = found.n_pairs * ((found.estimate - found.low) / (found.estimate - floor)) ** 2
    return f"{told} About {math.ceil(needed / ROUND_TO - TINY) * ROUND_TO:,} would do."
