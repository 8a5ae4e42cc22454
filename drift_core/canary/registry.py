"""Regions that keep their names: the query clusters of a history, and which texts of a week lie in which.

A region is born in the run that first shows it. What its weeks say together is in `pooled_regions`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.canary.figures import RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.regions.candidates import MOST_HELDOUT
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.encoding import weights_of
from drift_core.regions.naming import name_clusters
from drift_core.regions.partitions import Partition
from drift_core.regions.region_rule import TINY, decoded

REACH = 3.0  # sd under a region's usual closeness from which a text is none of it: 1 in 740 if closeness were normal
SHRINKING = 20  # texts that the closeness of all regions together counts for in the sd of one
SAME_SPACE = 0.75  # of the usual closeness, from which another encoder's vectors are in the same space
MIN_TEXTS = 5  # distinct texts of a region to be born, as in the diagnosis
MIN_APART = 3  # of them beyond the reach of every region, which are enough by themselves
SETTLING = 4  # first runs of a region that place its centroid, so that it does not creep into another's texts
MOSTLY = 0.5
KEPT = ("n_texts", "closeness", "closeness_sd")
APART = -1  # label of a text in no region


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registry:
    """The regions known so far.

    Attributes
    ----------
    space
        What their centroids are made with: the encoder of the run that they began with; None where there are none.
    names
        One a region.
    centroids
        Unit vectors, shape (n_regions, d).
    closeness, spread
        Mean and sd of the cosine between a region's texts and the centroid of its other texts, shape (n_regions,).
    since
        By partition and name, the day of the run that showed a region first; no further region gets such a name.
    """

    space: str | None
    names: tuple[str, ...]
    centroids: np.ndarray
    closeness: np.ndarray
    spread: np.ndarray
    since: Mapping[tuple[str, str], str]

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Give the region of each vector, that of the nearest centroid; -1 beyond the reach of that region."""
        if not self.names:
            return np.full(len(vectors), APART, dtype=np.int64)
        cosines = vectors @ self.centroids.T
        nearest = cosines.argmax(axis=1)
        reached = cosines.max(axis=1) >= (self.closeness - REACH * self.spread)[nearest]
        return np.where(reached, nearest, APART).astype(np.int64)


NOTHING_KNOWN = Registry(
    space=None, names=(), centroids=np.empty((0, 0)), closeness=np.empty(0), spread=np.empty(0), since={}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedTexts:
    """A week's texts in the regions of the registry and in those born this week, which stand last.

    Attributes
    ----------
    space, names
        As in `Registry`.
    labels
        Region of each text of the embeddings, -1 for none, int64 of shape (n_texts,).
    n_known
        Regions that were known before.
    """

    space: str
    names: tuple[str, ...]
    labels: np.ndarray
    n_known: int


def registry_of(
    runs: Sequence[CanaryRun], embeddings: QueryEmbeddings, *, active: Iterable[str] | None = None
) -> Registry:
    """Gather the regions of earlier runs that lie in the space of a week's embeddings.

    Parameters
    ----------
    runs
        All recorded runs, with regions.
    embeddings
        Of the week that is to be placed.
    active
        Keys of the runs that count; by default all. A withdrawn run moves no centroid, except of a region it alone has.

    Notes
    -----
    The space is that of the newest run with the same encoder, whatever ran its weights. Vectors that come from files
    have no encoder to go by: then it is the newest space with as many dimensions in which the texts lie as near to the
    centroids as its own do.
    """
    ordered = sorted(runs, key=lambda run: run.number)
    since: dict[tuple[str, str], str] = {}
    spaces: dict[str, str | None] = {}  # each with the encoder of its newest run, which stand last
    for run in ordered:
        for each in run.regions:
            since.setdefault((each.partition, each.name), f"{run.at:%Y-%m-%d}")
        if run.region_space is not None:
            spaces.pop(run.region_space, None)
            spaces[run.region_space] = run.encoder
    counted = {run.key for run in runs} if active is None else set(active)
    weights = weights_of(embeddings.encoder)
    same = [space for space, encoder in spaces.items() if encoder and weights_of(encoder) == weights]
    for space in reversed(same or list(spaces)):
        known = _gathered([run for run in ordered if run.region_space == space], space, since, counted)
        if known.centroids.shape[1] == embeddings.vectors.shape[1] and (same or _fits(known, embeddings.vectors)):
            return known
    return replace(NOTHING_KNOWN, since=since)


def _fits(known: Registry, vectors: np.ndarray) -> bool:
    nearest = (vectors @ known.centroids.T).max(axis=1)
    return bool(nearest.mean() >= SAME_SPACE * known.closeness.mean())


def _gathered(
    runs: Sequence[CanaryRun], space: str, since: Mapping[tuple[str, str], str], counted: set[str]
) -> Registry:
    by_name: dict[str, list[tuple[bool, RegionFigure]]] = {}
    for run in runs:
        for each in run.regions:
            if each.centroid is not None:
                by_name.setdefault(each.name, []).append((run.key in counted, each))
    rows = []
    for found in by_name.values():
        kept = ([figure for counts, figure in found if counts] or [figure for _, figure in found])[:SETTLING]
        n, near, own = (np.array([getattr(each, name) for each in kept], dtype=float) for name in KEPT)
        total = n @ np.array([decoded(str(each.centroid)) for each in kept])
        mean = n @ near / n.sum()
        rows.append((total / max(float(np.linalg.norm(total)), TINY), n.sum(), mean, n @ (own**2 + near**2) / n.sum()))
    centroids, n_texts, means, squares = (np.array(column) for column in zip(*rows, strict=True))
    spreads = np.maximum(squares - means**2, 0.0)
    usual = n_texts @ spreads / n_texts.sum()
    return Registry(
        space=space,
        names=tuple(by_name),
        centroids=centroids,
        closeness=means,
        spread=np.sqrt((n_texts * spreads + SHRINKING * usual) / (n_texts + SHRINKING)),
        since=since,
    )


def place_texts(
    known: Registry, embeddings: QueryEmbeddings, clusters: Partition, *, new: Sequence[int]
) -> PlacedTexts:
    """Place a week's texts in the known regions, and let regions be born.

    Parameters
    ----------
    known, embeddings
        The regions of the earlier runs, and the texts of the week's two samples.
    clusters, new
        The week's own query clusters, from which the first regions come, and which of them held-out lacks.

    Notes
    -----
    Where nothing is known, the week's clusters are the first regions. Later on a region is born of texts that lie as
    near to each other as texts of one region do: of texts beyond the reach of every region, and of production texts in
    a cluster that held-out lacks, unless they or the whole cluster lie in a region that held-out lacks too, or they in
    one that is mostly this cluster.
    """
    cluster_of = _cluster_of_texts(embeddings, clusters)
    if not known.names:
        names = _unique(clusters.regions, known.since)
        return PlacedTexts(space=embeddings.encoder, names=names, labels=cluster_of, n_known=0)
    labels = known.place(embeddings.vectors)
    sides = [np.zeros(len(labels), dtype=bool) for _ in range(2)]
    sides[0][embeddings.heldout], sides[1][embeddings.production] = True, True
    waiting = labels == APART
    for members in ((cluster_of == index) & sides[1] for index in new):
        same = _near_region(embeddings.vectors[members], known, embeddings.vectors)
        if same == APART or not _is_lacking(labels, sides, same):
            waiting |= _unknown(labels, sides, members)
    n_born = 0
    for group in _groups(np.flatnonzero(waiting), labels, known, embeddings.vectors):
        near = _near_region(embeddings.vectors[group], known, embeddings.vectors)
        labels[group] = len(known.names) + n_born if near == APART else near
        n_born += near == APART
    labels = _nearer_of(labels, sides, known, embeddings.vectors)
    names = _names_of_born(embeddings.texts, labels, known)
    return PlacedTexts(space=str(known.space), names=(*known.names, *names), labels=labels, n_known=len(known.names))


def _cluster_of_texts(embeddings: QueryEmbeddings, clusters: Partition) -> np.ndarray:
    found = np.full(len(embeddings.texts), APART, dtype=np.int64)
    found[embeddings.heldout] = clusters.heldout
    found[embeddings.production] = clusters.production
    return found


def _unknown(labels: np.ndarray, sides: Sequence[np.ndarray], members: np.ndarray) -> np.ndarray:
    """Of a cluster's production texts, those in no region that held-out lacks or that is mostly this cluster."""
    left = members.copy()
    for label in np.unique(labels[members & (labels >= 0)]):
        is_mostly = int((labels[members] == label).sum()) >= MOSTLY * int((labels[sides[1]] == label).sum())
        if is_mostly or _is_lacking(labels, sides, label):
            left &= labels != label
    return left


def _is_lacking(labels: np.ndarray, sides: Sequence[np.ndarray], label: int) -> bool:
    """Whether held-out lacks a region."""
    before, now = (int((labels[side] == label).sum()) / max(1, int(side.sum())) for side in sides)
    return before < MOST_HELDOUT * now


def _nearer_of(labels: np.ndarray, sides: Sequence[np.ndarray], known: Registry, vectors: np.ndarray) -> np.ndarray:
    """Let other texts that lie nearer to a region born just now than to their own join it, if held-out still lacks it.

    One that draws held-out's texts away from known regions is a part of these.
    """
    n_known, found = len(known.names), labels.copy()
    for born in range(n_known, int(labels.max(initial=-1)) + 1):
        centroid = vectors[labels == born].sum(axis=0)
        centroid /= max(float(np.linalg.norm(centroid)), TINY)
        others = np.flatnonzero((labels >= 0) & (labels < n_known))
        joining = others[vectors[others] @ centroid > (vectors[others] * known.centroids[labels[others]]).sum(axis=1)]
        found[joining] = born
        if sides[0][joining].any() and not _is_lacking(found, sides, born):
            found[found == born] = known.place(vectors[found == born])
    kept = np.unique(found[found >= n_known])
    return np.where(found < n_known, found, n_known + np.searchsorted(kept, found))


def _groups(waiting: np.ndarray, labels: np.ndarray, known: Registry, vectors: np.ndarray) -> list[np.ndarray]:
    """Groups of texts by average linkage that are large enough to be regions."""
    if len(waiting) < MIN_APART:
        return []
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(vectors[waiting], method="average", metric="cosine")
    group = fcluster(tree, t=1 - _halfway(known, vectors), criterion="distance")
    found = [waiting[group == each] for each in np.unique(group)]
    return [each for each in found if len(each) >= MIN_TEXTS or int((labels[each] == APART).sum()) >= MIN_APART]


def _near_region(group: np.ndarray, known: Registry, vectors: np.ndarray) -> int:
    """The known region whose texts lie as near to a group's as those of one region do, or -1."""
    cosines = (group @ known.centroids.T).mean(axis=0) * known.closeness  # the mean over pairs of texts
    nearest = int(cosines.argmax())
    return nearest if cosines[nearest] >= _halfway(known, vectors) else APART


def _halfway(known: Registry, vectors: np.ndarray) -> float:
    """Cosine between that of two texts within a region and that of any two texts."""
    within = float((known.closeness**2).mean())  # of two texts whose cosines with their centre are these
    middle = vectors.mean(axis=0, dtype=np.float64)
    return (within + float(middle @ middle)) / 2


def _names_of_born(texts: np.ndarray, labels: np.ndarray, known: Registry) -> tuple[str, ...]:
    n_born = int(labels.max(initial=-1)) + 1 - len(known.names)
    if n_born <= 0:
        return ()
    placed = labels >= 0
    terms = name_clusters(texts[placed], labels[placed])
    return _unique([", ".join(words) for words in terms[len(known.names) :]], known.since)


def _unique(names: Sequence[str], since: Mapping[tuple[str, str], str]) -> tuple[str, ...]:
    """Number what is called like a region of before."""
    taken, found = {name for _, name in since}, []
    for name in names:
        candidate, number = name, 1
        while candidate in taken:
            number += 1
            candidate = f"{name}, {number}"
        taken.add(candidate)
        found.append(candidate)
    return tuple(found)
