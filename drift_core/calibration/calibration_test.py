"""Whether a student's probabilities still mean what they meant: calibration of both samples, and whether it moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.calibration.calibration_error import CalibrationError, measure_calibration
from drift_core.calibration.calibration_move import has_moved, measure_move
from drift_core.calibration.gap import Gap, Reading
from drift_core.calibration.recalibrate import holds_probabilities
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores
from drift_core.wording import in_a_row

State = Literal["moved", "came right", "not calibrated", "calibrated", "cannot tell"]
Ranks = Literal["fell", "held", "cannot tell"]
_NEXT: dict[State, str] = {
    "moved": "Recalibrate and set thresholds again (distillation-drift calibrate)",
    "came right": "Set thresholds of earlier weeks again (distillation-drift calibrate)",
    "not calibrated": "Recalibrate before any threshold (distillation-drift calibrate)",
    "calibrated": "",
    "cannot tell": "More pairs would tell.",
}
_NEXT_OF_LABELS: dict[State, str] = {
    "moved": "Recalibrate the probabilities (distillation-drift calibrate)",
    "came right": "Fit a map of earlier weeks again (distillation-drift calibrate)",
    "not calibrated": "Recalibrate before anything rests on the probabilities (distillation-drift calibrate)",
}
NO_RETRAINING = "; calibration alone is no reason to retrain"
RETRAIN_FIRST = ", after a retraining where the verdict asks for one"
UNKNOWN_WHOSE = (
    "Whether the student's probabilities or the teacher's answers moved is not known without scores of the pinned "
    "revision."
)
RANKS_FELL = "Agreement fell too, which no recalibration mends: first do what the verdict says. "


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLooks:
    """What each label adds, where the student gives a probability for each and that of its answer did not surely move.

    Attributes
    ----------
    moved
        As `CalibrationTest.moved`, of each label that is looked at; they and the answer share one error level.
    readings
        Of held-out and of production, the answer and all labels together, where that of a label surely moved.
    """

    moved: Mapping[str, Gap | Unmeasured]
    readings: tuple[Reading | None, Reading | None] | None = None

    @property
    def surely(self) -> tuple[str, ...]:
        """Labels whose calibration surely moved; they spend a quarter, for chance is told short in its tail."""
        return tuple(name for name, each in self.moved.items() if has_moved(each, n_looks=4 * len(self.moved)))

    def to_json(self) -> dict[str, object]:
        return {"surely": list(self.surely), "moved": {name: each.to_json() for name, each in self.moved.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationTest:
    """Calibration of held-out and production where the teacher gives one of two answers and the student a probability.

    Where the student gives a probability for each of several labels, it is that of its answer, the most probable one:
    "passed" is then that the teacher gives it too.

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
    labels
        What each label adds; None of two answers.
    """

    heldout: CalibrationError | Unmeasured
    production: CalibrationError | Unmeasured
    moved: Gap | Unmeasured
    ranks: Ranks
    under_pinned: Gap | Unmeasured | None = None
    labels: LabelLooks | None = None

    @property
    def state(self) -> State:
        before, after = self._readings
        if self._has_moved or (self.labels and self.labels.surely):
            return "came right" if (before, after) == ("not calibrated", "calibrated") else "moved"
        return after or "cannot tell"

    @property
    def _readings(self) -> tuple[Reading | None, Reading | None]:
        if self.labels and self.labels.readings:
            return self.labels.readings
        before, after = (None if isinstance(s, Unmeasured) else s.reading for s in (self.heldout, self.production))
        return before, after

    @property
    def _has_moved(self) -> bool:
        return has_moved(self.moved, n_looks=1 if self.labels is None else 2)

    @property
    def held_by(self) -> str:
        """What agreement goes by that may hold meanwhile."""
        return "rank" if self.labels is None else "label"

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
        if self.labels is not None and not self._has_moved:
            return f"calibration of {in_a_row([repr(label) for label in self.labels.surely])} moved"
        return f"calibration moved, its error from {before.gap.error.figure('.1%')} to {after.gap.error.figure('.1%')}"

    @property
    def next_step(self) -> str:
        """What to do; the verdict, which knows the regions too, decides on a retraining."""
        todo = _NEXT if self.labels is None else _NEXT | _NEXT_OF_LABELS
        if self.finding is None:
            return todo[self.state]
        if self.ranks == "fell":
            return f"{RANKS_FELL}{todo[self.state]}."
        return f"{todo[self.state]}{NO_RETRAINING if self.ranks == 'held' else RETRAIN_FIRST}."

    @property
    def whose(self) -> str:
        """Whose move it is, by the pinned revision's answers, or that this is not known; empty where nothing moved."""
        pinned = self.under_pinned
        if not self._has_moved or not isinstance(self.moved, Gap):
            return UNKNOWN_WHOSE if self.labels and self.labels.surely and pinned is None else ""
        if not isinstance(pinned, Gap):
            return UNKNOWN_WHOSE
        what = "what passes" if self.labels is None else "how often it is right"
        figure = f"by the pinned revision's answers {what} moved by {pinned.error:.1%}"
        if has_moved(pinned):
            return f"It is not the teacher's revision alone: {figure}."
        is_less = pinned.error.high < self.moved.error.estimate
        return f"{'It is the teacher' if is_less else 'Whose move it is stays open'}: {figure}."

    @property
    def expects(self) -> str:
        """What the student expects of production and what the teacher does, as a clause; empty without either."""
        after = self.production
        if isinstance(after, Unmeasured):
            return ""
        if self.labels is not None:
            sure = f"the student is on average {after.expected:.0%} sure of its answer on production"
            return f"{sure} and right in {after.passed:.0%}"
        return f"the student expects {after.expected:.0%} of production to pass, the teacher passes {after.passed:.0%}"

    @property
    def sentence(self) -> str:
        before, after, now = self.heldout, self.production, self.expects
        if isinstance(after, Unmeasured):
            return f"Calibration is unknown: {after.reason}"
        figure = f"its calibration error is {after.gap.told}"
        if self.state in ("moved", "came right") and isinstance(before, CalibrationError):
            held = f"Calibration moved, {self.held_by}s held" if self.ranks == "held" else "Calibration moved"
            assert isinstance(self.moved, Gap)
            what = "what passes" if self.labels is None else "how often it is right"
            change = f"{what} at the same probability moved by {self.moved.error:.1%}"
            if self.labels and self.labels.surely:
                change += f", and surely that of {in_a_row([repr(each) for each in self.labels.surely])}"
            told = f"{held}: {now}; {change}; {figure}, on held-out {before.gap.told}."
            return f"{told} Production is calibrated." if self.state == "came right" else told
        if self.state == "not calibrated":
            alike = ", on held-out as well" if self._readings[0] == "not calibrated" else ""
            which = "Read as a probability, the student's score is" if self.labels is None else "Its probabilities are"
            return f"{which} not calibrated{alike}: {now}; {figure}."
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
            "labels": None if self.labels is None else self.labels.to_json(),
        }


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
    """
    if not gives_chances(heldout, production):
        return None
    before, after = (measure_calibration(each, confidence=confidence, seed=seed) for each in (heldout, production))
    moved = measure_move(heldout, production, confidence=confidence, seed=seed)
    by_pinned = None if pinned is None else measure_move(heldout, pinned[0], confidence=confidence, seed=seed)
    return CalibrationTest(heldout=before, production=after, moved=moved, ranks=ranks, under_pinned=by_pinned)
