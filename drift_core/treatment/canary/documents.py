"""The documents of a history turned back into values, each checked by the types and the limits of its fields."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from drift_core.errors import InputError
from drift_core.treatment.canary.decision import Decision, Kind
from drift_core.treatment.canary.run import CanaryRun, RegionFigure

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")
Range = tuple[float, float]

INF = math.inf
RANGES: dict[str, Range] = {
    **dict.fromkeys(("variance", "error_variance", "standard_error", "z_error", "null_error", "level"), (0, INF)),
    **dict.fromkeys(("degrees", "seed"), (0, INF)),
    **dict.fromkeys(("share", "p_value", "confidence", "overlap_normal_low", "overlap_normal_high"), (0, 1)),
    "agreement_heldout": (-1, 1),
    "k": (1, INF),
}
INTERVALS: dict[str, Range] = {"agreement": (-1, 1), "overlap": (0, 1), "loss": (-2, 2)}
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


def faults_of(value: object, where: str = "") -> Iterator[str]:
    """Say what no figure of a run can be: not finite, out of its range, an interval whose low end is the higher one."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{where}: expected a finite number; found {value}"
    elif isinstance(value, datetime) and value.year not in YEARS:
        yield f"{where}: expected a time from 1970 to 2199; found {value.isoformat()}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _out_of_range(value, where)
    for name, part in _parts(value):
        yield from faults_of(part, f"{where}.{name}" if where else name)
    low, high = getattr(value, "low", None), getattr(value, "high", None)
    if isinstance(low, float | int) and isinstance(high, float | int) and low > high:
        yield f"{where}: expected low up to high; found {low:g} and {high:g}"


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value):
        yield from ((each.name, getattr(value, each.name)) for each in fields(value))
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, tuple):
        yield from ((str(place), part) for place, part in enumerate(value))


def _out_of_range(value: float, where: str) -> Iterator[str]:
    *above, name = where.split(".")
    found = RANGES.get(name)
    if name.startswith("n_"):
        found = (0, INF)
    elif name in ("estimate", "low", "high") and above:
        found = INTERVALS.get(above[-1])
    if "rule" in above or found is None:
        return
    low, high = found
    if not low - ROUNDING <= value <= high + ROUNDING:
        yield f"{where}: expected a number in [{low:g}, {high:g}]; found {value:g}"


def _value(kind: type[Value], document: object) -> Value:
    from pydantic import ValidationError

    if not isinstance(document, str):
        raise InputError(f"expected a text of JSON; found {type(document).__name__}")
    try:
        value = _adapter(kind).validate_json(document, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part not in OPTIONS)
        raise InputError(f"{place}: {first['msg']}" if place else str(first["msg"])) from None
    except OverflowError:
        raise InputError("a time in it lies outside the calendar") from None
    fault = next(faults_of(value), None)
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
def _adapter(kind: type[Value]) -> "TypeAdapter[Value]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
