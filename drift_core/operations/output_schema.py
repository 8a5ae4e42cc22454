"""The structure that an output should have: a JSON Schema that was given, or what the teacher's outputs share."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from drift_core.errors import InputError
from drift_core.installation import need_extra
from drift_core.tables.small_files import parse_json, read_small
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    import numpy as np

Level = Literal["parses", "fields", "schema"]
LEVELS: tuple[Level, ...] = ("parses", "fields", "schema")  # each holds those before
LEVEL_WORDS: Mapping[Level, str] = {
    "parses": "parse as JSON",
    "fields": "have the required fields",
    "schema": "keep fields and types",
}
LACKING = ("required", "dependentRequired", "dependentSchemas", "minProperties")  # rules on which fields there are
STRUCTURED = 0.5  # of the teacher's outputs are JSON objects, or they are no structured outputs (ours)
COMMON = 0.99  # of the teacher's objects have a field that is required of all (ours)
MAX_BYTES = 1_000_000
RARE = 0.01  # of a field's values have a type that is no part of its structure (ours)
TYPES = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSchema:
    """What an output should be.

    Attributes
    ----------
    document
        A JSON Schema.
    is_learned
        Whether it was taken from the teacher's outputs.
    """

    document: Mapping[str, Any]
    is_learned: bool = False

    def levels(self, texts: "np.ndarray") -> "np.ndarray":
        """How many of `LEVELS` each output keeps, 0 to 3, float64 of shape (n,); NaN where there is no output.

        Raises
        ------
        InputError
            When the schema refers to one that it does not hold.
        """
        validator = _validator(self.document)
        return _each(texts, lambda text: _level(validator, text))

    def commonest_fault(self, texts: "np.ndarray") -> str | None:
        """Say what is wrong most often with outputs that do not keep it, and in how many of them; None where all do."""
        given = Counter(text for text in texts if text is not None and text.strip())
        validator, found = _validator(self.document), Counter[str]()
        for text, n in given.items():
            found.update(dict.fromkeys(_faults(validator, text), n))
        if not found:
            return None
        fault, n = min(found.items(), key=lambda each: (-each[1], each[0]))
        return f"{fault}, in {n:,} of {counted(given.total(), 'output', 'outputs')}"


def _faults(validator: Any, text: str) -> set[str]:
    """What an output breaks, each once."""
    value = parsed(text)
    if value is NOTHING:
        return {"it is no JSON"}
    try:
        errors = list(validator.iter_errors(value))
    except RecursionError:
        return {"it is nested too deeply"}
    lacking = {
        name
        for each in errors
        if each.validator == "required" and isinstance(each.instance, Mapping)
        for name in each.validator_value
        if name not in each.instance
    }
    broken = {
        "/".join(map(str, each.absolute_path))
        for each in errors
        if each.validator not in LACKING and each.absolute_path
    }
    named = {f"the field {_named(each)} is missing" for each in lacking}
    named |= {f"the field {_named(each)} has another value than it may" for each in broken}
    return named or ({"it is another value than it may be"} if errors else set())


def _named(field: object) -> str:
    return one_line(str(field))


def _level(validator: Any, text: str) -> float:
    value = parsed(text)
    if value is NOTHING:
        return 0.0
    try:
        broken = {str(error.validator) for error in validator.iter_errors(value)}
    except RecursionError:
        return 1.0
    return 3.0 if not broken else 1.0 if broken & {*LACKING} else 2.0


NOTHING = object()  # no JSON; `null` is one


def parsed(text: str) -> Any:
    """The value of a JSON text, `NOTHING` where it is none; NaN and infinite numbers are none."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NOTHING


def _refuse(name: str) -> None:
    raise ValueError(name)


def parse_levels(texts: "np.ndarray") -> "np.ndarray":
    """As `OutputSchema.levels` where nothing but parsing is known: 0 or 1."""
    return _each(texts, lambda text: float(parsed(text) is not NOTHING))


def _each(texts: "np.ndarray", level: Any) -> "np.ndarray":
    import numpy as np

    known: dict[str, float] = {}
    found = np.full(len(texts), np.nan)
    for place, text in enumerate(texts):
        if text is None or not text.strip():
            continue
        if text not in known:
            known[text] = level(text)
        found[place] = known[text]
    return found


def read_schema(path: str | Path) -> OutputSchema:
    """Read a JSON Schema of any draft from a file; nothing that it refers to is fetched.

    Raises
    ------
    InputError
        When it cannot be read, or is no valid JSON Schema.
    """
    return parse_schema(read_small(path, called="The schema"), name=str(path))


def parse_schema(content: bytes, *, name: str) -> OutputSchema:
    """As `read_schema`, from the content of a file."""
    if len(content) > MAX_BYTES:
        raise InputError(f"{name} has {len(content):,} bytes; a schema has at most {MAX_BYTES:,}. Check the file.")
    try:
        document = parse_json(content)
    except ValueError as error:
        raise InputError(f"{name} is no JSON: {error}. Give a JSON Schema.") from error
    return check_schema(document, name=name)


def check_schema(document: object, *, name: str = "The schema") -> OutputSchema:
    """Take a JSON Schema that was read.

    Raises
    ------
    InputError
        When it is none.
    """
    need_extra("samples", "A JSON Schema")
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    if not isinstance(document, Mapping):
        raise InputError(f"{name} is no JSON Schema: expected an object, found {type(document).__name__}.")
    try:
        validator_for(document).check_schema(document)
    except SchemaError as error:
        where = "/".join(map(str, error.absolute_path)) or "the top"
        raise InputError(f"{name} is no valid JSON Schema: at {where}, {error.message}.") from error
    schema = OutputSchema(document=document)
    try:
        _level(_validator(document), "{}")
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    return schema


def _validator(document: Mapping[str, Any]) -> Any:
    """A validator that knows the published drafts alone, so that no reference asks the network."""
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY

    return _Local(validator_for(document)(document, registry=REGISTRY))


@dataclass(frozen=True, slots=True)
class _Local:
    validator: Any

    def iter_errors(self, value: object) -> Iterable[Any]:
        from referencing.exceptions import Unresolvable

        try:
            yield from self.validator.iter_errors(value)
        except Unresolvable as error:
            raise InputError(
                f"the schema refers to {error.ref!r}, which it does not hold. Put it into the schema, under $defs."
            ) from error


def learn_schema(texts: "np.ndarray") -> OutputSchema | None:
    """Take the structure that the teacher's outputs share: fields that nearly all have, with the types of their values.

    None where under half of them are JSON objects. Of nested values the type alone is taken.

    Examples
    --------
    >>> import numpy as np
    >>> outputs = np.array(['{"score": 4, "reason": "short"}', '{"score": 3.5, "reason": null}'] * 10, dtype=object)
    >>> learn_schema(outputs).document["required"]
    ['reason', 'score']
    """
    given = [text for text in texts if text is not None and text.strip()]
    objects = [value for value in map(parsed, given) if isinstance(value, dict)]
    if not objects or len(objects) < STRUCTURED * len(given):
        return None
    counts = Counter(name for value in objects for name in value)
    types: dict[str, Counter[str]] = {name: Counter() for name in counts}
    for value in objects:
        for name, each in value.items():
            types[name][TYPES.get(type(each), "null")] += 1
    properties = {
        name: {"type": sorted(kind for kind, n in found.items() if n >= RARE * counts[name])}
        for name, found in sorted(types.items())
        if counts[name] >= RARE * len(objects)
    }
    required = sorted(name for name, n in counts.items() if n >= COMMON * len(objects))
    return OutputSchema(document={"type": "object", "required": required, "properties": properties}, is_learned=True)
