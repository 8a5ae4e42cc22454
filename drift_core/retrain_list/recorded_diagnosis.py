"""What the JSON of a diagnosis says of how it was made, checked as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from drift_core.errors import InputError
from drift_core.regions.named_region import NamedRegion
from drift_core.samples.parts import Side
from drift_core.samples.score_kind import Kind

Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSampling:
    seed: Seed
    max_rows: Count | None = None
    max_bytes: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPart:
    """Which side of a file it was, where one file holds both."""

    column: str
    at: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSample:
    path: str | None
    digest: str
    columns: Mapping[str, str]
    slices: tuple[str, ...]
    sampling: RecordedSampling | None = None
    part: RecordedPart | None = None
    kind: Kind | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedInputs:
    heldout: RecordedSample
    production: RecordedSample


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPartition:
    """Names of its regions, and `pairs` as `read_labels` takes them; None in older records."""

    name: str
    regions: tuple[str, ...] | None = None
    pairs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRegion:
    partition: str
    name: str
    drifted: bool
    share_production: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRevised:
    partition: str
    name: str
    rescore_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDrawn:
    name: str
    rule: NamedRegion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWith:
    """What the command line embedded the queries with."""

    embedder: str | None = None
    embeddings: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDiagnosis:
    schema: Literal[1]
    version: str
    rule: Mapping[str, object]
    inputs: RecordedInputs
    partitions: Annotated[tuple[RecordedPartition, ...], Field(min_length=1)]
    regions: tuple[RecordedRegion, ...]
    encoder: str
    read_with: ReadWith | None = None
    drawn: tuple[RecordedDrawn, ...] = ()
    revised: tuple[RecordedRevised, ...] = ()


def parse_record(content: bytes, *, where: str) -> RecordedDiagnosis:
    """Raise `InputError` where it is of another form."""
    try:
        return TypeAdapter(RecordedDiagnosis).validate_json(content, strict=True)
    except ValidationError as error:
        first, *others = error.errors()
        field = ".".join(map(str, first["loc"])) or "the whole"
        fault = "is missing" if first["type"] == "missing" else f"has a wrong value, {first['input']!r:.40}"
        said = f"is not a diagnosis: {field} {fault}{f', and {len(others):,} more' if others else ''}"
        if first["type"] == "json_invalid":
            said = f"is not valid JSON: {first['ctx']['error']}"
        raise InputError(f"{where} {said}. Give the file that diagnose --json wrote.") from error
