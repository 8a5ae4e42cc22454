"""The dozen topics that simulated texts speak of, from `vocabulary.json`; seeds rely on their order.

Filling the templates in is `texts`'s work.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


def _read(topic: Mapping[str, Any]) -> Topic:
    return Topic(
        name=topic["name"],
        slots={slot: tuple(choices) for slot, choices in topic["slots"].items()},
        intents=tuple(Intent(**{kind: tuple(texts) for kind, texts in intent.items()}) for intent in topic["intents"]),
    )


TOPICS: dict[str, Topic] = {
    topic["name"]: _read(topic) for topic in json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
}
