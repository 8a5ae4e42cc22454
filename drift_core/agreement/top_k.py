"""Test 2, overlap: does the student still promote the pairs that the teacher would promote?"""

from dataclasses import dataclass

import numpy as np

from drift_core import markup
from drift_core.agreement.rule import Band, Rule
from drift_core.agreement.spread import Reading, band_of
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.overlap import OverlapRange, overlap_curve, overlap_range
from drift_core.measures.ranks import tie_at, untied_k
from drift_core.measures.scores import Scores, scores_of
from drift_core.samples.pairs import ScoredPairs

WIDE_TIE = 2  # a tie wider than this many times K leaves little of the top to be measured


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlapCurves:
    """Overlap at every K, its interval, and what held-out shows at the same size.

    Attributes
    ----------
    production
        Overlap at K = 1 to n on production, shape (n,).
    interval
        Range of the production curve over resampled queries.
    normal
        Range of the held-out curve over resampled queries at the size of production.
    teacher
        Teacher's scores on production, for the ties at the boundary.
    n_pairs, n_queries
        Size of production.
    no_top
        Why scores have no top; empty where they have.
    """

    production: np.ndarray
    interval: OverlapRange
    normal: OverlapRange
    teacher: np.ndarray
    n_pairs: int
    n_queries: int
    no_top: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopKTest:
    """Overlap of the two tops at one K.

    Attributes
    ----------
    k
        Size of the top.
    overlap
        Share of the teacher's top K that is in the student's top K, on production.
    normal_low, normal_middle, normal_high
        What held-out shows at the same number of pairs and the same K; None when it could not be measured.
    chance
        Overlap of two unrelated orders, K / n.
    n_tied
        Pairs of equal teacher score at the boundary of the top; 1 when it cuts through no tie.
    untied_k
        The nearest K that cuts through no tie, of two answers the number of passed pairs; None where there is none.
    band
        Textbook reading of the point estimate.
    reading
        "fell" when the overlap lies below held-out's normal range, else "held"; "cannot tell" when a wide tie or a
        missing measurement leaves nothing to compare, or held-out itself ranges from confirmed to better at this K.
    no_top
        Why scores have no top; empty where they have.
    """

    k: int
    overlap: Measurement
    normal_low: float | None
    normal_middle: float | None
    normal_high: float | None
    chance: float
    n_tied: int
    band: Band | None
    reading: Reading
    no_top: str = ""
    untied_k: int | None = None

    @property
    def state(self) -> Band | None:
        """As the reading says; None where it is open."""
        return band_of(self.reading, self.band)

    @property
    def tie_is_wide(self) -> bool:
        return self.n_tied > WIDE_TIE * self.k

    @property
    def is_told(self) -> bool:
        """Whether the overlap at this K says something: scores have a top, and no wide tie lies at its boundary."""
        return not self.no_top and not self.tie_is_wide

    @property
    def sentence(self) -> str:
        if isinstance(self.overlap, Unmeasured):  # scores have no top
            return f"Overlap is not measured: {self.overlap.reason}"
        promoted = f"At K = {self.k} the student promotes {self._promoted(self.overlap.estimate)} of the teacher's top"
        promoted = f"As when it shipped. {promoted}" if self.reading == "held" else promoted
        normal = (
            f"on held-out of this size it would be {self._pairs(self.normal_middle)} "
            f"({self._pairs(self.normal_low)} to {self._pairs(self.normal_high)})"
            if self.normal_middle is not None and self.normal_low is not None and self.normal_high is not None
            else "held-out offers no comparison"
        )
        tie = f" The boundary cuts through {self.n_tied} equal teacher scores, so this K means little."
        tie += f" K = {self.untied_k:,} cuts through none." if self.untied_k else ""
        return f"{promoted} {self.k}; {normal}." + (tie if self.tie_is_wide else "")

    def _promoted(self, share: float) -> str:
        """The same with its reason where it is no whole number, so that 0.3 pairs are not read as 30 %."""
        pairs = self._pairs(share)
        if "." not in pairs:
            return pairs
        told = "ties counted by share"
        return f"fewer than 1 ({pairs}, {told})" if pairs.startswith("0.") else f"{pairs} ({told})"

    def _pairs(self, share: float) -> str:
        """How many of the top K that is, with a decimal where ties leave a part of a pair."""
        return f"{share * self.k:.1f}".removesuffix(".0")

    def to_json(self) -> dict[str, object]:
        return {
            "name": "top_k",
            "k": self.k,
            "band": self.band,
            "reading": self.reading,
            "sentence": self.sentence,
            **self.overlap.to_json(),
            "normal": {"low": self.normal_low, "middle": self.normal_middle, "high": self.normal_high},
            "chance": self.chance,
            "n_tied": self.n_tied,
        }

    def _repr_html_(self) -> str:
        rows = {f"overlap at K = {self.k}": self.overlap}
        return markup.page(self.sentence, markup.band_line(self.band), markup.table(markup.figures(rows)))


def measure_overlap(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    rule: Rule,
    rng: np.random.Generator,
    scores: tuple[Scores, Scores] | None = None,
) -> OverlapCurves:
    """Measure overlap at every K with its ranges; `read_top_k` reads one K off it at once.

    The `scores` of the samples may be given where they are at hand. Overlap is of the pairs as drawn: sampling
    weights do not enter it.
    """
    first, second = scores or scores_of(heldout, production)
    n = len(second)
    return OverlapCurves(
        production=overlap_curve(second.student, second.teacher),
        interval=overlap_range(second, n_pairs=n, confidence=rule.confidence, rng=rng),
        normal=overlap_range(first, n_pairs=n, confidence=rule.confidence, rng=rng),
        teacher=second.teacher,
        n_pairs=len(second),
        n_queries=second.n_queries,
        no_top=second.no_top,
    )


def read_top_k(curves: OverlapCurves, k: int, *, rule: Rule) -> TopKTest:
    """Read the overlap at one K. K is cut to the number of pairs."""
    k = max(1, min(k, curves.n_pairs))
    estimate = float(curves.production[k - 1])
    low, _, high = curves.interval.at(k)
    normal_low, normal_middle, normal_high = curves.normal.at(k)
    overlap: Measurement = Measured(
        estimate=estimate,
        low=min(low, estimate),
        high=max(high, estimate),
        confidence=rule.confidence,
        standard_error=(high - low) / 4,
        n_pairs=curves.n_pairs,
        n_queries=curves.n_queries,
    )
    if curves.no_top:
        overlap = Unmeasured(reason=curves.no_top, n_pairs=curves.n_pairs, n_queries=curves.n_queries)
    n_tied = tie_at(curves.teacher, k)
    reading: Reading = "fell" if estimate < normal_low else "held"
    is_wide = rule.overlap_band(normal_low) == "confirmed" != rule.overlap_band(normal_high)
    if reading == "held" and rule.overlap_band(estimate) != "healthy" and is_wide:
        reading = "cannot tell"
    return TopKTest(
        k=k,
        overlap=overlap,
        normal_low=normal_low,
        normal_middle=normal_middle,
        normal_high=normal_high,
        chance=k / curves.n_pairs,
        n_tied=n_tied,
        band=rule.overlap_band(estimate) if not curves.no_top else None,
        untied_k=None if n_tied == 1 else untied_k(curves.teacher, k),
        reading="cannot tell" if n_tied > WIDE_TIE * k or curves.no_top else reading,
        no_top=curves.no_top,
    )
