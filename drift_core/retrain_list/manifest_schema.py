"""The form of a manifest on file: the fields that a check needs, of every schema that is still read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from drift_core.errors import InputError
from drift_core.retrain_list.quotas import Count, Quota
from drift_core.tables.small_files import read_small

SCHEMAS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    sha256: str
    n_pairs: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredExclusion:
    name: str
    n_pairs: Count
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSettings:
    n: Count
    floor: Count
    spend: str = "evenly"  # earlier versions drew "informative" lists, whose probabilities differ within a stratum


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredManifest:
    """What a manifest says; fields that an older one lacks are empty there."""

    schema: int
    version: str
    n_pairs: Count
    settings: StoredSettings
    regions: tuple[Quota, ...]
    digests: Mapping[str, str]
    columns: tuple[str, ...]
    files: Mapping[str, StoredFile]
    teacher_revision: str | None = None
    excluded: tuple[StoredExclusion, ...] = ()
    unchecked_weeks: tuple[str, ...] | None = None


def read_manifest(path: str | Path) -> StoredManifest:
    """Read a manifest.

    Raises
    ------
    InputError
        When it cannot be read, is no manifest, or is of a newer schema.
    """
    content = read_small(path, called="The manifest")
    try:
        read = TypeAdapter(StoredManifest).validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        found = f"; found {first['input']!r:.60}" if isinstance(first["input"], int | float) else ""
        raise InputError(
            f"{path} is not a manifest: {where}: {first['msg']}{found}. Give the manifest.json beside the list."
        ) from error
    if read.schema not in SCHEMAS:
        known = " and ".join(map(str, SCHEMAS))
        raise InputError(f"{path} has schema {read.schema}; this version reads {known}. Update distillation-drift.")
    for quota in read.regions:
        for each in quota.strata:
            if each.n_drawn > each.n_available:
                raise InputError(
                    f"{path} is not a manifest: stratum {each.name!r} of region {quota.region!r} has {each.n_drawn:,} "
                    f"pairs drawn out of {each.n_available:,}. Give the manifest.json beside the list."
                )
    return read
