"""Which rows of one file are held-out and which production: told by a date, or by a value of a column."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.tables.columns import listed
from drift_core.tables.problem import Problem
from drift_core.tables.values import Reading, has_text, is_text, read_texts, read_times
from drift_core.wording import N_SHOWN, counted, first_rows, rows_have, shortened

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.source import Scan

Side = Literal["heldout", "production"]
SIDES: tuple[Side, Side] = ("heldout", "production")
MOST_VALUES = 50  # of a column by whose value a file is split (ours); texts have more, and are not quoted
LEAST_DATED = 0.5  # share of dates among the values above which a column is one of dates (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where one file is split in two.

    Attributes
    ----------
    column
        A column of the file.
    at
        A date or time in UTC, where the column holds such: rows before it are held-out, from it on production. Else a
        value: rows that have it are production, those with another held-out.
    """

    column: str
    at: str

    def __str__(self) -> str:
        return f"{self.column}={self.at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One side of a file that is split; `n_rows` are those of the whole file."""

    split: Split
    side: Side
    n_rows: int = 0

    def to_json(self) -> dict[str, str]:
        return {"column": self.split.column, "at": self.split.at, "side": self.side}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """The rows of both sides, bool over all rows each, what each is called, and the rows that are in neither."""

    rows: dict[Side, np.ndarray]
    words: dict[Side, str]
    problems: tuple[Problem, ...] = ()


def part_of(column: str, at: str, side: Side) -> Part:
    """Give one side of a file split by its column."""
    return Part(split=Split(column=column, at=at), side=side)


def split_of(text: str | None) -> Split | None:
    """Read ``COLUMN=AT``, up to the first equals sign the column; None gives None.

    Raises
    ------
    SettingError
        When it is not of that form.
    """
    if text is None:
        return None
    column, sign, at = (part.strip() for part in text.partition("="))
    if not (column and sign and at):
        raise SettingError(f"--split expects COLUMN=DATE or COLUMN=VALUE, such as day=2026-05-01; found {text!r}.")
    return Split(column=column, at=at)


def sides_of(scan: "Scan", split: Split) -> Sides:
    """Tell the rows of both sides.

    Raises
    ------
    InputError
        When there is no such column, or one side is empty; also when the column holds dates, and neither a date nor one
        of its values was given.
    """
    label, column = scan.label, split.column
    if column not in scan.names:
        raise InputError(f"{label} has no column {column!r} to split it by. It has: {listed(scan.names)}.")
    values = scan.fetch(names=[column])[column]
    texts = read_texts(values, f"Column {column!r} of {label}")
    at = split.at.strip()
    times, moment = times_of(values), _moment(at)
    if times is not None and moment is not None:
        return _by_date(times, moment, split, label)
    given = np.where(has_text(texts), texts, "").astype(object)
    has_value = np.array([text.strip() == at for text in given], dtype=bool)
    if times is not None and not has_value.any():
        first, last = _ends(times)
        raise InputError(
            f"{label}: column {column!r} holds dates, {first} to {last} in UTC. It is split by a date among them, such "
            f"as {column}={last}; found {at!r}."
        )
    return _by_value(given, has_value, split, label)


def times_of(column: "pa.ChunkedArray") -> Reading | None:
    """Read a column of times; None where most of its values are no times."""
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        return None
    found = read_times(column)
    n_given = int((~found.missing).sum())
    n_read = int((~np.isnat(found.values)).sum()) if found.values.dtype.kind == "M" else 0
    return found if n_given and n_read > LEAST_DATED * n_given else None


def looks_like_dates(column: "pa.ChunkedArray") -> bool:
    """Whether values are times by their type, or texts that begin with a year and a month; not numbers or ids."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return True
    if not is_text(column.type):
        return False
    return bool(pc.any(pc.match_substring_regex(column, r"^\s*\d{4}-\d{2}")).as_py()) and times_of(column) is not None


def _by_date(times: Reading, moment: np.datetime64, split: Split, label: str) -> Sides:
    after, unknown = times.values >= moment, np.isnat(times.values)
    rows: dict[Side, np.ndarray] = {"heldout": ~after & ~unknown, "production": after}
    at = split.at.strip()
    for side, words in (("heldout", "before"), ("production", "on or after")):
        if not rows[side].any():  # type: ignore[index]
            first, last = _ends(times)
            raise InputError(
                f"{label}: no row is {words} {at} in column {split.column!r}, which runs from {first} to {last} "
                f"in UTC, so that {_WORDS[side]} would be empty. Split by a date between."
            )
    problems = _in_neither(unknown, "readable date", split)
    return Sides(rows=rows, words={"heldout": f"before {at}", "production": f"from {at}"}, problems=problems)


def _by_value(given: np.ndarray, has_value: np.ndarray, split: Split, label: str) -> Sides:
    at, column = split.at.strip(), split.column
    if not has_value.any():
        counts = pd.Series(given[given != ""], dtype=object).value_counts()
        if len(counts) > MOST_VALUES:
            raise InputError(
                f"{label}: no row has {at!r} in column {column!r}, so that production would be empty. It has "
                f"{len(counts):,} different values. Split by a date, or by a column of few values."
            )
        shown = ", ".join(
            f"{shortened(str(value))!r} ({counted(n, 'row', 'rows')})" for value, n in counts[:N_SHOWN].items()
        )
        more = f" and {len(counts) - N_SHOWN:,} more" if len(counts) > N_SHOWN else ""
        raise InputError(
            f"{label}: no row has {at!r} in column {column!r}, so that production would be empty. It has: "
            f"{shown or 'no values'}{more}."
        )
    unknown = given == ""
    rows: dict[Side, np.ndarray] = {"heldout": ~has_value & ~unknown, "production": has_value}
    if not rows["heldout"].any():
        every = "every row with a value" if unknown.any() else "every row"
        raise InputError(
            f"{label}: {every} has {at!r} in column {column!r}, so that held-out would be empty. Split by another "
            "column or value."
        )
    words: dict[Side, str] = {"heldout": f"{column} other than {at}", "production": f"{column} = {at}"}
    return Sides(rows=rows, words=words, problems=_in_neither(unknown, "value", split))


def _in_neither(unknown: np.ndarray, lacking: str, split: Split) -> tuple[Problem, ...]:
    """Tell of rows without what splits the file."""
    places = np.flatnonzero(unknown)
    if not len(places):
        return ()
    numbers = tuple(int(place) + 1 for place in places[: N_SHOWN + 1])
    message = (
        f"{rows_have(len(places))} no {lacking} in column {split.column!r}, by which the file is split: "
        f"{first_rows(numbers)}. In neither part."
    )
    return (Problem(name="no_side", message=message, n_rows=len(places), rows=numbers[:N_SHOWN], left_out=True),)


_WORDS = {"heldout": "held-out", "production": "production"}


def _ends(times: Reading) -> tuple[str, str]:
    known = times.values[~np.isnat(times.values)]
    return str(np.datetime_as_string(known.min(), unit="D")), str(np.datetime_as_string(known.max(), unit="D"))


def _moment(text: str) -> np.datetime64 | None:
    """A date or time in UTC, None where the text is none or lies beyond the calendar there."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return np.datetime64(at, "us")
