"""A recorded diagnosis: read back from its JSON, run again, and checked to be the same."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drift_core.commands.diagnosis_inputs import Investigation
from drift_core.diagnosis.rule_file import rule_from
from drift_core.errors import InputError
from drift_core.tables.paths import is_file
from drift_core.tables.small_files import read_small

if TYPE_CHECKING:
    from drift_core.commands.diagnosis_schema import RecordedDiagnosis, RecordedSample
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.samples.pairs import ScoredPairs


def read_record(path: str) -> "RecordedDiagnosis":
    """Read the JSON of a diagnosis, written by the command line, the app or a notebook.

    Raises
    ------
    InputError
        When it cannot be read, is no JSON, or is not what ``diagnosis_to_json`` gives.
    """
    from drift_core.commands.diagnosis_schema import parse_record

    return parse_record(read_small(path, called="The diagnosis"), where=path)


def rebuild(
    record: "RecordedDiagnosis", *, file: str, production: str, heldout: str | None, replaced: Mapping[str, Any]
) -> Investigation:
    """Make the investigation again that a record in a file describes, with some of it replaced."""
    return Investigation(
        heldout=heldout or _recorded_path(record.inputs.heldout, file),
        production=production,
        slices=record.settings.slices,
        n_clusters=record.settings.n_clusters,
        rule=rule_from(record.rule, where=file),
        seed=record.seed,
        cache=replaced["cache"],
        use_cache=replaced["use_cache"],
        **_reading(record),
        **_encoding(record, file, replaced),
    )


def _reading(record: "RecordedDiagnosis") -> dict[str, Any]:
    """How the samples were read: as the command line wrote it down, else by what the record tells of each sample."""
    before, after, read = record.inputs.heldout, record.inputs.production, record.read_with
    if read is not None and read.heldout_columns is not None and read.production_columns is not None:
        columns = {"heldout_columns": read.heldout_columns, "production_columns": read.production_columns}
        return {**columns, "max_rows": read.max_rows, "max_bytes": read.max_bytes}
    sampling = after.sampling or before.sampling
    limits = read or sampling
    return {
        "heldout_columns": _all_roles(before),
        "production_columns": _all_roles(after),
        "heldout_slices": before.slices,
        "production_slices": after.slices,
        "max_rows": limits and limits.max_rows,
        "max_bytes": limits and limits.max_bytes,
        "sampling_seed": sampling and sampling.seed,
    }


def _all_roles(sample: "RecordedSample") -> dict[str, str]:
    """Recorded columns, and no column for each other role: else one could be recognised that was not used."""
    from drift_core.tables.roles import ROLES

    return {**dict.fromkeys(ROLES, ""), **sample.columns}


def _encoding(record: "RecordedDiagnosis", file: str, replaced: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: replaced[name] for name in ("embedder", "embeddings") if replaced[name] is not None}
    if given:
        return given
    if record.read_with is not None:
        return {"embedder": record.read_with.embedder, "embeddings": record.read_with.embeddings}
    name, _, revision = record.encoder.partition("@")
    if revision and ":" not in revision:  # the id of a file, see read_embeddings
        raise InputError(f"{file} was made with embeddings of your own, {name}. Give them with --embeddings.")
    return {"embedder": "hashing" if name.startswith("hashing-") else name}


def _recorded_path(sample: "RecordedSample", record: str) -> str:
    path = sample.path
    if path in (None, "-"):
        raise InputError(
            f"{record} does not name the file of held-out, which came without one. Give it with --heldout."
        )
    if not any(sign in path for sign in "*?[") and not is_file(path):
        raise InputError(
            f"The held-out sample {path} that {record} names is not there; without it, no pair could be kept off the "
            "list. Give it with --heldout."
        )
    return str(path)


def check_same_sample(record: "RecordedDiagnosis", heldout: "ScoredPairs", production: "ScoredPairs") -> None:
    """Raise when a sample is not the one that was diagnosed."""
    recorded = record.inputs
    both = (("production", production, recorded.production), ("held-out", heldout, recorded.heldout))
    for word, sample, known in both:
        expected = known.digest
        if sample.digest != expected:
            raise InputError(
                f"{sample.source} is not the {word} sample that was diagnosed: expected digest {expected[:12]}, found "
                f"{sample.digest[:12]}. Give the file that was diagnosed, or diagnose this one first."
            )


def check_same_regions(record: "RecordedDiagnosis", diagnosis: "Diagnosis", *, file: str) -> None:
    """Raise when the regions found again are not those that were recorded."""
    recorded = [(r.partition, r.name, r.n_production, r.drifted) for r in record.regions]
    found = [(r.partition, r.name, r.n_production, r.drifted) for r in diagnosis.regions.regions]
    if recorded == found:
        return
    made = f"version {record.version} with encoder {record.encoder}"
    here = f"version {diagnosis.version} with encoder {diagnosis.embeddings.encoder}"
    raise InputError(
        f"The regions of {file} could not be found again: it was made by {made}, this is {here}. Diagnose "
        "again, or give the same --embedder."
    )
