"""A folder of embedded texts: Parquet parts, each written whole or not at all, each text in one of them.

A part is named by the first and the last of its numbers and knows its encoder. Who makes the vectors is in `traffic`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drift_core.errors import InputError
from drift_core.tables.folders import parquet_files
from drift_core.tables.paths import kind_of
from drift_core.tables.values import read_texts
from drift_core.tables.writing import written_beside
from drift_core.vectors.text_numbers import number_texts
from drift_core.vectors.vector_files import checked_vectors, matrix_of, opened, vector_column

if TYPE_CHECKING:
    import pyarrow as pa

NUMBER, QUERY, VECTOR = "number", "query", "vector"
ENCODER = b"distillation_drift.encoder"
ROWS_AT_A_TIME = 16_384  # 25 MB of vectors of 384 numbers
MADE = "Embed the log with: distillation-drift embed LOG --out FOLDER"


def part_table(numbers: np.ndarray, texts: Sequence[str], vectors: np.ndarray, *, encoder: str) -> "pa.Table":
    """Make the table of a part.

    Parameters
    ----------
    numbers
        Of the texts, int64 of shape (n,); see `number_texts`.
    vectors
        float32 of shape (n, d), rows of unit length.
    encoder
        Id of what made them.
    """
    import pyarrow as pa

    values = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    columns = {
        NUMBER: pa.array(numbers, type=pa.int64()),
        QUERY: pa.array(list(texts), type=pa.string()),
        VECTOR: pa.FixedSizeListArray.from_arrays(values, vectors.shape[1]),
    }
    return pa.table(columns).replace_schema_metadata({ENCODER: encoder.encode()})


def write_part(folder: str | Path, table: "pa.Table") -> Path:
    """Write a table of `part_table` as one part of a folder."""
    from pyarrow import parquet

    numbers = table[NUMBER].to_numpy()
    place = Path(folder) / f"{int(numbers.min()):015x}-{int(numbers.max()):015x}.parquet"
    with written_beside(place) as beside:  # numbers and vectors do not compress
        parquet.write_table(table, beside, compression={QUERY: "zstd"}, use_dictionary=False)
    return place


def part_files(path: str | Path) -> tuple[Path, ...]:
    """The Parquet files of a folder of parts, or one such file.

    Raises
    ------
    InputError
        When there is nothing, or a folder without them.
    """
    kind = kind_of(path)
    if kind == "folder":
        return tuple(parquet_files(Path(path), str(path)))
    if kind != "file":
        raise InputError(f"{path}: there are no embeddings. {MADE}")
    return (Path(path),)


def encoder_of(path: str | Path) -> str | None:
    """Id of the encoder of a folder's parts; None where they do not tell, as a user's own.

    Raises
    ------
    InputError
        When parts are of several encoders, or cannot be read.
    """
    found = {_encoder(each): each for each in part_files(path)}
    if len(found) > 1:
        named = " and ".join(f"{encoder or 'none'} ({file.name})" for encoder, file in list(found.items())[:2])
        raise InputError(f"{path} holds vectors of several encoders: {named}. Keep those of one in a folder.")
    return next(iter(found))


def _encoder(file: Path) -> str | None:
    from pyarrow import parquet

    with opened(file, "Parquet"):
        told = (parquet.read_schema(file).metadata or {}).get(ENCODER)
        return None if told is None else told.decode()


def numbers_in(folder: str | Path) -> np.ndarray:
    """Numbers of all texts of a folder, int64, ascending; of one that is not there or empty, none."""
    if kind_of(folder) != "folder" or not any(Path(folder).glob("*.parquet")):
        return np.empty(0, dtype=np.int64)
    found = [np.asarray(table[NUMBER]) for _, table in _tables(folder, [NUMBER])]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))


def read_vectors(path: str | Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Read the numbers and vectors of a folder of parts or of a user's own Parquet file, a block at a time.

    Yields
    ------
    tuple
        Numbers, int64 of shape (n,), and vectors, float32 of shape (n, d), rows of unit length.

    Raises
    ------
    InputError
        When a file cannot be read, lacks a column, or holds numbers that are not finite.
    """
    for file, table in _tables(path, None):
        if NUMBER not in table.column_names and QUERY not in table.column_names:
            raise InputError(f"{file}: no column {QUERY}; found {', '.join(table.column_names)}. {MADE}")
        where = str(file)
        values = checked_vectors(matrix_of(table[vector_column(table, file)], file), where)
        is_ours = NUMBER in table.column_names
        numbers = (
            table[NUMBER].to_numpy() if is_ours else number_texts(read_texts(table[QUERY], f"{where}, column {QUERY}"))
        )
        yield numbers, values if is_ours else values / np.linalg.norm(values, axis=1, keepdims=True)


def vectors_of(path: str | Path, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read those vectors of a folder whose numbers are wanted: the numbers that are there, ascending, and the rows."""
    found = [(n[inside], v[inside]) for n, v in read_vectors(path) if (inside := np.isin(n, wanted)).any()]
    if not found:
        return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
    numbers, first = np.unique(np.concatenate([n for n, _ in found]), return_index=True)
    return numbers, np.concatenate([v for _, v in found])[first]


def _tables(path: str | Path, columns: Sequence[str] | None) -> "Iterator[tuple[Path, pa.Table]]":
    import pyarrow as pa
    from pyarrow import parquet

    for file in part_files(path):
        with opened(file, "Parquet"):
            batches = parquet.ParquetFile(file).iter_batches(batch_size=ROWS_AT_A_TIME, columns=columns)
        while True:
            with opened(file, "Parquet"):
                batch: Any = next(batches, None)
            if batch is None:
                break
            yield file, pa.Table.from_batches([batch])
