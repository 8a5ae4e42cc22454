"""Whether a student's probabilities still mean what they meant: calibration of both samples, and whether it moved."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.calibration.bins import Side, bins_for, equal_mass_bins, in_order
from drift_core.calibration.calibration_error import CalibrationError, measure_calibration, too_few
from drift_core.calibration.gap import N_DRAWS, Gap, Reading, compare_with_chance
from drift_core.calibration.recalibrate import holds_probabilities
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores

MOVED_P = 0.005  # chance at most of so large a move without one, from which it is told; an extra look at each sample
SMALLEST_MOVE = 0.02  # mean change of the share passed at the same probability, from which it is told (ours)

State = Literal["moved", "came right", "not calibrated", "calibrated", "cannot tell"]
Ranks = Literal["fell", "held", "cannot tell"]
_NEXT: dict[State, str] = {
    "moved": "Recalibrate and set thresholds again (distillation-drift calibrate)",
    "came right": "Set thresholds of earlier weeks again (distillation-drift calibrate)",
    "not calibrated": "Recalibrate before any threshold (distillation-drift calibrate)",
    "calibrated": "",
    "cannot tell": "More pairs would tell.",
}
NO_RETRAINING = "; calibration alone is no reason to retrain"
RETRAIN_FIRST = ", after a retraining where the verdict asks for one"
UNKNOWN_WHOSE = (
    "Whether the student's probabilities or the teacher's answers moved is not known without scores of the pinned "
    "revision."
)
RANKS_FELL = "Agreement fell too, which no recalibration mends: first do what the verdict says. "


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationTest:
    """Calibration of held-out and production where the teacher gives one of two answers and the student a probability.

    Attributes
    ----------
    heldout, production
        Of each sample.
    moved
        Mean change of the share passed at the same probability, from held-out to production, against chance.
    ranks
        What the spread says of agreement.
    under_pinned
        As `moved`, by the pinned revision's answers on the pairs that have them; None without any.
    """

    heldout: CalibrationError | Unmeasured
    production: CalibrationError | Unmeasured
    moved: Gap | Unmeasured
    ranks: Ranks
    under_pinned: Gap | Unmeasured | None = None

    @property
    def state(self) -> State:
        if _has_moved(self.moved):
            is_right = _is_off(self.heldout) and _reads(self.production, "calibrated")
            return "came right" if is_right else "moved"
        if isinstance(self.production, Unmeasured) or self.production.reading == "cannot tell":
            return "cannot tell"
        return "calibrated" if self.production.reading == "calibrated" else "not calibrated"

    @property
    def finding(self) -> str | None:
        """Stable name of the finding; None where there is nothing to tell."""
        names = {"moved": "calibration_moved", "came right": "calibration_came_right"}
        return (names | {"not calibrated": "not_calibrated"}).get(self.state)

    @property
    def change(self) -> str:
        """What moved, in words that a verdict takes up; empty where nothing did."""
        before, after = self.heldout, self.production
        if self.state != "moved" or not (isinstance(before, CalibrationError) and isinstance(after, CalibrationError)):
            return ""
        return f"calibration moved, its error from {before.gap.error.figure('.1%')} to {after.gap.error.figure('.1%')}"

    @property
    def next_step(self) -> str:
        """What to do; the verdict, which knows the regions too, decides on a retraining."""
        if self.finding is None:
            return _NEXT[self.state]
        if self.ranks == "fell":
            return f"{RANKS_FELL}{_NEXT[self.state]}."
        return f"{_NEXT[self.state]}{NO_RETRAINING if self.ranks == 'held' else RETRAIN_FIRST}."

    @property
    def whose(self) -> str:
        """Whose move it is, by the pinned revision's answers, or that this is not known; empty where nothing moved."""
        if not _has_moved(self.moved) or not isinstance(self.moved, Gap):
            return ""
        pinned = self.under_pinned
        if not isinstance(pinned, Gap):
            return UNKNOWN_WHOSE
        figure = f"by the pinned revision's answers what passes moved by {pinned.error:.1%}"
        if _has_moved(pinned):
            return f"It is not the teacher's revision alone: {figure}."
        is_less = pinned.error.high < self.moved.error.estimate
        return f"{'It is the teacher' if is_less else 'Whose move it is stays open'}: {figure}."

    @property
    def expects(self) -> str:
        """What the student expects of production and what the teacher does, as a clause; empty without either."""
        after = self.production
        if isinstance(after, Unmeasured):
            return ""
        return f"the student expects {after.expected:.0%} of production to pass, the teacher passes {after.passed:.0%}"

    @property
    def sentence(self) -> str:
        before, after, now = self.heldout, self.production, self.expects
        if isinstance(after, Unmeasured):
            return f"Calibration is unknown: {after.reason}"
        figure = f"its calibration error is {after.gap.told}"
        if self.state in ("moved", "came right") and isinstance(before, CalibrationError):
            held = "Calibration moved, ranks held" if self.ranks == "held" else "Calibration moved"
            assert isinstance(self.moved, Gap)
            change = f"what passes at the same probability moved by {self.moved.error:.1%}"
            told = f"{held}: {now}; {change}; {figure}, on held-out {before.gap.told}."
            return f"{told} Production is calibrated." if self.state == "came right" else told
        if self.state == "not calibrated":
            alike = ", on held-out as well" if _is_off(before) else ""
            return f"Read as a probability, the student's score is not calibrated{alike}: {now}; {figure}."
        if self.state == "calibrated":
            return f"The student's probabilities are calibrated: {now}; {figure}, which chance explains."
        return f"Whether the student's probabilities are calibrated is open: {now}; {figure}."

    @property
    def told(self) -> str:
        """The sentence with what to do next."""
        return " ".join(filter(None, (self.sentence, self.whose, self.next_step)))

    @property
    def figures(self) -> dict[str, float]:
        """The numbers behind the finding."""
        sides = {"heldout": self.heldout, "production": self.production}
        found = {f"error_{n}": s.gap.error.estimate for n, s in sides.items() if isinstance(s, CalibrationError)}
        if isinstance(self.production, CalibrationError):
            found |= {"expected": self.production.expected, "passed": self.production.passed}
        return found | ({"moved": self.moved.error.estimate} if isinstance(self.moved, Gap) else {})

    def to_json(self) -> dict[str, object]:
        return {
            "state": self.state,
            "sentence": self.sentence,
            "next_step": self.next_step,
            "heldout": self.heldout.to_json(),
            "production": self.production.to_json(),
            "moved": self.moved.to_json(),
            "whose": self.whose,
            "under_pinned": None if self.under_pinned is None else self.under_pinned.to_json(),
        }


def _has_moved(found: Gap | Unmeasured) -> bool:
    return isinstance(found, Gap) and found.p_value <= MOVED_P and found.error.estimate >= SMALLEST_MOVE


def _is_off(side: CalibrationError | Unmeasured) -> bool:
    return _reads(side, "not calibrated")


def _reads(side: CalibrationError | Unmeasured, reading: Reading) -> bool:
    return isinstance(side, CalibrationError) and side.reading == reading


def has_two_answers(*samples: Scores) -> bool:
    """Whether the teacher answers with 0 or 1 and the student with more than that; such scores are ranked."""
    if not all(scores.is_ranked for scores in samples):
        return False
    teacher = np.concatenate([scores.teacher for scores in samples])
    if not np.isin(teacher, (0, 1)).all() or teacher.min() == teacher.max():
        return False
    return not all(np.isin(scores.student, (0, 1)).all() for scores in samples)


def gives_chances(*samples: Scores) -> bool:
    """Whether the student gives the chance of one of the teacher's two answers."""
    return has_two_answers(*samples) and all(holds_probabilities(scores.student) for scores in samples)


def compare_calibration(
    heldout: Scores,
    production: Scores,
    pinned: tuple[Scores, Scores] | None = None,
    *,
    ranks: Ranks,
    confidence: float = 0.95,
    seed: int = 0,
) -> CalibrationTest | None:
    """Measure calibration on both samples, and whether it moved; None where scores are no probabilities of an answer.

    `pinned` are production's scores by the pinned and by the current revision, on the same pairs.

    Notes
    -----
    Whether it moved is told in bins of both samples' scores: the mean absolute difference of their gaps, a bin counting
    by what both have in it, against answers drawn with the same gap in both; see `measure_calibration`. A change of the
    traffic among scores moves none of them.
    """
    if not gives_chances(heldout, production):
        return None
    before, after = (measure_calibration(each, confidence=confidence, seed=seed) for each in (heldout, production))
    moved = _measure_move(heldout, production, confidence=confidence, seed=seed)
    by_pinned = None if pinned is None else _measure_move(heldout, pinned[0], confidence=confidence, seed=seed)
    return CalibrationTest(heldout=before, production=after, moved=moved, ranks=ranks, under_pinned=by_pinned)


def _measure_move(heldout: Scores, production: Scores, *, confidence: float, seed: int) -> Gap | Unmeasured:
    if (lacking := too_few(heldout) or too_few(production)) is not None:
        return lacking
    heldout, production, rng = in_order(heldout), in_order(production), np.random.default_rng(seed)
    weights = np.concatenate([each.relative_weights / len(each) for each in (heldout, production)])
    score = np.concatenate((heldout.student, production.student))
    bins = equal_mass_bins(score, weights, n_bins=bins_for(min(len(heldout), len(production))))
    n_bins, n = int(bins.max()) + 1, len(heldout)
    first, second = Side.of(heldout, bins[:n], n_bins), Side.of(production, bins[n:], n_bins)
    whole = first.mass + second.mass
    if not (first.mass * second.mass).any():
        reason = "The student's scores on production are all apart from held-out's, so no two can be compared."
        return Unmeasured(reason=reason, n_pairs=len(score))
    # The weight of the difference of two means; a bin that one sample lacks tells nothing.
    shared = first.mass * second.mass / whole
    of_first, of_second = (
        np.divide(shared, side.mass, out=np.zeros(n_bins), where=side.mass > 0) / shared.sum()
        for side in (first, second)
    )
    alike = (first.sums + second.sums) / whole
    draws = [
        side.simulated(np.clip(side.answers.student + alike[side.bins], 0, 1), rng, n_draws=N_DRAWS)
        for side in (first, second)
    ]
    covariance = first.covariance * np.outer(of_first, of_first) + second.covariance * np.outer(of_second, of_second)
    return compare_with_chance(
        second.sums * of_second - first.sums * of_first,
        draws[1] * of_second - draws[0] * of_first,
        covariance,
        n_pairs=len(heldout) + len(production),
        n_queries=heldout.n_queries + production.n_queries,
        confidence=confidence,
        rng=rng,
    )
