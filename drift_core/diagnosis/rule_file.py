"""A rule from a file: JSON or TOML with the fields to change, the others keep their defaults."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from drift_core.diagnosis.rule import Rule
from drift_core.errors import InputError, SettingError
from drift_core.tables.small_files import parse_json, read_small, shown


def read_rule(path: str | Path) -> Rule:
    """Read a rule.

    Parameters
    ----------
    path
        A ``.toml`` or ``.json`` file of field names and values, at the top or under ``rule``; so the JSON of a
        diagnosis serves as well.

    Raises
    ------
    InputError
        When the file cannot be read as JSON or TOML.
    SettingError
        When a name is unknown or a value is out of range.
    """
    content = _parse(Path(path))
    values = content.get("rule", content)
    if not isinstance(values, Mapping):
        raise InputError(f"{path}: the rule must be names with values; found {type(values).__name__}.")
    return rule_from(values, where=str(path))


def rule_from(values: Mapping[str, object], *, where: str) -> Rule:
    """Make a rule from names and values; the others keep their defaults."""
    allowed = [field.name for field in fields(Rule)]
    unknown = [name for name in values if name not in allowed]
    if unknown:
        raise SettingError(f"{where}: the rule has no {', '.join(map(shown, unknown))}. It has: {', '.join(allowed)}.")
    try:
        return Rule(**values)  # type: ignore[arg-type]  # checked by the rule itself
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from error


def _parse(path: Path) -> Mapping[str, object]:
    read = read_small(path, called="The rule file")
    try:
        text = read.decode("utf-8-sig")
        content = parse_json(text) if path.suffix.lower() == ".json" else _parse_toml(text)
    except ValueError as error:  # what both parsers and the decoder raise
        raise InputError(f"The rule file {path} is not valid JSON (.json) or TOML: {error}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: the rule must be names with values; found {type(content).__name__}.")
    return content


def _parse_toml(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
