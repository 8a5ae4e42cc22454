"""Damages of one file, drawn by a seeded generator: at the nodes of a document, in its bytes, and in its place."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

# What may follow: the same reading as before; that or a refusal; a refusal; that or any reading.
Meaning = Literal["void", "wrong", "refused", "open"]
Node = tuple[str | int, ...]

DEPTH = 20_000
NESTED = "[" * DEPTH + "]" * DEPTH
_PLACE_OF = "\0"  # stands for a raw piece of JSON until the document is written
HUGE_TEXT = "x" * 1_000_000
RAW: Mapping[str, str] = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "a number beyond any float": "1e999",
    "a whole number of 400 digits": "9" * 400,
    "a whole number of 5,000 digits": "9" * 5_000,
    "20,000 lists in one another": NESTED,
}
TYPED: Mapping[str, object] = {
    "a list": [],
    "a list of lists": [[], {}],
    "an object": {},
    "a text": "nonsense",
    "true": True,
    "the number 7": 7,
    "a negative number": -3,
    "a negative fraction": -0.5,
    "a text of a million letters": HUGE_TEXT,
}
OPEN: Mapping[str, object] = {
    "null": None,
    "an empty text": "",
    "zero": 0,
    "one": 1,
    "1e308": 1e308,
    "2 to the power of 63": 2**63,
    "the year 9999": "9999-12-31T23:59:59+00:00",
    "the year 1": "0001-01-01",
    "a day that never was": "2026-02-30",
    "a null byte": "a\x00b",
    "half a character": "\ud800",
    "a line break": "a\n::error::b",
    "an escape": "\x1b[2J",
    "another script": "עברית \u202e",
}
NUMBER = (int, float)


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What was done to the file, in words; its new content, or what stands in its place."""

    told: str
    meaning: Meaning = "open"
    content: bytes = b""
    place: str = "file"
    node: Node = ()


def damage_bytes(content: bytes, rng: np.random.Generator, *, is_text: bool) -> Damage:
    """Draw a damage that knows nothing of what the bytes say."""
    drawn = [_truncated, _flipped, _flipped, _zeroed, _junk, _spliced, _doubled, _lengthened]
    drawn += [_recoded, _recoded, _marked, _ended] if is_text else []
    return drawn[rng.integers(len(drawn))](content, rng)


def _truncated(content: bytes, rng: np.random.Generator) -> Damage:
    end = int(rng.integers(max(len(content), 1)))
    return Damage(told=f"cut at byte {end:,} of {len(content):,}", content=content[:end])


def _flipped(content: bytes, rng: np.random.Generator) -> Damage:
    changed = bytearray(content)
    places = rng.integers(len(content), size=int(rng.integers(1, 9)))
    for place in places:
        changed[place] ^= int(rng.integers(1, 256))
    return Damage(told=f"other bytes at {sorted(map(int, places))}", content=bytes(changed))


def _zeroed(content: bytes, rng: np.random.Generator) -> Damage:
    start = int(rng.integers(len(content)))
    n = min(int(rng.integers(1, 513)), len(content) - start)
    return Damage(told=f"{n} null bytes at {start:,}", content=content[:start] + bytes(n) + content[start + n :])


def _junk(content: bytes, rng: np.random.Generator) -> Damage:
    n = int(rng.choice([0, 1, 100, 5_000]))
    return Damage(told=f"{n:,} random bytes alone", content=rng.bytes(n))


def _spliced(content: bytes, rng: np.random.Generator) -> Damage:
    start, end = sorted(map(int, rng.integers(len(content) + 1, size=2)))
    return Damage(told=f"without the bytes {start:,} to {end:,}", content=content[:start] + content[end:])


def _doubled(content: bytes, rng: np.random.Generator) -> Damage:
    return Damage(told="the content twice", content=content + content)


def _lengthened(content: bytes, rng: np.random.Generator) -> Damage:
    return Damage(told="random bytes at the end", content=content + rng.bytes(int(rng.integers(1, 300))))


def _recoded(content: bytes, rng: np.random.Generator) -> Damage:
    code = str(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]))
    return Damage(told=f"as {code}", content=content.decode(errors="replace").encode(code))


def _marked(content: bytes, rng: np.random.Generator) -> Damage:
    return Damage(told="with a byte order mark", content=b"\xef\xbb\xbf" + content, meaning="wrong")


def _ended(content: bytes, rng: np.random.Generator) -> Damage:
    return Damage(told="with a line break at the end", content=content + b"\n", meaning="void")


PLACES = ("missing", "directory", "pipe", "zero", "null", "loop", "closed")


def damage_place(rng: np.random.Generator, *, is_optional: bool) -> Damage:
    """Draw what stands in the file's place; reading may go on without a file that need not be there."""
    place = PLACES[rng.integers(len(PLACES))]
    return Damage(told=f"{place} in its place", place=place, meaning="open" if is_optional else "wrong")


def damage_document(document: object, rng: np.random.Generator) -> Damage:
    """Draw a damage at one node of a JSON document; a key that nobody asks for is one too."""
    nodes = [node for node in nodes_of(document) if node]
    node = nodes[rng.integers(len(nodes))]
    changes: list[Callable[[object, Node, np.random.Generator], Damage]] = [_set, _set, _set, _set, _removed]
    if isinstance(value_at(document, node[:-1]), dict):
        changes += [_unknown, _twice]
    return changes[rng.integers(len(changes))](document, node, rng)


def nodes_of(document: object, node: Node = ()) -> Iterator[Node]:
    """Walk all nodes of a document, those of long lists only at the beginning."""
    yield node
    if isinstance(document, dict):
        for key, value in document.items():
            yield from nodes_of(value, (*node, key))
    elif isinstance(document, list):
        for place, value in enumerate(document[:3]):
            yield from nodes_of(value, (*node, place))


def value_at(document: object, node: Node) -> object:
    for step in node:
        document = document[step]  # type: ignore[index]
    return document


def _named(node: Node) -> str:
    return ".".join(map(str, node))


def written(document: object, raw: str = "") -> bytes:
    """Write JSON; where the mark stands in the document, the raw piece is put."""
    text = json.dumps(document, indent=1)
    return text.replace(json.dumps(_PLACE_OF), raw).encode()


def with_value(document: object, node: Node, value: object) -> object:
    changed = copy.deepcopy(document)
    value_at(changed, node[:-1])[node[-1]] = value  # type: ignore[index]
    return changed


def _set(document: object, node: Node, rng: np.random.Generator) -> Damage:
    before = value_at(document, node)
    told, value, raw, meaning = _value_for(before, rng)
    content = written(with_value(document, node, value), raw)
    return Damage(told=f"{_named(node)} = {told}", content=content, meaning=meaning, node=node)


def _value_for(before: object, rng: np.random.Generator) -> tuple[str, object, str, Meaning]:
    kind = rng.integers(3)
    if kind == 0:
        told = str(rng.choice(list(RAW)))
        return told, _PLACE_OF, RAW[told], "wrong"
    if kind == 1:
        told = str(rng.choice(list(TYPED)))
        return told, TYPED[told], "", "wrong" if _is_other_type(before, TYPED[told]) else "open"
    told = str(rng.choice(list(OPEN)))
    return told, OPEN[told], "", "wrong" if _is_other_type(before, OPEN[told]) else "open"


def _is_other_type(before: object, after: object) -> bool:
    """Whether no reader may take one for the other; nothing is known of what null stood for."""
    if before is None or after is None:
        return False
    if isinstance(before, bool) or isinstance(after, bool):
        return type(before) is not type(after)
    if isinstance(before, NUMBER) and isinstance(after, NUMBER):
        return False
    return type(before) is not type(after)


def _removed(document: object, node: Node, rng: np.random.Generator) -> Damage:
    changed = copy.deepcopy(document)
    del value_at(changed, node[:-1])[node[-1]]  # type: ignore[attr-defined]
    return Damage(told=f"without {_named(node)}", content=written(changed), node=node)


def _unknown(document: object, node: Node, rng: np.random.Generator) -> Damage:
    changed = with_value(document, (*node[:-1], "a key that nobody knows"), [1, {"two": 3}])
    told = f"an unknown key beside {_named(node)}"
    return Damage(told=told, content=written(changed), meaning="wrong", node=node)


def _twice(document: object, node: Node, rng: np.random.Generator) -> Damage:
    key, again = json.dumps(node[-1]), json.dumps(value_at(document, node))
    changed = with_value(document, (*node[:-1], _PLACE_OF), 0)
    text = json.dumps(changed, indent=1).replace(f"{json.dumps(_PLACE_OF)}: 0", f"{key}: {again}")
    return Damage(told=f"{_named(node)} twice", content=text.encode(), meaning="wrong", node=node)
