"""A rule from a file: JSON or TOML with the fields to change, the others keep their defaults."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from drift_core.agreement.rule import Rule, rule_from
from drift_core.errors import InputError
from drift_core.tables.small_files import parse_json, read_small


def read_rule(path: str | Path) -> Rule:
    """Read a rule.

    Parameters
    ----------
    path
        A ``.toml`` or ``.json`` file of field names and values, at the top or under ``rule``; so the JSON of a
        diagnosis serves as well. Or the values themselves, as ``alpha=0.01,power=0.9``.

    Raises
    ------
    InputError
        When the file cannot be read as JSON or TOML.
    SettingError
        When a name is unknown or a value is out of range.
    """
    is_given = re.match(r"\s*\w+\s*=", str(path)) is not None and not _is_there(Path(path))
    content = _given(str(path)) if is_given else _parse(Path(path))
    values = content.get("rule", content)
    if not isinstance(values, Mapping):
        raise InputError(f"{path}: the rule must be names with values; found {type(values).__name__}.")
    return rule_from(values, where=str(path))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # longer than a name can be
        return False


def _given(values: str) -> Mapping[str, object]:
    try:
        return _parse_toml(values.replace(",", "\n"))
    except ValueError as error:
        raise InputError(f"A rule is a file, or NAME=VALUE,NAME=VALUE with numbers; found {values!r}.") from error


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
