"""The retrain list as files: Parquet, CSV, JSON lines, and the manifest that describes them."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from drift_core.diagnosis.record import json_text
from drift_core.errors import InputError, SettingError
from drift_core.treatment.export import replace_file, to_csv, to_json_lines, to_parquet
from drift_core.treatment.retrain_list.manifest import Manifest

FORMATS: Mapping[str, Callable[[pd.DataFrame], bytes]] = MappingProxyType(
    {"parquet": to_parquet, "csv": to_csv, "jsonl": to_json_lines}
)
LIST_NAME, MANIFEST_NAME = "retrain_list", "manifest.json"


def manifest_files(manifest: Manifest, *, formats: Sequence[str] = tuple(FORMATS)) -> dict[str, bytes]:
    """Make the files of a list: name to content, the manifest last.

    Parameters
    ----------
    formats
        Any of ``parquet``, ``csv``, ``jsonl``.

    Notes
    -----
    In CSV alone, a text that a spreadsheet would run as a formula gets an apostrophe in front; the manifest says so.
    The same manifest gives the same bytes with the same versions of pandas and pyarrow.

    Raises
    ------
    SettingError
        When a format is unknown.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        found = ", ".join(unknown) or "none"
        raise SettingError(f"A list can be written as {', '.join(FORMATS)}; found {found}. Choose among those.")
    lists = {f"{LIST_NAME}.{name}": FORMATS[name](manifest.pairs) for name in dict.fromkeys(formats)}
    described = {
        "columns": list(manifest.pairs.columns),
        "files": {
            name: {
                "sha256": sha256(content).hexdigest(),
                "n_pairs": len(manifest),
                "formulas_neutralised": name.endswith(".csv"),
            }
            for name, content in lists.items()
        },
    }
    return lists | {MANIFEST_NAME: json_text(manifest.to_json() | described).encode()}


def write_manifest(
    manifest: Manifest, out_dir: str | Path, *, formats: Sequence[str] = tuple(FORMATS)
) -> tuple[Path, ...]:
    """Write the files of a list into a folder, which is made when it is not there; each is written beside and renamed.

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
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be made: {error.strerror}. Choose another.") from error
    return tuple(replace_file(folder / name, content) for name, content in contents.items())
