"""Regions of a diagnosis, frozen: a rule that gives each text of any later log its region.

The diagnosis cut its regions with both samples, densities and docs at hand; here a region is its centroid and a reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import Partition
from drift_core.regions.region_rule import decoded, encoded
from drift_core.vectors.text_numbers import number_texts

REACH = 3.0  # sd under a region's usual closeness from which a new text is none of it, as in a history
ROUNDING = 1e-5  # of cosines: a text that is decided by less is kept by its number
NOWHERE = -1
ELSEWHERE = "(in none of them)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrozenRegions:
    """Regions by which texts of any log are told.

    Attributes
    ----------
    encoder
        What made the vectors that the centroids are of.
    partition
        What the diagnosis calls the cut, such as ``query clusters``.
    regions
        Name of each region.
    centroids
        Unit vectors, float32 of shape (n_regions, d).
    reach
        Least cosine to its centroid of a new text of each region, shape (n_regions,).
    numbers, labels
        Numbers of the texts of the diagnosis that the centroids alone would place otherwise, ascending, and their
        regions, int64 each.
    told_alone
        Share of the diagnosis's distinct texts that the centroids alone place as the diagnosis did, in 0..1.
    """

    encoder: str
    partition: str
    regions: tuple[str, ...]
    centroids: np.ndarray
    reach: np.ndarray
    numbers: np.ndarray
    labels: np.ndarray
    told_alone: float

    def place(self, vectors: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Give the region of each text, int64 of shape (n,), or -1 beyond the reach of the nearest.

        Parameters
        ----------
        vectors
            Of unit length, by the encoder of the regions, float32 of shape (n, d).
        numbers
            Of the texts, int64 of shape (n,); see `number_texts`.
        """
        found = _nearest(vectors, self.centroids, self.reach)[0]
        if len(self.numbers):
            at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
            found = np.where(self.numbers[at] == numbers, self.labels[at], found)
        return found

    def to_json(self) -> dict[str, object]:
        return {
            "partition": self.partition,
            "regions": [
                {
                    "name": name,
                    "centroid": encoded(self.centroids[index]),
                    "reach": float(self.reach[index]),
                    "texts": [f"{number:015x}" for number in self.numbers[self.labels == index].tolist()],
                }
                for index, name in enumerate(self.regions)
            ],
            "told_alone": self.told_alone,
        }


def freeze(partition: Partition, embeddings: QueryEmbeddings) -> FrozenRegions:
    """Freeze the query clusters of a diagnosis.

    Notes
    -----
    The nearest centroid stands for what cut the regions; of the texts that it gives another region, the number is
    kept, so that every text of the diagnosis keeps its own.
    """
    labels = np.full(len(embeddings.texts), NOWHERE, dtype=np.int64)
    labels[embeddings.heldout], labels[embeddings.production] = partition.heldout, partition.production
    members = [embeddings.vectors[labels == index] for index in range(partition.n_regions)]
    centroids = np.array([decoded(encoded(each.sum(axis=0, dtype=np.float64))) for each in members], dtype=np.float32)
    cosines = [each @ centroid for each, centroid in zip(members, centroids, strict=True)]
    reach = np.array([float(each.mean() - REACH * each.std()) if len(each) else 1.0 for each in cosines])
    found, is_close = _nearest(embeddings.vectors, centroids, reach)
    kept = np.flatnonzero((labels != NOWHERE) & ((found != labels) | is_close))
    numbers = number_texts(embeddings.texts[kept])
    order = np.argsort(numbers, kind="stable")
    return FrozenRegions(
        encoder=embeddings.encoder,
        partition=partition.name,
        regions=partition.regions,
        centroids=centroids,
        reach=reach,
        numbers=numbers[order],
        labels=labels[kept][order],
        told_alone=float((found == labels).mean()),
    )


def thawed(encoder: str, partition: str, regions: Sequence[Mapping[str, object]], told_alone: float) -> FrozenRegions:
    """The frozen regions out of the values of their JSON.

    Raises
    ------
    ValueError
        When a centroid or a number cannot be read, or centroids differ in length.
    """
    centroids = [decoded(str(each["centroid"])) for each in regions]
    if not centroids or len({len(each) for each in centroids}) > 1 or not len(centroids[0]):
        raise ValueError("centroids are of unlike length, or there are none")
    texts = [(int(str(text), 16), index) for index, each in enumerate(regions) for text in each["texts"]]  # type: ignore[attr-defined]
    numbers, labels = np.array(sorted(texts), dtype=np.int64).reshape(-1, 2).T
    return FrozenRegions(
        encoder=encoder,
        partition=partition,
        regions=tuple(str(each["name"]) for each in regions),
        centroids=np.array(centroids, dtype=np.float32),
        reach=np.array([float(str(each["reach"])) for each in regions]),
        numbers=np.ascontiguousarray(numbers),
        labels=np.ascontiguousarray(labels),
        told_alone=told_alone,
    )


def _nearest(vectors: np.ndarray, centroids: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Region of the nearest centroid, -1 beyond its reach; and whether rounding could decide that otherwise."""
    cosines = vectors @ centroids.T
    nearest = cosines.argmax(axis=1)
    rows = np.arange(len(cosines))
    best = cosines[rows, nearest]
    cosines[rows, nearest] = -np.inf
    second = cosines.max(axis=1, initial=-np.inf)
    over = best - reach[nearest]
    is_close = (best - second < ROUNDING) | (np.abs(over) < ROUNDING)
    return np.where(over >= 0, nearest, NOWHERE).astype(np.int64), is_close
