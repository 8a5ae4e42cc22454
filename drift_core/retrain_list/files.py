"""The retrain list as files: Parquet, CSV, JSON lines, exports for other tools, and the manifest beside them."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from drift_core.retrain_list.croissant import croissant_metadata
from drift_core.retrain_list.exports import EXPORTS, export_files
from drift_core.retrain_list.manifest import Manifest
from drift_core.tables.json_text import json_text
from drift_core.tables.writing import WRITERS, check_formats, replace_files

CROISSANT = "croissant"
USUAL_FORMATS = tuple(WRITERS)
FORMATS = (*WRITERS, *EXPORTS, CROISSANT)
LIST_NAME, MANIFEST_NAME, CROISSANT_NAME = "retrain_list", "manifest.json", "croissant.json"


def manifest_files(manifest: Manifest, *, formats: Sequence[str] = USUAL_FORMATS) -> dict[str, bytes]:
    """Make the files of a list: name to content, the manifest last.

    Parameters
    ----------
    formats
        Any of ``parquet``, ``csv``, ``jsonl``, ``huggingface``, ``label-studio`` and ``croissant``, which
        brings the Parquet file that it describes.

    Notes
    -----
    In CSV alone, a text that a spreadsheet would run as a formula gets an apostrophe in front; the manifest says so.
    The same manifest gives the same bytes with the same versions of pandas and pyarrow.

    Raises
    ------
    SettingError
        When a format is unknown.
    InputError
        When the list lacks what a format needs.
    """
    check_formats(formats, FORMATS)
    wanted = dict.fromkeys([*formats, *(["parquet"] if CROISSANT in formats else [])])
    lists = {f"{LIST_NAME}.{name}": WRITERS[name](manifest.pairs) for name in wanted if name in WRITERS}
    labels = manifest.kind.labels if manifest.kind.is_coded else ()
    exported = export_files(manifest.pairs, [name for name in wanted if name in EXPORTS], labels=labels)
    if CROISSANT in formats:
        parquet = f"{LIST_NAME}.parquet"
        exported[CROISSANT_NAME] = croissant_metadata(
            manifest.pairs, lists[parquet], file_name=parquet, description=manifest.sentence
        )
    described = {
        "columns": list(manifest.pairs.columns),
        "files": {name: _described(name, content, len(manifest)) for name, content in lists.items()},
        "exports": {name: {"sha256": sha256(content).hexdigest()} for name, content in exported.items()},
    }
    return lists | exported | {MANIFEST_NAME: json_text(manifest.to_json() | described).encode()}


def _described(name: str, content: bytes, n_pairs: int) -> dict[str, object]:
    return {
        "sha256": sha256(content).hexdigest(),
        "n_pairs": n_pairs,
        "formulas_neutralised": name.endswith(".csv"),
    }


def write_manifest(
    manifest: Manifest, out_dir: str | Path, *, formats: Sequence[str] = USUAL_FORMATS
) -> tuple[Path, ...]:
    """Write the files of a list into a folder, which is made when it is not there; a manifest there is of its lists.

    Returns
    -------
    tuple of Path
        The files, the manifest last.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    contents = manifest_files(manifest, formats=formats)
    return replace_files(out_dir, contents, record=MANIFEST_NAME)
