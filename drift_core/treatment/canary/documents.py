"""The documents of a history turned back into values, without the 0.5 s that loading a checker of types takes.

A document that does not fit is read by `read_run`, which says what is wrong with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from drift_core.errors import InputError
from drift_core.measures.estimate import Measured, Measurement, Unmeasured
from drift_core.treatment.canary.decision import Decision
from drift_core.treatment.canary.run import (
    Bridge,
    CanaryRun,
    HeldoutFigure,
    NewTraffic,
    RegionFigure,
    read_run,
)

Value = TypeVar("Value")
Document = Mapping[str, Any]


def run_from(document: Document) -> CanaryRun:
    """Give the run that `CanaryRun.to_json` wrote.

    Raises
    ------
    InputError
        When something in it is missing or of the wrong type.
    """
    try:
        return _run(document)
    except (TypeError, KeyError, ValueError, AttributeError):
        return _explained(document)


def decision_from(document: Document) -> Decision:
    at = datetime.fromisoformat(document["at"])
    return _value(Decision, document, at=at, reasons=tuple(document["reasons"]))


def _run(document: Document) -> CanaryRun:
    heldout, new_traffic, bridge = (document.get(name) for name in ("heldout", "new_traffic", "bridge"))
    return _value(
        CanaryRun,
        document,
        at=datetime.fromisoformat(document["at"]),
        recorded_at=datetime.fromisoformat(document["recorded_at"]),
        agreement=_measurement(document["agreement"]),
        overlap=_measurement(document["overlap"]),
        heldout=heldout and _value(HeldoutFigure, heldout, agreement=_measurement(heldout["agreement"])),
        new_traffic=new_traffic and _value(NewTraffic, new_traffic, names=tuple(new_traffic["names"])),
        regions=tuple(
            _value(RegionFigure, each, agreement=_measurement(each["agreement"])) for each in document["regions"]
        ),
        findings=tuple(document["findings"]),
        bridge=bridge and _value(Bridge, bridge, loss=_measurement(bridge["loss"])),
    )


def _measurement(document: Document) -> Measurement:
    return _value(Unmeasured, document) if "reason" in document else _value(Measured, document)


def _value(kind: Callable[..., Value], document: Document, **parts: object) -> Value:
    """Make a value; what a later version added to the document is left out."""
    try:
        return kind(**{**document, **parts})
    except TypeError:
        return kind(**{**{name: document[name] for name in _names(kind) if name in document}, **parts})


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


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
