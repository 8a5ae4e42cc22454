"""A recorded diagnosis: read back from its JSON, run again, and checked to be the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift_core.commands.investigation import Investigation
from drift_core.diagnosis.rule_file import rule_from
from drift_core.errors import InputError

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnose import Diagnosis
    from drift_core.samples.pairs import ScoredPairs

NEEDED = ("schema", "version", "rule", "seed", "settings", "inputs", "regions", "read_with", "encoder")


def read_record(path: str) -> Mapping[str, Any]:
    """Read the JSON of a diagnosis.

    Raises
    ------
    InputError
        When it cannot be read, is no JSON, or is not what ``diagnose --json`` wrote.
    """
    try:
        record = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"The diagnosis {path} cannot be read: {error.strerror}. Check the path.") from error
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON: {error}. Give the file that diagnose --json wrote.") from error
    lacking = [key for key in NEEDED if key not in record] if isinstance(record, dict) else list(NEEDED)
    if lacking:
        raise InputError(f"{path} is not a diagnosis: it lacks {', '.join(lacking)}. Write it with diagnose --json.")
    return {**record, "file": path}


def rebuild(
    record: Mapping[str, Any], *, production: str, heldout: str | None, replaced: Mapping[str, Any]
) -> Investigation:
    """Make the investigation again that a record describes, with some of it replaced."""
    before, after = record["inputs"]["heldout"], record["inputs"]["production"]
    with_own = {name: replaced[name] for name in ("embedder", "embeddings") if replaced[name] is not None}
    encoding = with_own or {name: record["read_with"][name] for name in ("embedder", "embeddings")}
    slices = record["settings"]["slices"]
    return Investigation(
        heldout=heldout or _recorded_path(before, record["file"]),
        production=production,
        heldout_columns=before["columns"],
        production_columns=after["columns"],
        slices=None if slices is None else tuple(slices),
        n_clusters=record["settings"]["n_clusters"],
        rule=rule_from(record["rule"], where=record["file"]),
        seed=record["seed"],
        max_rows=record["read_with"]["max_rows"],
        cache=replaced["cache"],
        use_cache=replaced["use_cache"],
        **encoding,
    )


def _recorded_path(sample: Mapping[str, Any], record: str) -> str:
    path = sample["path"]
    if path in (None, "-"):
        raise InputError(
            f"{record} does not name the file of held-out, which came without one. Give it with --heldout."
        )
    if not Path(path).is_file() and not any(sign in path for sign in "*?["):
        raise InputError(
            f"The held-out sample {path} that {record} names is not there; without it, no pair could be kept off the "
            "list. Give it with --heldout."
        )
    return str(path)


def check_same_sample(record: Mapping[str, Any], heldout: "ScoredPairs", production: "ScoredPairs") -> None:
    """Raise when a sample is not the one that was diagnosed."""
    for name, sample in (("production", production), ("heldout", heldout)):
        expected = record["inputs"][name]["digest"]
        if sample.digest != expected:
            word = "held-out" if name == "heldout" else name
            raise InputError(
                f"{sample.source} is not the {word} sample that was diagnosed: expected digest {expected[:12]}, found "
                f"{sample.digest[:12]}. Give the file that was diagnosed, or diagnose this one first."
            )


def check_same_regions(record: Mapping[str, Any], diagnosis: "Diagnosis") -> None:
    """Raise when the regions found again are not those that were recorded."""
    recorded = [(r["partition"], r["name"], r["n_production"], r["drifted"]) for r in record["regions"]]
    found = [(r.partition, r.name, r.n_production, r.drifted) for r in diagnosis.regions.regions]
    if recorded == found:
        return
    made = f"version {record['version']} with encoder {record['encoder']}"
    here = f"version {diagnosis.version} with encoder {diagnosis.embeddings.encoder}"
    raise InputError(
        f"The regions of {record['file']} could not be found again: it was made by {made}, this is {here}. Diagnose "
        "again, or give the same --embedder."
    )
