"""The region of pairs that the teacher gave no score, and of those with one by the same rule."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.partitions import NEW_WORDS, REST, Partition
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.unscored import Unscored

MOST_TEXTS = 4_000  # texts of a region from which its words are taken
MOST_SCORED = 4_000  # pairs with a score that those without are compared with


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """Regions of production's pairs by one partition: of some with a score, and of all without.

    `lost` and `size` are pairs without a score and all pairs of each region, shape (n_regions or one more,).
    """

    partition: Partition
    scored: np.ndarray
    missing: np.ndarray
    n_scored: int

    @property
    def lost(self) -> np.ndarray:
        return np.bincount(self.missing, minlength=self.partition.n_regions)

    @property
    def size(self) -> np.ndarray:
        scored = np.bincount(self.scored, minlength=len(self.lost))
        return np.asarray(self.lost + scored * self.n_scored / len(self.scored))


def place_unscored(
    heldout: ScoredPairs, production: ScoredPairs, missing: Unscored, partitions: tuple[Partition, ...]
) -> list[Placed]:
    """Place them by each partition that can: by the column of a slice, else by the words that a region's queries share.

    Pairs with a score are placed by words too, because texts may be divided by more than their words.
    """
    found, rows = [], drawn_scored(production)
    for partition in partitions:
        labels = region_of(missing, partition, heldout, production)
        if labels is None or partition.n_regions < 2:
            continue
        scored = partition.production[rows]
        if partition.name not in missing.slices:
            scored = _by_words(heldout, production, production.query[rows], partition)
        found.append(Placed(partition=partition, scored=scored, missing=labels, n_scored=len(production)))
    return found


def drawn_scored(production: ScoredPairs) -> np.ndarray:
    """Rows with a score that those without are compared with, the same whatever their order."""
    if len(production) <= MOST_SCORED:
        return np.arange(len(production))
    drawn = np.sort(np.random.default_rng(0).permutation(len(production))[:MOST_SCORED])
    return np.sort(production.content_order[drawn])


def region_of(
    missing: Unscored, partition: Partition, heldout: ScoredPairs, production: ScoredPairs
) -> np.ndarray | None:
    if partition.name in missing.slices:
        known = {name: index for index, name in enumerate(partition.regions)}
        others = partition.n_regions - 1 if partition.regions[-1] == REST else partition.n_regions
        return pd.Series(missing.slices[partition.name]).map(known).fillna(others).to_numpy(dtype=np.int64)
    return (
        None
        if partition.kind != "query" or partition.name == NEW_WORDS
        else _by_words(heldout, production, missing.query, partition)
    )


def _by_words(heldout: ScoredPairs, production: ScoredPairs, queries: np.ndarray, partition: Partition) -> np.ndarray:
    texts = pd.Series(np.concatenate([heldout.query, production.query]), dtype=object)
    table = pd.DataFrame({"text": texts, "label": np.concatenate([partition.heldout, partition.production])})
    table = table.drop_duplicates("text").groupby("label").head(MOST_TEXTS)
    asked, place = np.unique(queries.astype(str), return_inverse=True)
    encode = load_encoder(HASHING_ENCODER).encode
    known, vectors = encode(table["text"].tolist()), encode(asked.tolist())
    centres = np.zeros((partition.n_regions, known.shape[1]))
    np.add.at(centres, table["label"].to_numpy(), known)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return np.asarray((vectors @ centres.T).argmax(axis=1)[place])
