"""The JSON Schema that a visitor wants outputs held against, kept for the session. It comes in by `schema_panel`."""

from collections.abc import Iterator
from dataclasses import dataclass

from drift_core.errors import InputError
from drift_core.operations.output_schema import OutputSchema, parse_schema
from pages.components.session import visitor_store

_OWN = "own_schema"
PATTERNS = ("pattern", "patternProperties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A schema with the name of its file."""

    name: str
    schema: OutputSchema


def take(content: bytes, name: str) -> None:
    """Read a schema and use it from now on.

    Raises
    ------
    InputError
        When it is no JSON Schema, or holds patterns, one of which could keep a server busy for all its visitors.
    """
    schema = parse_schema(content, name=name)
    if any(key in PATTERNS for key in _keys(schema.document)):
        raise InputError(f"{name} holds patterns, which the app does not run. Take them out, or diagnose by command.")
    visitor_store.put(_OWN, Own(name=name, schema=schema))


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each)


def current() -> Own | None:
    """What was brought last."""
    own: Own | None = visitor_store.get(_OWN)
    return own


def schema() -> OutputSchema | None:
    """The schema in use, or None."""
    own = current()
    return None if own is None else own.schema


def let_go() -> None:
    """Go back to what the teacher's outputs share; fit as a callback."""
    visitor_store.take(_OWN)
