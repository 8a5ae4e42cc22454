"""Test 2, overlap: does the student still promote the pairs that the teacher would promote?"""

from dataclasses import dataclass, replace

import numpy as np

from drift_core import markup
from drift_core.agreement.rule import Band, Rule
from drift_core.agreement.spread import Reading, band_of
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.overlap import OverlapRange, k_grid, overlap_curve, overlap_range
from drift_core.measures.ranks import tie_at, untied_k
from drift_core.measures.scores import Scores, scores_of
from drift_core.measures.top_k_chances import open_at_ends
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
    teacher, student
        Both sides' scores on production, for the ties at the boundary.
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
    student: np.ndarray | None = None


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
        "fell" when the overlap lies below held-out's normal range, else "held"; "cannot tell" when a wide tie or no
        measurement leaves nothing to compare, or held-out itself ranges from confirmed to better, or down to its half.
    no_top
        Why scores have no top; empty where they have.
    is_clear_fall
        Whether the interval lies wholly below held-out's normal range, which chance shows in about 0.3% of samples of
        equal size, and held-out's middle by the overlap that the pattern alarms on.
    larger
        The same at the least larger K at which half of the top is clearly seen to be lost; None where this K tells.
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
    is_clear_fall: bool = False
    larger: "TopKTest | None" = None

    @property
    def fall(self) -> str:
        """A clear fall of overlap in a sentence, at this K or at the larger one that tells; else empty."""
        fell = next((each for each in (self.larger, self) if each is not None and each.is_clear_fall), None)
        return "" if fell is None else f"The top fell: {_lowered(fell.figures)}"

    @property
    def at_best(self) -> "TopKTest":
        """The same at the larger K where this one cannot tell and that does, else this one."""
        is_small = self.reading == "cannot tell" and not self.tie_is_wide
        tells = self.larger is not None and self.larger.reading != "cannot tell"
        return self.larger if is_small and self.larger is not None and tells else self

    @property
    def state(self) -> Band | None:
        """As the reading at the K that tells says; None where none does."""
        return band_of(self.at_best.reading, self.at_best.band)

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
        held = "As when it shipped. " if self.at_best.reading == "held" else ""
        if self.at_best is not self:
            own = f"{self._promoted(self.overlap.estimate)} of {self.k}, where held-out has {self._range}"
            return f"{held}{self.at_best.figures} K = {self.k} alone cannot tell: {own}."
        tie = f" The boundary cuts through {self.n_tied} equal teacher scores, so this K means little."
        tie += f" K = {self.untied_k:,} cuts through none." if self.untied_k else ""
        larger = f" A larger K tells more: {_lowered(self.larger.figures)}" if self.larger else ""
        return f"{held}{self.figures}{tie if self.tie_is_wide else ''}{larger}"

    @property
    def figures(self) -> str:
        """How much of the top is promoted, beside held-out."""
        if isinstance(self.overlap, Unmeasured):
            return self.overlap.reason
        normal = (
            f"on held-out of this size it would be {self._pairs(self.normal_middle)} ({self._range})"
            if self.normal_middle is not None
            else "held-out offers no comparison"
        )
        promoted = self._promoted(self.overlap.estimate)
        return f"At K = {self.k} the student promotes {promoted} of the teacher's top {self.k}; {normal}."

    @property
    def _range(self) -> str:
        return f"{self._pairs(self.normal_low or 0)} to {self._pairs(self.normal_high or 0)}"

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
            "is_clear_fall": self.is_clear_fall,
            "larger_k": None if self.larger is None else self.larger.to_json(),
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
        interval=open_at_ends(overlap_range(second, n_pairs=n, confidence=rule.confidence, rng=rng), second, n),
        normal=open_at_ends(overlap_range(first, n_pairs=n, confidence=rule.confidence, rng=rng), first, n),
        teacher=second.teacher,
        student=second.student,
        n_pairs=len(second),
        n_queries=second.n_queries,
        no_top=second.no_top,
    )


def read_top_k(curves: OverlapCurves, k: int, *, rule: Rule) -> TopKTest:
    """Read the overlap at one K, and where that tells little at a larger one. K is cut to the number of pairs."""
    k = max(1, min(k, curves.n_pairs))
    test = _read_at(curves, k, rule=rule)
    larger = None if curves.no_top or _tells(curves, k, rule) else _larger_k(curves, k, rule)
    return test if larger is None else replace(test, larger=_read_at(curves, larger, rule=rule))


def _tells(curves: OverlapCurves, k: int, rule: Rule) -> bool:
    """Whether held-out's range at K, and its ties, leave room to tell a fall from chance: that of half of the top."""
    low, middle, high = curves.normal.at(k)
    is_wide = rule.overlap_band(low) == "confirmed" != rule.overlap_band(high)
    half = max(middle / 2, k / curves.n_pairs)  # two unrelated orders share K / n
    return not is_wide and low > half and tie_at(curves.teacher, k) <= WIDE_TIE * k


def _is_untied(curves: OverlapCurves, k: int, rule: Rule) -> bool:
    """Whether no tie of either side at the boundary could leave as much of the top to chance as counts for a fall."""
    sides = (curves.teacher, curves.teacher if curves.student is None else curves.student)
    return max(tie_at(each, k) for each in sides) <= max(1, rule.weekly_overlap_drop * k)


def _larger_k(curves: OverlapCurves, k: int, rule: Rule) -> int | None:
    """The least larger K at which losing half of the top is clear, where one is, of up to half of the pairs.

    There the range reaches no more than a quarter below its middle, so that an interval as wide around half of it lies
    below. Production's overlap has no say in it, so this is one look more and not many.
    """
    for each in k_grid(curves.n_pairs).tolist():
        low, middle, _ = curves.normal.at(each)
        is_narrow = k < each <= curves.n_pairs // 2 and low > max(middle * 3 / 4, each / curves.n_pairs)
        if is_narrow and _is_untied(curves, each, rule):
            return int(each)
    return None


def _read_at(curves: OverlapCurves, k: int, *, rule: Rule) -> TopKTest:
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
    is_low = reading == "held" and rule.overlap_band(estimate) != "healthy"
    if n_tied > WIDE_TIE * k or curves.no_top or (is_low and not _tells(curves, k, rule)):
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
        reading=reading,
        no_top=curves.no_top,
        is_clear_fall=reading == "fell"
        and _is_untied(curves, k, rule)
        and high < normal_low
        and normal_middle - estimate >= rule.weekly_overlap_drop,
    )


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
