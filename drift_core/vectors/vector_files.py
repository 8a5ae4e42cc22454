"""Files of vectors are opened: NumPy arrays and Parquet tables, damaged perhaps, or claiming more than is there.

What the rows belong to is checked in `embeddings_reader`.
"""

import threading
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from drift_core.errors import DriftError, InputError
from drift_core.tables.dialects import check_names
from drift_core.wording import first_rows

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = (
    "Give .npz with the arrays heldout and production, .npy with held-out's rows before production's, or Parquet with "
    "a column query or pair_id and a column of lists."
)
LARGEST_DEFLATE_RATIO = 1_032  # bytes out of one byte in, at most (zlib technical details, zlib.net)
VECTOR_NAMES = ("embedding", "vector", "embeddings")
SUFFIX = ".npy"  # of an array's entry in an .npz
_WARNINGS = threading.RLock()  # Python has one list of filters for all threads; put back out of turn, they would stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What an array says of itself before its numbers."""

    shape: tuple[int, ...]
    dtype: np.dtype


def read_stacked(path: Path) -> np.ndarray:
    """Read the array of an ``.npy`` file."""
    with opened(path, "a NumPy file"), path.open("rb") as file:
        _header(file, path.stat().st_size)
        file.seek(0)
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def read_headers(path: Path, wanted: Sequence[str]) -> Mapping[str, Header]:
    """Read what the wanted arrays of an ``.npz`` file say of themselves; raise where one is lacking."""
    with opened(path, "a NumPy file"), zipfile.ZipFile(path) as archive:
        found = [name.removesuffix(SUFFIX) for name in archive.namelist()]
        lacking = [name for name in wanted if name not in found]
        if lacking:
            names = ", ".join(found) or "none"
            raise InputError(f"{path}: the array {lacking[0]} is not there; found {names}. {FORMATS}")
        return {name: _header_of_entry(archive, name + SUFFIX) for name in wanted}


def _header_of_entry(archive: zipfile.ZipFile, entry: str) -> Header:
    info = archive.getinfo(entry)
    is_deflated = info.compress_type == zipfile.ZIP_DEFLATED
    if not is_deflated and info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{entry} is compressed in a way that NumPy does not use")
    n_there = min(info.compress_size, Path(str(archive.filename)).stat().st_size)
    with archive.open(entry) as file:
        return _header(file, min(info.file_size, n_there * (LARGEST_DEFLATE_RATIO if is_deflated else 1)))


def read_entry(path: Path, name: str) -> np.ndarray:
    """Read one array of an ``.npz`` file, whose header was looked at before."""
    with opened(path, "a NumPy file"), zipfile.ZipFile(path) as archive, archive.open(name + SUFFIX) as file:
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _header(file: IO[bytes], n_bytes: int) -> Header:
    """Read an array's header; raise where it claims more numbers than the file can hold."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are not loaded")
    n_claimed = dtype.itemsize
    for size in shape:
        n_claimed *= size
    if min(shape, default=1) < 0 or n_claimed > n_bytes:
        raise ValueError(f"its header claims shape {shape} of {dtype}, which is more than the file holds")
    return Header(shape=shape, dtype=dtype)


def read_table(path: Path) -> "pa.Table":
    """Read a Parquet file and check all its values."""
    from pyarrow import parquet

    with opened(path, "Parquet"):
        check_names(parquet.read_schema(path).names, str(path))
        table = parquet.read_table(path)
        table.validate(full=True)
        return table


def check_form(shape: tuple[int, ...], dtype: np.dtype, where: str) -> None:
    """Raise unless these are numbers, one row a vector."""
    if len(shape) != 2 or not all(shape) or dtype.kind not in "fiu":
        raise InputError(f"{where}: expected numbers of shape (pairs, dimensions); found {dtype} of shape {shape}.")


def checked_vectors(rows: np.ndarray, where: str) -> np.ndarray:
    """Give vectors as float32, shape (n, d); raise where one is not finite or all zeros."""
    check_form(rows.shape, rows.dtype, where)
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes infinite and is refused
        values = rows.astype(np.float32)
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
        empty = np.flatnonzero(~values.any(axis=1))
    for places, fault in ((bad, "hold NaN or infinite numbers"), (empty, "hold zeros alone, which point nowhere")):
        if len(places):
            shown = first_rows([int(place) + 1 for place in places])
            raise InputError(f"{where}: {len(places):,} of {len(values):,} vectors {fault}: {shown}. Embed them again.")
    return values


def vector_column(table: "pa.Table", path: Path) -> str:
    """Find the column of lists that holds the vectors."""
    from pyarrow import types

    tests = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    lists = [f.name for f in table.schema if any(test(f.type) for test in tests)]
    named = [name for name in lists if name.lower() in VECTOR_NAMES] or lists
    if len(named) != 1:
        raise InputError(f"{path}: expected one column of lists; found {', '.join(named) or 'none'}. {FORMATS}")
    return str(named[0])


def matrix_of(column: "pa.ChunkedArray", path: Path) -> np.ndarray:
    """Turn a column of lists of one length into numbers of shape (n, d)."""
    from pyarrow import compute

    lengths = compute.fill_null(compute.list_value_length(column), 0).to_numpy()
    usual = int(lengths.max(initial=0))
    odd = np.flatnonzero(lengths != usual)
    if len(odd):
        raise InputError(
            f"{path}: vectors must be of one length; the longest has {usual} numbers, row {odd[0] + 1:,} has "
            f"{lengths[odd[0]] or 'none'}."
        )
    return np.asarray(compute.list_flatten(column).to_numpy().reshape(len(lengths), usual))


@contextmanager
def opened(path: Path, kind: str) -> Iterator[None]:
    """Turn what NumPy, zipfile and Arrow say against a file into one InputError."""
    import zlib
    from tokenize import TokenError

    import pyarrow as pa

    faults = (OSError, ValueError, EOFError, RuntimeError, MemoryError, OverflowError, TypeError, KeyError, SyntaxError)
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # NumPy's about headers of Python 2
            yield
    except DriftError:
        raise
    except (*faults, zipfile.BadZipFile, zlib.error, TokenError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read as {kind} ({_first_line(error)}). {FORMATS}") from error


def _first_line(error: Exception) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
    return line if line.isprintable() else type(error).__name__
