"""What a log is told by, out of the JSON of a diagnosis: its frozen regions, which drifted, and the kind of scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from drift_core.errors import InputError
from drift_core.samples.score_kind import Kind
from drift_core.tables.small_files import read_small
from drift_core.traffic.frozen_regions import FrozenRegions, thawed

AGAIN = "Give the file that diagnose --json wrote."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiagnosedRegions:
    """The regions of a diagnosis.

    Attributes
    ----------
    frozen
        The rule by which texts are told.
    drifted
        Names of those that drifted.
    kind, labels
        Of the scores, as `read_pairs` takes them.
    confidence
        Of intervals, in (0, 1).
    """

    frozen: FrozenRegions
    drifted: frozenset[str]
    kind: Kind | None
    labels: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frozen:
    partition: str
    regions: tuple[Mapping[str, Any], ...]
    told_alone: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    partition: str
    name: str
    drifted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    kind: Kind | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    version: str
    encoder: str
    regions: tuple[_Region, ...]
    rule: Mapping[str, Any]
    inputs: Mapping[str, _Sample]
    frozen: _Frozen | None = None


def read_frozen(path: str | Path) -> DiagnosedRegions:
    """Read the frozen regions of a diagnosis out of its JSON.

    Raises
    ------
    InputError
        When it is of another form, or an older version wrote it, which froze none.
    """
    try:
        record = TypeAdapter(_Record).validate_json(read_small(path, called="The diagnosis"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        found = f"what stands at {place!r} does not fit" if place else "it is no JSON, or none of that form"
        found = f"it has no {place!r}" if first["type"] == "missing" else found
        raise InputError(f"{path} is not a diagnosis: {found}. {AGAIN}") from error
    made = record.frozen
    if made is None:
        raise InputError(
            f"{path} has no frozen regions: version {record.version} wrote it, before there were any. Run diagnose "
            "with --json again on its two samples."
        )
    try:
        frozen = thawed(record.encoder, made.partition, made.regions, made.told_alone)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"The frozen regions of {path} cannot be read: {error}. {AGAIN}") from error
    sample = record.inputs.get("production", _Sample())
    return DiagnosedRegions(
        frozen=frozen,
        drifted=frozenset(each.name for each in record.regions if each.partition == made.partition and each.drifted),
        kind=sample.kind,
        labels=sample.labels if sample.kind is not None else (),
        confidence=float(record.rule.get("confidence", 0.95)),
    )
