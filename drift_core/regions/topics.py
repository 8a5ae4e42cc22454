"""Topics: clusters of all texts, with what is new in production cut out as regions of its own."""

from collections.abc import Iterator, Sequence

import numpy as np

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.naming import name_clusters
from drift_core.regions.novelty import NewParts, clear_gain
from drift_core.regions.partitions import Kind, Partition
from drift_core.samples.new_wording import no_topics

PIECE_TEXTS = 30  # distinct texts from which a cluster inside a new part is a region of its own
PIECE_SHARE = 0.2  # of the part's texts


def topic_partition(
    embeddings: QueryEmbeddings,
    parts: NewParts,
    *,
    kind: Kind,
    keep: np.ndarray | None = None,
    named: bool = True,
    chances: Sequence[float | None] = (),
) -> Partition:
    """Cut both samples into clusters of familiar texts and the new parts of production.

    Parameters
    ----------
    embeddings
        Of the two samples.
    parts
        From `find_new_parts` of these embeddings.
    kind
        Whether the texts are queries or docs.
    keep
        New parts to cut out, bool of shape (n_parts,), all by default; the others stay in their cluster.
    named
        Whether regions are ready to be read: a part that spans several clusters is split by them, and regions get
        names from their terms. Otherwise each part is one region, in order, with a number.
    chances
        Chance of each cluster, then of each part, from a scan of the scores, in 0..1, or None; none by default.
    """
    keep = np.ones(len(parts.gains), dtype=bool) if keep is None else keep
    kept = np.append(keep, False)[parts.part]
    piece = _pieces(parts) if named else np.zeros(len(parts.part), dtype=np.int64)
    n_pieces = int(piece.max(initial=0)) + 1
    codes = np.where(kept, parts.n_clusters + parts.part * n_pieces + piece, parts.cluster)
    found, labels = np.unique(codes, return_inverse=True)
    terms: tuple[tuple[str, ...], ...] = tuple((str(code),) for code in found)
    if named:
        terms = name_clusters(embeddings.texts, labels, left_out=no_topics(*embeddings.texts_of_both))
    n_new = int((found >= parts.n_clusters).sum())
    cut_out = (
        f" {n_new} new {'part is' if n_new == 1 else 'parts are'} cut out as regions of their own." if n_new else ""
    )
    return Partition(
        name=f"{kind} clusters",
        kind=kind,
        regions=tuple(", ".join(words) for words in terms),
        terms=terms,
        heldout=labels[embeddings.heldout].astype(np.int64),
        production=labels[embeddings.production].astype(np.int64),
        reason=parts.reason + cut_out,
        fine_heldout=parts.fine[embeddings.heldout],
        fine_production=parts.fine[embeddings.production],
        chances=tuple(_chances(found, chances, parts.n_clusters, n_pieces)),
    )


def _chances(
    codes: np.ndarray, chances: Sequence[float | None], n_clusters: int, n_pieces: int
) -> Iterator[float | None]:
    """Chance of each region, of a cluster or of a piece of a part."""
    for code in codes if chances else ():
        yield chances[code if code < n_clusters else n_clusters + (code - n_clusters) // n_pieces]


def _pieces(parts: NewParts) -> np.ndarray:
    """Piece of each text inside its new part, 0 where the part is one; small pieces join the largest."""
    piece = np.zeros(len(parts.part), dtype=np.int64)
    for part in range(len(parts.gains)):
        inside = parts.part == part
        counts = np.bincount(parts.piece[inside])
        large = counts >= max(PIECE_TEXTS, PIECE_SHARE * counts.sum())
        large[counts.argmax()] = True
        place = np.where(large, np.arange(len(counts)), counts.argmax())
        piece[inside] = place[parts.piece[inside]]
    return piece


def is_clear(parts: NewParts) -> np.ndarray:
    """New parts that stand as regions of their own whatever their scores say, bool of shape (n_parts,)."""
    return np.array(parts.gains, dtype=float).reshape(-1) >= clear_gain(len(parts.part))
