"""How far a retraining can come where the teacher itself is noisy: the drifted regions' own ceiling."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drift_core.diagnosis.regions_in_words import names_of
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.reliability import Runs, measure_reliability, runs_of, share_of_ceiling
from drift_core.measures.scores import Scores

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnosis import Diagnosis

AS_ELSEWHERE = 0.95  # of the share of the ceiling that the student reaches elsewhere, from which it stands there (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyRegion:
    """The drifted regions' own ceiling, by the teacher's repeated scores inside them.

    Attributes
    ----------
    where
        What they are called.
    one_run
        Agreement of one run of the teacher with another there.
    now, most
        Agreement there today, and what the best student is expected to reach: as large a share of the ceiling as this
        student reaches elsewhere.
    is_reached
        Whether the student stands there already, so that nothing is left to learn.
    """

    where: str
    one_run: Measured
    now: Measured
    most: float
    is_reached: bool

    @property
    def sentence(self) -> str:
        return (
            f"The teacher is too noisy in {self.where} to learn from: it agrees with its own second run at "
            f"{self.one_run.figure()}, and the student with it at {self.now.figure()}."
        )

    def capped(self, best: Measured, inside: Measured, today: Measured) -> Measured:
        """The best case of all traffic, given its best case inside the regions, no further than their ceiling."""
        gain, allowed = inside.estimate - self.now.estimate, self.most - self.now.estimate
        if gain <= 0 or allowed >= gain:
            return best
        lost = (best.estimate - today.estimate) * (1 - max(0.0, allowed) / gain)
        return replace(best, estimate=best.estimate - lost, low=best.low - lost, high=best.high - lost)


def noisy_region(diagnosis: "Diagnosis", production: Scores) -> NoisyRegion | None:
    """Measure the ceiling of the drifted regions; None without enough repeated scores in them and elsewhere.

    The ceiling is the root of how well runs agree; see `measure_reliability`. None too where the teacher
    repeats itself there as well as elsewhere.
    """
    inside, confidence = diagnosis.drifted, diagnosis.settings.rule.confidence
    runs = runs_of(diagnosis.production, production)
    is_other = not np.array_equal(production.teacher, diagnosis.production.teacher)
    if runs is None or is_other or production.is_answered or not inside.any() or inside.all():
        return None

    def of(chosen: np.ndarray) -> tuple[Scores, Runs]:
        return production.take(chosen), replace(runs, scores=runs.scores[chosen], queries=runs.queries[chosen])

    there, elsewhere = of(inside), of(~inside)
    found, rest = (measure_reliability(each[1], confidence=confidence) for each in (there, elsewhere))
    shares = [share_of_ceiling(*each, confidence=confidence) for each in (there, elsewhere)]
    figures = (found.one_run, found.ceiling, rest.one_run, agreement(there[0], confidence=confidence), *shares)
    measured = [each for each in figures if isinstance(each, Measured)]
    if len(measured) < len(figures):
        return None
    one_run, ceiling, usual, now, here, other = measured
    if one_run.high >= usual.low:  # as repeatable there as elsewhere
        return None
    usual_share = min(1.0, other.estimate)
    is_reached = here.estimate >= AS_ELSEWHERE * usual_share
    where, most = names_of(diagnosis.regions.drifted, n_named=1), usual_share * ceiling.estimate
    return NoisyRegion(where=where, one_run=one_run, now=now, most=most, is_reached=is_reached)
