"""Hashes of rows by their content, whatever their order."""

from collections.abc import Mapping

import numpy as np
import pandas as pd


def hash_rows(arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Hash each row over all columns to 128 bits; structured array of shape (n,) with fields a and b."""
    frame = pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in arrays.items()})
    rows = np.empty(len(frame), dtype=[("a", "<u8"), ("b", "<u8")])
    rows["a"] = pd.util.hash_pandas_object(frame, False, hash_key="drift-core-pairs", categorize=False).to_numpy()
    rows["b"] = pd.util.hash_pandas_object(frame, False, hash_key="drift-core-again", categorize=False).to_numpy()
    return rows
