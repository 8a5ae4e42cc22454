"""Task quality in words: whether the student or its teacher is what holds quality back."""

from dataclasses import dataclass
from typing import Literal, Protocol

import pandas as pd

from drift_core import markup
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.quality import Quality, measure_quality
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs

TIES_MATTER = 0.95  # below it the limit that tied labels set is told (ours)
Reading = Literal["teacher is the ceiling", "student loses", "as good", "student is better", "cannot tell"]


class _Limits(Protocol):
    """What is read of a rule, as in `diagnosis.rule`."""

    @property
    def confidence(self) -> float: ...
    @property
    def agreement_healthy(self) -> float: ...
    @property
    def quality_low(self) -> float: ...
    @property
    def material_loss(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuality:
    """Agreement with human labels on both samples.

    Attributes
    ----------
    heldout, production
        Teacher and student against the labels of each sample.
    reading
        What production's labels say, held-out's where production has none; None without labels. "teacher is the
        ceiling": the student agrees with its teacher, and the teacher's agreement with the labels is low for what
        their ties allow. "student
        loses": the interval of the loss lies above 0 and the estimate reaches the material loss; "as good": it lies
        below the material loss; "student is better": it lies below 0.
    is_ranked
        Whether agreement is of ranks; else it is the share of equal labels.
    """

    heldout: Quality | Unmeasured
    production: Quality | Unmeasured
    reading: Reading | None
    is_ranked: bool = True

    @property
    def shown(self) -> Quality | Unmeasured:
        """The sample that the reading rests on."""
        return self.heldout if isinstance(self.production, Unmeasured) else self.production

    @property
    def sentence(self) -> str:
        shown = self.shown
        if isinstance(shown, Unmeasured):
            reason = self.production.reason if isinstance(self.production, Unmeasured) else shown.reason
            return f"Task quality is unknown: {reason}."
        words = _in_words(shown, self.reading)
        return words if shown is self.production else f"On held-out, as production has too few labels: {words}"

    def to_json(self) -> dict[str, object]:
        return {
            "sentence": self.sentence,
            "reading": self.reading,
            "heldout": self.heldout.to_json(),
            "production": self.production.to_json(),
        }

    @property
    def table(self) -> pd.DataFrame:
        """Teacher and student against human labels, for each sample that has them."""
        rows: dict[str, Measurement] = {}
        measure = "rank agreement" if self.is_ranked else "same label"
        for sample, found in (("held-out", self.heldout), ("production", self.production)):
            if not isinstance(found, Quality):
                continue
            rated = [(str(found.rate_name), found.rate)] if found.rate else []
            for name, beside in ((measure, found.ranks), *rated):
                rows[f"Teacher and labels, {name}, {sample}"] = beside.teacher
                rows[f"Student and labels, {name}, {sample}"] = beside.student
                rows[f"Teacher minus student, {name}, {sample}"] = beside.lost
            rows[f"Student and teacher on these pairs, {measure}, {sample}"] = found.fidelity
        return markup.figures(rows)

    def _repr_html_(self) -> str:
        return markup.page(self.sentence, markup.table(self.table))


def measure_task_quality(
    heldout: ScoredPairs, production: ScoredPairs, *, scores: tuple[Scores, Scores], rule: _Limits
) -> TaskQuality:
    """Measure both samples, with their scores, against their human labels; see `measures.quality`."""
    before, after = (
        measure_quality(side, sample.label, confidence=rule.confidence)
        for side, sample in zip(scores, (heldout, production), strict=True)
    )
    shown = before if isinstance(after, Unmeasured) else after
    return TaskQuality(
        heldout=before,
        production=after,
        reading=None if isinstance(shown, Unmeasured) else _read(shown, rule),
        is_ranked=scores[0].is_ranked,
    )


def _read(quality: Quality, rule: _Limits) -> Reading:
    ranks, fidelity = quality.ranks, quality.fidelity
    if isinstance(ranks.lost, Unmeasured) or isinstance(ranks.teacher, Unmeasured) or isinstance(fidelity, Unmeasured):
        return "cannot tell"
    if fidelity.estimate >= rule.agreement_healthy and ranks.teacher.high < rule.quality_low * quality.highest:
        return "teacher is the ceiling"
    if ranks.lost.low > 0 and ranks.lost.estimate >= rule.material_loss:
        return "student loses"
    if ranks.lost.high < 0:
        return "student is better"
    return "as good" if ranks.lost.high < rule.material_loss else "cannot tell"


def _in_words(quality: Quality, reading: Reading | None) -> str:
    teacher, student, lost = quality.ranks.teacher, quality.ranks.student, quality.ranks.lost
    if not (isinstance(teacher, Measured) and isinstance(student, Measured) and isinstance(lost, Measured)):
        return "agreement with the human labels could not be measured."
    ties = f", whose ties allow {quality.highest:.2f} at most," if quality.highest < TIES_MATTER else ""
    both = f"against human labels{ties} the student reaches {student.figure()}, its teacher {teacher.figure()}"
    figure = f"{lost:+.2f}"
    if reading == "teacher is the ceiling" and isinstance(quality.fidelity, Measured):
        gain = f"A closer student could gain {lost.figure('-.2f')}; more needs a better teacher."
        return (
            f"The teacher is the ceiling: the student agrees with it at {quality.fidelity.figure()}, and {both}. "
            + (gain if lost.low > 0 else "A better student needs a better teacher.")
        )
    both = both[0].upper() + both[1:]
    return {
        "student loses": f"{both}: it loses {figure}.",
        "as good": f"{both}: it is as good as its teacher, loss {figure}.",
        "student is better": f"{both}: it is better than its teacher, loss {figure}.",
    }.get(str(reading), f"{both}; with these labels the loss {figure} is too uncertain to call.")
