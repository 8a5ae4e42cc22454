"""A file of pairs as a table with every row, and the texts of its pairs; refused where a row cannot be read.

What is scored or re-scored row by row must lose none, whereas `samples.reading` leaves rows out and says so.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import InputError
from drift_core.tables.rejects import find_rejects
from drift_core.tables.scan import open_scan
from drift_core.tables.values import has_text, read_texts

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.scan import Adapt


def read_whole(source: str | Path | bytes, *, name: str | None = None, adapt: "Adapt | None" = None) -> "pa.Table":
    """Read a file of any format that samples come in.

    Parameters
    ----------
    source
        Its path, or its content; then `name` says by its ending what it is.
    adapt
        What opens an export, see `exports`.

    Returns
    -------
    pyarrow.Table
        Every row. Columns of CSV and JSON lines are text.

    Raises
    ------
    InputError
        When the file or one of its rows cannot be read.
    """
    with open_scan(_named(source, name) if isinstance(source, bytes) else source, adapt=adapt) as scan:
        table, label = scan.fetch(), name or scan.label
        rejected = find_rejects(scan.connection, scan.label, len(table)).problems if scan.may_reject else ()
        problems = (*scan.problems, *rejected)
    left_out = next((each for each in problems if each.left_out), None)
    if left_out is not None:
        said = left_out.message.removesuffix("Left out.").rstrip(" .")
        raise InputError(f"{label}: {said}. Mend or take out what cannot be read, so that no row is lost.")
    return table


def texts_of_pairs(table: "pa.Table", *, query: str, doc: str | None, label: str) -> tuple[np.ndarray, np.ndarray]:
    """The texts of each row, object arrays of str; a missing doc is an empty text.

    Raises
    ------
    InputError
        When rows have no query, or a column holds no texts.
    """
    queries = read_texts(table[query], f"Column {query!r} of {label}")
    empty = ~has_text(queries)
    if empty.any():
        first = int(np.argmax(empty)) + 1
        raise InputError(
            f"{label} has {int(empty.sum()):,} rows without a query, the first is row {first:,}. Take them out."
        )
    if doc is None:
        return queries, np.full(len(queries), "", dtype=object)
    docs = read_texts(table[doc], f"Column {doc!r} of {label}")
    return queries, np.where(has_text(docs), docs, "").astype(object)


def _named(content: bytes, name: str | None) -> io.BytesIO:
    stream = io.BytesIO(content)
    stream.name = name or "list.parquet"
    return stream
