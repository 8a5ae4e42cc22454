"""What does not fit in the record of a comparison, one sentence each."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from drift_core.diagnosis.rule import Rule
from drift_core.errors import SettingError
from drift_core.tables.small_files import shown

OUTCOMES = ("better", "worse", "same", "cannot tell")


def read_moment(text: str | None) -> datetime | None:
    """Read a time; one without a zone is taken for UTC."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def faults_of(content: Mapping[str, Any]) -> list[str]:
    """What does not fit, one sentence each."""
    faults = []
    for name, kind, expected in (
        ("sentence", str, "a text"),
        ("worse", list, "a list"),
        ("parts", list, "a list"),
        ("is_measured", bool, "true or false"),
    ):
        if not isinstance(content.get(name), kind):
            faults.append(f"{name} must be {expected}; found {shown(content.get(name))}.")
    if content.get("outcome") not in OUTCOMES:
        faults.append(f"outcome must be one of {', '.join(OUTCOMES)}; found {shown(content.get('outcome'))}.")
    for name in ("student_before", "student_after"):
        if not isinstance(content.get(name), str | None):
            faults.append(f"{name} must be a text or null; found {shown(content.get(name))}.")
    return [*faults, *_faults_of_making(content)] or _faults_of_parts(content)


def _faults_of_making(content: Mapping[str, Any]) -> Iterator[str]:
    made_at, rule = content.get("made_at"), content.get("rule")
    try:
        read_moment(made_at)
    except (TypeError, ValueError, OverflowError):
        yield f"made_at must be a time such as 2026-05-01T06:00:00+00:00; found {shown(made_at)}."
    if rule is None:
        return
    if not isinstance(rule, Mapping):
        yield f"rule must hold the rule by its fields; found {shown(rule)}."
    elif not all(map(_is_number, rule.values())):
        yield "rule must hold finite numbers only. Compare again."
    else:
        yield from _faults_of_rule(rule)


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond any float
        return False


def _faults_of_rule(rule: Mapping[str, Any]) -> Iterator[str]:
    """Hold its fields, as far as this version knows them, to what a rule may be."""
    known = {field.name for field in fields(Rule)}
    try:
        Rule(**{name: value for name, value in rule.items() if name in known})
    except SettingError as error:
        yield f"{error} Compare again."


def _faults_of_parts(content: Mapping[str, Any]) -> list[str]:
    if not content["parts"]:
        return ["parts must name at least all pairs of one sample; it is empty. Compare again."]
    faults = [
        f"parts[{place}] must have an outcome out of {', '.join(OUTCOMES)}."
        for place, part in enumerate(content["parts"])
        if not isinstance(part, Mapping) or part.get("outcome") not in OUTCOMES
    ]
    faults += [
        f"worse[{place}] must have the texts title and sentence."
        for place, part in enumerate(content["worse"])
        if not isinstance(part, Mapping) or not all(isinstance(part.get(key), str) for key in ("title", "sentence"))
    ]
    if faults:
        return faults
    n_worse = sum(part["outcome"] == "worse" for part in content["parts"])
    if n_worse != len(content["worse"]):
        return [f"worse names {len(content['worse'])} parts, but {n_worse} of the parts are worse. Compare again."]
    return list(_faults_of_outcome(content))


def _faults_of_outcome(content: Mapping[str, Any]) -> Iterator[str]:
    """Tie the verdict to the parts that it comes from."""
    from drift_core.comparison.part_change import outcome_of

    wholes = {part["outcome"] for part in content["parts"] if part.get("partition") is None}
    if not wholes:
        yield "parts must name all pairs of at least one sample; it names regions only. Compare again."
    elif outcome_of(wholes) != content["outcome"]:
        yield f"outcome is {content['outcome']}, but its parts say {outcome_of(wholes)}. Compare again."
