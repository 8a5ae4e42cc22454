"""Since when a region or a choice of pairs is there."""

import numpy as np
import pandas as pd

from drift_core.regions.picking import Picked
from drift_core.samples.pairs import ScoredPairs

SEEN_FRACTION = 0.05  # of the pairs that must be there: one stray pair does not make a new region old
CHANCE = 0.01  # that pairs which are there all the time would seem to come up so late


def first_seen(picked: Picked, heldout: ScoredPairs, production: ScoredPairs) -> pd.Timestamp | None:
    """Find since when a choice of pairs is there, in UTC: the time by which a twentieth of its pairs was there.

    None where times do not tell: they are missing, or were the pairs there all the time, so few of their queries would
    have come before that time with a probability of 1 % or more (binomial, one-sided).
    """
    from scipy.special import bdtr

    if production.timestamp is None or np.isnat(production.timestamp).any() or not picked.production.any():
        return None
    earlier = production.timestamp[:0] if heldout.timestamp is None else heldout.timestamp[picked.heldout]
    times = np.concatenate([earlier, production.timestamp[picked.production]])
    times = np.sort(times[~np.isnat(times)])
    seen = times[int(SEEN_FRACTION * len(times))]
    n_queries = len(np.unique(production.query[picked.production].astype(str)))
    before = float(np.mean(production.timestamp < seen))
    return pd.Timestamp(seen) if bdtr(int(SEEN_FRACTION * n_queries), n_queries, before) < CHANCE else None
