"""Files of pairs that a student is to score: any table with texts, written again with one column more."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.samples.columns import recognise_columns
from drift_core.samples.reading import read_table
from drift_core.samples.values import has_text, read_texts
from drift_core.treatment.export import replace_file, to_csv, to_json_lines, to_parquet

_WRITERS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    ".parquet": to_parquet,
    ".csv": to_csv,
    ".jsonl": to_json_lines,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextsOfFile:
    """A table as it was read, and the texts of its pairs; a missing doc is an empty text."""

    table: pd.DataFrame
    query: np.ndarray
    doc: np.ndarray


def read_texts_of(path: str | Path) -> TextsOfFile:
    """Read a file of pairs whose columns for query and doc are recognised by their names.

    Raises
    ------
    InputError
        When it cannot be read, lacks a column, or has rows without a query.
    """
    table = read_table(str(path))
    columns = recognise_columns(table)
    missing = [role for role in ("query", "doc") if role not in columns]
    if missing:
        names = ", ".join(table.column_names[:20])
        raise InputError(
            f"{path} has no column for the {' and the '.join(missing)}. It has: {names}. Name them query and doc."
        )
    query, doc = (read_texts(table[columns[role]], f"Column {columns[role]!r} of {path}") for role in ("query", "doc"))
    empty = ~has_text(query)
    if empty.any():
        first = int(np.argmax(empty)) + 1
        raise InputError(
            f"{path} has {int(empty.sum()):,} rows without a query, the first is row {first:,}. Take them out."
        )
    return TextsOfFile(table=table.to_pandas(), query=query, doc=np.where(has_text(doc), doc, "").astype(object))


def table_writer(path: str | Path) -> Callable[[pd.DataFrame, Path], Path]:
    """Give what writes a table into a file with this ending.

    Raises
    ------
    SettingError
        When the ending is of no known format.
    """
    ending = Path(path).suffix.lower()
    if ending not in _WRITERS:
        raise SettingError(f"{path} must end in {', '.join(_WRITERS)}; found {ending or 'no ending'}.")
    return lambda table, place: replace_file(place, _WRITERS[ending](table))
