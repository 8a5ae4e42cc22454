"""Test 1, spread: has agreement on production fallen below agreement on held-out?"""

from dataclasses import dataclass
from typing import Literal

from drift_core import markup
from drift_core.agreement.rule import Band, Rule
from drift_core.measured import Measured, Measurement, Unmeasured, figures_apart
from drift_core.measures.agreement import coefficient_difference, coefficient_of, measure
from drift_core.measures.scores import Scores, scores_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import Measure, measure_of

Reading = Literal["fell", "held", "cannot tell"]

AREA_LENGTH = 0.5  # an area has half as far to fall as a correlation: where it surely fell, half the loss matters


def band_of(reading: Reading, band: Band | None) -> Band | None:
    """What the interval supports, as a band: the textbook's says only how far a fall went; None where it is open."""
    if reading == "fell":
        return "confirmed" if band == "confirmed" else "suspect"
    return "healthy" if reading == "held" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadTest:
    """Agreement on both samples and their difference.

    Attributes
    ----------
    heldout, production
        Agreement of student and teacher on each sample.
    spread
        Held-out agreement minus production agreement.
    band
        The textbook reading of the point estimate; None when the spread could not be measured.
    reading
        What the interval supports: "fell" when all of it lies above 0 and the estimate reaches the material loss,
        "held" when all of it lies below the confirmed spread and the estimate below the material loss, else
        "cannot tell".
    is_ranked
        Whether agreement is by order, else the share of pairs with the same label.
    is_answered
        Whether the teacher gives two answers and the student a probability, so that agreement is an area.
    """

    heldout: Measurement
    production: Measurement
    spread: Measurement
    band: Band | None
    reading: Reading
    is_ranked: bool = True
    is_answered: bool = False

    def floor(self, rule: Rule, stated: float | None = None) -> float:
        """Agreement from which the student is healthy; `stated` is a judge card's, as `Rule.floor` takes it."""
        usual = self.heldout.estimate if self.is_answered and isinstance(self.heldout, Measured) else None
        return rule.floor(self.measure, stated=stated, usual=usual)

    @property
    def measure(self) -> Measure:
        """What agreement is here, in a word or two."""
        return measure_of(is_ranked=self.is_ranked, is_answered=self.is_answered)

    @property
    def verb(self) -> str:
        """What agreement did, in words; empty where that is open."""
        is_lower = isinstance(self.spread, Measured) and self.spread.low > 0
        words = {"fell": "fell", "held": "fell by too little to matter" if is_lower else "held", "cannot tell": ""}
        return words[self.reading]

    @property
    def moved(self) -> str:
        """Agreement on both samples in a few words; empty where one could not be measured."""
        sides = [each.figure() for each in (self.heldout, self.production) if isinstance(each, Measured)]
        return f"agreement {' to '.join(sides)}" if len(sides) > 1 else ""

    @property
    def sentence(self) -> str:
        if isinstance(self.spread, Unmeasured):
            return f"The spread could not be measured: {self.spread.reason}"
        assert isinstance(self.heldout, Measured)
        assert isinstance(self.production, Measured)
        moved = "from {} on held-out to {} on production".format(*figures_apart(self.heldout, self.production))
        figures = f"{self.spread:+.3f}"
        if not self.is_ranked:
            moved = (
                f"from {self.heldout:.1%} of held-out pairs with the same label to {self.production:.1%} of production"
            )
        if self.reading != "cannot tell":
            return f"Agreement {self.verb}{',' if self.reading == 'held' else ''} {moved}: spread {figures}."
        return f"Agreement went {moved}; with this sample the spread {figures} is too uncertain to call."

    def to_json(self) -> dict[str, object]:
        return {
            "name": "spread",
            "band": self.band,
            "reading": self.reading,
            "sentence": self.sentence,
            "measure": self.measure,
            **self.spread.to_json(),
            "heldout": self.heldout.to_json(),
            "production": self.production.to_json(),
        }

    def _repr_html_(self) -> str:
        rows = {"held-out": self.heldout, "production": self.production, "spread": self.spread}
        return markup.page(self.sentence, markup.band_line(self.band), markup.table(markup.figures(rows)))


def measure_spread(
    heldout: ScoredPairs, production: ScoredPairs, *, rule: Rule, scores: tuple[Scores, Scores] | None = None
) -> SpreadTest:
    """Measure the spread between two samples, whose `scores` may be given where they are at hand.

    Notes
    -----
    The interval counts queries and is right under ties; see `measures.agreement`. Its level is `rule.confidence`.
    """
    both = scores or scores_of(heldout, production)
    first, second = map(coefficient_of, both)
    spread = coefficient_difference(first, second, confidence=rule.confidence)
    return SpreadTest(
        heldout=measure(first, confidence=rule.confidence),
        production=measure(second, confidence=rule.confidence),
        spread=spread,
        band=rule.spread_band(spread.estimate) if isinstance(spread, Measured) else None,
        reading=_read(spread, rule, is_area=production.kind.is_answered),
        is_ranked=both[0].is_ranked,
        is_answered=production.kind.is_answered,
    )


def _read(spread: Measurement, rule: Rule, *, is_area: bool) -> Reading:
    if isinstance(spread, Unmeasured):
        return "cannot tell"
    if spread.low > 0 and spread.estimate >= rule.material_loss * (AREA_LENGTH if is_area else 1):
        return "fell"
    if spread.high < rule.spread_confirmed and spread.estimate < rule.material_loss:
        return "held"
    return "cannot tell"
