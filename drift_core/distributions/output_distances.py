"""How far outputs are apart: of both samples, and of teacher and student; beside it what held-out shows by chance."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from drift_core.calibration.bins import in_order
from drift_core.distributions.cells import Cells, cells_of_scores
from drift_core.distributions.distances import jensen_shannon, wasserstein
from drift_core.distributions.measure_entropy import label_cells, measure_entropy, shared_cells
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.distributions.usual import BESIDE, SIDES, Usual, usual_distances
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores, Side
from drift_core.samples.score_kind import NUMERIC, ScoreKind

USUAL = 0.95  # share of held-out's own draws that lie up to what is called usual
MIN_QUERIES = 10  # of either sample; fewer tell too little of how queries scatter

Moved = Literal["neither", "both", "student", "teacher"]
_READING: dict[Moved, str] = {
    "neither": "The student's and the teacher's are within what is usual.",
    "both": "Both moved, as other traffic moves them; by itself that is no cause.",
    "student": "The student's alone moved; no cause by itself, but what a threshold lets through may have changed.",
    "teacher": "The teacher's alone moved; no cause by itself: it was revised, or the student misses what changed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """A distance, and what held-out alone shows at the same sizes: the middle, and in all but 5 % of draws.

    Both are None where the distance is held-out's own.
    """

    estimate: float
    usual: float | None = None
    usual_high: float | None = None

    @property
    def is_above(self) -> bool:
        return self.usual_high is not None and self.estimate > self.usual_high

    def written(self, digits: str) -> str:
        """The distance and what is usual beside it, both in the same digits."""
        beside = "" if self.usual_high is None else f" (usual up to {self.usual_high:{digits}})"
        return f"{self.estimate:{digits}}{beside}"

    def to_json(self) -> dict[str, object]:
        kept = ("estimate", "usual", "usual_high", "is_above")
        return {name: getattr(self, name) for name in kept}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDistance:
    """Jensen-Shannon's distance in 0..1, and Wasserstein's in the scores' unit; None of labels without an order."""

    jensen_shannon: Distance
    wasserstein: Distance | None

    def to_json(self) -> dict[str, object]:
        far = None if self.wasserstein is None else self.wasserstein.to_json()
        return {"jensen_shannon": self.jensen_shannon.to_json(), "wasserstein": far}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDistances:
    """How outputs are spread on two samples.

    Attributes
    ----------
    student, teacher
        Held-out's outputs against production's, of each side.
    heldout, production
        Teacher's outputs against the student's, on each sample; None where they have nothing in common.
    not_compared
        Why they are not compared, as a sentence; empty where they are.
    entropy
        Of the student's outputs on production.
    """

    student: OutputDistance
    teacher: OutputDistance
    heldout: OutputDistance | None
    production: OutputDistance | None
    not_compared: str
    entropy: OutputEntropy | Unmeasured

    @property
    def moved(self) -> Moved:
        """Whose outputs lie further from held-out's than held-out alone shows, by Jensen-Shannon's distance."""
        is_moved = self.student.jensen_shannon.is_above, self.teacher.jensen_shannon.is_above
        names: dict[tuple[bool, bool], Moved] = {(True, True): "both", (True, False): "student"}
        return names.get(is_moved, "teacher" if is_moved[1] else "neither")

    @property
    def reading(self) -> str:
        """Whether outputs are spread as is usual, in plain words."""
        return _READING[self.moved]

    @property
    def sentence(self) -> str:
        student, teacher = self.student.jensen_shannon, self.teacher.jensen_shannon
        return (
            f"From held-out to production the student's outputs moved by {_told(student)}, the teacher's by "
            f"{_told(teacher)}. {self.reading}{self._beyond}"
        )

    @property
    def _beyond(self) -> str:
        """Whose outputs Wasserstein's distance alone puts beyond the usual; empty where nobody's."""
        sides = {"student's": self.student.wasserstein, "teacher's": self.teacher.wasserstein}
        beyond = [whose for whose, each in sides.items() if each is not None and each.is_above]
        if self.moved != "neither" or not beyond:
            return ""
        return f" Wasserstein's distance alone puts the {' and the '.join(beyond)} above it, as one draw in 20 does."

    @property
    def beside(self) -> str:
        """How far teacher and student are apart, in a sentence."""
        if self.heldout is None or self.production is None:
            return f"Outputs of teacher and student are not compared: {self.not_compared}"
        now, before = self.production.jensen_shannon, self.heldout.jensen_shannon
        usual = f"{'more than is usual, which is' if now.is_above else 'usual at this size'} up to {now.usual_high:.3f}"
        return (
            f"In production the outputs of teacher and student are {now.estimate:.3f} apart ({usual}), on held-out "
            f"{before.estimate:.3f}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        entropy = self.entropy
        told = entropy.sentence if isinstance(entropy, OutputEntropy) else f"Entropy is not measured: {entropy.reason}"
        is_told = isinstance(entropy, Unmeasured) and entropy.reason == self.not_compared
        return (self.sentence, self.beside, *(() if is_told else (told,)))

    @property
    def table(self) -> pd.DataFrame:
        """A row a comparison, of a side between the samples or of both sides in one, with what is usual up to."""
        compared = {
            "Student": self.student,
            "Teacher": self.teacher,
            "Both, production": self.production,
            "Both, held-out": self.heldout,
        }
        rows = [
            {"Outputs": name}
            | {
                title: distance.written(digits)
                for title, distance, digits in (
                    ("Jensen-Shannon", each.jensen_shannon, ".3f"),
                    ("Wasserstein", each.wasserstein, "#.3g"),  # its unit may be any
                )
                if distance is not None
            }
            for name, each in compared.items()
            if each is not None
        ]
        return pd.DataFrame(rows)

    def to_json(self) -> dict[str, object]:
        names = ("student", "teacher", "heldout", "production")
        compared = {name: None if (each := getattr(self, name)) is None else each.to_json() for name in names}
        told = {"moved": self.moved, "sentence": self.sentence, "not_compared": self.not_compared}
        return told | compared | {"entropy": self.entropy.to_json()}


def _told(found: Distance) -> str:
    return f"{found.estimate:.3f} (usual at this size up to {found.usual_high:.3f})"


def compare_outputs(
    heldout: Scores, production: Scores, *, kind: ScoreKind = NUMERIC, confidence: float = 0.95, seed: int = 0
) -> OutputDistances | Unmeasured:
    """Measure how far outputs are apart: between the samples for both sides, and between both sides in each sample.

    Parameters
    ----------
    heldout, production
        Scores of two samples of one kind.
    kind
        The kind, with the labels that codes stand for.
    confidence
        Of the interval of the entropy.

    Returns
    -------
    OutputDistances or Unmeasured
        Unmeasured below ten queries in either sample.

    Notes
    -----
    Jensen-Shannon's distance is taken over labels, or over ten bins of equal mass of the reference, which is held-out's
    side, and of teacher against student the teacher's on held-out. Wasserstein's needs no bins: the mean way that an
    output is moved, in the scores' unit, for grades in steps of their order; labels without an order have none.

    Sampled distributions are never equal. So whole queries are drawn from held-out alone, as many as it has and as many
    as production would have of its size, and the distance of both is measured, 399 times (Efron and Tibshirani, 1993,
    chapter 16). Teacher against student in production is held against their distance in such a sample, drawn from a
    sample drawn from held-out, which scatters as both do. Production's size is that of its queries and of its pairs,
    whichever tells less, weights counted (Kish, 1965). Assumes that queries are drawn independently.
    """
    n_queries = min(heldout.n_queries, production.n_queries)
    if n_queries < MIN_QUERIES:
        reason = f"{n_queries} queries in a sample; how outputs are spread needs {MIN_QUERIES}."
        return Unmeasured(reason=reason, n_pairs=min(len(heldout), len(production)), n_queries=n_queries)
    heldout, production = in_order(heldout), in_order(production)
    shared, known = shared_cells(heldout, production, kind), label_cells(kind)
    both = None if isinstance(shared, str) else shared
    cells = {side: known or _cells_of(side, heldout, production) for side in SIDES}
    n_other, rng = _as_many(heldout, production), np.random.default_rng(seed)
    usual = usual_distances(heldout, n_other, cells, both, rng=rng)

    def across(side: Side) -> OutputDistance:
        sides = _outputs(heldout, side), _outputs(production, side)
        return _distance(*sides, cells[side], usual[side], is_ordered=kind.is_ranked)

    def beside(scores: Scores, drawn: Usual | None) -> OutputDistance | None:
        if both is None:
            return None
        sides = _outputs(scores, "teacher"), _outputs(scores, "student")
        return _distance(*sides, both, drawn, is_ordered=kind.is_ranked)

    return OutputDistances(
        student=across("student"),
        teacher=across("teacher"),
        heldout=beside(heldout, None),
        production=beside(production, usual.get(BESIDE)),
        not_compared=shared if isinstance(shared, str) else "",
        entropy=measure_entropy(heldout, production, kind=kind, confidence=confidence),
    )


Outputs = tuple[np.ndarray, np.ndarray]  # with their weights


def _outputs(scores: Scores, side: Side) -> Outputs:
    return getattr(scores, side), scores.relative_weights


def _cells_of(side: Side, heldout: Scores, production: Scores) -> Cells:
    return cells_of_scores(*_outputs(heldout, side), getattr(production, side))


def _distance(one: Outputs, two: Outputs, cells: Cells, usual: Usual | None, *, is_ordered: bool) -> OutputDistance:
    near = float(jensen_shannon(cells.shares(*one), cells.shares(*two)))
    far = wasserstein(one, two) if is_ordered else None
    return OutputDistance(
        jensen_shannon=_beside_usual(near, None if usual is None else usual.jensen_shannon),
        wasserstein=None if far is None else _beside_usual(far, None if usual is None else usual.wasserstein),
    )


def _beside_usual(estimate: float, drawn: np.ndarray | None) -> Distance:
    if drawn is None:
        return Distance(estimate=estimate)
    middle, high = np.quantile(drawn, [0.5, USUAL], method="higher").tolist()
    return Distance(estimate=estimate, usual=middle, usual_high=high)


def _as_many(heldout: Scores, production: Scores) -> int:
    """Queries of held-out that tell as much as production's, by its queries or by its pairs."""
    by_queries = production.effective_queries * heldout.n_queries / heldout.effective_queries
    by_pairs = production.effective_pairs * heldout.n_queries / heldout.effective_pairs
    return max(2, round(min(by_queries, by_pairs)))
