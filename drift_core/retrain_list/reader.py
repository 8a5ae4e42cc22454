"""A retrain list is read back from Parquet, CSV or JSON lines, with its texts as they were before CSV.

Whether it is what its manifest says is checked in `verify`.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.pair_texts import read_whole, texts_of_pairs
from drift_core.samples.score_columns import MAX_TEXT_RATE
from drift_core.tables.columns import fitting_columns, plain_name
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.repeats import repeat_columns
from drift_core.tables.roles import VAGUE_NAMES
from drift_core.tables.small_files import read_small
from drift_core.tables.writing import to_arrow

UNNAMED_INDEX = re.compile(r"__index_level_\d+__")
SCORES = ("teacher_score", "student_score", "teacher_score_listed")
NUMBERS = ("row", "probability")
DIGEST = "pair_digest"
LARGEST_LIST = 2 << 30  # bytes; it is read whole
TRUTH = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RetrainList:
    """A list as it was read.

    Attributes
    ----------
    table
        One row a listed pair, with the column `pair_digest`.
    digest
        SHA-256 of the file.
    name
        Name of the file.
    first
        Rows that are asked: the first of each pair, shape (n_pairs,).
    queries, docs
        Texts of each row; no doc is an empty text.
    """

    table: pd.DataFrame
    digest: str
    name: str
    first: np.ndarray
    queries: np.ndarray
    docs: np.ndarray

    @property
    def n_pairs(self) -> int:
        """Different pairs on the list."""
        return len(self.first)


def read_list_table(source: str | Path | bytes, *, name: str | None = None) -> pd.DataFrame:
    """Read the rows of a retrain list, re-scored or not: texts checked, a missing doc None, numbers and labels as such.

    A table of one's own may name the teacher's answers as a sample does, such as ``teacher_label``.
    The apostrophe that CSV puts before a formula is taken off where a `pair_digest` is that of its pair. Columns of CSV
    and JSON lines that no list has stay text.

    Raises
    ------
    InputError
        When it or one of its rows cannot be read, it has no column `query`, or rows without a query.
    """
    label = name or ("list.parquet" if isinstance(source, bytes) else Path(source).name)
    read = read_whole(source, name=label)
    if "query" not in read.column_names or not len(read):
        found = ", ".join(read.column_names[:10])
        missing = "has no rows" if "query" in read.column_names else f"has no column query; its columns are {found}"
        raise InputError(f"{label} is no retrain list: it {missing}. Take one that manifest or the app has written.")
    doc = "doc" if "doc" in read.column_names else None
    queries, docs = texts_of_pairs(read, query="query", doc=doc, label=label)
    table = read.to_pandas(ignore_metadata=True).assign(query=queries)
    if doc:
        table["doc"] = np.array([text or None for text in docs], dtype=object)
    table = table.drop(columns=[name for name in table.columns if UNNAMED_INDEX.fullmatch(str(name))])
    table = table.rename(columns=_teacher_column(map(str, table.columns)))
    for column in NUMBERS:
        if column in table:
            table[column] = pd.to_numeric(table[column], errors="coerce")
    for column in (*SCORES, *repeat_columns(map(str, table.columns), SCORES[0])):
        if column in table:
            table[column] = _scores(table[column])
    if "drifted" in table and table["drifted"].dtype != bool:
        table["drifted"] = table["drifted"].astype("str").str.lower().map(TRUTH)
    return table


def read_list(source: str | Path | bytes, *, name: str | None = None) -> RetrainList:
    """Read a retrain list to score or to train on.

    Parameters
    ----------
    source
        Path of a Parquet, CSV or JSON lines file, or its content; then `name` says by its ending what it is.

    Raises
    ------
    InputError
        As `read_list_table`; and when a column cannot be written again, or digests are not those of the texts.
    """
    if isinstance(source, bytes):
        content, label = source, name or "list.parquet"
    else:
        content = read_small(source, called="The list", advice="Name a list file.", largest=LARGEST_LIST)
        label = name or Path(source).name
    table = read_list_table(content, name=label)
    _check_columns(table, label)
    found = digest_table(table)
    _check_digests(table, found, label)
    table[DIGEST] = found
    queries, docs = _texts(table)
    return RetrainList(
        table=table,
        digest=hashlib.sha256(content).hexdigest(),
        name=label,
        first=np.flatnonzero(~table[DIGEST].duplicated()),
        queries=queries,
        docs=docs,
    )


def _teacher_column(names: Iterable[str]) -> dict[str, str]:
    """The column of the teacher's answers, by what it is called here, where a table names it as samples may."""
    known = tuple(names)
    fit = () if SCORES[0] in known else fitting_columns(known)["teacher"]
    return {fit[0]: SCORES[0]} if fit and plain_name(fit[0]) not in VAGUE_NAMES else {}


def _scores(column: pd.Series) -> pd.Series:
    """As numbers, unless most are labels; those stay text, and so become true and false."""
    if column.dtype == bool or (column.dtype == object and {type(each) for each in column.dropna()} == {bool}):
        return column.map({True: "true", False: "false"}).astype(object).where(column.notna(), None)
    numbers = pd.to_numeric(column, errors="coerce")
    is_given = column.notna() & (column.astype("str").str.strip() != "")
    if (is_given & numbers.isna()).sum() <= MAX_TEXT_RATE * is_given.sum():
        return numbers
    return column.astype(object).where(is_given, None)


def _check_columns(table: pd.DataFrame, label: str) -> None:
    """What cannot be written again is refused before it is paid for."""
    import pyarrow as pa

    for name in table.columns:
        column = table[name]
        try:
            to_arrow(column.to_frame())
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"The column {name} of {label} holds values of several kinds, which no file can keep. Make them all "
                "text or all numbers, or take the column out."
            ) from error
        if column.dtype.kind == "f" and np.isinf(column.to_numpy()).any():
            first = int(np.argmax(np.isinf(column.to_numpy()))) + 1
            raise InputError(
                f"The column {name} of {label} holds an infinite number, the first in row {first:,}. Take it out."
            )


def _check_digests(table: pd.DataFrame, found: np.ndarray, label: str) -> None:
    """Hold the digests of the texts against those in the file."""
    if DIGEST not in table:
        return
    wrong = np.flatnonzero(found != table[DIGEST].astype("str").to_numpy(dtype=object))
    if len(wrong):
        raise InputError(
            f"{label} has {len(wrong):,} rows whose texts are not those of their pair_digest, the first is row "
            f"{wrong[0] + 1:,}. The list was changed after it was drawn: draw it again, or take pair_digest out."
        )


def digest_table(table: pd.DataFrame) -> np.ndarray:
    """Digest the pairs of a list from its texts."""
    return digest_pairs(*_texts(table))


def _texts(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    docs = table["doc"].fillna("") if "doc" in table else pd.Series([""] * len(table))
    return table["query"].astype("str").to_numpy(dtype=object), docs.astype("str").to_numpy(dtype=object)
