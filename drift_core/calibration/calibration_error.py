"""How far a student's probabilities are from the teacher's answers, against what chance alone shows."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from drift_core.calibration.simulated_answers import (
    normal_draws,
    products_of_queries,
    shared_part,
    simulate_sums,
)
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.wording import counted

N_BINS = 10
LEAST_IN_BIN = 20  # pairs; smaller samples get fewer bins (ours)
MIN_PAIRS, MIN_QUERIES = 50, 10  # from which our intervals are proved
N_DRAWS = 1_000
SMALLEST_ERROR = 0.01  # a calibration error below it is none, however sure it is (ours)
LARGEST_UNSEEN = 0.15  # a calibration error that must be ruled out to say that a student is calibrated (ours)
_FACTORS = np.linspace(0, 2.5, 51)

Reading = Literal["calibrated", "not calibrated", "cannot tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Pairs of like scores: their share of the weights, mean score, and the share of them that the teacher passed."""

    share: float
    score: float
    passed: Measurement

    def to_json(self) -> dict[str, object]:
        return {"share": self.share, "score": self.score, "passed": self.passed.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brier:
    """Brier's score and its parts: score = reliability - resolution + uncertainty.

    Attributes
    ----------
    score
        Mean squared distance of probability and answer, in 0..1.
    reliability
        What miscalibration adds, measured in bins.
    resolution
        What telling pairs apart takes off.
    uncertainty
        What the share of passed pairs alone would give.
    """

    score: Measurement
    reliability: float
    resolution: float
    uncertainty: float

    def to_json(self) -> dict[str, object]:
        parts = {"reliability": self.reliability, "resolution": self.resolution, "uncertainty": self.uncertainty}
        return {"score": self.score.to_json(), **parts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A weighted mean of absolute gaps over bins, against chance.

    Attributes
    ----------
    as_binned
        The plain mean over the bins, which chance alone pushes up.
    by_chance, by_chance_high
        What no true gap would show at this size: on average, and in all but (1 - confidence) of samples.
    p_value
        Chance of `as_binned` or more without a true gap.
    error
        The true mean gap: the one under which `as_binned` is the median, with its interval.
    """

    as_binned: float
    by_chance: float
    by_chance_high: float
    p_value: float
    error: Measured

    def to_json(self) -> dict[str, object]:
        plain = {name: getattr(self, name) for name in ("as_binned", "by_chance", "by_chance_high", "p_value")}
        return {**self.error.to_json(), **plain}

    @property
    def reading(self) -> Reading:
        if self.p_value <= 1 - self.error.confidence:
            return "not calibrated" if self.error.estimate >= SMALLEST_ERROR else "calibrated"
        return "calibrated" if self.error.high <= LARGEST_UNSEEN else "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationError:
    """Calibration of one sample: its error, the reliability diagram behind it and Brier's score.

    `expected` is the share of the traffic that the student's probabilities say passes, `passed` that which does.
    """

    expected: float
    passed: float
    gap: Gap
    bins: tuple[Bin, ...]
    brier: Brier

    @property
    def reading(self) -> Reading:
        return self.gap.reading

    @property
    def sentence(self) -> str:
        gap = self.gap
        chance = f"a calibrated student of this size shows {gap.by_chance:.1%}, up to {gap.by_chance_high:.1%}"
        return f"Calibration error {gap.error:.1%}; in bins it is {gap.as_binned:.1%}, where {chance}."

    @property
    def table(self) -> pd.DataFrame:
        """The reliability diagram: mean score, share that the teacher passed with its interval, pairs."""
        rows = [
            {"score": each.score, "passed": each.passed.estimate, "low": each.passed.low, "high": each.passed.high}
            | {"share": each.share, "n_pairs": each.passed.n_pairs}
            for each in self.bins
            if isinstance(each.passed, Measured)
        ]
        return pd.DataFrame(rows, columns=["score", "passed", "low", "high", "share", "n_pairs"])

    def to_json(self) -> dict[str, object]:
        return {
            "reading": self.reading,
            "sentence": self.sentence,
            "expected": self.expected,
            "passed": self.passed,
            "error": self.gap.to_json(),
            "bins": [each.to_json() for each in self.bins],
            "brier": self.brier.to_json(),
        }


def measure_calibration(
    answers: Scores, *, confidence: float = 0.95, seed: int = 0, n_bins: int = N_BINS
) -> CalibrationError | Unmeasured:
    """Measure how far the student's probabilities are from the share of pairs that the teacher passes.

    Parameters
    ----------
    answers
        Probabilities in 0..1 as student, answers 0 or 1 as teacher.
    confidence
        Of intervals; 1 - confidence is the error rate of calling a calibrated student not calibrated.
    n_bins
        Bins of equal mass; pairs of one score stay together.

    Returns
    -------
    CalibrationError or Unmeasured
        Unmeasured below 50 pairs or 10 queries.

    Notes
    -----
    The expected calibration error is the mean over bins of |mean probability - share passed| [1]_, with bins of equal
    mass [2]_. Chance alone makes it larger than the truth [3]_. So answers are drawn as a perfectly calibrated student
    would meet them, with what answers of one query share, and the error is told by inversion: the true gaps are taken
    as those seen, all stretched alike. Brier's parts are those of Murphy, with what differs inside a bin counted as
    resolution [4]_. Assumes that queries are drawn independently.

    References
    ----------
    .. [1] Naeini, M., Cooper, G. and Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian
       binning. AAAI 29.
    .. [2] Nguyen, K. and O'Connor, B. (2015). Posterior calibration and exploratory analysis for natural language
       processing models. EMNLP.
    .. [3] Broecker, J. and Smith, L. (2007). Increasing the reliability of reliability diagrams. Weather and
       Forecasting 22.
    .. [4] Stephenson, D., Coelho, C. and Jolliffe, I. (2008). Two extra components in the Brier score decomposition.
       Weather and Forecasting 23.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> chance = rng.random(1000)
    >>> found = measure_calibration(Scores(student=chance, teacher=(rng.random(1000) < chance).astype(float)))
    >>> found.reading
    'calibrated'
    """
    if (lacking := too_few(answers)) is not None:
        return lacking
    answers, rng = in_order(answers), np.random.default_rng(seed)
    bins = equal_mass_bins(answers.student, answers.relative_weights, n_bins=bins_for(len(answers), n_bins))
    side = Side.of(answers, bins)
    null = side.simulated(answers.student, rng)
    gap = compare_with_chance(
        side.sums,
        null,
        side.covariance,
        n_pairs=len(answers),
        n_queries=answers.n_queries,
        confidence=confidence,
        rng=rng,
    )
    return CalibrationError(
        expected=float(side.share @ answers.student),
        passed=float(side.share @ answers.teacher),
        gap=gap,
        bins=_reliability(answers, bins, confidence),
        brier=_brier(answers, side, confidence),
    )


def too_few(answers: Scores) -> Unmeasured | None:
    """Why a sample is too small to say anything of its calibration; None where it is not."""
    n, n_queries = len(answers), answers.n_queries
    if n >= MIN_PAIRS and n_queries >= MIN_QUERIES:
        return None
    reason = f"{counted(n, 'pair', 'pairs')} of {counted(n_queries, 'query', 'queries')}; calibration needs at least "
    return Unmeasured(reason=f"{reason}{MIN_PAIRS} pairs of {MIN_QUERIES} queries.", n_pairs=n, n_queries=n_queries)


def in_order(answers: Scores) -> Scores:
    """The same pairs in an order that is their own, so that what is simulated does not depend on that of the rows."""
    queries = np.arange(len(answers)) if answers.queries is None else answers.queries
    sums = np.bincount(queries, weights=answers.student)[queries]
    weights = answers.relative_weights
    ordered = answers.take(np.lexsort((weights, sums, answers.teacher, answers.student)))
    if ordered.queries is None:
        return ordered
    first, place = np.unique(ordered.queries, return_index=True, return_inverse=True)[1:]
    return replace(ordered, queries=np.argsort(np.argsort(first))[place])


def bins_for(n_pairs: int, n_bins: int = N_BINS) -> int:
    return max(2, min(n_bins, n_pairs // LEAST_IN_BIN))


def equal_mass_bins(score: np.ndarray, weights: np.ndarray, *, n_bins: int) -> np.ndarray:
    """Bin of each score, from 0 without a gap; equal scores share one, so that bins may be fewer."""
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weights=weights, minlength=len(values))
    middle = np.cumsum(mass) - mass / 2
    binned = np.minimum((middle / mass.sum() * n_bins).astype(np.int64), n_bins - 1)
    return np.unique(binned, return_inverse=True)[1][place]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One sample in bins: the gap of each times its share of the weights, and what it takes to simulate it."""

    answers: Scores
    bins: np.ndarray
    n_bins: int
    share: np.ndarray  # of each pair in the weights
    mass: np.ndarray  # of each bin
    sums: np.ndarray  # sum of share times (answer - probability), of each bin

    @classmethod
    def of(cls, answers: Scores, bins: np.ndarray, n_bins: int | None = None) -> "Side":
        n_bins = n_bins or int(bins.max()) + 1
        share = answers.relative_weights / len(answers)
        mass = np.bincount(bins, weights=share, minlength=n_bins)
        sums = np.bincount(bins, weights=share * (answers.teacher - answers.student), minlength=n_bins)
        return cls(answers=answers, bins=bins, n_bins=n_bins, share=share, mass=mass, sums=sums)

    @property
    def gaps(self) -> np.ndarray:
        """Share passed minus mean probability of each bin; 0 where it is empty."""
        return self.sums / np.where(self.mass > 0, self.mass, 1)

    @property
    def covariance(self) -> np.ndarray:
        """Of `sums`, from queries, whatever the gaps are; shape (n_bins, n_bins)."""
        deviations = self.share * (self.answers.teacher - self.answers.student - self.gaps[self.bins])
        n_queries = self.answers.n_queries
        products = products_of_queries(deviations, self.bins, self.answers.queries, n_bins=self.n_bins)
        return products * n_queries / (n_queries - 1)

    def _seen_by_others(self) -> np.ndarray:
        """Chance of each pair by what pairs of other queries show in its bin, shape (n,)."""
        answers = self.answers
        if answers.queries is None:
            return answers.student
        place = answers.queries * self.n_bins + self.bins
        own_sums, own_mass = (
            np.bincount(place, weights=each)[place]
            for each in (self.share * (answers.teacher - answers.student), self.share)
        )
        rest = np.maximum(self.mass[self.bins] - own_mass, 1e-12)
        return np.clip(answers.student + (self.sums[self.bins] - own_sums) / rest, 0, 1)

    def simulated(self, chance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draws of `sums` where answers have these chances, shape (n_draws, n_bins)."""
        answers = self.answers
        shared = shared_part(answers.teacher, self._seen_by_others(), answers.queries)
        drawn = simulate_sums(chance, self.share, self.bins, answers.queries, shared=shared, n_draws=N_DRAWS, rng=rng)
        return np.pad(drawn, ((0, 0), (0, self.n_bins - drawn.shape[1])))


def compare_with_chance(
    sums: np.ndarray,
    null: np.ndarray,
    covariance: np.ndarray,
    *,
    n_pairs: int,
    n_queries: int,
    confidence: float,
    rng: np.random.Generator,
) -> Gap:
    """Hold gaps of bins, times their mass, against draws without a true gap; see `measure_calibration`."""
    seen = float(np.abs(sums).sum())
    by_chance = np.abs(null).sum(axis=1)
    noise = normal_draws(covariance, n_draws=N_DRAWS, rng=rng)
    tail = (1 - confidence) / 2
    stretched = np.array([np.abs(c * sums + noise).sum(axis=1) for c in _FACTORS])
    low, middle, high = np.maximum.accumulate(np.quantile(stretched, [1 - tail, 0.5, tail], axis=1), axis=1)
    limits = [seen * float(np.interp(seen, each, _FACTORS, left=0.0)) for each in (low, middle, high)]
    p_value = float((1 + (by_chance >= seen).sum()) / (1 + len(by_chance)))
    error = Measured(
        estimate=limits[1],
        low=min(limits[0], limits[1]) if p_value <= tail else 0.0,
        high=max(limits[2], limits[1]),
        confidence=confidence,
        standard_error=float(np.abs(sums + noise).sum(axis=1).std()),
        n_pairs=n_pairs,
        n_queries=n_queries,
    )
    return Gap(
        as_binned=seen,
        by_chance=float(by_chance.mean()),
        by_chance_high=float(np.quantile(by_chance, confidence)),
        p_value=p_value,
        error=error,
    )


def _reliability(answers: Scores, bins: np.ndarray, confidence: float) -> tuple[Bin, ...]:
    found, weights = [], answers.relative_weights
    for code in range(int(bins.max()) + 1):
        chosen = bins == code
        part, mass = answers.take(chosen), weights[chosen]
        found.append(
            Bin(
                share=float(mass.sum() / weights.sum()),
                score=float(part.student @ mass / mass.sum()),
                passed=proportion(part.teacher, part, confidence=confidence),
            )
        )
    return tuple(found)


def _brier(answers: Scores, side: Side, confidence: float) -> Brier:
    squared = (answers.student - answers.teacher) ** 2
    score = clustered_mean(squared, answers.queries, weights=answers.weights, confidence=confidence)
    passed = float(side.share @ answers.teacher)
    reliability, uncertainty = float(side.mass @ side.gaps**2), passed * (1 - passed)
    whole = float(side.share @ squared)
    if isinstance(score, Measured):
        score = replace(score, low=max(0.0, score.low), high=min(1.0, score.high))
    return Brier(
        score=score,
        reliability=reliability,
        resolution=uncertainty + reliability - whole,
        uncertainty=uncertainty,
    )
