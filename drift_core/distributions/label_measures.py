"""What two samples of labels say: how often student and teacher differ, beyond chance, and in which labels."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drift_core import markup
from drift_core.distributions.both_orders import FIRST_WINS, BothOrders, measure_both_orders
from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.agreement import agreement
from drift_core.measures.chance_corrected import Weighting, cohen_kappa, confusion, gwet_ac
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores, scores_of
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import ScoreKind

BEYOND = ("agreement", "kappa", "gwet")
EXTREME = 0.9  # share of one label from which chance agreement hides what kappa measures (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAgreement:
    """One label: how often the student gives it where the teacher does (recall), and the reverse (precision)."""

    label: str
    recall: Measurement
    precision: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSample:
    """What is measured on one sample of labels.

    Attributes
    ----------
    agreement, disagreement
        Share of pairs with one label, and with two.
    kappa, gwet
        Agreement beyond chance, of grades with quadratic weights.
    confusion
        Share of the pairs with each label of the teacher (rows) and of the student.
    labels
        Each label alone.
    wins
        Of pairwise answers, share of wins of the first by teacher and by student, a tie counting half; else empty.
    orders
        Of pairwise answers, what changing the places of two answers changes; None where no pair comes in both orders.
    """

    agreement: Measurement
    disagreement: Measurement
    kappa: Measurement
    gwet: Measurement
    confusion: tuple[tuple[float, ...], ...]
    labels: tuple[LabelAgreement, ...]
    wins: tuple[Measurement, ...] = ()
    orders: BothOrders | None = None

    @property
    def is_extreme(self) -> bool:
        """Whether one label is given so often that kappa says little, and Gwet's coefficient stands for it."""
        cells = np.array(self.confusion)
        return bool(((cells.sum(0) + cells.sum(1)) / 2).max() >= EXTREME)

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            name: getattr(self, name).to_json() for name in ("agreement", "disagreement", "kappa", "gwet")
        }
        found["confusion"] = [list(row) for row in self.confusion]
        found["labels"] = [
            {"label": each.label, "recall": each.recall.to_json(), "precision": each.precision.to_json()}
            for each in self.labels
        ]
        names = ("teacher", "student")
        found["win_rate"] = {name: each.to_json() for name, each in zip(names, self.wins, strict=False)}
        return found | ({} if self.orders is None else {"both_orders": self.orders.to_json()})


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMeasures:
    """What is measured on two samples of labels of one kind."""

    kind: ScoreKind
    heldout: LabelSample
    production: LabelSample

    @property
    def in_short(self) -> str:
        """How often labels differ, in plain words."""
        shares = (f"{each.disagreement:.1%}" for each in (self.heldout, self.production))
        return "Student and teacher give different labels to {} of held-out pairs, {} of production.".format(*shares)

    @property
    def sentence(self) -> str:
        sides = self.heldout, self.production
        is_extreme = any(each.is_extreme for each in sides)
        name = "Gwet's coefficient" if is_extreme else "kappa"
        beyond = (each.gwet if is_extreme else each.kappa for each in sides)
        return "{}; {} {:.2f} and {:.2f}.".format(self.in_short[:-1], name, *beyond)

    @property
    def order_sentences(self) -> tuple[str, ...]:
        """What the order of two answers does, by sample that has both."""
        sides = {"Held-out": self.heldout, "Production": self.production}
        return tuple(f"{name}: {each.orders.sentence}" for name, each in sides.items() if each.orders)

    def __repr__(self) -> str:
        return f"LabelMeasures({self.kind.name!r}, {len(self.kind.labels):,} labels)\n{self.sentence}"

    def _repr_html_(self) -> str:
        sides = {"held-out": self.heldout, "production": self.production}
        figures = {f"{name}: {what}": getattr(side, what) for name, side in sides.items() for what in BEYOND}
        for name, side in sides.items():
            for each in side.labels:
                figures |= {f"{name}: recall of {each.label}": each.recall}
                figures |= {f"{name}: precision of {each.label}": each.precision}
        return markup.page(self.sentence, markup.bullets(self.order_sentences), markup.table(markup.figures(figures)))

    def to_json(self) -> dict[str, Any]:
        samples = {"heldout": self.heldout.to_json(), "production": self.production.to_json()}
        return {"kind": self.kind.name, "labels": list(self.kind.labels), **samples}


def measure_labels(heldout: ScoredPairs, production: ScoredPairs, *, confidence: float = 0.95) -> LabelMeasures | None:
    """Measure how labels agree on two samples; None where scores are numbers without labels.

    Raises
    ------
    InputError
        When the samples hold different kinds of score.

    Examples
    --------
    >>> import pandas as pd
    >>> from drift_core import read_pairs
    >>> frame = pd.DataFrame({"query": [f"q{i}" for i in range(40)], "teacher": ["pass", "pass", "fail", "fail"] * 10})
    >>> first, second = (read_pairs(frame.assign(student=given * 10)) for given in (["pass"] * 4, ["pass", "fail"] * 2))
    >>> print(f"{measure_labels(first, second).production.disagreement:.1%}")
    50.0% (34.6% to 65.4%)
    """
    heldout, production = align_kinds(heldout, production)
    kind = heldout.kind
    if not kind.labels or kind.is_answered:
        return None
    both = zip(scores_of(heldout, production), (heldout, production), strict=True)
    first, second = (
        replace(
            label_sample(scores, kind, confidence, is_named=bool(sample.read_options.labels)),
            orders=measure_both_orders(scores, sample.shown, confidence=confidence),
        )
        for scores, sample in both
    )
    return LabelMeasures(kind=kind, heldout=first, production=second)


def label_sample(scores: Scores, kind: ScoreKind, confidence: float, *, is_named: bool = True) -> LabelSample:
    """Measure how labels agree on pairs with scores of a kind that has labels.

    Where nobody named them, classes that another sample alone has are none by whose number chance is reckoned.
    """
    scores = replace(scores, student=kind.places(scores.student), teacher=kind.places(scores.teacher))
    n_labels = len(kind.labels)
    weighting: Weighting = "quadratic" if kind.name == "ordinal" else "none"
    sides = (scores.teacher, scores.student)
    same = agreement(replace(scores, is_ranked=False), confidence=confidence)
    return LabelSample(
        agreement=same,
        disagreement=_complement(same),
        kappa=cohen_kappa(scores, n_labels=n_labels, weighting=weighting, confidence=confidence),
        gwet=_gwet(scores, n_labels, confidence, weighting, is_own=kind.name == "nominal" and not is_named),
        confusion=tuple(map(tuple, confusion(scores, n_labels=n_labels).tolist())),
        labels=tuple(_of_label(scores, code, label, confidence) for code, label in enumerate(kind.labels)),
        wins=tuple(_wins(side, scores, confidence) for side in sides) if kind.name == "pairwise" else (),
    )


def _gwet(scores: Scores, n_labels: int, confidence: float, weighting: Weighting, *, is_own: bool) -> Measurement:
    given = np.unique([scores.teacher, scores.student])
    if is_own and 1 < len(given) < n_labels:
        teacher, student = (np.searchsorted(given, side) * 1.0 for side in (scores.teacher, scores.student))
        scores, n_labels = replace(scores, teacher=teacher, student=student), len(given)
    return gwet_ac(scores, n_labels=n_labels, weighting=weighting, confidence=confidence)


def _complement(share: Measurement) -> Measurement:
    """The share of the other pairs, with the same interval from the other end."""
    if isinstance(share, Unmeasured):
        return share
    return replace(share, estimate=1 - share.estimate, low=1 - share.high, high=1 - share.low)


def _of_label(scores: Scores, code: int, label: str, confidence: float) -> LabelAgreement:
    def share(given: np.ndarray, other: np.ndarray) -> Measurement:
        chosen = given == code
        return proportion(other[chosen] == code, scores.take(chosen), confidence=confidence)

    teacher, student = scores.teacher, scores.student
    return LabelAgreement(label=label, recall=share(teacher, student), precision=share(student, teacher))


def _wins(side: np.ndarray, scores: Scores, confidence: float) -> Measurement:
    return proportion(FIRST_WINS[side.astype(int)], scores, confidence=confidence)
