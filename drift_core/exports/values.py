"""Values inside a record of an export: by dotted paths, in JSON that is written as text, as texts of messages."""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from drift_core.tables.columns import recognise_columns

Record = Mapping[str, Any]
LONGEST_PARSED = 16 << 20  # characters of a text that is looked into as JSON (ours)
LONGEST_LITERAL = 1 << 20  # and of one that Python has written, which takes far longer
ANSWERS = ("choices", "generations")  # where a model's whole answer is kept, of OpenAI and of LangChain
LANGCHAIN = ("human", "ai", "system", "tool")
_OTLP = ("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue", "arrayValue", "kvlistValue")


def look(value: Any, path: str) -> Any:
    """Give the value at a dotted path, None where there is none; names may hold dots, texts may hold JSON."""
    value = parsed(value)
    if not isinstance(value, Mapping):
        return None
    if path in value:
        return value[path]
    at = path.find(".")
    while at > 0:
        name, rest = path[:at], path[at + 1 :]
        if name in value and (found := look(value[name], rest)) is not None:
            return found
        at = path.find(".", at + 1)
    return None


def first(value: Any, paths: Sequence[str]) -> Any:
    """Give the first value that is there and not empty."""
    return next((found for path in paths if not is_empty(found := look(value, path))), None)


def has(record: Record, path: str) -> bool:
    """Whether a record has something at a path, perhaps null, or the entries of a list that is written flat."""
    if path in record or any(name.startswith(f"{path}.") for name in record):
        return True
    for name in beginnings(path)[:-1]:
        inner = parsed(record.get(name))
        if isinstance(inner, Mapping) and has(inner, path[len(name) + 1 :]):
            return True
    return False


def beginnings(path: str) -> tuple[str, ...]:
    """Give a dotted path up to each of its dots, the whole of it last."""
    return (*(path[:at] for at, sign in enumerate(path) if sign == "."), path)


def entries(record: Record, path: str) -> list[Any]:
    """Give the entries of a list, also of one that is written flat as ``path.0.name``, by their numbers."""
    found = literal(look(record, path))
    if isinstance(found, list):
        return found
    numbered: dict[int, dict[str, Any]] = {}
    for name, value in record.items():
        if name.startswith(f"{path}.") and (match := re.match(r"(\d{1,6})\.(.+)", name[len(path) + 1 :])):
            numbered.setdefault(int(match[1]), {})[match[2]] = value
    return [numbered[number] for number in sorted(numbered)]


def parsed(value: Any) -> Any:
    """Give the object or list that a text holds as JSON, anything else as it is."""
    if not isinstance(value, str) or len(value) > LONGEST_PARSED or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found


def literal(value: Any) -> Any:
    """As `parsed`, also of what Python writes of a list or object, as pandas does into CSV."""
    found = parsed(value)
    if isinstance(found, str) and len(found) <= LONGEST_LITERAL and found.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            return ast.literal_eval(found.strip())
    return found


def unquoted(value: Any) -> Any:
    """Give the text that a text holds as JSON, in quotes; anything else as it is."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        with suppress(ValueError):
            return json.loads(value)
    return value


def id_of(value: Any) -> str:
    """Give an id as text; a table in which one is missing may hold 2 as 2.0."""
    return re.sub(r"^(\d+)\.0*$", r"\1", str(value))


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value != value


def opened(record: Record) -> dict[str, Any]:
    """Give a record with its attributes beside its own fields, those of OpenTelemetry as plain values."""
    attributes = record.get("attributes")
    pairs = attributes if isinstance(attributes, Mapping) else otlp_attributes(attributes)
    plain = {name: value for name, value in record.items() if name != "attributes"}
    return plain | {f"attributes.{name}": value for name, value in pairs.items()}


def otlp_attributes(attributes: Any) -> dict[str, Any]:
    """Read a list of keys and typed values, as OTLP writes JSON."""
    if not isinstance(attributes, list):
        return {}
    keyed = [each for each in attributes if isinstance(each, Mapping) and isinstance(each.get("key"), str)]
    return {each["key"]: _otlp_value(each.get("value")) for each in keyed}


def _otlp_value(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    kind = next((kind for kind in _OTLP if kind in value), None)
    inner = None if kind is None else value[kind]
    if kind == "arrayValue":
        values = inner.get("values") if isinstance(inner, Mapping) else None
        return [_otlp_value(each) for each in values] if isinstance(values, list) else []
    if kind == "kvlistValue":
        return otlp_attributes(inner.get("values")) if isinstance(inner, Mapping) else {}
    return inner


def text_of(value: Any, side: str) -> str | None:
    """Give the text of a query or a doc.

    Of messages that is the last one of the user, or of the assistant; of an object the field that is named like the
    role, for a doc a model's only answer, or its only field; of anything else its JSON; of what is empty none, nor of
    what is nested too deeply.
    """
    try:
        return _text_within(value, side)
    except RecursionError:
        return None


def _text_within(value: Any, side: str) -> str | None:
    value = _unwrapped(_as_message(parsed(value)))
    if isinstance(value, list) and any(map(_is_message, messages := [*map(_as_message, value)])):
        return _of_messages(messages, side)
    if _is_message(value):
        return _text_within(_content(value), side)
    if isinstance(value, Mapping):
        inner = _field(value, side)
        if inner is not None:
            return _text_within(inner, side)
    if value is None or (isinstance(value, str | dict | list) and not value):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _field(value: Mapping[str, Any], side: str) -> Any:
    if isinstance(value.get("messages"), list):
        return value["messages"]
    known = recognise_columns(value).get(side)
    if known is not None and not is_empty(value[known]):
        return value[known]
    for name in ANSWERS if side == "doc" else ():
        held = _unwrapped(value.get(name))
        if isinstance(held, list) and len(held) == 1 and isinstance(held[0], Mapping):
            return held[0].get("message") or held[0]
    return next(iter(value.values())) if len(value) == 1 else None


def _unwrapped(value: Any) -> Any:
    """A batch of one as what it holds."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    return value


def _as_message(value: Any) -> Any:
    """A message of LangChain, by its type or its class, with a role; anything else as it is."""
    inner = value.get("kwargs") if isinstance(value, Mapping) and "lc" in value else value
    if not isinstance(inner, Mapping) or "content" not in inner:
        return value
    kind = inner.get("type", _last(value.get("id")) if "lc" in value else "")
    role = re.sub(r"message(chunk)?$", "", str(kind).lower())
    return {"role": role, "content": inner["content"]} if role in LANGCHAIN else value


def _last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, Mapping) and isinstance(value.get("role"), str) and ("content" in value or "parts" in value)
    )


def _content(message: Mapping[str, Any]) -> Any:
    parts = message.get("content") if "content" in message else message.get("parts")
    if not isinstance(parts, list):
        return parts
    return "\n".join(_texts(parts)) or None


def _texts(parts: Sequence[Any]) -> Iterator[str]:
    """Texts of the parts of a message: ``text`` as chat interfaces have it, ``content`` as OpenTelemetry does."""
    for part in parts:
        text = part if isinstance(part, str) else None
        if isinstance(part, Mapping):
            text = part.get("text") if "text" in part else part.get("content")
        if isinstance(text, str):
            yield text


def _of_messages(entries: Sequence[Any], side: str) -> str | None:
    """The last message of the user for a query, of the assistant for a doc; else the last of all, if all are messages.

    Entries without a role, such as calls of functions, are none.
    """
    wanted = ("user", "human") if side == "query" else ("assistant", "ai", "model")
    messages = [each for each in entries if isinstance(each, Mapping) and isinstance(each.get("role"), str)]
    fitting = [each for each in messages if each["role"] in wanted]
    if not fitting and len(messages) < len(entries):
        return None
    return _text_within(_content((fitting or messages)[-1]), side)
