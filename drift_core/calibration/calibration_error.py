"""How far a student's probabilities are from the teacher's answers, against what chance alone shows."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from drift_core.calibration.bins import N_BINS, Side, bins_for, equal_mass_bins, in_order
from drift_core.calibration.gap import N_DRAWS, Gap, Reading, compare_with_chance
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.wording import counted

MIN_PAIRS, MIN_QUERIES = 50, 10  # from which our intervals are proved


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
        return f"Calibration error {gap.told}; in bins it is {gap.as_binned:.1%}, where {chance}."

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
        Of intervals; 1 - confidence bounds the error rate of calling a calibrated student not calibrated.
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
    as those seen, all stretched alike, and for the limits as alike in all bins or in the largest alone too. Brier's
    parts are those of Murphy, with what differs inside a bin counted as resolution [4]_. Assumes that queries are drawn
    independently.

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
    null = side.simulated(answers.student, rng, n_draws=N_DRAWS)
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
