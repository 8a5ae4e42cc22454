"""A retrain list read back from Parquet, CSV or JSON lines, with its texts as they were before CSV.

Whether it is what its manifest says is checked in `verify`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.reading import read_table
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.values import read_numbers, read_texts

TEXTS = ("pair_id", "query_id", "pair_digest", "query", "doc", "region")
NUMBERS = ("teacher_score", "student_score", "probability")
NEEDED = ("query", "teacher_score", "region", "drifted", "probability")
TRUE = ("true", "1", "1.0")


def read_list(path: str | Path) -> pd.DataFrame:
    """Read a retrain list, re-scored or not.

    Returns
    -------
    pandas.DataFrame
        The file's columns in its order: texts as str or None, scores and probability as float64, drifted as bool,
        others as they are. The apostrophe that CSV puts before a formula is taken off texts and names where a
        `pair_digest` is that of its pair.

    Raises
    ------
    InputError
        When the file cannot be read or lacks a column.
    """
    table = read_table(path)
    lacking = [name for name in NEEDED if name not in table.column_names]
    if lacking:
        raise InputError(
            f"{path} is no retrain list: it lacks {', '.join(lacking)}. Give a list that the command manifest wrote."
        )
    columns: dict[str, object] = {}
    for name in table.column_names:
        where = f"Column {name!r} of {path}"
        if name in TEXTS:
            columns[name] = _texts(read_texts(table[name], where))
        elif name in NUMBERS:
            columns[name] = read_numbers(table[name]).values
        elif name == "drifted":
            columns[name] = np.array([str(v).lower() in TRUE for v in table[name].to_pylist()], dtype=bool)
        else:
            columns[name] = table[name].to_pandas()
    return pd.DataFrame(columns)


def _texts(values: np.ndarray) -> np.ndarray:
    return np.array([value or None for value in values], dtype=object)


def digest_table(table: pd.DataFrame) -> np.ndarray:
    """Digest the pairs of a list from its texts."""
    doc = table["doc"] if "doc" in table else pd.Series([None] * len(table), dtype=object)
    texts: Mapping[str, list[str]] = {
        "query": ["" if pd.isna(text) else str(text) for text in table["query"]],
        "doc": ["" if pd.isna(text) else str(text) for text in doc],
    }
    return digest_pairs(texts["query"], texts["doc"])
