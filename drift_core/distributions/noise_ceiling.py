"""The noise ceiling in words: how high agreement could be, given how well the teacher agrees with itself."""

from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from drift_core import markup
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.reliability import (
    Reliability,
    Runs,
    measure_reliability,
    runs_of,
    share_of_ceiling,
)
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs

Side = Literal["production", "held-out"]
# Agreement of LLM judges above temperature 0 with themselves (pattern); told where nothing was measured.
JUDGE_AGAINST_ITSELF = 0.92
NOT_ALIKE = (
    "The student agrees with this run more than the teacher's runs agree with each other: the runs are not alike, so "
    "they give no ceiling."
)
NO_BOUND = "How high the area under the curve could be is unknown: two answers give no bound that says anything."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """How high agreement could be, and how much of that the student reaches on production.

    Attributes
    ----------
    reliability
        Agreement of the teacher with itself, and the ceiling that follows.
    share
        Production agreement as a share of the ceiling.
    agreement
        Production agreement.
    measured_on
        The sample with the repeated scores, production where both have them; None without any.
    """

    reliability: Reliability
    share: Measurement
    agreement: Measurement
    measured_on: Side | None

    @property
    def sentence(self) -> str:
        ceiling, share = self.reliability.ceiling, self.share
        if isinstance(share, Unmeasured) and share.reason in (NOT_ALIKE, NO_BOUND):
            return share.reason
        if isinstance(ceiling, Unmeasured):
            told = f"How high agreement could be is {ceiling.reason}."
            if isinstance(self.agreement, Measured) and self.agreement.is_share:  # what is known is of scores
                return told
            known = "An LLM judge above temperature 0 that is asked twice agrees with itself at about"
            return f"{told} {known} {JUDGE_AGAINST_ITSELF:.2f}."
        highest = f"This teacher lets no student agree with one of its runs above {ceiling}"
        where = ", measured on held-out" if self.measured_on == "held-out" else ""
        if isinstance(share, Unmeasured) or isinstance(self.agreement, Unmeasured):
            return f"{highest}{where}."
        return f"{highest}{where}; production agreement, {self.agreement.figure()}, is {share:.0%} of that."

    def to_json(self) -> dict[str, object]:
        return {
            "sentence": self.sentence,
            "measured_on": self.measured_on,
            "n_runs": self.reliability.n_runs,
            "reliability": self.reliability.one_run.to_json(),
            "ceiling": self.reliability.ceiling.to_json(),
            "share": self.share.to_json(),
        }

    @property
    def table(self) -> pd.DataFrame:
        """The teacher's agreement with itself, the ceiling, and production's share of it; empty if unknown."""
        rows = {
            "One run of the teacher with another": self.reliability.one_run,
            "Highest agreement that a student could reach": self.reliability.ceiling,
            "Production agreement": self.agreement,
            "Production agreement as a share of the highest": self.share,
        }
        return markup.figures(rows if isinstance(self.reliability.ceiling, Measured) else {})

    def _repr_html_(self) -> str:
        return markup.page(self.sentence, markup.table(self.table))


def measure_ceiling(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    scores: tuple[Scores, Scores],
    agreement: Measurement,
    confidence: float,
) -> Ceiling:
    """Measure the ceiling on production, or on held-out where only that has repeated scores.

    `scores` are those of both samples, with common codes of the queries; `agreement` is that of production.
    """
    before, after = scores
    runs, measured_on = _first_repeated(
        ("production", runs_of(production, after)), ("held-out", runs_of(heldout, before))
    )
    reliability = measure_reliability(runs, confidence=confidence)
    share = share_of_ceiling(after, runs, confidence=confidence)
    if after.is_answered:
        share = Unmeasured(reason=NO_BOUND)
        reliability = replace(reliability, ceiling=share)
    elif isinstance(share, Measured) and share.low > 1:  # more than the whole: one run is better than the others
        share = Unmeasured(reason=NOT_ALIKE, n_pairs=share.n_pairs, n_queries=share.n_queries)
        reliability = replace(reliability, ceiling=share)
    return Ceiling(
        reliability=reliability,
        share=share,
        agreement=agreement,
        measured_on=measured_on,
    )


def _first_repeated(*sides: tuple[Side, Runs | None]) -> tuple[Runs | None, Side | None]:
    """The first sample with enough repeated scores, else the first with any."""
    given = [(runs, name) for name, runs in sides if runs is not None]
    enough = (each for each in given if isinstance(measure_reliability(each[0]).one_run, Measured))
    return next(enough, given[0] if given else (None, None))
