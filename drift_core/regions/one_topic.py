"""Regions that are one topic: told as one, so that a topic which was cut has one name and one row."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.naming import name_clusters
from drift_core.regions.partitions import Partition, rows_by_region
from drift_core.samples.new_wording import no_topics

AS_NEAR = 0.5  # of the way from how like texts of two regions are to how like those of one are, from which (ours)


def regions_of_one_topic(
    partition: Partition, embeddings: QueryEmbeddings, among: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    """Group some regions of a partition of the queries by topic; those that stand alone are left out.

    Two are one topic where two texts, one of each, are on average, by the cosine of their vectors, nearer to how like
    two texts of one region are than to how like those of two regions are, as the median region and the median of two
    show. Groups are joined as long as all their texts are that like (average linkage; Sokal and Michener, 1958).

    Parameters
    ----------
    among
        Indices of the regions that may be joined.
    """
    if len(among) < 2 or partition.n_regions < 3:
        return ()
    sums, sizes = _sums(partition, embeddings)
    told = np.flatnonzero(sizes >= 2)
    within = ((sums[told] ** 2).sum(axis=1) - sizes[told]) / (sizes[told] * (sizes[told] - 1))  # vectors of unit length
    centres = sums[told] / sizes[told][:, None]
    between = (centres @ centres.T)[np.triu_indices(len(told), 1)]
    if not len(between):
        return ()
    least = (1 - AS_NEAR) * float(np.median(between)) + AS_NEAR * float(np.median(within))
    groups = {index: [index] for index in among if sizes[index]}
    while len(groups) > 1:
        means = {first: sums[held].sum(axis=0) / sizes[held].sum() for first, held in groups.items()}
        likeness = {(one, two): float(means[one] @ means[two]) for one in groups for two in groups if one < two}
        nearest = max(likeness, key=likeness.__getitem__)
        if likeness[nearest] < least:
            break
        groups[nearest[0]] += groups.pop(nearest[1])
    return tuple(tuple(sorted(held)) for held in groups.values() if len(held) > 1)


def join_regions(partition: Partition, embeddings: QueryEmbeddings, groups: Sequence[Sequence[int]]) -> Partition:
    """The partition with each group of regions as one, by the smallest chance of its regions; names are made anew."""
    place = np.arange(partition.n_regions)
    for group in groups:
        place[list(group)] = group[0]
    kept, place = np.unique(place, return_inverse=True)
    labels = place[_of_texts(partition, embeddings)]
    terms = name_clusters(embeddings.texts, labels, left_out=no_topics(*embeddings.texts_of_both))
    chances = []
    for new in range(len(kept)) if partition.chances else ():
        known = [partition.chances[old] for old in np.flatnonzero(place == new)]
        chances.append(min((chance for chance in known if chance is not None), default=None))
    return replace(
        partition,
        regions=tuple(", ".join(words) for words in terms),
        terms=terms,
        heldout=place[partition.heldout],
        production=place[partition.production],
        reason=f"{partition.reason} Of these, {len(groups)} {'is' if len(groups) == 1 else 'are'} joined of several.",
        chances=tuple(chances),
    )


def _of_texts(partition: Partition, embeddings: QueryEmbeddings) -> np.ndarray:
    """Region of each text, int64 of shape (n_texts,)."""
    labels = np.zeros(len(embeddings.texts), dtype=np.int64)
    labels[embeddings.heldout] = partition.heldout
    labels[embeddings.production] = partition.production
    return labels


def _sums(partition: Partition, embeddings: QueryEmbeddings) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the vectors of each region's texts, shape (n_regions, d), and how many these are."""
    rows = rows_by_region(_of_texts(partition, embeddings), partition.n_regions)
    sums = np.stack([embeddings.vectors[each].sum(axis=0, dtype=np.float64) for each in rows])
    return sums, np.array([len(each) for each in rows])
