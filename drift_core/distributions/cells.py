"""What outputs are counted over: labels, the few values of a scale, or bins of equal mass."""

from dataclasses import dataclass

import numpy as np

from drift_core.calibration.bins import equal_mass_bins

N_CELLS = 10  # bins of scores whatever the sample's size, so that two versions compare; 30 pairs each of 300 (ours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Cells without gaps between them; what lies outside falls into the first or the last one.

    Attributes
    ----------
    cuts
        Limits between neighbours, increasing, shape (n - 1,).
    """

    cuts: np.ndarray

    @property
    def n(self) -> int:
        return len(self.cuts) + 1

    @property
    def most(self) -> float:
        """Entropy of outputs that use all cells alike, in bits."""
        return float(np.log2(self.n))

    def place(self, values: np.ndarray) -> np.ndarray:
        """Cell of each value, from 0, int64 of the same shape."""
        return np.searchsorted(self.cuts, values, side="right")

    def shares(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Share of the weights in each cell, shape (n,)."""
        counts = np.bincount(self.place(values), weights=weights, minlength=self.n)
        return counts / counts.sum()


def cells_of_values(known: np.ndarray) -> Cells:
    """A cell a value, `known` increasing; a value between two belongs to the nearer."""
    return Cells(cuts=(known[1:] + known[:-1]) / 2)


def cells_of_scores(reference: np.ndarray, weights: np.ndarray, others: np.ndarray | None = None) -> Cells:
    """Ten cells of equal mass of the reference, equal scores in one; a cell a value where it has ten or fewer.

    Parameters
    ----------
    reference, weights
        Scores that the cells are made for, and their weights, shape (n,).
    others
        Scores that are compared with them. They give their values where all together have ten or fewer, and the cells
        where the reference is one value alone, which makes none.
    """
    known, every = np.unique(reference), np.unique(reference if others is None else np.concatenate((reference, others)))
    if len(every) <= N_CELLS:
        return cells_of_values(every)
    if 1 < len(known) <= N_CELLS:
        return cells_of_values(known)
    return cells_of_mass(reference, weights) if len(known) > 1 else cells_of_mass(every, np.ones(len(every)))


def cells_of_mass(scores: np.ndarray, weights: np.ndarray, *, n_cells: int = N_CELLS) -> Cells:
    """Cells of equal mass of some scores, equal ones in one, so that they may be fewer."""
    known, place = np.unique(scores, return_inverse=True)
    bins = np.empty(len(known), dtype=np.int64)
    bins[place] = equal_mass_bins(scores, weights, n_bins=n_cells)
    ends = np.flatnonzero(np.diff(bins))
    # Between 0.3 and 0.1 + 0.2 there is no number, and half of their sum may be the lower one.
    return Cells(cuts=np.maximum((known[ends] + known[ends + 1]) / 2, np.nextafter(known[ends], np.inf)))
