"""One file is read as two samples: what is held-out and what production is told by a date, or a value of a column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
import pandas as pd

from drift_core.errors import InputError, UnmeasurableError
from drift_core.exports.adapter import as_pairs
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import SIDES, Part, Side, Split, looks_like_dates, sides_of, times_of
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import Kind
from drift_core.tables.columns import may_be_slice, recognise_columns
from drift_core.tables.scan import STANDARD_INPUT, open_scan
from drift_core.tables.values import Reading, has_text, read_texts

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.scan import Source

PAUSE = np.timedelta64(7, "D")  # between two samples that were drawn apart (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitColumn:
    """A column that can split a file.

    Attributes
    ----------
    name
        Name of the column.
    days
        Where it holds dates the first day, a day to split at, and the last; None where it holds values. The day is the
        first after the longest pause of a week or more, without one the middle of the days.
    values
        Its values, first the one whose rows are the latest, by the file's timestamps or else in the order of its rows,
        then the most frequent; empty where it holds dates.
    """

    name: str
    days: tuple[str, str, str] | None = None
    values: tuple[str, ...] = ()


def read_split(
    source: "Source",
    split: Split,
    *,
    columns: Mapping[Side, Mapping[str, str]] | None = None,
    slices: Sequence[str] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    seed: int = 0,
    kind: Kind | None = None,
    labels: Sequence[str] = (),
    tool: str | None = None,
) -> tuple[ScoredPairs, ScoredPairs]:
    """Read held-out and production out of one file.

    Parameters
    ----------
    source
        As for `read_pairs`, but no standard input, for it is read twice.
    split
        The column, and the date or value that tells the two apart. The column is a slice in neither.
    columns
        As for `read_pairs`, for each side.
    slices, limits, seed, kind, labels, tool
        As for `read_pairs`; limits hold for each side.

    Returns
    -------
    tuple of ScoredPairs
        Held-out and production. Rows are counted as they stand in the file.

    Raises
    ------
    InputError
        When there is no such column, one side is empty, a date is expected and none was given, or what `read_pairs`
        raises; UnmeasurableError where production cannot be measured.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = [i / 40 for i in range(40)]
    >>> days = ["2026-04-01"] * 20 + ["2026-05-02"] * 20
    >>> frame = pd.DataFrame({"query": ["return shoes"] * 40, "teacher": scores, "student": scores, "day": days})
    >>> heldout, production = read_split(frame, Split(column="day", at="2026-05-01"))
    >>> heldout.n_pairs, production.n_pairs, int(production.row[0])
    (20, 20, 20)
    """
    if str(source) == STANDARD_INPUT:
        raise InputError(
            "A file that is split is read twice, which standard input cannot be. Save it and name the file."
        )
    read = []
    for side in SIDES:
        if hasattr(source, "seek"):
            cast(BinaryIO, source).seek(0)
        own = (columns or {}).get(side)
        part = Part(split=split, side=side)
        try:
            alike: dict[str, Any] = {"limits": limits, "seed": seed, "kind": kind, "labels": labels, "tool": tool}
            read.append(read_pairs(source, columns=own, slices=slices, part=part, **alike))
        except UnmeasurableError as error:
            if side == "heldout":
                raise InputError(str(error)) from error
            raise
    return align_kinds(read[0], read[1])


def count_sides(source: "Source", split: Split) -> Mapping[Side, int]:
    """Count the rows of each side; raises as `read_split`."""
    with open_scan(source, adapt=as_pairs()) as scan:
        return {side: int(rows.sum()) for side, rows in sides_of(scan, split).rows.items()}


def split_columns(source: "Source") -> tuple[SplitColumn, ...]:
    """Find the columns that can split a file: those of dates first, then those of a few values; none of them a score.

    Raises
    ------
    InputError
        When the source cannot be read.
    """
    with open_scan(source, adapt=as_pairs()) as scan:
        known = recognise_columns(scan.names)
        roles = {name for role, name in known.items() if role != "timestamp"}
        timestamp = known.get("timestamp")
        times = times_of(scan.fetch(names=[timestamp])[timestamp]) if timestamp else None
        found = [_as_split(name, scan.fetch(names=[name])[name], times) for name in scan.names if name not in roles]
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.days is None))


def _as_split(name: str, column: "pa.ChunkedArray", times: Reading | None) -> SplitColumn | None:
    if looks_like_dates(column) and (own := times_of(column)) is not None:
        days = np.unique(own.values[~np.isnat(own.values)].astype("datetime64[D]"))
        if len(days) > 1:
            return SplitColumn(name=name, days=(str(days[0]), str(_usual_day(days)), str(days[-1])))
    if not may_be_slice(column):
        return None
    texts = read_texts(column, name)
    given = np.flatnonzero(has_text(texts))
    values = pd.Series([text.strip() for text in texts[given]], dtype=object)
    counts = values.value_counts()
    if len(counts) < 2:
        return None
    places = given if times is None else times.values[given]
    latest = pd.Series(places).groupby(values).median().reindex(counts.index).idxmax()
    return SplitColumn(name=name, values=tuple(map(str, dict.fromkeys((latest, *counts.index)))))


def _usual_day(days: np.ndarray) -> np.datetime64:
    """The first of the days, sorted and distinct, that is more likely production's."""
    pauses = np.diff(days)
    longest = int(np.argmax(pauses))
    is_pause = pauses[longest] >= PAUSE
    return np.datetime64(days[longest + 1 if is_pause else len(days) // 2])
