"""What is wrong in a judge card, one sentence a fault, with the line of the file. Types only, not what is missing."""

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from drift_core.errors import InputError
from drift_core.judge_card.card import SCHEMA, JudgeCard
from drift_core.judge_card.document import CardDocument, Path

LONGEST_SHOWN = 60


def validate_card(document: CardDocument, *, name: str) -> JudgeCard:
    """Make a card of what a file holds.

    Raises
    ------
    InputError
        With one sentence for each value of the wrong type, each name that no card has, each slice that lacks a part.
    """
    found = document.values.get("schema", SCHEMA)
    if isinstance(found, int) and found > SCHEMA:
        raise InputError(
            f"{name} has schema {found}, from a newer version; this one reads schema {SCHEMA}. "
            "Upgrade distillation-drift."
        )
    try:
        return JudgeCard.model_validate(document.values)
    except ValidationError as error:
        faults = [_sentence(fault, document) for fault in error.errors(include_url=False)]
    if len(faults) == 1:
        raise InputError(f"{name}, {faults[0]}")
    raise InputError(f"{name} has {len(faults)} faults.\n" + "\n".join(f"{name}, {fault}" for fault in faults))


def _sentence(fault: Any, document: CardDocument) -> str:
    where: Path = fault["loc"]
    line = document.line_of(where)
    if fault["type"] == "extra_forbidden":
        model, _ = _look_up(where[:-1])
        place = dotted(where[:-1]) or "a judge card"
        return f"line {line}: {place} has no {where[-1]!r}. It has: {', '.join(field_names(model))}."
    _, field = _look_up(where)
    expected = field.description if field else "a value"
    if fault["type"] == "missing":
        return f"line {line}: {dotted(where[:-1])} lacks {where[-1]}, {expected}. Add it."
    return f"line {line}: {dotted(where)}: expected {_expected(fault, expected)}; found {_found(fault['input'])}."


def _expected(fault: Any, description: str | None) -> str:
    if fault["type"] in ("model_type", "dict_type"):
        return f"names with values ({description})"
    return f"a list ({description})" if fault["type"] == "tuple_type" else str(description)


def _found(value: object) -> str:
    if isinstance(value, Mapping):
        return "names with values"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, date):
        return f"the date {value.isoformat()} without quotes"
    shown = repr(value)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def _look_up(where: Path) -> tuple[type[BaseModel], FieldInfo | None]:
    """Find the model at a place, or that of its parent, and the field there."""
    model: type[BaseModel] = JudgeCard
    field = None
    for part in where:
        if isinstance(part, str):
            field = next((info for name, info in model.model_fields.items() if (info.alias or name) == part), None)
            model = _model_in(field.annotation) or model if field else model
    return model, field


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def field_names(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def dotted(where: Path) -> str:
    """Write a place as it is read aloud: ``critical_slices, item 2, floor``."""
    parts = [f"item {part + 1}" if isinstance(part, int) else part for part in where]
    return (", " if any(isinstance(part, int) for part in where) else ".").join(parts)
