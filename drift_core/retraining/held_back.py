"""Pairs of the list that are not trained on, to see how far the new student stays under its teacher."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.retraining.scored_texts import ScoredTexts

LEAST_HELD_BACK, MOST_HELD_BACK = 50, 500  # ours: intervals of about 0.10 and 0.03 at an agreement of 0.85


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldBack:
    """Pairs that the student was not trained on, and what tells the teacher's own scatter.

    Attributes
    ----------
    query, doc
        Texts, object arrays of shape (n,).
    label
        The teacher's score by the run in use, on the student's scale, float64.
    runs, queries_of_runs
        Scores of all pairs of the list by each run, shape (m, r), and the code of each one's query, shape (m,).
    """

    query: np.ndarray
    doc: np.ndarray
    label: np.ndarray
    runs: np.ndarray
    queries_of_runs: np.ndarray

    def __len__(self) -> int:
        return len(self.label)


def rows_to_hold_back(listed: ScoredTexts, share: float, rng: np.random.Generator) -> np.ndarray:
    """Choose whole queries, none with a synthetic pair, up to a share of the list; bool of shape (n,).

    None are chosen where that would be fewer than 50 pairs; then nothing is drawn.
    """
    codes = pd.factorize(listed.query)[0]
    n_wanted = min(int(share * len(listed)), MOST_HELD_BACK)
    none = np.zeros(len(listed), dtype=bool)
    if n_wanted < LEAST_HELD_BACK:
        return none
    is_real = np.bincount(codes, weights=listed.is_synthetic) == 0
    queries = rng.permutation(np.flatnonzero(is_real))
    sizes = np.bincount(codes)[queries]
    chosen = queries[np.cumsum(sizes) <= n_wanted]
    held = np.isin(codes, chosen)
    return held if held.sum() >= LEAST_HELD_BACK else none
