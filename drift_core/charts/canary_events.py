"""What happened, on the canary's time line: a rule each, with its letter and, where the chart is wide, what it was.

No label lies over another or over a rule: it stands to the right of its own, under those that began before it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd

from drift_core.canary.events import Event, EventKind
from drift_core.charts.theme import PINK
from drift_core.wording import shortened

LANES, LANE_HEIGHT = 4, 17  # labels stand in lanes above the figures
WIDE = 880  # pixels of the plot from which a label says what happened; narrower ones give its letter
ROOM: Mapping[str, float] = MappingProxyType({"wide": 1 / 7, "narrow": 1 / 8})  # of the time line that a label takes
LONG = timedelta(days=120)  # from here on the axis of time counts months
LONGEST = 18  # letters of a label
SHORT: Mapping[EventKind, str] = MappingProxyType(
    {
        "teacher_revision": "Teacher revised",
        "student_release": "Student released",
        "bridge": "Bridge",
        "accepted_level": "Level accepted",
        "override": "Override",
        "ended_override": "Override ended",
        "withdrawn": "Record withdrawn",
        "restored": "Record restored",
        "named_region": "Region named",
        "forgotten_region": "Region let go",
    }
)


def event_letters(events: Sequence[Event]) -> tuple[str, ...]:
    """A letter for each event in order: A to Z, then AA."""
    return tuple((chr(64 + n // 26) if n >= 26 else "") + chr(65 + n % 26) for n in range(len(events)))


def time_axis(first: pd.Timestamp, last: pd.Timestamp, *, n_days: int = 6, **apart: Any) -> Any:
    """Months, or about so many days where there are few months, so that no two ticks read the same."""
    import altair as alt

    apart = {"labelOverlap": True, "grid": False} | apart
    if last - first > LONG:
        return alt.Axis(format="%b %Y", tickCount="month", **apart)
    return alt.Axis(format="%d %b", tickCount=n_days, **apart)


def event_layers(events: Sequence[Event], first: pd.Timestamp, last: pd.Timestamp) -> list[Any]:
    """Draw the events of a time line from its first to its last time."""
    import altair as alt

    if not events:
        return []
    rows = event_rows(events, first, last)
    shown = [alt.Tooltip("label:N"), alt.Tooltip("on:T", format="%d %b %Y")]
    axis = time_axis(first, last)
    base = alt.Chart(rows).transform_calculate(
        **{name: f"width > {WIDE} ? datum.{name}_wide : datum.{name}_narrow" for name in ("lane", "start", "words")}
    )
    lane, start = (alt.Y(f"{name}:Q", scale=None, axis=None) for name in ("lane", "start"))
    rules = base.mark_rule(color=PINK, strokeDash=[4, 3], strokeWidth=1.5)
    words = base.mark_text(align="left", dx=4, fontSize=12)
    end = alt.Chart(pd.DataFrame({"at": [_end(rows, first, last)]}))
    return [
        end.mark_point(opacity=0, aria=False).encode(x=alt.X("at:T", title=None, axis=axis), tooltip=alt.value(None)),
        rules.encode(x=alt.X("at:T"), y=start, y2=alt.value("height"), tooltip=shown),
        words.encode(x=alt.X("at:T"), y=lane, text=alt.Text("words:N"), tooltip=shown),
    ]


def event_rows(events: Sequence[Event], first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Place each event on a wide and on a narrow chart: lane and words of its label, and where its rule starts."""
    on = [pd.Timestamp(event.at).tz_localize(None) for event in events]
    letters = event_letters(events)
    rows = pd.DataFrame(
        {
            # What was decided long after the newest week stands at the end, so that the weeks keep their room.
            "at": [min(max(each, first), last) for each in on],
            "on": on,
            "letter": letters,
            "label": [f"{letter} {event.label}" for letter, event in zip(letters, events, strict=True)],
        }
    )
    places = [(at - first) / (last - first) for at in rows["at"]]
    short = [shortened(SHORT.get(event.kind, event.label), LONGEST) for event in events]
    for width, room in ROOM.items():
        held = _labels(places, room)
        lanes = {own[0]: lane for lane, own in held}
        words = {own[0]: _words([letters[n] for n in own], short[own[0]] if width == "wide" else "") for _, own in held}
        rows[f"words_{width}"] = [words.get(n, "") for n in range(len(rows))]
        rows[f"lane_{width}"] = [(lanes.get(n, LANES) + 0.5) * LANE_HEIGHT for n in range(len(rows))]
        rows[f"start_{width}"] = rows[f"lane_{width}"]
    return rows


def _end(rows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.Timestamp:
    """Where the time line ends so that the newest labels have room."""
    room = (last - first) * ROOM["wide"] / LONGEST
    return max([last, *(at + len(words) * room for at, words in zip(rows["at"], rows["words_wide"], strict=True))])


def n_lanes(events: Sequence[Event]) -> int:
    """How many lanes the labels may take."""
    return min(LANES, len(events))


def _labels(places: Sequence[float], room: float) -> list[tuple[int, list[int]]]:
    """Share the events out among labels, each with its lane: the highest under which no label lies in the rule's way.

    Where there is none, an event joins the newest label of the lowest lane, and its rule begins below all lanes.
    """
    labels: list[tuple[int, list[int]]] = []
    for n, place in enumerate(places):
        in_the_way = [lane for lane, own in labels if place - places[own[0]] < room]
        lane = max(in_the_way, default=-1) + 1
        if lane < LANES:
            labels.append((lane, [n]))
        else:
            next(own for lowest, own in reversed(labels) if lowest == LANES - 1).append(n)
    return labels


def _words(letters: Sequence[str], short: str) -> str:
    if len(letters) == 1:
        return f"{letters[0]} {short}".strip()
    return f"{letters[0]}–{letters[-1]}" + (f" {len(letters)} events" if short else "")
