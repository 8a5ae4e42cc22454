"""The retrain list as files: Parquet, CSV, JSON lines, and the manifest that describes them."""

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from drift_core.diagnosis.record import json_text
from drift_core.errors import InputError, SettingError
from drift_core.treatment.manifest import Manifest

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)
LIST_NAME, MANIFEST_NAME = "retrain_list", "manifest.json"
TEXT_COLUMNS = ("pair_id", "query", "doc", "region")
# What spreadsheets take for the start of a formula (OWASP, CSV injection), full-width signs included.
FORMULA_START = r"^([=+\-@\t\r\n＝＋－＠])"


def manifest_files(manifest: Manifest, *, formats: Sequence[str] = FORMATS) -> dict[str, bytes]:
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
    write = {"parquet": _parquet, "csv": _csv, "jsonl": _json_lines}
    lists = {f"{LIST_NAME}.{name}": write[name](manifest.pairs) for name in dict.fromkeys(formats)}
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


def write_manifest(manifest: Manifest, out_dir: str | Path, *, formats: Sequence[str] = FORMATS) -> tuple[Path, ...]:
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
        return tuple(replace_file(folder / name, content) for name, content in contents.items())
    except OSError as error:
        raise InputError(f"The list cannot be written to {folder}: {error.strerror}. Choose another folder.") from error


def replace_file(path: Path, content: bytes) -> Path:
    """Write beside and rename, so that a reader never sees half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        return beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _parquet(pairs: pd.DataFrame) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(_arrow(pairs), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _arrow(pairs: pd.DataFrame) -> "pa.Table":
    import pyarrow as pa

    types = {name: pa.string() for name in TEXT_COLUMNS} | {"row": pa.int64(), "drifted": pa.bool_()}
    names = [str(name) for name in pairs.columns]
    return pa.table({n: pa.array(pairs[n], type=types.get(n, pa.float64()), from_pandas=True) for n in names})


def _csv(pairs: pd.DataFrame) -> bytes:
    safe = {
        name: pairs[name].astype("str").str.replace(FORMULA_START, r"'\1", regex=True).where(pairs[name].notna(), "")
        for name in TEXT_COLUMNS
    }
    return pairs.assign(**safe).to_csv(index=False, lineterminator="\n").encode()


def _json_lines(pairs: pd.DataFrame) -> bytes:
    rows = _arrow(pairs).to_pylist()
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()
