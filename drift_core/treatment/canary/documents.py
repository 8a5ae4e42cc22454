"""The documents of a history turned back into values by the types of their fields.

As `read_run` does, without the 0.5 s that loading a checker of types takes; that one explains what does not fit.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache, partial
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from drift_core.errors import InputError
from drift_core.measures.estimate import Measured, Measurement, Unmeasured
from drift_core.treatment.canary.decision import Decision, Kind
from drift_core.treatment.canary.run import CanaryRun, read_run

Value = TypeVar("Value")
Document = Mapping[str, Any]
Convert = Callable[[Any], Any]


def run_from(document: Document) -> CanaryRun:
    """Give the run that `CanaryRun.to_json` wrote.

    Raises
    ------
    InputError
        When something in it is missing or of the wrong type.
    """
    try:
        return _value(CanaryRun, document)
    except (TypeError, ValueError, AttributeError):
        return _explained(document)


def decision_from(document: Document) -> Decision:
    """Give the decision of a document; each was written by this package.

    Raises
    ------
    InputError
        When a later version wrote it, of a kind that this one does not know and so cannot heed.
    """
    if document.get("kind") not in get_args(Kind):
        raise InputError(
            f"The history holds a decision of kind {document.get('kind')!r}, which this version does not know. Update "
            "distillation-drift."
        )
    return _value(Decision, document)


def _value(kind: Callable[..., Value], document: Document) -> Value:
    """Make a value; what a later version added to the document is left out."""
    parts = {
        name: convert(document[name]) for name, convert in _converters(kind).items() if document.get(name) is not None
    }
    try:
        return kind(**{**document, **parts})
    except TypeError:
        known = {each.name for each in fields(kind)}  # type: ignore[arg-type]  # a dataclass
        return kind(**{name: value for name, value in {**document, **parts}.items() if name in known})


@cache
def _converters(kind: Any) -> dict[str, Convert]:
    """What turns the plain value of a field into its own, for the fields where that is needed."""
    found = {name: _converter(hint) for name, hint in get_type_hints(kind).items()}
    return {name: convert for name, convert in found.items() if convert is not None}


def _converter(hint: Any) -> Convert | None:
    if hint == Measurement:
        return _measurement
    if get_origin(hint) is tuple:
        return partial(_several, _converter(get_args(hint)[0]))
    options = [each for each in get_args(hint) if each is not NoneType] or [hint]
    if len(options) < len(get_args(hint)):  # a type or None
        return _converter(options[0])
    if hint is datetime:
        return datetime.fromisoformat
    return partial(_value, hint) if isinstance(hint, type) and is_dataclass(hint) else None


def _several(convert: Convert | None, values: Any) -> tuple[Any, ...]:
    return tuple(values) if convert is None else tuple(map(convert, values))


def _measurement(document: Document) -> Measurement:
    return _value(Unmeasured, document) if "reason" in document else _value(Measured, document)


def _explained(document: Document) -> CanaryRun:
    from pydantic import ValidationError

    try:
        return read_run(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"A recorded run cannot be read: {place}: {first['msg']}. Restore the history from a copy."
        ) from None
