"""The tail set: the hardest pairs, drawn once, frozen by the digest of their texts, held to in every comparison."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import InputError
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.problem import Problem
from drift_core.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from drift_core.regions.embeddings import QueryEmbeddings
    from drift_core.regions.encoding import Progress

USUAL = 300  # pairs of a tail set; the pattern has 200 to 500
MOST_COSINES = 20_000_000  # that are held at once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TailSet:
    """The hardest production pairs.

    Attributes
    ----------
    sample, chosen
        The production sample, and positions of the pairs in it, the hardest first, shape (n,).
    hardness
        Of each, in (0, 1].
    reasons
        What hardness is the mean of, by name: the percentile among all candidates, shape (n,), NaN where unknown.
    n_candidates
        Pairs that it was drawn from.
    digest
        Digest of the texts of its pairs.
    encoder
        What told the distance.
    """

    sample: ScoredPairs
    chosen: np.ndarray
    hardness: np.ndarray
    reasons: Mapping[str, np.ndarray]
    n_candidates: int
    digest: str
    encoder: str

    @property
    def sentence(self) -> str:
        """How many pairs of how many, and what they were chosen by."""
        by = ", ".join(name.replace("_", " ") for name in self.reasons)
        return (
            f"The {counted(len(self.chosen), 'hardest pair', 'hardest pairs')} of {self.n_candidates:,}, by: {by}. "
            f"Digest {self.digest[:12]}."
        )

    def to_table(self) -> "pd.DataFrame":
        """The pairs with both scores, slices and why they are here; each student's scores join them later."""
        import pandas as pd

        from drift_core.retrain_list.columns import names_of_slices

        sample, rows = self.sample, self.chosen
        texts = {"query_id": sample.query_id, "query": sample.query, "doc": sample.doc}
        table = {name: values[rows] for name, values in texts.items() if values is not None}
        for name, scores in (("teacher_score", sample.teacher), ("student_score", sample.student)):
            table[name] = sample.kind.written(scores[rows])
        slices = {column: sample.slices[name][rows] for name, column in names_of_slices(sample.slices).items()}
        return pd.DataFrame(table | slices | {"hardness": self.hardness} | dict(self.reasons))


def draw_tail(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    embeddings: "QueryEmbeddings",
    n: int = USUAL,
    progress: "Progress | None" = None,
) -> TailSet:
    """Choose the hardest pairs of production.

    Parameters
    ----------
    heldout
        Pairs that the student was tested on; they are no candidates.
    production
        Pairs scored by teacher and student, with repeated scores of the teacher where there are any.
    embeddings
        Of the queries of both.
    n
        How many, 200 to 500 by the pattern.
    progress
        Called as ``progress(stage, done, total)`` while queries are compared: each distinct one of production with each
        of held-out. 100,000 with 100,000 of 128 dimensions take about 40 seconds of one core.

    Raises
    ------
    InputError
        When production has fewer pairs that held-out lacks.

    Notes
    -----
    Hardness is the mean of up to three percentiles among the candidates, each of the same weight (ours): the scatter of
    the teacher's repeated scores, where a pair has any; the distance of its query, one minus the largest cosine, from
    held-out's queries; the length of query and doc in characters. Among equals the digest of the texts decides, so that
    the order of rows changes nothing and nothing is random.

    The student's own error plays no part. Pairs chosen because one student erred on them would look better under the
    next by regression to the mean, with no gain.
    """
    digests = digest_pairs(production.query, production.doc)
    first = np.zeros(len(production), dtype=bool)
    first[np.unique(digests, return_index=True)[1]] = True
    rows = np.flatnonzero(first & ~np.isin(digests, digest_pairs(heldout.query, heldout.doc)))
    if len(rows) < n:
        found = counted(len(rows), "pair", "pairs")
        raise InputError(f"{production.name} has {found} that held-out lacks; a tail set of {n:,} needs more pairs.")
    reasons = {
        name: _percentiles(values[rows])
        for name, values in _reasons(production, embeddings, progress).items()
        if np.isfinite(values[rows]).any()
    }
    hardness = np.nanmean(list(reasons.values()), axis=0)
    order = np.lexsort((digests[rows].astype(str), -hardness))[:n]
    return TailSet(
        sample=production,
        chosen=rows[order],
        hardness=hardness[order],
        reasons={name: values[order] for name, values in reasons.items()},
        n_candidates=len(rows),
        digest=_digest(digests[rows[order]]),
        encoder=embeddings.encoder,
    )


def digest_of_pairs(sample: ScoredPairs) -> str:
    """SHA-256 of the texts of all pairs of a sample, whatever their order and whoever scored them."""
    return _digest(digest_pairs(sample.query, sample.doc))


def check_tail(sample: ScoredPairs, digest: str | None) -> None:
    """Raise an InputError where a sample is not the tail set of this digest."""
    found = digest_of_pairs(sample)
    if digest is not None and found != digest:
        pairs = counted(len(sample), "pair", "pairs")
        raise InputError(
            f"{sample.name} is not the tail set of the judge card: its {pairs} have digest {found[:12]}, the card's "
            f"{digest[:12]}. Score the very pairs that were drawn, all of them; or draw anew with: "
            "distillation-drift tail."
        )


def trained_on_tail(left_out: Sequence[Problem], n_pairs: int) -> list[str]:
    """Say that the student was trained on pairs of the tail set; nothing where it was not."""
    n_seen = sum(each.n_rows for each in left_out if each.name == "trained_on")
    if not n_seen:
        return []
    return [
        f"The student was trained on {n_seen:,} of the {n_pairs:,} tail pairs, so the rest is not the set that earlier "
        "students were held to. Keep it whole and off the list (manifest --tail FILE), or draw another (tail --redraw)."
    ]


def _digest(digests: np.ndarray) -> str:
    return hashlib.sha256("\n".join(np.unique(digests.astype(str)).tolist()).encode()).hexdigest()


def _reasons(
    production: ScoredPairs, embeddings: "QueryEmbeddings", progress: "Progress | None"
) -> dict[str, np.ndarray]:
    """What makes each pair hard, shape (n_production,), larger is harder."""
    found = {"distance": _distances(embeddings, progress), "length": _lengths(production)}
    repeats = production.teacher_repeats
    return found if repeats is None else {"teacher_noise": _noise(production, repeats)} | found


def _noise(production: ScoredPairs, repeats: np.ndarray) -> np.ndarray:
    """Standard deviation of the teacher's scores of a pair; of labels without an order, the share that differs."""
    known = np.isfinite(repeats)
    if not production.kind.is_ranked:
        differs = ((repeats != production.teacher[:, None]) & known).sum(axis=1)
        return np.where(known.any(axis=1), differs / np.maximum(known.sum(axis=1), 1), np.nan)
    scores = np.column_stack([production.teacher, repeats])
    counts = 1 + known.sum(axis=1)
    deviations = scores - (np.nansum(scores, axis=1) / counts)[:, None]
    variance = np.nansum(deviations**2, axis=1) / np.maximum(counts - 1, 1)
    return np.where(counts > 1, np.sqrt(variance), np.nan)


def _distances(embeddings: "QueryEmbeddings", progress: "Progress | None") -> np.ndarray:
    """One minus the largest cosine of each query with held-out's, by blocks of rows of unit length in float32."""
    known = embeddings.vectors[np.unique(embeddings.heldout)]
    texts, of_pair = np.unique(embeddings.production, return_inverse=True)
    size = max(1, MOST_COSINES // len(known))
    nearest = np.empty(len(texts), dtype=np.float32)
    for start in range(0, len(texts), size):
        block = slice(start, start + size)
        nearest[block] = (embeddings.vectors[texts[block]] @ known.T).max(axis=1)
        if progress is not None:
            progress("Comparing with held-out's queries", min(start + size, len(texts)), len(texts))
    return (1 - nearest.astype(np.float64))[of_pair]


def _lengths(production: ScoredPairs) -> np.ndarray:
    sides = [production.query] if production.doc is None else [production.query, production.doc]
    return np.sum([[len(text) for text in side] for side in sides], axis=0).astype(np.float64)


def _percentiles(values: np.ndarray) -> np.ndarray:
    """Mid-rank of each value over the number of known ones, NaN where unknown."""
    from scipy.stats import rankdata

    ranks = rankdata(values, nan_policy="omit")
    return np.asarray(ranks / np.isfinite(values).sum())
