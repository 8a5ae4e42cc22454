"""Sets of texts made regions: the cluster or new part that they fill, or a part of their own.

Where the sets come from is in `candidates`, which of them err more in `diagnosis`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.regions.candidates import gain_inside
from drift_core.regions.novelty import NewParts

FILLED = 0.7  # share of a cluster's or a part's texts from which sets fill it (ours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CutOut:
    """Parts after sets of texts were cut out of everything.

    Attributes
    ----------
    parts
        The parts that were kept, less what sets took of them, then the sets that are parts of their own.
    set_of_part, set_of_cluster
        Place of the set that each part, and each cluster, stands for; -1 where none.
    kept_part
        Which of the parts before each part is, or is what was left of; -1 where it is a set.
    """

    parts: NewParts
    set_of_part: tuple[int, ...]
    kept_part: tuple[int, ...]
    set_of_cluster: tuple[int, ...]


def cut_out(parts: NewParts, sets: Sequence[np.ndarray], *, kept: np.ndarray, is_cut: Sequence[bool]) -> CutOut:
    """Make sets of texts regions: the kept part or cluster that they fill, or parts of their own.

    Parameters
    ----------
    sets
        Sets of texts that may overlap, bool of shape (n_texts,) each; of texts in several, the first one has them.
    kept
        Parts to keep; all others go back to their clusters.
    is_cut
        Whether each set may become a part of its own.

    Notes
    -----
    A set often joins two topics, or cuts off the edge of one. So what the sets together nearly fill stays whole and is
    theirs; what is left of a set is a part of its own where that is most of it, else it goes back to its cluster.
    """
    place_of = np.append(np.where(np.isin(np.arange(len(parts.gains)), kept), np.arange(len(parts.gains)), -1), -1)
    groups = np.where(place_of[parts.part] >= 0, parts.n_clusters + place_of[parts.part], parts.cluster)
    taken = np.full(len(groups), -1, dtype=np.int64)
    for place, inside in enumerate(sets):
        taken[inside & (taken < 0)] = place
    filled = _filled(groups, taken, parts.n_clusters + len(parts.gains))
    part, piece = np.where(groups >= parts.n_clusters, groups - parts.n_clusters, -1), parts.piece.copy()
    for place, inside in enumerate(sets):
        left = (taken == place) & (filled[groups] < 0)
        if is_cut[place] and 2 * left.sum() > inside.sum():
            part[left], piece[left] = len(parts.gains) + place, 0
    piece[part < 0] = 0
    found, numbers = np.unique(part[part >= 0], return_inverse=True)
    part[part >= 0] = numbers
    gains = tuple(gain_inside(part == number, parts.sides) for number in range(len(found)))
    set_of_part = np.append(filled[parts.n_clusters :], np.arange(len(sets)))[found]
    return CutOut(
        parts=replace(parts, part=part, piece=piece, gains=gains),
        set_of_part=tuple(set_of_part.tolist()),
        kept_part=tuple(np.where(found < len(parts.gains), found, -1).tolist()),
        set_of_cluster=tuple(filled[: parts.n_clusters].tolist()),
    )


def _filled(groups: np.ndarray, taken: np.ndarray, n_groups: int) -> np.ndarray:
    """Set that has most of the texts of each group that the sets together nearly fill, else -1."""
    n_sets = int(taken.max(initial=-1)) + 1
    counts = np.zeros((n_groups, n_sets + 1))
    np.add.at(counts, (groups, taken), 1)  # -1 counts last
    inside = counts[:, :n_sets]
    is_full = inside.sum(axis=1) >= np.maximum(FILLED * counts.sum(axis=1), 1)
    return np.where(is_full, inside.argmax(axis=1) if n_sets else -1, -1)
