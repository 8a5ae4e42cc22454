"""Whether the documents moved: can a classifier tell them apart where the queries look alike?"""

from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.intervals import clustered_error, t_interval
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import Partition

FOLDS = 5
RIDGE = 1.0  # penalty in units of the mean square of a coordinate times the number of pairs over 100
MAX_FIT = 6_000  # pairs a sample that the classifier is fitted on
MOVED = 0.55  # area under the curve that the lower limit must pass before docs count as moved
LINE_RIDGE = 0.1  # of the line from queries to docs, in units of RIDGE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocsTest:
    """How well docs, and queries, tell the samples apart.

    Attributes
    ----------
    docs, queries
        Area under the curve of a classifier production against held-out on pairs that it was not fitted on; 0.5 is
        chance. Of docs, by what their queries do not lead one to expect.
    moved
        Whether docs differ at like queries, and clearly more than the queries do.
    new_heldout, new_production
        Pairs whose doc looks like production's alone, bool, one entry a pair.
    """

    docs: Measured
    queries: Measured
    moved: bool
    new_heldout: np.ndarray
    new_production: np.ndarray

    def partition(self) -> Partition:
        names = ("docs as before", "docs of a new kind")
        return Partition(
            name="doc kind",
            kind="doc",
            regions=names,
            terms=tuple((name,) for name in names),
            heldout=self.new_heldout.astype(np.int64),
            production=self.new_production.astype(np.int64),
            reason=f"At like queries, a classifier tells production's docs from held-out's, area {self.docs.figure()}.",
        )


def compare_docs(
    docs: QueryEmbeddings,
    queries: QueryEmbeddings,
    codes: tuple[np.ndarray, np.ndarray],
    *,
    familiar: tuple[np.ndarray, np.ndarray],
    confidence: float,
    rng: np.random.Generator,
) -> DocsTest | None:
    """Tell whether the docs moved where the queries did not; None with too few queries.

    Parameters
    ----------
    docs, queries
        Embeddings of both samples.
    codes
        Query of each pair, comparable between the samples.
    familiar
        Pairs of each sample whose query is of a familiar kind; new queries bring new docs, which is no news.

    Notes
    -----
    A classifier two-sample test [1]_: a ridge classifier, cross-validated by whole queries, on what is left of docs
    beside their regression on queries, so that another mix of the same traffic moves little. The interval of the area
    counts queries [2]_; all of it must lie above what the queries themselves tell, for a straight line leaves a part.

    References
    ----------
    .. [1] Lopez-Paz, D. and Oquab, M. (2017). Revisiting classifier two-sample tests. ICLR.
    .. [2] Obuchowski, N. (1997). Nonparametric analysis of clustered ROC curve data. Biometrics 53.
    """
    if min(len(np.unique(c[f])) for c, f in zip(codes, familiar, strict=True)) < 2 * FOLDS:
        return None
    fold = rng.permutation(int(max(codes[0].max(), codes[1].max())) + 1) % FOLDS
    known = [c[f] for c, f in zip(codes, familiar, strict=True)]
    asked, given = (_scores(x, z, codes, familiar, fold, rng) for x, z in ((queries, None), (docs, queries)))
    queries_area, docs_area = (
        _Area.of([s[f] for s, f in zip(each, familiar, strict=True)], known).measured(confidence)
        for each in (asked, given)
    )
    cut = _best_cut(*(s[f] for s, f in zip(given, familiar, strict=True)))
    new = [(s > cut) & f for s, f in zip(given, familiar, strict=True)]
    return DocsTest(
        docs=docs_area,
        queries=queries_area,
        moved=docs_area.low > max(MOVED, queries_area.estimate),
        new_heldout=new[0],
        new_production=new[1],
    )


def _scores(
    embeddings: QueryEmbeddings,
    given: QueryEmbeddings | None,
    codes: tuple[np.ndarray, np.ndarray],
    familiar: tuple[np.ndarray, np.ndarray],
    fold: np.ndarray,
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Score of each pair by the classifier fitted without its fold, beside what `given` leads one to expect."""
    scores = [np.zeros(len(codes[0])), np.zeros(len(codes[1]))]
    drawn = [np.sort(rng.permutation(np.flatnonzero(mask))[:MAX_FIT]) for mask in familiar]
    for out in range(FOLDS):
        fitted = [rows[fold[c[rows]] != out] for rows, c in zip(drawn, codes, strict=True)]
        x = _vectors(embeddings, fitted)
        if given is None:
            direction = _direction(*x)
            parts = [(embeddings, embeddings.vectors @ direction.astype(np.float32))]
        else:
            z = _vectors(given, fitted)
            line = _line(np.concatenate(z), np.concatenate(x))
            direction = _direction(*(each - other @ line for each, other in zip(x, z, strict=True)))
            parts = [
                (embeddings, embeddings.vectors @ direction.astype(np.float32)),
                (given, given.vectors @ -(line @ direction).astype(np.float32)),
            ]
        for side, codes_of in enumerate(codes):
            rows = fold[codes_of] == out
            scores[side][rows] = sum(on_texts[_places(texts)[side][rows]] for texts, on_texts in parts)
    return scores


def _places(embeddings: QueryEmbeddings) -> tuple[np.ndarray, np.ndarray]:
    return embeddings.heldout, embeddings.production


def _vectors(embeddings: QueryEmbeddings, rows: list[np.ndarray]) -> list[np.ndarray]:
    """Vectors of rows of both samples."""
    both = zip(_places(embeddings), rows, strict=True)
    return [embeddings.vectors[places[chosen]].astype(np.float64) for places, chosen in both]


def _line(z: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Ridge regression of x on z, of shape (columns of z, columns of x); its constant is the same for all."""
    z = z - z.mean(axis=0)
    scatter = z.T @ z / len(z)
    penalty = LINE_RIDGE * np.trace(scatter) / len(z)
    if not penalty:
        return np.zeros((z.shape[1], x.shape[1]))
    return np.asarray(np.linalg.solve(scatter + penalty * np.eye(len(scatter)), z.T @ x / len(z)))


def _direction(heldout: np.ndarray, production: np.ndarray) -> np.ndarray:
    """Ridge discriminant between two sets of vectors, both samples weighing the same."""
    means = heldout.mean(axis=0), production.mean(axis=0)
    centred = [x - mean for x, mean in zip((heldout, production), means, strict=True)]
    scatter = sum(x.T @ x / len(x) for x in centred)  # of one array with itself NumPy computes half
    n = min(len(heldout), len(production))
    penalty = RIDGE * np.trace(scatter) / n
    if not penalty:  # each sample repeats one text; any ridge leaves this direction
        return np.asarray(means[1] - means[0])
    return np.asarray(np.linalg.solve(scatter + penalty * np.eye(len(scatter)), means[1] - means[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Area:
    """An area under the curve, and what each query adds to its error."""

    estimate: float
    parts: np.ndarray
    n_pairs: int
    n_queries: int

    @classmethod
    def of(cls, scores: list[np.ndarray], queries: list[np.ndarray]) -> "_Area":
        placements = [1 - _share_below(scores[1], scores[0]), _share_below(scores[0], scores[1])]
        parts = np.zeros(int(max(q.max() for q in queries)) + 1)
        for values, query in zip(placements, queries, strict=True):
            parts += np.bincount(query, weights=(values - values.mean()) / len(values), minlength=len(parts))
        return cls(
            estimate=float(placements[1].mean()),
            parts=parts,
            n_pairs=sum(map(len, scores)),
            n_queries=int(np.count_nonzero(np.bincount(np.concatenate(queries)))),
        )

    def measured(self, confidence: float) -> Measured:
        return t_interval(
            self.estimate,
            clustered_error(self.parts, self.n_queries),
            degrees=self.n_queries - 2,
            confidence=confidence,
            n_pairs=self.n_pairs,
            n_queries=self.n_queries,
        )


def _share_below(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    ordered = np.sort(reference)
    both = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(both / (2 * len(ordered)))


def _best_cut(heldout: np.ndarray, production: np.ndarray) -> float:
    """Score above which production exceeds held-out most (Youden, 1950)."""
    candidates = np.sort(production)
    excess = np.arange(len(candidates)) / len(candidates) - np.searchsorted(np.sort(heldout), candidates) / len(heldout)
    return float(candidates[int(np.argmin(excess))])
