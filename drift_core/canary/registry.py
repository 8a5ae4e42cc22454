"""Regions that keep their names: the query clusters of a history, and which texts of a week lie in which.

A region is born in the run that first shows it. What its weeks say together is in `pooled_regions`.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.canary.run import CanaryRun, RegionFigure
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.naming import name_clusters
from drift_core.regions.partitions import Partition

REACH = 3.0  # sd under a region's usual closeness from which a text is none of it: 1 in 740 if closeness were normal
SHRINKING = 20  # texts that the closeness of all regions together counts for in the sd of one
SAME_SPACE = 0.75  # of the usual closeness, from which another encoder's vectors are in the same space
MIN_TEXTS = 3  # distinct texts apart from every region that are a region of their own
MOSTLY = 0.5
NEW_BELOW = 0.25  # held-out lacks a region of which its share is below this times production's, as in the diagnosis
STEPS = 127  # of a coordinate, of which the largest of a centroid has all
KEPT = ("n_texts", "closeness", "closeness_sd")
TINY = 1e-12
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
    """A week's texts in the regions of the registry and in those born this week.

    Attributes
    ----------
    space
        As in `Registry`.
    names
        One a region, those born this week last.
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
        Keys of the runs that count; by default all. A withdrawn run moves no centroid, but a region that it alone has
        keeps its name and place.

    Notes
    -----
    The space is that of the newest run with the same encoder. Vectors that come from files have no encoder to go by:
    then it is the newest space with as many dimensions in which the texts lie as near to the centroids as its own do.
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
    same = [space for space, encoder in spaces.items() if encoder == embeddings.encoder]
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
        kept = [figure for counts, figure in found if counts] or [figure for _, figure in found]
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
    known
        The regions of the earlier runs.
    embeddings
        Of the week's two samples.
    clusters
        The week's own query clusters, from which the first regions come.
    new
        Of these, the ones that held-out lacks.

    Notes
    -----
    Where nothing is known, the week's clusters are the first regions. Later on a region is born of a cluster that
    held-out lacks, unless most of its production texts lie in one known region that held-out lacks too, or that has
    most of its own texts of this week there; and of three or more texts beyond the reach of every region that lie as
    near to each other as texts of one region do.
    """
    vectors = embeddings.vectors
    cluster_of = _cluster_of_texts(embeddings, clusters)
    if not known.names:
        names = _unique([clusters.regions[index] for index in range(clusters.n_regions)], known.since)
        return PlacedTexts(space=embeddings.encoder, names=names, labels=cluster_of, n_known=0)
    labels = known.place(vectors)
    seen, produced = (np.zeros(len(vectors), dtype=bool) for _ in range(2))
    seen[embeddings.heldout], produced[embeddings.production] = True, True
    born = [cluster_of == index for index in new if not _is_known(labels, seen, produced, cluster_of == index)]
    for number, members in enumerate(born):
        labels[members & produced] = len(known.names) + number
    labels = _nearer_of(labels, known, vectors)
    outside = np.flatnonzero(labels == APART)
    next_label = len(known.names) + len(born)
    for group in _groups_apart(vectors[outside], known, vectors, labels):
        labels[outside[group]] = next_label
        next_label += 1
    names = _names_of_born(embeddings.texts, labels, known)
    return PlacedTexts(space=str(known.space), names=(*known.names, *names), labels=labels, n_known=len(known.names))


def _cluster_of_texts(embeddings: QueryEmbeddings, clusters: Partition) -> np.ndarray:
    found = np.full(len(embeddings.texts), APART, dtype=np.int64)
    found[embeddings.heldout] = clusters.heldout
    found[embeddings.production] = clusters.production
    return found


def _is_known(labels: np.ndarray, seen: np.ndarray, produced: np.ndarray, members: np.ndarray) -> bool:
    """Whether most of a cluster's production texts lie in a region that is mostly this cluster, or new as well."""
    inside = labels[members & produced]
    if not (inside >= 0).any():
        return False
    most = int(np.bincount(inside[inside >= 0]).argmax())
    shared, all_of_it = int((inside == most).sum()), int((labels[produced] == most).sum())
    before = int((labels[seen] == most).sum()) / max(1, int(seen.sum()))
    is_new = before < NEW_BELOW * all_of_it / int(produced.sum())
    return bool(shared >= MOSTLY * len(inside) and (is_new or shared >= MOSTLY * all_of_it))


def _nearer_of(labels: np.ndarray, known: Registry, vectors: np.ndarray) -> np.ndarray:
    """Let the other texts that lie nearer to a region born just now than to their own join it."""
    for label in range(len(known.names), int(labels.max(initial=-1)) + 1):
        centroid = vectors[labels == label].sum(axis=0)
        centroid /= max(float(np.linalg.norm(centroid)), TINY)
        others = np.flatnonzero((labels >= 0) & (labels < len(known.names)))
        own = (vectors[others] * known.centroids[labels[others]]).sum(axis=1)
        labels[others[vectors[others] @ centroid > own]] = label
    return labels


def _groups_apart(outside: np.ndarray, known: Registry, vectors: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Groups of texts beyond every region: average linkage, cut halfway between pairs within and across regions."""
    if len(outside) < MIN_TEXTS:
        return []
    from scipy.cluster.hierarchy import fcluster, linkage

    within = float((known.closeness**2).mean())  # cosine of two texts whose cosines with their centre are these
    placed = vectors[labels >= 0]
    across = float(placed.mean(axis=0) @ placed.mean(axis=0)) if len(placed) else 0.0
    tree = linkage(outside, method="average", metric="cosine")
    group = fcluster(tree, t=1 - (within + across) / 2, criterion="distance")
    found = (np.flatnonzero(group == each) for each in np.unique(group))
    return [members for members in found if len(members) >= MIN_TEXTS]


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


def centre_of(vectors: np.ndarray) -> Mapping[str, object]:
    """What a run keeps of a region's texts, unit vectors of shape (n, d): centroid and closeness."""
    total = vectors.sum(axis=0, dtype=np.float64)
    lengths = np.linalg.norm(total - vectors, axis=1)
    cosines = (vectors @ total - (vectors**2).sum(axis=1))[lengths > 1e-9] / lengths[lengths > 1e-9]
    return {
        "centroid": encoded(total / max(float(np.linalg.norm(total)), TINY)),
        "n_texts": len(vectors),
        "closeness": float(cosines.mean()) if len(cosines) else 1.0,
        "closeness_sd": float(cosines.std()) if len(cosines) else 0.0,
    }


def encoded(centroid: np.ndarray) -> str:
    """A centroid in a byte a coordinate, as text."""
    largest = max(float(np.abs(centroid).max(initial=0.0)), TINY)
    return base64.b64encode(np.rint(centroid / largest * STEPS).astype(np.int8).tobytes()).decode()


def decoded(text: str) -> np.ndarray:
    """The centroid of such a text, of unit length."""
    steps = np.frombuffer(base64.b64decode(text), dtype=np.int8).astype(np.float64)
    return steps / max(float(np.linalg.norm(steps)), TINY)
