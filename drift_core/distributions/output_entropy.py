"""Entropy of a student's outputs on one sample: the value, which a history keeps. `measure_entropy` measures it."""

import math
from dataclasses import dataclass
from typing import Literal

from drift_core.measured import Measured

Over = Literal["labels", "scores", "probabilities"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputEntropy:
    """How evenly a student uses what it can answer, in bits.

    Attributes
    ----------
    student
        Entropy of its outputs, in 0..log2(n_cells).
    n_cells, over
        How many cells they are counted over, and which: the labels; bins of equal mass of the teacher's scores on
        held-out; or tenths of a probability.
    teacher
        The same of the teacher's outputs, on the same pairs and cells; None where it has no place in them.
    narrower
        Teacher's minus student's entropy on the same pairs; None as above.
    """

    student: Measured
    n_cells: int
    over: Over
    teacher: Measured | None = None
    narrower: Measured | None = None

    @property
    def most(self) -> float:
        """Entropy of outputs that use all cells alike, in bits."""
        return math.log2(self.n_cells)

    @property
    def sentence(self) -> str:
        cells = {
            "labels": f"{self.n_cells} labels",
            "scores": f"{self.n_cells} equal parts of held-out's teacher scores",
            "probabilities": "tenths of a probability",
        }[self.over]
        beside = f"; the teacher's {self.teacher.estimate:.2f}" if self.teacher else ""
        share = self.student.estimate / self.most
        return (
            f"Entropy of the student's outputs in production: {self.student} bits, {share:.0%} of the most over "
            f"{cells}{beside}."
        )

    def to_json(self) -> dict[str, object]:
        return {
            "student": self.student.to_json(),
            "teacher": self.teacher and self.teacher.to_json(),
            "narrower": self.narrower and self.narrower.to_json(),
            "n_cells": self.n_cells,
            "over": self.over,
            "share_of_most": self.student.estimate / self.most,
            "sentence": self.sentence,
        }
