"""Whether the documents moved: can a classifier tell them apart where the queries look alike?"""

from dataclasses import dataclass

import numpy as np

from drift_core.distributions.area_between import area_between
from drift_core.measured import Measured
from drift_core.measures.intervals import t_quantile
from drift_core.measures.scores import Scores
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.novelty import NewParts
from drift_core.regions.partitions import Partition
from drift_core.regions.topics import is_clear

FOLDS = 5
RIDGE = 1.0  # penalty in units of the mean square of a coordinate times the number of pairs over 100
MAX_FIT = 6_000  # pairs a sample that the classifier is fitted on
DOC_KIND = "doc kind"
MOVED = 0.55  # area under the curve that the lower limit must pass before docs count as moved
MOVED_BY_CHANCE = 0.005  # chance of that where they did not; it names a cause, as `Rule.cause_alpha`
LINE_RIDGE = 0.1  # of the line from queries to docs, in units of RIDGE
MANY = 1e6  # degrees of freedom of a normal quantile
SAME = 1e-9  # share of the mean square below which what is left about the mean is rounding


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

    @property
    def differ(self) -> bool:
        """Whether docs tell the samples apart beyond what queries do, be it by a part of them that moved."""
        return self.moved or self.docs.low > max(0.5, self.queries.high)

    def partition(self) -> Partition:
        names = ("docs as before", "docs of a new kind")
        return Partition(
            name=DOC_KIND,
            kind="doc",
            regions=names,
            terms=tuple((name,) for name in names),
            heldout=self.new_heldout.astype(np.int64),
            production=self.new_production.astype(np.int64),
            reason="At like queries, a model that must pick production's doc out of two is right in "
            f"{self.docs.estimate:.0%} of cases, by guessing in 50%.",
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
        area_between(*(s[f] for s, f in zip(each, familiar, strict=True)), codes=known, confidence=confidence)
        for each in (asked, given)
    )
    wider = t_quantile(1 - 2 * MOVED_BY_CHANCE, MANY) / t_quantile(confidence, MANY)
    reach = wider * (docs_area.estimate - docs_area.low)
    cut = _best_cut(*(s[f] for s, f in zip(given, familiar, strict=True)))
    new = [(s > cut) & f for s, f in zip(given, familiar, strict=True)]
    return DocsTest(
        docs=docs_area,
        queries=queries_area,
        moved=docs_area.estimate - reach > max(MOVED, queries_area.estimate),
        new_heldout=new[0],
        new_production=new[1],
    )


def find_moved_docs(
    scores: tuple[Scores, Scores],
    *,
    confidence: float,
    seed: int,
    parts: NewParts,
    docs: QueryEmbeddings | None,
    queries: QueryEmbeddings,
) -> DocsTest | None:
    """Tell whether the docs moved where the queries did not; None without docs."""
    if docs is None:
        return None
    clear = np.append(is_clear(parts), False)[parts.part]
    familiar = ~clear[queries.heldout], ~clear[queries.production]
    codes = tuple(np.arange(len(s)) if s.queries is None else s.queries for s in scores)
    rng = np.random.default_rng(seed)
    return compare_docs(docs, queries, codes, familiar=familiar, confidence=confidence, rng=rng)  # type: ignore[arg-type]


def tell_apart(
    texts: QueryEmbeddings, codes: tuple[np.ndarray, np.ndarray], *, confidence: float, rng: np.random.Generator
) -> Measured | None:
    """Measure how well texts tell two sets of pairs apart, as `compare_docs` does; None with too few queries."""
    if min(len(np.unique(each)) for each in codes) < 2 * FOLDS:
        return None
    fold = rng.permutation(int(max(codes[0].max(), codes[1].max())) + 1) % FOLDS
    everything = np.ones(len(codes[0]), dtype=bool), np.ones(len(codes[1]), dtype=bool)
    return area_between(*_scores(texts, None, codes, everything, fold, rng), codes=codes, confidence=confidence)


def _scores(
    embeddings: QueryEmbeddings,
    given: QueryEmbeddings | None,
    codes: tuple[np.ndarray, np.ndarray],
    familiar: tuple[np.ndarray, np.ndarray],
    fold: np.ndarray,
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Score of each pair by the classifier fitted without its fold, beside what `given` leads one to expect.

    Sums of products are taken once a fold; those of the other folds are the whole less its own. Columns that no text
    has, as of hashed words, are left out.
    """
    scores = [np.zeros(len(codes[0])), np.zeros(len(codes[1]))]
    drawn = [np.sort(rng.permutation(np.flatnonzero(mask))[:MAX_FIT]) for mask in familiar]
    columns = [_Columns.of(each) for each in (given, embeddings) if each is not None]
    folds = [_products(columns, side, rows, fold[codes[side][rows]]) for side, rows in enumerate(drawn)]
    n_given = 0 if given is None else len(columns[0].used)
    for out in range(FOLDS):
        heldout, production = (_Products.without(of_side, out) for of_side in folds)
        line = _line(heldout + production, n_given)
        direction = _direction(heldout, production, line)
        parts = [(columns[-1].embeddings, columns[-1].along(direction))]
        if given is not None:
            parts.append((given, columns[0].along(-(line @ direction))))
        for side, codes_of in enumerate(codes):
            rows = fold[codes_of] == out
            scores[side][rows] = sum(on_texts[_places(texts)[side][rows]] for texts, on_texts in parts)
    return scores


def _places(embeddings: QueryEmbeddings) -> tuple[np.ndarray, np.ndarray]:
    return embeddings.heldout, embeddings.production


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Columns:
    """Embeddings, and which of their columns some text has."""

    embeddings: QueryEmbeddings
    used: np.ndarray

    @classmethod
    def of(cls, embeddings: QueryEmbeddings) -> "_Columns":
        return cls(embeddings=embeddings, used=np.flatnonzero(embeddings.vectors.any(axis=0)))

    def rows(self, side: int, chosen: np.ndarray) -> np.ndarray:
        """Used columns of some pairs of one sample, float64."""
        return self.embeddings.vectors[_places(self.embeddings)[side][chosen]][:, self.used].astype(np.float64)

    def along(self, direction: np.ndarray) -> np.ndarray:
        """Each text's place along a direction in the used columns, shape (n_texts,)."""
        whole = np.zeros(self.embeddings.vectors.shape[1], dtype=np.float32)
        whole[self.used] = direction
        return np.asarray(self.embeddings.vectors @ whole)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Products:
    """Number of rows of a matrix, the sum of each column, shape (d,), and of the products of any two, shape (d, d)."""

    n: int
    sums: np.ndarray
    products: np.ndarray

    def __add__(self, other: "_Products") -> "_Products":
        return _Products(n=self.n + other.n, sums=self.sums + other.sums, products=self.products + other.products)

    @classmethod
    def without(cls, folds: list["_Products"], out: int) -> "_Products":
        first, *others = (each for number, each in enumerate(folds) if number != out)
        total = _Products(n=sum((each.n for each in others), first.n), sums=+first.sums, products=+first.products)
        for each in others:  # in place: new tables of so many columns take longer than their sums
            total.sums[:] += each.sums
            total.products[:] += each.products
        return total

    def scatter(self) -> np.ndarray:
        """Mean product of any two columns about their means."""
        mean = self.sums / self.n
        scatter = self.products / self.n
        scatter -= np.outer(mean, mean)
        return scatter


def _products(columns: list[_Columns], side: int, rows: np.ndarray, fold: np.ndarray) -> list[_Products]:
    """Products of the columns side by side in each fold of one sample's rows."""
    folds = []
    for number in range(FOLDS):
        chosen = rows[fold == number]
        x = np.hstack([each.rows(side, chosen) for each in columns])
        folds.append(_Products(n=len(x), sums=x.sum(axis=0), products=x.T @ x))  # of one array NumPy computes half
    return folds


def _line(both: _Products, k: int) -> np.ndarray:
    """Ridge regression of the other columns on the first k, shape (k, others); its constant is the same for all."""
    scatter = both.scatter()
    trace = np.trace(scatter[:k, :k])
    if trace <= SAME * np.trace(both.products[:k, :k]) / both.n:
        return np.zeros((k, len(scatter) - k))
    penalty = LINE_RIDGE * trace / both.n
    return _solved(scatter[:k, :k], penalty, scatter[:k, k:])


def _direction(heldout: _Products, production: _Products, line: np.ndarray) -> np.ndarray:
    """Ridge discriminant between two samples by what the line leaves of their columns, both weighing the same."""
    k = len(line)
    apart = production.sums / production.n - heldout.sums / heldout.n
    whole = heldout.scatter()
    whole += production.scatter()
    left, scatter = apart[k:] - apart[:k] @ line, whole[k:, k:]
    if k:
        taken = line.T @ (whole[:k, :k] @ line / 2 - whole[:k, k:])
        scatter += taken
        scatter += taken.T
    trace = np.trace(scatter)
    if trace <= SAME * sum(np.trace(each.products) / each.n for each in (heldout, production)):
        return np.asarray(left)  # each sample repeats one text; any ridge leaves this direction
    return _solved(scatter, RIDGE * trace / min(heldout.n, production.n), left)


def _solved(scatter: np.ndarray, penalty: float, right: np.ndarray) -> np.ndarray:
    from scipy.linalg import solve

    ridged = scatter.copy()
    ridged.flat[:: len(ridged) + 1] += penalty
    return np.asarray(solve(ridged, right, assume_a="pos", overwrite_a=True))


def _best_cut(heldout: np.ndarray, production: np.ndarray) -> float:
    """Score above which production exceeds held-out most (Youden, 1950)."""
    candidates = np.sort(production)
    excess = np.arange(len(candidates)) / len(candidates) - np.searchsorted(np.sort(heldout), candidates) / len(heldout)
    return float(candidates[int(np.argmin(excess))])
