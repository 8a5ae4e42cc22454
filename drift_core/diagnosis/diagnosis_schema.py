"""The form of a recorded diagnosis: the fields that a list is drawn from, checked as they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from drift_core.errors import InputError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSampling:
    seed: Seed
    max_rows: Count | None = None
    max_bytes: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSample:
    path: str | None
    digest: str
    columns: Mapping[str, str]
    slices: tuple[str, ...]
    sampling: RecordedSampling | None = None


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


def parse_record(content: bytes, *, where: str) -> RecordedDiagnosis:
    """Read and check the JSON of a diagnosis; raise InputError naming the first field that is wrong."""
    try:
        return TypeAdapter(RecordedDiagnosis).validate_json(content, strict=True)
    except ValidationError as error:
        raise InputError(_message(error.errors(), where)) from error


def _message(errors: "list[ErrorDetails]", where: str) -> str:
    first = errors[0]
    if first["type"] == "json_invalid":
        return f"{where} is not valid JSON: {first['ctx']['error']}. Give the file that diagnose --json wrote."
    field = ".".join(map(str, first["loc"])) or "the whole"
    fault = "is missing" if first["type"] == "missing" else f"has a wrong value, {first['input']!r:.40}"
    more = f", and {len(errors) - 1:,} more" if len(errors) > 1 else ""
    return f"{where} is not a diagnosis: {field} {fault}{more}. Give the file that diagnose --json wrote."
