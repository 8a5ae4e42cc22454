"""Tables as the bytes of a file: Parquet, CSV that is safe in a spreadsheet, JSON lines; and files replaced at once."""

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from drift_core.errors import InputError, SettingError
from drift_core.tables.addresses import refuse_address
from drift_core.tables.formula_guard import GUARDED, MARK, guarded
from drift_core.tables.paths import kind_of, make_folder, reason_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

MOST_OF_A_NAME = 50  # characters of a name that the file beside it repeats, so that it is not too long itself


def to_parquet(table: "pd.DataFrame", *, metadata: Mapping[str, str] | None = None) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(to_arrow(table).replace_schema_metadata(metadata), sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def to_csv(table: "pd.DataFrame") -> bytes:
    """Write CSV in which a text that a spreadsheet would run as a formula has an apostrophe in front, names too.

    All other texts stay as they are. `formula_guard.unguarded` takes it off again.
    """
    safe = {name: _neutralised(table[name]) for name in table.columns if _is_text(table[name])}
    names = [guarded(str(name)) for name in table.columns]
    quoting = _quoting(any(text.str.contains("\r", regex=False).any() for text in safe.values()))
    return table.assign(**safe).to_csv(index=False, header=names, lineterminator="\n", quoting=quoting).encode()


def rows_to_csv(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> bytes:
    """Write rows of plain values as `to_csv` writes a table, without pandas; None is an empty cell."""
    safe = [[guarded(value) if isinstance(value := row[name], str) else value for name in names] for row in rows]
    quoting = _quoting(any("\r" in value for row in safe for value in row if isinstance(value, str)))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows([map(guarded, names), *safe])
    return text.getvalue().encode()


def with_mark(
    table: "pd.DataFrame", *, query: "Sequence[str] | np.ndarray", doc: "Sequence[str] | np.ndarray | None"
) -> "pd.DataFrame":
    """Add the digest of each pair where `to_csv` sets an apostrophe: by this column our readers take it off again.

    A column of that name that holds anything else stays, and the digests get a name that begins with it.
    """
    from drift_core.tables.pair_digests import digest_pairs  # loads numpy, which the gate does without

    texts = (table[name].astype("str") for name in table.columns if _is_text(table[name]))
    is_changed = any(name != guarded(str(name)) for name in table.columns) or any(
        text.str.match(GUARDED).any() for text in texts
    )
    digests = digest_pairs(query, doc)
    known = [name for name in table.columns if str(name).startswith(MARK)]
    if not is_changed or any((table[name].to_numpy(dtype=object) == digests).any() for name in known):
        return table
    taken = {str(name).casefold() for name in table.columns}
    free = next(name for name in chain((MARK,), (f"{MARK}_{n}" for n in count(2))) if name not in taken)
    return table.assign(**{free: digests})


def to_json_lines(table: "pd.DataFrame") -> bytes:
    rows = to_arrow(table).to_pylist()
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()


# How a table is written, by the name of the format, which is the ending of the file.
WRITERS: "Mapping[str, Callable[[pd.DataFrame], bytes]]" = MappingProxyType(
    {"parquet": to_parquet, "csv": to_csv, "jsonl": to_json_lines}
)


def check_formats(formats: Sequence[str], known: Iterable[str] = tuple(WRITERS)) -> None:
    """Raise a SettingError when a list cannot be written in one of these formats, or none is named."""
    unknown = [name for name in formats if name not in known]
    if unknown or not formats:
        found = ", ".join(unknown) or "none"
        raise SettingError(f"A list can be written as {', '.join(known)}; found {found}. Choose among those.")


def to_arrow(table: "pd.DataFrame") -> "pa.Table":
    """Turn a table into Arrow; text columns stay text when all of it is missing, a missing number is null."""
    import pyarrow as pa

    kinds = {str(name): pa.string() if _is_text(table[name]) else None for name in table.columns}
    return pa.table({name: pa.array(table[name], type=kind, from_pandas=True) for name, kind in kinds.items()})


def to_zip(files: Mapping[str, bytes]) -> bytes:
    """Pack files by their path; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def check_place(path: str | Path) -> None:
    """Raise before the work when a file could not be written there afterwards.

    Raises
    ------
    InputError
        When its folder is not there or is closed to writing, or a folder has its name.
    """
    refuse_address(path)
    path = Path(path)
    parent = kind_of(path.parent, fault="written")
    if parent != "folder":
        found = f"there is no folder {path.parent}" if parent == "nothing" else f"{path.parent} is no folder"
        raise InputError(f"{path} cannot be written: {found}. Make it, or choose another place.")
    kind = kind_of(path, fault="written")
    if kind == "folder":
        raise InputError(f"{path} cannot be written: it is a folder. Name a file.")
    if not os.access(path if kind in ("pipe", "device") else path.parent, os.W_OK):
        raise InputError(f"{path} cannot be written: {path.parent} is closed to writing. Choose another place.")


def check_folder(folder: str | Path) -> None:
    """Raise before the work when a folder could not be made and written to afterwards.

    Raises
    ------
    InputError
        When a file is in the way, or the place is closed to writing.
    """
    refuse_address(folder)
    folder = Path(folder)
    above = (folder, *folder.absolute().parents)
    nearest = next((each for each in above if kind_of(each, fault="made") != "nothing"), folder)
    if kind_of(nearest) != "folder":
        raise InputError(f"The folder {folder} cannot be made: {nearest} is a file. Choose another.")
    if not os.access(nearest, os.W_OK):
        raise InputError(f"The folder {folder} cannot be written to: {nearest} is closed to writing. Choose another.")


def replace_file(path: str | Path, content: bytes) -> Path:
    """Write beside and rename, so that a reader never sees half a file; a device or a pipe is written to as it is.

    Raises
    ------
    InputError
        When the file cannot be written; what was there before is there still.
    """
    path = Path(path)
    check_place(path)
    if kind_of(path) in ("pipe", "device"):
        with _translate_file_errors(path):
            path.write_bytes(content)
        return path
    with written_beside(path) as beside:
        beside.write_bytes(content)
    return path


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a place beside a file to write to; what is there takes the file's place at the end, or goes."""
    beside = _beside(path)
    with _translate_file_errors(path, beside):
        yield beside
        beside.replace(path)


def new_file(path: str | Path, content: bytes) -> Path:
    """Write a file whole where there is none.

    Raises
    ------
    FileExistsError
        When there is one; it stays as it is.
    InputError
        When the file cannot be written; then there is none.
    """
    path = Path(path)
    check_place(path)
    if os.path.lexists(path):
        raise FileExistsError(path)
    beside = _beside(path)
    with _translate_file_errors(path, beside):
        beside.write_bytes(content)
        try:
            path.hardlink_to(beside)  # unlike a rename, never over a file that came meanwhile
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            beside.replace(path)
    return path


def replace_files(folder: str | Path, contents: Mapping[str, bytes], *, record: str) -> tuple[Path, ...]:
    """Write files into a folder, which is made when it is not there, with the record that tells of the others.

    All are written beside first. Then the record that was there goes and the new one comes last: whenever it ends, the
    files beside a record are those that it describes.

    Parameters
    ----------
    contents
        Name to content; a name may hold folders.
    record
        The name of the record among them.

    Returns
    -------
    tuple of Path
        The files in the order of `contents`.

    Raises
    ------
    InputError
        When a file cannot be written; then every file of before is there still.
    """
    paths = {name: Path(folder) / name for name in contents}
    for path in paths.values():
        make_folder(path.parent)
        check_place(path)
    beside = {name: _beside(path) for name, path in paths.items()}
    with _translate_file_errors(Path(folder), *beside.values()):
        for name, content in contents.items():
            beside[name].write_bytes(content)
        paths[record].unlink(missing_ok=True)
        for name in sorted(contents, key=lambda each: each == record):
            beside[name].replace(paths[name])
    return tuple(paths.values())


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:MOST_OF_A_NAME]}.{os.getpid()}")


@contextmanager
def _translate_file_errors(path: Path, *beside: Path) -> Iterator[None]:
    """Turn what fails into one message, and leave nothing beside."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise InputError(f"{path} cannot be written: {reason_of(error)}. Choose another place.") from error
    finally:
        for each in beside:
            _remove(each)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except (OSError, ValueError):
        return


def _quoting(has_returns: bool) -> Literal[0, 2]:
    """Minimal quoting leaves a lone carriage return open, which ends the row for a reader."""
    return csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL


def _is_text(column: "pd.Series") -> bool:
    import pandas as pd

    return column.dtype == object or isinstance(column.dtype, pd.StringDtype)


def _neutralised(column: "pd.Series") -> "pd.Series":
    return column.astype("str").str.replace(GUARDED, r"'\1", regex=True).where(column.notna(), "")
