"""Synthetic pairs of a list, told by a column, and their cap among the training pairs."""

from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.label_words import SIGNS, fold
from drift_core.tables.columns import plain_name

NAMES = ("synthetic", "issynthetic")  # of the column; case, blanks and underscores do not count


def synthetic_rows(table: pd.DataFrame, path: str | Path) -> np.ndarray:
    """Rows marked synthetic by a column ``synthetic`` or ``is_synthetic``, bool of shape (n,); nothing is no.

    Raises
    ------
    InputError
        When the column holds something else than yes or no, true or false, 1 or 0.
    """
    name = next((name for name in table.columns if plain_name(str(name)) in NAMES), None)
    if name is None:
        return np.zeros(len(table), dtype=bool)
    texts = [None if pd.isna(value) else fold(str(value)) for value in table[name]]
    marks = np.array([0.0 if not text else SIGNS.get(text, np.nan) for text in texts])
    if np.isnan(marks).any():
        place = int(np.argmax(np.isnan(marks)))
        raise InputError(
            f"The column {name!r} of {path} says which pairs are synthetic, by true or false; found "
            f"{str(table[name].iloc[place])!r} in row {place + 1:,}. Mend it, or give the column another name."
        )
    return np.asarray(marks == 1)


def within_cap(is_synthetic: np.ndarray, max_share: float, rng: np.random.Generator) -> np.ndarray:
    """Pairs that stay when synthetic ones are at most a share of all: every other pair, and a draw of the synthetic.

    Parameters
    ----------
    is_synthetic
        bool of shape (n,).
    max_share
        In [0, 1].

    Returns
    -------
    numpy.ndarray
        bool of shape (n,).

    Examples
    --------
    >>> marked = np.arange(10) < 6
    >>> kept = within_cap(marked, 0.2, np.random.default_rng(0))
    >>> int(kept.sum()), int((kept & marked).sum())
    (5, 1)
    """
    marked = np.flatnonzero(is_synthetic)
    n_others = len(is_synthetic) - len(marked)
    allowed = len(marked) if max_share >= 1 else int(n_others * max_share / (1 - max_share) + 1e-9)
    kept = np.ones(len(is_synthetic), dtype=bool)
    if len(marked) > allowed:
        kept[rng.choice(marked, size=len(marked) - allowed, replace=False)] = False
    return kept
