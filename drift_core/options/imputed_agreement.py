"""Agreement where some pairs have no score yet: their scores are drawn from pairs alike, and the drawing is counted.

Which pairs are alike, and what follows for a decision, is in `options.expected_agreement`.
"""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.agreement import LEAST_EFFECTIVE, coefficient_of
from drift_core.measures.intervals import t_quantile
from drift_core.measures.scores import Scores
from drift_core.wording import counted

MIN_DONORS = 20  # pairs and queries; as many as a sample needs
N_DRAWS = 20
LARGE, N_DRAWS_LARGE = 50_000, 5  # so many pairs leave little to chance, and each draw takes a second
NEAREST = 2  # places above and below, from which a donor is taken
NEARLY_ONE = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Donors:
    """Pairs that have both scores.

    Attributes
    ----------
    known
        The score that both sides have, ascending, shape (n,).
    drawn
        The score that is taken over, in the same order.
    queries
        Dense code of each donor's query, in the same order.
    is_ranked
        Whether a donor of nearly the same score will do; of labels it must be the same, where there is one.
    """

    known: np.ndarray
    drawn: np.ndarray
    queries: np.ndarray
    is_ranked: bool = True

    @classmethod
    def of(
        cls, known: np.ndarray, drawn: np.ndarray, queries: np.ndarray | None, *, is_ranked: bool = True
    ) -> "Donors | Unmeasured":
        """Order donors by content; unmeasured where they are too few."""
        codes = np.arange(len(known)) if queries is None else queries
        n_queries = len(np.unique(codes))
        if min(len(known), n_queries) < MIN_DONORS:
            found = f"{counted(len(known), 'pair', 'pairs')} of {counted(n_queries, 'query', 'queries')}"
            return Unmeasured(reason=f"Only {found} to learn from, where {MIN_DONORS} of each are needed.")
        order = np.lexsort((codes, drawn, known))
        dense = np.unique(codes[order], return_inverse=True)[1]
        return cls(known=known[order], drawn=drawn[order], queries=dense, is_ranked=is_ranked)

    def draw(self, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw a score for each known score of `wanted`, shape (m,), from queries drawn with replacement."""
        n_queries = int(self.queries.max()) + 1
        times = np.bincount(rng.integers(n_queries, size=n_queries), minlength=n_queries)
        known, drawn = (np.repeat(side, times[self.queries]) for side in (self.known, self.drawn))
        left, right = (np.searchsorted(known, wanted, side) for side in ("left", "right"))
        place = left + (rng.random(len(wanted)) * (right - left)).astype(np.int64)
        if self.is_ranked:
            place += rng.integers(-NEAREST, NEAREST + 1, size=len(wanted))
        return np.asarray(drawn[np.clip(place, 0, len(known) - 1)])


def imputed_agreement(
    scores: Scores, missing: np.ndarray, donors: Donors, *, seed: int, confidence: float = 0.95
) -> Measurement:
    """Measure agreement as it would be if some pairs' student scores were like those of the donors.

    Parameters
    ----------
    scores
        All pairs; the student's score of a missing pair is not read.
    missing
        Pairs whose student score is drawn, bool of shape (n,).
    donors
        Pairs with the known score (the teacher's) and the one to take over (the student's).
    seed
        Seed of the draws. The order of the rows does not matter.

    Notes
    -----
    Each missing pair takes over the score of a donor of nearly the same teacher score (hot deck [1]_), so that a scale
    with few values stays one. The donors' queries are drawn with replacement each time (approximate
    Bayesian bootstrap [2]_); the variance between the draws is added to that within, on Fisher's z scale, with the
    degrees of freedom of [3]_. Assumes that a missing pair is like a donor of its teacher score; errors that docs of
    one missing query would share are drawn apart.

    References
    ----------
    .. [1] Andridge, R. and Little, R. (2010). A review of hot deck imputation for survey non-response. International
       Statistical Review 78.
    .. [2] Rubin, D. B. and Schenker, N. (1986). Multiple imputation for interval estimation from simple random samples
       with ignorable nonresponse. Journal of the American Statistical Association 81.
    .. [3] Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86.
    """
    rng = np.random.default_rng(seed)
    places = np.flatnonzero(missing)
    codes = np.arange(len(scores)) if scores.queries is None else scores.queries
    places = places[np.lexsort((codes[places], scores.teacher[places]))]
    found: list[Measured] = []
    student = scores.student.copy()
    for _ in range(N_DRAWS if len(scores) < LARGE else N_DRAWS_LARGE):
        student[places] = donors.draw(scores.teacher[places], rng)
        coefficient = coefficient_of(replace(scores, student=student))
        if isinstance(coefficient, Unmeasured):
            return coefficient
        found.append(coefficient.measured(confidence))
    return _combined(found, effective=scores.effective_queries)


def _combined(found: list[Measured], *, effective: float) -> Measured:
    estimates = np.clip([each.estimate for each in found], -NEARLY_ONE, NEARLY_ONE)
    z = np.arctanh(estimates)
    within = float(np.mean([each.standard_error**2 for each in found] / (1 - estimates**2) ** 2))
    between = float(z.var(ddof=1)) * (1 + 1 / len(found))
    total = within + between
    middle = float(z.mean())
    degrees = _degrees(between / total if total > 0 else 0.0, len(found), max(effective, LEAST_EFFECTIVE) - 1)
    reach = t_quantile(found[0].confidence, degrees) * total**0.5
    estimate = float(np.tanh(middle))
    return replace(
        found[0],
        estimate=estimate,
        low=float(np.tanh(middle - reach)),
        high=float(np.tanh(middle + reach)),
        standard_error=total**0.5 * (1 - estimate**2),
    )


def _degrees(share: float, n_draws: int, complete: float) -> float:
    """Degrees of freedom where `share` of the variance comes from the drawing."""
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    if share <= 0:
        return max(1.0, observed)
    return max(1.0, 1 / (share**2 / (n_draws - 1) + 1 / max(observed, 1e-9)))
