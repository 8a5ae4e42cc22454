"""Whether the student after uses its answers as evenly as the one before, judged by the teacher's evenness."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from drift_core.comparison.part_change import SampleName
from drift_core.comparison.usable_pairs import UsablePairs
from drift_core.distributions.measure_entropy import entropy, entropy_change, student_cells
from drift_core.measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class EntropyChange:
    """Entropy of both students' outputs on the same pairs, in bits, and the most that their cells allow.

    `change` is after minus before; `teacher` that of the teacher's outputs, None where it has no place in the cells.
    """

    sample: SampleName
    before: float
    after: float
    most: float
    change: Measured
    teacher: float | None

    @property
    def sentence(self) -> str:
        beside = "" if self.teacher is None else f", the teacher's {self.teacher:.2f}"
        told = (
            f"Entropy of the student's outputs on {self.sample} pairs went from {self.before:.2f} to {self.after:.2f} "
            f"bits of {self.most:.2f}{beside}, by {self.change:+.2f}"
        )
        if not self._moved:
            return f"{told}: no clear change."
        if self.is_collapsing:
            return f"{told}: it uses its answers less evenly; release after release without a gain, outputs collapse."
        if self.teacher is None:
            return f"{told}: more evenly."
        return f"{told}: {'nearer to' if self._moved < 0 else 'farther from'} the teacher's."

    @property
    def is_collapsing(self) -> bool:
        """Whether it fell beyond chance, and, where the teacher's is known, to farther below that."""
        fell = self.change.estimate < 0
        return fell and (self._moved < 0 if self.teacher is None else self._moved > 0)

    @property
    def _moved(self) -> float:
        """How much farther from the teacher's it is, the change itself where that is not known; 0 within chance."""
        moved = self.change.estimate
        if self.teacher is not None:
            moved = abs(self.after - self.teacher) - abs(self.before - self.teacher)
        return moved if abs(moved) > (self.change.high - self.change.low) / 2 else 0.0

    def to_json(self) -> dict[str, object]:
        kept = ("sample", "before", "after", "most", "teacher", "sentence")
        return {name: getattr(self, name) for name in kept} | {"change": self.change.to_json()}


def entropy_changes(usable: Mapping[SampleName, UsablePairs], *, confidence: float) -> Iterator[EntropyChange]:
    """The change on each sample whose students both have cells; bins are those of the teacher's scores there."""
    for name, each in usable.items():
        after, before = each.scores, replace(each.scores, student=each.before)
        if not len(after):
            continue
        old, made = (student_cells(scores, scores, each.sample.kind) for scores in (before, after))
        if isinstance(old, str) or isinstance(made, str):
            continue
        cells, over = made
        places = [cells.place(side) for side in (each.before, after.student, after.teacher)]
        levels = [entropy(place, after, n_cells=cells.n, confidence=confidence) for place in places]
        change = entropy_change(places[0], places[1], after, cells.n, confidence)
        if change is None:
            continue
        was, now, teacher = (level.estimate for level in levels if isinstance(level, Measured))
        yield EntropyChange(
            sample=name,
            before=was,
            after=now,
            most=cells.most,
            change=change,
            teacher=None if over == "probabilities" else teacher,
        )
