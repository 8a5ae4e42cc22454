"""When a region or a choice of pairs was first seen, in held-out and production together."""

import numpy as np
import pandas as pd

from drift_core.regions.partitions import Partition
from drift_core.regions.picking import Picked
from drift_core.samples.pairs import ScoredPairs

# A region counts as seen once this fraction of its pairs is there: one stray pair does not make a new region old.
SEEN_FRACTION = 0.05


def first_seen(partition: Partition, heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    """Find when each region was first seen: the time by which a twentieth of its pairs was there.

    Returns
    -------
    numpy.ndarray
        datetime64[us] in UTC, shape (number of regions,); NaT for a region without times.
    """
    labels = np.concatenate([partition.heldout, partition.production])
    times = pd.Series(np.concatenate([_times(heldout), _times(production)]))
    seen = times.groupby(labels).quantile(SEEN_FRACTION, interpolation="lower")
    return seen.reindex(range(partition.n_regions)).to_numpy().astype("datetime64[us]")


def new_since(picked: Picked, heldout: ScoredPairs, production: ScoredPairs) -> pd.Timestamp | None:
    """Find since when a choice of pairs is there, in UTC; None without times and for what is older than production."""
    times = pd.Series(np.concatenate([_times(heldout)[picked.heldout], _times(production)[picked.production]]))
    seen = times.dropna().sort_values().iloc[int(SEEN_FRACTION * times.count()) :]
    begun = pd.Series(_times(production)).min()
    return pd.Timestamp(seen.iloc[0]) if len(seen) and seen.iloc[0] > begun else None


def _times(sample: ScoredPairs) -> np.ndarray:
    if sample.timestamp is None:
        return np.full(len(sample), np.datetime64("NaT"), dtype="datetime64[us]")
    return sample.timestamp
