"""The documents of a history turned back into values, each checked by the types and the limits of its fields."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from drift_core.canary.decision import Decision, Kind
from drift_core.canary.figures import RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.errors import InputError
from drift_core.measured import Measured

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")
Range = tuple[float, float]

LARGEST = sys.float_info.max
FINITE = (-LARGEST, LARGEST)
RANGES: dict[str, Range] = {
    **dict.fromkeys(("variance", "error_variance", "standard_error", "z_error", "null_error", "level"), (0, LARGEST)),
    **dict.fromkeys(("differing", "expected"), (0, LARGEST)),
    **dict.fromkeys(("degrees", "seed"), (0, LARGEST)),
    **dict.fromkeys(("share", "p_value", "confidence", "overlap_normal_low", "overlap_normal_high"), (0, 1)),
    "agreement_heldout": (-1, 1),
    "k": (1, LARGEST),
    "n_cells": (2, LARGEST),
}
INTERVALS: dict[str, Range] = {"agreement": (-1, 1), "overlap": (0, 1), "loss": (-2, 2), "student": (0, LARGEST)}
PLAIN, NUMBERS = (str, bool), (int, float)
ROUNDING = 1e-9  # a correlation may come out as 1 and a little
YEARS = range(1970, 2200)
OPTIONS = ("Measured", "Unmeasured", "float", "int")  # pydantic names the options of a field as parts of its place


def run_from(document: object) -> CanaryRun:
    """Give the run of a document that `CanaryRun.to_json` gave as JSON; regions stand beside it in a history.

    Raises
    ------
    InputError
        When something in it is missing, of the wrong type, not finite or out of its range; names the field.
    """
    return _value(CanaryRun, document)


def region_from(document: object) -> RegionFigure:
    """Give the figure of a region; raises as `run_from`."""
    return _value(RegionFigure, document)


def decision_from(document: object) -> Decision:
    """Give the decision of a document.

    Raises
    ------
    InputError
        As `run_from`; and when a later version wrote it, of a kind that this one does not know and so cannot heed.
    """
    kind = _kind(document)
    if kind is not None and kind not in get_args(Kind):
        raise InputError(f"it is of kind {kind!r}, which this version does not know. Update distillation-drift")
    return _value(Decision, document)


def fault_of(value: object, name: str = "", above: str = "") -> str | None:
    """Say what no figure can be, with its place: not finite, out of its range, an interval with its ends exchanged.

    Parameters
    ----------
    value
        A run, a part of one, or a decision.
    name, above
        The field that it stands in, and the one around that; empty for the whole.
    """
    if value is None or isinstance(value, PLAIN):
        return None
    if isinstance(value, NUMBERS):
        low, high = _range(name, above)
        is_held = low - ROUNDING <= value <= high + ROUNDING
        return None if is_held else f"{name}: expected {_in_words(low, high)}; found {value:g}"
    if isinstance(value, datetime):
        is_held = value.year in YEARS
        return None if is_held else f"{name}: expected a time from 1970 to 2199; found {value.isoformat()}"
    for part, inner in _parts(value):
        fault = fault_of(inner, part, name)
        if fault is not None:
            return f"{name}.{fault}" if name else fault
    if isinstance(value, Measured) and value.low > value.high:
        return f"{name}: expected low up to high; found {value.low:g} and {value.high:g}"
    return None


def _parts(value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, tuple):
        return ((str(place), part) for place, part in enumerate(value))
    names, values_of = _fields(type(value))  # type: ignore[arg-type]  # a type can be hashed
    return zip(names, values_of(value), strict=True)


def _in_words(low: float, high: float) -> str:
    if high < LARGEST:
        return f"a number in [{low:g}, {high:g}]"
    return "a finite number" if low == -LARGEST else f"a finite number from {low:g} up"


@cache
def _fields(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of a type's fields, and what gives their values."""
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)


@cache
def _range(name: str, above: str) -> Range:
    if above == "rule":
        return FINITE
    if name.startswith("n_") and name not in RANGES:
        return 0, LARGEST
    if name in ("estimate", "low", "high"):
        return INTERVALS.get(above, FINITE)
    return RANGES.get(name, FINITE)


def _value(kind: type[Value], document: object) -> Value:
    from pydantic import ValidationError

    if not isinstance(document, str):
        raise InputError(f"expected a text of JSON; found {type(document).__name__}")
    try:
        value: Value = _adapter(kind).validate_json(document, strict=True)  # type: ignore[arg-type]  # as above
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part not in OPTIONS)
        raise InputError(f"{place}: {first['msg']}" if place else str(first["msg"])) from None
    except OverflowError:
        raise InputError("a time in it lies outside the calendar") from None
    fault = fault_of(value)
    if fault is not None:
        raise InputError(fault)
    return value


def _kind(document: object) -> Any:
    try:
        found = json.loads(str(document))
    except (ValueError, RecursionError):
        return None  # said by the check of types
    return found.get("kind") if isinstance(found, dict) else None


@cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
