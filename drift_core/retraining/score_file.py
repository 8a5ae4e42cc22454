"""Files of pairs that a student is to score: any table with texts, written again with one column more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.errors import SettingError
from drift_core.samples.pair_texts import read_whole, texts_of_pairs
from drift_core.tables.columns import find_columns
from drift_core.tables.writing import WRITERS, replace_file, with_mark

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.scan import Adapt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextsOfFile:
    """A table as it was read, the texts of its pairs, and which column holds what; a missing doc is an empty text."""

    table: "pa.Table"
    columns: Mapping[str, str]
    query: np.ndarray
    doc: np.ndarray

    def column(self, role: str) -> "pa.ChunkedArray":
        return self.table[self.columns[role]]

    def with_scores(self, column: str, scores: np.ndarray) -> pd.DataFrame:
        """Join scores to the table as a column; one of the same name is replaced.

        Raises
        ------
        SettingError
            When the column has no name, or is one of the two that hold the texts.
        """
        self.check_column(column)
        return self.table.to_pandas().assign(**{column: scores})

    def marked(self, table: pd.DataFrame, place: str | Path) -> pd.DataFrame:
        """Add the digest of each pair to a table that CSV would set apostrophes in, by which readers take them off."""
        is_csv = Path(place).suffix.lower() == ".csv"
        return with_mark(table, query=self.query, doc=self.doc) if is_csv else table

    def check_column(self, column: str) -> None:
        """Raise a SettingError where `with_scores` would."""
        if not column.strip() or column in (self.columns["query"], self.columns["doc"]):
            raise SettingError(
                f"Scores cannot go into the column {column!r}: it holds texts. Give another name with --into."
            )


def read_texts_of(
    path: str | Path,
    *,
    chosen: Mapping[str, str] | None = None,
    also: str | None = None,
    adapt: "Adapt | None" = None,
) -> TextsOfFile:
    """Read a file of pairs.

    Parameters
    ----------
    chosen
        Role to column, for "query", "doc" and `also`, where a column is not recognised by its name.
    also
        One more role that must have its column, such as "teacher".
    adapt
        What opens an export, see `exports`.

    Raises
    ------
    InputError
        When it or one of its rows cannot be read, it lacks a column, or has rows without a query.
    """
    table, roles = read_whole(path, adapt=adapt), ("query", "doc", *([also] if also else ()))
    columns = find_columns(table.column_names, chosen or {}, str(path), required=roles)
    query, doc = texts_of_pairs(table, query=columns["query"], doc=columns["doc"], label=str(path))
    return TextsOfFile(table=table, columns=columns, query=query, doc=doc)


def table_writer(path: str | Path) -> Callable[[pd.DataFrame, Path], Path]:
    """Give what writes a table into a file with this ending.

    Raises
    ------
    SettingError
        When the ending is of no known format.
    """
    ending = Path(path).suffix.lower()
    if ending[1:] not in WRITERS:
        raise SettingError(f"{path} must end in .{', .'.join(WRITERS)}; found {ending or 'no ending'}.")
    return lambda table, place: replace_file(place, WRITERS[ending[1:]](table))
