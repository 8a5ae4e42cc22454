"""The YAML of a judge card: plain values with the line of each, comments kept when it is written again.

Only plain YAML is taken: no tags, no references, one document, few levels. What a value must be is in `card`.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError

if TYPE_CHECKING:
    from ruamel.yaml import YAML

Path = tuple[str | int, ...]

Scalar = str | int | float | None
CardValue = Scalar | list[dict[str, Scalar]]

MAX_BYTES = 1_000_000
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardDocument:
    """A card as it is written: plain values, the line of each (from 1), and what is needed to write it again.

    Attributes
    ----------
    values
        Mappings, tuples and scalars; empty values and empty texts are left out.
    lines
        Line of each name and list item.
    tree
        The same with comments, as ruamel.yaml holds it; changed in place by `set_value`.
    """

    values: Mapping[str, object]
    lines: Mapping[Path, int]
    tree: Any
    yaml: "YAML"
    newline: str

    def set_value(self, where: tuple[str, ...], value: CardValue) -> None:
        """Set one value, making sections that are missing; texts are written in quotes."""
        from ruamel.yaml.comments import CommentedMap

        section = self.tree
        for name in where[:-1]:
            if not isinstance(section.get(name), dict):
                section[name] = CommentedMap()
            section = section[name]
        section[where[-1]] = _quoted(value)

    def to_bytes(self) -> bytes:
        sink = io.StringIO()
        self.yaml.dump(self.tree, sink)
        return sink.getvalue().replace("\n", self.newline).encode()


def parse_card(content: bytes, *, name: str) -> CardDocument:
    """Read the YAML of a card.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        What messages call it.

    Raises
    ------
    InputError
        When it is no plain YAML: broken, empty, a name twice, a tag, a reference, too deep or too large.
    """
    text = _decode(content, name)
    unified = text.replace("\r\n", "\n")
    _check_plain(unified, name)
    yaml = _round_trip(unified)
    tree = _load(yaml, unified, name)
    if not isinstance(tree, dict):
        found = "nothing" if tree is None else _kind(tree)
        raise InputError(f"{name} must hold names with values, as `card init` writes them; found {found}.")
    lines: dict[Path, int] = {}
    values = _plain(tree, (), lines)
    return CardDocument(
        values=values if isinstance(values, dict) else {},
        lines=lines,
        tree=tree,
        yaml=yaml,
        newline="\r\n" if "\r\n" in text else "\n",
    )


def _decode(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise InputError(f"{name} has {len(content):,} bytes; a judge card has at most {MAX_BYTES:,}. Check the file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 text: byte {error.start + 1:,} does not fit. Save it as UTF-8."
        ) from error


def _round_trip(text: str) -> "YAML":
    """Make a reader and writer that keeps the file's own indentation, as far as its first lines show it."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096  # no line is broken that was not
    mapping = re.search(r"^\S[^#\n]*:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*( +)[^\s#-]", text, re.MULTILINE)
    listed = re.search(r"^( *)[^\s#-][^#\n]*:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*( *)(-[ ]+)\S", text, re.MULTILINE)
    offset = max(0, len(listed[2]) - len(listed[1])) if listed else 2
    dash = len(listed[3]) if listed else 2
    yaml.indent(mapping=len(mapping[1]) if mapping else 2, sequence=offset + dash, offset=offset)
    return yaml


def _check_plain(text: str, name: str) -> None:
    """Read the events alone, which builds nothing, and refuse what a card does not need."""
    depth = documents = 0
    for event in _events(text, name):
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") and kind not in ("StreamStartEvent", "DocumentStartEvent")
        depth -= kind.endswith("EndEvent") and kind not in ("StreamEndEvent", "DocumentEndEvent")
        documents += kind == "DocumentStartEvent"
        problem = _problem(event, depth, documents)
        if problem:
            raise InputError(f"{name}, line {event.start_mark.line + 1}: {problem}")


def _problem(event: Any, depth: int, documents: int) -> str | None:
    if type(event).__name__ == "AliasEvent" or getattr(event, "anchor", None):
        return "a judge card has no references (& and *). Write the value out."
    if getattr(event, "tag", None):
        return f"a judge card has no tags; found {str(event.tag)!r}. Write the value without it."
    if getattr(event, "version", None) or getattr(event, "tags", None):
        return "a judge card has no directives (%). Remove the line."
    if getattr(event, "value", None) == "<<" and event.style is None:
        return "a judge card has no merged sections (<<). Write the values out."
    if depth > MAX_DEPTH:
        return f"nested more than {MAX_DEPTH} levels deep. Write the card as `card init` does."
    return "a second document begins; a file holds one card. Remove it." if documents > 1 else None


def _events(text: str, name: str) -> Iterator[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        raise InputError(_broken(name, error)) from error
    except YAMLError as error:
        raise InputError(f"{name} is no text that YAML allows: {_first_line(error)}. Remove the character.") from error


def _load(yaml: "YAML", text: str, name: str) -> Any:
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return yaml.load(text)
    except DuplicateKeyError as error:
        line, key = error.problem_mark.line + 1, str(error.problem).split('"')[1]
        raise InputError(f"{name}, line {line}: {key} stands there twice. Keep one.") from error
    except MarkedYAMLError as error:
        raise InputError(_broken(name, error)) from error
    except ValueError as error:  # a date such as 2026-13-45 that is not in quotes
        raise InputError(
            f"{name} holds a value that cannot be read: {_first_line(error)}. Put dates and revisions in quotes."
        ) from error


def _broken(name: str, error: Any) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{name}, line {mark.line + 1}" if mark else name
    return f"{where}: this is not valid YAML: {error.problem or error.context}. Mend the line."


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _plain(node: Any, where: Path, lines: dict[Path, int]) -> object:
    """Turn ruamel's containers into plain ones; note the lines; leave out what is empty."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(node, CommentedMap):
        for key in node:
            lines[(*where, str(key))] = node.lc.key(key)[0] + 1
        kept = {str(key): _plain(value, (*where, str(key)), lines) for key, value in node.items()}
        return {key: value for key, value in kept.items() if value is not None} or None
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            lines[(*where, index)] = node.lc.item(index)[0] + 1
        return tuple(_plain(value, (*where, index), lines) for index, value in enumerate(node))
    return _scalar(node)


def _quoted(value: CardValue) -> object:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, str):
        return DoubleQuotedScalarString(value)
    if isinstance(value, list):
        return CommentedSeq(CommentedMap((name, _quoted(part)) for name, part in each.items()) for each in value)
    return value


def _scalar(node: Any) -> object:
    """Strip ruamel's own kinds of text and number; dates stay as they are, to be refused by name."""
    if isinstance(node, str):
        return str(node) if node.strip() else None
    for plain in (bool, int, float):
        if isinstance(node, plain):
            return plain(node)
    return node


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else "a single value"
