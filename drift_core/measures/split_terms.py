"""Terms of the split: coefficients with what each query contributes to their error, so that differences keep it."""

from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.agreement import Coefficient
from drift_core.measures.intervals import t_interval
from drift_core.measures.scores import Scores

NOTHING = 1e-12  # a variance below it is what rounding leaves of terms that cancel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """A coefficient with what each query contributes to its error, through either sample.

    Attributes
    ----------
    estimate
        The coefficient, or a sum or difference of several.
    heldout, production
        What each query contributes through either sample, by query code.
    excess
        Standard error beyond that of queries, because regions change unlike each other.
    floor
        Least standard error, from all differences between regions that are seen.
    region_degrees
        Degrees of freedom of `excess` and `floor`: regions that were compared minus one.
    """

    estimate: float
    heldout: np.ndarray
    production: np.ndarray
    excess: float = 0.0
    floor: float = 0.0
    region_degrees: int = 0

    def __sub__(self, other: "Term") -> "Term":
        return Term(
            estimate=self.estimate - other.estimate,
            heldout=self.heldout - other.heldout,
            production=self.production - other.production,
            excess=float(np.hypot(self.excess, other.excess)),
            floor=max(self.floor, other.floor),
            region_degrees=max(self.region_degrees, other.region_degrees),
        )

    def __add__(self, other: "Term") -> "Term":
        return self - other.times(-1)

    def times(self, factor: float) -> "Term":
        return Term(
            estimate=factor * self.estimate,
            heldout=factor * self.heldout,
            production=factor * self.production,
            excess=abs(factor) * self.excess,
            floor=abs(factor) * self.floor,
            region_degrees=self.region_degrees,
        )

    @classmethod
    def of_heldout(cls, coefficient: Coefficient, n_queries: int) -> "Term":
        sums = _padded(coefficient.contributions, n_queries)
        return cls(estimate=coefficient.estimate, heldout=sums, production=np.zeros(n_queries))

    @classmethod
    def of_production(cls, coefficient: Coefficient, n_queries: int) -> "Term":
        sums = _padded(coefficient.contributions, n_queries)
        return cls(estimate=coefficient.estimate, heldout=np.zeros(n_queries), production=sums)

    def measured(self, heldout: Scores, production: Scores, confidence: float) -> Measured:
        """Give the term its interval.

        Notes
        -----
        Degrees of freedom are Satterthwaite's, of three sources of error: the queries of either sample and, for
        `excess`, the regions [1]_. Where `floor` is the error it has those of the regions.

        References
        ----------
        .. [1] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
           Biometrics Bulletin 2, 110-114.
        """
        parts = [_corrected(self.heldout, heldout), _corrected(self.production, production)]
        both = parts[0] + parts[1]
        error = float(np.hypot(np.sqrt(both @ both), self.excess))
        queries = heldout.effective_queries - 1, production.effective_queries - 1
        sources = [(float(part @ part), degrees) for part, degrees in zip(parts, queries, strict=True)]
        degrees = _satterthwaite([*sources, (self.excess**2, self.region_degrees)])
        if self.floor > error:
            error, degrees = self.floor, max(1, self.region_degrees)
        return t_interval(
            self.estimate,
            error,
            degrees=degrees,
            confidence=confidence,
            n_pairs=len(heldout) + len(production),
            n_queries=heldout.n_queries + production.n_queries,
            is_share=not heldout.is_ranked,
        )


def by_query(values: np.ndarray, scores: Scores, n_queries: int) -> np.ndarray:
    """Sum the influences of pairs within each query and divide by the number of pairs."""
    return np.bincount(scores.queries, weights=values / len(values), minlength=n_queries)  # type: ignore[arg-type]


def _padded(contributions: np.ndarray, n_queries: int) -> np.ndarray:
    return np.concatenate([contributions, np.zeros(n_queries - len(contributions))])


def _corrected(sums: np.ndarray, scores: Scores) -> np.ndarray:
    """Contributions of a sample, corrected for its number of queries; nothing where only rounding is left."""
    corrected = sums * np.sqrt(scores.n_queries / max(1, scores.n_queries - 1))
    return corrected if corrected @ corrected >= NOTHING else np.zeros_like(corrected)


def _satterthwaite(sources: list[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of variances, each with its own; those of all sources where there is no error."""
    spread = sum(variance**2 / max(1, degrees) for variance, degrees in sources)
    if spread == 0:
        return float(max(1, sum(degrees for _, degrees in sources)))
    return sum(variance for variance, _ in sources) ** 2 / spread
