"""The YAML of a judge card: plain values, the line of each, comments kept when it is written again.

Read by ruamel's safe loader, which builds nothing but plain values. What a value must be is in `card`.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError

if TYPE_CHECKING:
    from ruamel.yaml import YAML

Path = tuple[str | int, ...]

Scalar = str | int | float | None
CardValue = Scalar | list[dict[str, Scalar]]

MAX_BYTES = 1_000_000
_TOO_DEEP = "{} is nested too deep. Write the card as `card init` does."
MOST_NESTED = 100  # brackets open at once; the reader's time grows with their square


@dataclass(frozen=True, kw_only=True, eq=False)
class CardDocument:
    """A card as it is written: plain values, and what is needed to write it again.

    Attributes
    ----------
    values
        Mappings, lists and scalars.
    text
        What the file holds, with plain ends of lines.
    name
        What messages call it.
    newline
        End of a line in the file.
    """

    values: Mapping[str, object]
    text: str
    name: str
    newline: str

    @cached_property
    def yaml(self) -> "YAML":
        return _round_trip(self.text)

    @cached_property
    def tree(self) -> Any:
        """The values with comments, as ruamel.yaml holds them; changed in place by `set_value`."""
        return _load(self.yaml, self.text, self.name)

    def line_of(self, where: Path) -> int:
        """Line of a name or a list item, from 1; where it is not there, that of what it would stand in."""
        line, node = 1, self.tree
        for part in where:
            try:
                mark = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
                line, node = mark[0] + 1, node[part]
            except (AttributeError, LookupError, TypeError):
                break
        return line

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
        When it is no plain YAML: broken, empty, a name twice, a tag, too deep or too large.
    """
    from ruamel.yaml import YAML

    text = _decode(content, name)
    unified = text.replace("\r\n", "\n")
    if max(accumulate((c in "[{") - (c in "]}") for c in unified), default=0) > MOST_NESTED:
        raise InputError(_TOO_DEEP.format(name))
    values = _load(YAML(typ="safe", pure=True), unified, name)
    if not isinstance(values, dict):
        found = "nothing" if values is None else "a list" if isinstance(values, list) else "a single value"
        raise InputError(f"{name} must hold names with values, as `card init` writes them; found {found}.")
    return CardDocument(values=values, text=unified, name=name, newline="\r\n" if "\r\n" in text else "\n")


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


def _load(yaml: "YAML", text: str, name: str) -> Any:
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return yaml.load(text)
    except DuplicateKeyError as error:
        line, key = error.problem_mark.line + 1, str(error.problem).split('"')[1]
        raise InputError(f"{name}, line {line}: {key} stands there twice. Keep one.") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise InputError(
            f"{where}: this is not valid YAML: {error.problem or error.context}. Mend the line."
        ) from error
    except YAMLError as error:
        raise InputError(f"{name} is no text that YAML allows: {_first_line(error)}. Remove the character.") from error
    except RecursionError:
        raise InputError(_TOO_DEEP.format(name)) from None
    except ValueError as error:  # a date such as 2026-13-45 that is not in quotes
        raise InputError(
            f"{name} holds a value that cannot be read: {_first_line(error)}. Put dates and revisions in quotes."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _quoted(value: CardValue) -> object:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, str):
        return DoubleQuotedScalarString(value)
    if isinstance(value, list):
        return CommentedSeq(CommentedMap((name, _quoted(part)) for name, part in each.items()) for each in value)
    return value
