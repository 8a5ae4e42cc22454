"""What the texts of one simulated topic are made of; filling the templates in is `texts`'s work."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing people want within a topic: query templates, and sentences that answer them."""

    queries: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A part of the simulated traffic. `slots` maps ``{slot}`` in a template to its choices."""

    name: str
    slots: Mapping[str, tuple[str, ...]]
    intents: tuple[Intent, ...]


def topic(name: str, slots: Mapping[str, str], *intents: tuple[str, str]) -> Topic:
    """Build a topic from (queries, sentences) texts whose choices are separated by ``|``."""
    return Topic(
        name=name,
        slots={slot: choices(text) for slot, text in slots.items()},
        intents=tuple(Intent(queries=choices(queries), sentences=choices(said)) for queries, said in intents),
    )


def choices(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))
