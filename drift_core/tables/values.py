"""Arrow columns become arrays, each with what could not be read; what follows from it is decided in `checks`."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from drift_core.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

MISSING_WORDS = ("", "nan", "na", "n/a", "<na>", "null", "none", "nil", "-", "nat")
_TRUTH = {"true": 1.0, "false": 0.0}
# Numbers without a date in them are seconds since 1970 or a finer unit, told by size: 1e11 s is the year 5138.
_EPOCH_UNITS = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
_LABEL_STUDIO = r'^\[\{"(number|rating)":\s*([^{}\[\],"]+)\}\]$'  # how its CSV holds the answer to one question
_THOUSANDS = r"^[+-]?[1-9]\d{0,2}(,\d{3})+$"
DAY_FIRST, LATE_DAY = r"^(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.\d{4}([ T].*)?$", r"^(1[3-9]|[23]\d)\."
_DECIMAL_COMMA = r"^[+-]?\d*,\d+([eE][+-]?\d+)?$"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """One column as an array, and which entries are missing or could not be read.

    Attributes
    ----------
    values
        float64 with NaN, or datetime64[us] with NaT, where missing or unreadable.
    missing, unreadable
        Boolean masks of the same length; no entry is both.
    examples
        Text of the entries, to show the ones that could not be read; None when all could.
    decimal_comma
        Whether ``0,5`` was read as one half.
    is_truth
        Whether the values are truth values, read as 1 and 0.
    read_as
        What was read as which number where it was written otherwise, such as ``'pass' as 1``; empty where nothing was.
    kind
        What the column holds instead, such as dates, where by its type it holds no numbers at all.
    """

    values: np.ndarray
    missing: np.ndarray
    unreadable: np.ndarray
    examples: np.ndarray | None = None
    decimal_comma: bool = False
    is_truth: bool = False
    read_as: str = ""
    kind: str | None = None


def read_numbers(column: "pa.ChunkedArray") -> Reading:
    """Read a column as float64; texts are parsed, truth values become 1 and 0, infinite values stay.

    Every column that is to hold numbers comes through here: one of another type, such as times, is read as none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_period(column.type):
        return _unreadable(column)
    column = plain(column)
    if is_text(column.type):
        return _numbers_of_texts(column)
    is_truth = pa.types.is_boolean(column.type)
    if is_truth:
        column = column.cast(pa.int8())
    if not is_number(column.type):
        return _unreadable(column)
    values = as_array(pc.cast(column, pa.float64(), safe=False)).astype(np.float64)
    unreadable = np.zeros(len(values), dtype=bool)
    return Reading(values=values, missing=np.isnan(values), unreadable=unreadable, is_truth=is_truth)


def _numbers_of_texts(column: "pa.ChunkedArray") -> Reading:
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(column)
    if pc.any(pc.starts_with(texts, "[{")).as_py():
        texts = pc.replace_substring_regex(texts, _LABEL_STUDIO, r"\2")
    missing = _missing(texts)
    decimal_comma = _has_decimal_commas(texts)
    entries = as_array(pc.replace_substring(texts, ",", ".") if decimal_comma else texts)
    values = np.array(pd.to_numeric(_without(entries, missing), errors="coerce"), dtype=np.float64)
    unreadable = np.isnan(values) & ~missing
    may_be_truth = unreadable.any() and (unreadable | missing).all()
    if may_be_truth:
        values = np.array([_TRUTH.get(text, np.nan) for text in as_array(pc.utf8_lower(texts))])
        unreadable = np.isnan(values) & ~missing
    examples = as_array(texts) if unreadable.any() else None
    return Reading(
        values=values,
        missing=missing,
        unreadable=unreadable,
        examples=examples,
        decimal_comma=decimal_comma,
        is_truth=bool(may_be_truth and not unreadable.all()),
    )


def _missing(texts: "pa.ChunkedArray") -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pa.array(MISSING_WORDS, type=texts.type)
    return as_array(pc.or_kleene(pc.is_null(texts), pc.fill_null(pc.is_in(pc.utf8_lower(texts), words), True)))


def _has_decimal_commas(texts: "pa.ChunkedArray") -> bool:
    """Whether every entry with a comma is a number with a decimal comma, and none has a point."""
    import pyarrow.compute as pc

    with_comma = pc.match_substring(texts, ",")
    if not pc.any(with_comma).as_py() or pc.any(pc.match_substring(texts, ".")).as_py():
        return False
    if pc.all(pc.or_(pc.invert(with_comma), pc.match_substring_regex(texts, _THOUSANDS))).as_py():
        return False  # 1,000 may be a thousand or one
    return bool(pc.all(pc.or_(pc.invert(with_comma), pc.match_substring_regex(texts, _DECIMAL_COMMA))).as_py())


def read_times(column: "pa.ChunkedArray") -> Reading:
    """Read a column as UTC times: ISO 8601 or clearly day-first text, dates, timestamps, or numbers since 1970."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_period(column.type):
        return _unreadable(column)
    column = plain(column)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _times(as_array(pc.cast(column, pa.timestamp("us"), safe=False)), as_array(pc.is_null(column)))
    numbers = read_numbers(column)
    if not is_text(column.type) and numbers.unreadable.any():
        return numbers
    given = np.abs(numbers.values[~np.isnan(numbers.values)])
    if len(given) and not numbers.unreadable.any() and np.median(given) > 1e8:
        return _times(_since_1970(numbers.values, float(np.median(given))), numbers.missing)
    texts = column if is_text(column.type) else pc.cast(column, pa.string())
    return _times_of_texts(pc.utf8_trim_whitespace(texts))


def _since_1970(values: np.ndarray, typical: float) -> np.ndarray:
    factor = next((factor for limit, factor in _EPOCH_UNITS if typical < limit), 1e-3)
    microseconds = values * factor
    usable = np.abs(microseconds) < 2**62
    return np.where(usable, np.where(usable, microseconds, 0).astype("datetime64[us]"), np.datetime64("NaT", "us"))


def _times_of_texts(texts: "pa.ChunkedArray") -> Reading:
    import pyarrow.compute as pc

    entries, missing = as_array(texts), _missing(texts)
    if (iso := _iso_of_day_first(texts)) is not None:
        return replace(_times_of_texts(iso), missing=missing, examples=entries, read_as="the day first")
    dated = as_array(pc.fill_null(pc.match_substring_regex(texts, r"^\d{4}"), False))  # not "now", not "today"
    parsed = pd.DatetimeIndex(pd.to_datetime(_without(entries, ~dated), format="ISO8601", utc=True, errors="coerce"))
    return _times(parsed.tz_localize(None).to_numpy(), missing, entries)


def _iso_of_day_first(texts: "pa.ChunkedArray") -> "pa.ChunkedArray | None":
    """Texts such as 31.12.2026 08:45 as ISO 8601; None where one is written otherwise or no day is above 12."""
    import pyarrow.compute as pc

    given = texts.filter(pc.greater(pc.utf8_length(texts), 0))
    fits, is_late = (pc.match_substring_regex(given, each) for each in (DAY_FIRST, LATE_DAY))
    if not (pc.all(fits).as_py() and pc.any(is_late).as_py()):
        return None
    return pc.replace_substring_regex(texts, r"^(\d+)\.(\d+)\.(\d{4})", r"\3-\2-\1")


def _without(entries: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """Copy texts with None where `blank` says so."""
    copy = np.array(entries, dtype=object)
    copy[blank] = None
    return copy


def _times(values: np.ndarray, missing: np.ndarray, examples: np.ndarray | None = None) -> Reading:
    values = np.array(values, dtype="datetime64[us]")
    return Reading(values=values, missing=missing, unreadable=np.isnat(values) & ~missing, examples=examples)


def read_texts(column: "pa.ChunkedArray", where: str) -> np.ndarray:
    """Read a column as an object array of str, None where missing; whole numbers lose a trailing ``.0``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = plain(column)
    if pa.types.is_nested(column.type):
        raise InputError(f"{where} holds lists or records ({_type_name(column.type)}). Give a column of plain text.")
    if is_text(column.type):
        return as_array(column)
    if pa.types.is_floating(column.type):
        return _texts_of_floats(as_array(column).astype(np.float64))
    try:
        return as_array(pc.cast(column, pa.string()))
    except pa.ArrowException as error:
        raise InputError(f"{where} cannot be read as text (it is {_type_name(column.type)}): {error}") from error


def has_text(texts: np.ndarray) -> np.ndarray:
    """Mark the texts that are neither missing nor blank."""
    return np.array([bool(text) and not text.isspace() for text in texts], dtype=bool)


def _texts_of_floats(values: np.ndarray) -> np.ndarray:
    whole = bool(np.all(np.isnan(values) | ((values == np.floor(values)) & (np.abs(values) < 2**53))))
    texts = [None if np.isnan(v) else str(int(v)) if whole else repr(v) for v in values.tolist()]
    return np.array(texts, dtype=object)


def plain(column: Any) -> "pa.ChunkedArray":
    """Take off what wraps the values: dictionaries, extension types but periods, views, half and wide numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_period(column.type):
        return column
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=column.type.storage_type)
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if pa.types.is_null(column.type) or pa.types.is_string_view(column.type):
        return pc.cast(column, pa.string())
    if pa.types.is_binary_view(column.type):
        return pc.cast(column, pa.binary())
    if pa.types.is_float16(column.type) or pa.types.is_decimal256(column.type):
        return pc.cast(column, pa.float64())
    return column


def is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def as_array(column: Any) -> np.ndarray:
    return np.asarray(column.to_numpy(zero_copy_only=False) if hasattr(column, "num_chunks") else column)


def _unreadable(column: "pa.ChunkedArray") -> Reading:
    """No entry of the column is a number; nested values, dates and bytes come here."""
    import pyarrow.compute as pc

    missing = as_array(pc.is_null(column))
    kind = kind_words(column.type)
    examples = np.full(len(column), kind, dtype=object)
    values = np.full(len(column), np.nan)
    return Reading(values=values, missing=missing, unreadable=~missing, examples=examples, kind=kind)


def is_number(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def holds_no_numbers(kind: "pa.DataType") -> bool:
    """Whether a type is of other things than numbers, truth values, texts and bytes, which may be texts."""
    import pyarrow as pa

    return bool(pa.types.is_temporal(kind) or pa.types.is_nested(kind) or is_period(kind))


def kind_words(kind: "pa.DataType") -> str:
    """Say in plain words what a type holds, with its name."""
    from pyarrow import types

    words = (
        (types.is_timestamp, "points in time"),
        (types.is_date, "dates"),
        (types.is_time, "times of day"),
        (types.is_duration, "durations"),
        (types.is_interval, "durations"),
        (types.is_nested, "lists or records"),
        (
            lambda each: types.is_binary(each) or types.is_large_binary(each) or types.is_fixed_size_binary(each),
            "bytes",
        ),
        (is_period, "periods of time"),
    )
    word = next((word for is_of, word in words if is_of(kind)), "other values")
    return f"{word} ({_type_name(kind)})"


def is_period(kind: "pa.DataType") -> bool:
    """Whether pandas stored periods of time here, as whole numbers."""
    import pyarrow as pa

    return isinstance(kind, pa.BaseExtensionType) and "period" in kind.extension_name


def _type_name(kind: "pa.DataType") -> str:
    name = str(kind)
    return name if len(name) <= 60 else name[:60] + "\u2026"
