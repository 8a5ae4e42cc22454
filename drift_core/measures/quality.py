"""Task quality: how well student and teacher agree with human labels of the same pairs.

What it says about the teacher is read in `distributions.task_quality`.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.agreement import agreement, paired_difference
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.intervals import clustered_error, t_interval
from drift_core.measures.ranks import share_below
from drift_core.measures.scores import Scores
from drift_core.wording import counted

MIN_LABELS = 20  # labelled pairs; as many as a sample needs
MAX_CLASSES = 12  # labels, teacher and student with so few values in common are classes: grades of 0 to 10 still are
NO_LABELS = "no human labels"
TEACHER_IS_LABEL = "the human labels are the teacher's own scores"

RateName = Literal["accuracy", "area under the curve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One measure against human labels for both scorers, and what the student loses."""

    teacher: Measurement
    student: Measurement
    lost: Measurement

    def to_json(self) -> dict[str, object]:
        return {
            "teacher": self.teacher.to_json(),
            "student": self.student.to_json(),
            "lost": self.lost.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Quality on the labelled pairs of one sample.

    Attributes
    ----------
    ranks
        Agreement with the labels, by rank where scores are ranked; `lost` is the teacher's minus the student's.
    rate, rate_name
        The same as accuracy or area under the curve, where the labels allow it.
    highest
        The rank agreement of a scorer that puts every pair in the labels' order; below 1 where labels are tied.
    fidelity
        Agreement of student and teacher on the same pairs.
    """

    ranks: Beside
    highest: float
    fidelity: Measurement
    rate: Beside | None
    rate_name: RateName | None

    def to_json(self) -> dict[str, object]:
        return {
            "ranks": self.ranks.to_json(),
            "highest": self.highest,
            "fidelity": self.fidelity.to_json(),
            "rate_name": self.rate_name,
            "rate": None if self.rate is None else self.rate.to_json(),
        }


def measure_quality(scores: Scores, label: np.ndarray | None, *, confidence: float = 0.95) -> Quality | Unmeasured:
    """Measure teacher and student against human labels.

    Parameters
    ----------
    scores
        Student and teacher of a sample.
    label
        Human label of each pair, shape (n,), NaN where unknown; None without labels.
    confidence
        Confidence level in (0, 1).

    Returns
    -------
    Quality or Unmeasured
        Unmeasured with fewer than 20 labelled pairs, or when the labels are the teacher's scores.

    Notes
    -----
    Both scorers are measured on the same pairs, so the difference is paired and what they share cancels; every
    interval counts queries. Rank agreement takes the weights of the scores, rates are of the pairs as they
    are. Where labels, teacher and student share a few values, accuracy is the share of equal ones.
    Where only the labels are two values, the area under the curve [1]_ stands in its place: a practitioner reads it
    without a threshold, which nobody gave, and it does not change with the share of positives. Rank agreement does: a
    scorer without ties that orders every pair as the labels do reaches the square root of one minus the share of tied
    triples among the labels [2]_, for 10 % positives 0.52. The interval of an area is symmetric on a logit scale [3]_.

    References
    ----------
    .. [1] Obuchowski, N. (1997). Nonparametric analysis of clustered ROC curve data. Biometrics 53.
    .. [2] Kendall, M. (1948). Rank Correlation Methods, chapter 3, on tied ranks.
    .. [3] Qin, G. and Hotilovac, L. (2008). Comparison of non-parametric confidence intervals for the area under the
       ROC curve of a continuous-scale diagnostic test. Statistical Methods in Medical Research 17.

    Examples
    --------
    >>> label = np.repeat([0.0, 1.0], 40)
    >>> scores = Scores(student=np.arange(80.0), teacher=np.roll(np.arange(80.0), 10))
    >>> quality = measure_quality(scores, label)
    >>> quality.rate_name, quality.rate.student.estimate, round(quality.rate.teacher.estimate, 2)
    ('area under the curve', 1.0, 0.75)
    """
    known = np.zeros(len(scores), dtype=bool) if label is None else np.isfinite(label)
    labelled, n_labels = scores.take(known), int(known.sum())
    if label is None or not n_labels:
        return Unmeasured(reason=NO_LABELS)
    gold = label[known]
    n_queries = labelled.n_queries
    if n_labels < MIN_LABELS:
        have = "1 pair has" if n_labels == 1 else f"{n_labels} pairs have"
        reason = f"{have} a human label; at least {MIN_LABELS} are needed"
        return Unmeasured(reason=reason, n_pairs=n_labels, n_queries=n_queries)
    if (labelled.teacher == gold).all():
        return Unmeasured(reason=TEACHER_IS_LABEL, n_pairs=n_labels, n_queries=n_queries)
    rate_name, rate = _rate(labelled, gold, confidence) if scores.is_ranked else (None, None)
    return Quality(
        ranks=_ranks(labelled, gold, confidence),
        highest=_highest(gold) if scores.is_ranked else 1.0,
        fidelity=agreement(labelled, confidence=confidence),
        rate=rate,
        rate_name=rate_name,
    )


def _ranks(scores: Scores, gold: np.ndarray, confidence: float) -> Beside:
    teacher, student = (replace(scores, student=side, teacher=gold) for side in (scores.teacher, scores.student))
    return Beside(
        teacher=agreement(teacher, confidence=confidence),
        student=agreement(student, confidence=confidence),
        lost=paired_difference(teacher, student, confidence=confidence),
    )


def _highest(gold: np.ndarray) -> float:
    n, tied = len(gold), np.unique(gold, return_counts=True)[1].astype(float)
    return float(np.sqrt(1 - (tied**3 - tied).sum() / (float(n) ** 3 - n)))


def _rate(scores: Scores, gold: np.ndarray, confidence: float) -> tuple[RateName | None, Beside | None]:
    """Accuracy or area under the curve of both scorers, or neither."""
    labels = np.unique(gold)
    if np.unique(np.concatenate((gold, scores.teacher, scores.student))).size <= MAX_CLASSES:
        return "accuracy", _accuracy(scores, gold, confidence)
    if len(labels) == 2:
        return "area under the curve", _areas(scores, gold == labels[1], confidence)
    return None, None


def _accuracy(scores: Scores, gold: np.ndarray, confidence: float) -> Beside:
    teacher, student = ((side == gold).astype(float) for side in (scores.teacher, scores.student))
    rates = [
        clustered_mean(hits, scores.queries, confidence=confidence) for hits in (teacher, student, teacher - student)
    ]
    return Beside(teacher=_within_one(rates[0]), student=_within_one(rates[1]), lost=rates[2])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Area:
    estimate: float
    influence: np.ndarray  # of each pair, divided by the number of pairs of its class


def _areas(scores: Scores, positive: np.ndarray, confidence: float) -> Beside:
    teacher, student = (_area(side, positive) for side in (scores.teacher, scores.student))
    lost = _Area(estimate=teacher.estimate - student.estimate, influence=teacher.influence - student.influence)
    return Beside(
        teacher=_area_interval(teacher, scores, confidence),
        student=_area_interval(student, scores, confidence),
        lost=_with_interval(lost, scores, confidence),
    )


def _area(values: np.ndarray, positive: np.ndarray) -> _Area:
    """Share of (positive, negative) couples in the right order, half for an equal one."""
    placed = np.empty(len(values))
    placed[positive] = share_below(values[~positive], values[positive])
    placed[~positive] = 1 - share_below(values[positive], values[~positive])
    area = float(placed[positive].mean())
    sizes = np.where(positive, positive.sum(), (~positive).sum())
    return _Area(estimate=area, influence=(placed - area) / sizes)


def _area_interval(area: _Area, scores: Scores, confidence: float) -> Measurement:
    """Area with limits symmetric on the logit scale, which keeps them inside 0..1; see `measure_quality`.

    An area of 0 or 1 has no spread; the largest share of queries that could have gone unseen is taken from it.
    """
    found = _with_interval(area, scores, confidence)
    if isinstance(found, Unmeasured):
        return found
    here = found.estimate
    if here in (0.0, 1.0) or found.standard_error == 0:
        unseen = 1 - ((1 - confidence) / 2) ** (1 / found.n_queries)
        return replace(found, low=max(0.0, here - unseen), high=min(1.0, here + unseen))
    reach = (found.high - here) / (here * (1 - here))
    logit = np.log(here / (1 - here))
    low, high = (float(1 / (1 + np.exp(-(logit + side * reach)))) for side in (-1, 1))
    return replace(found, low=low, high=high)


def _with_interval(area: _Area, scores: Scores, confidence: float) -> Measurement:
    n_pairs, n_queries = len(scores), scores.n_queries
    if n_queries < 2:
        reason = f"{counted(n_queries, 'query', 'queries')}; at least 2 are needed."
        return Unmeasured(reason=reason, n_pairs=n_pairs, n_queries=n_queries)
    parts = area.influence if scores.queries is None else np.bincount(scores.queries, weights=area.influence)
    error = clustered_error(parts, n_queries)
    return t_interval(
        area.estimate, error, degrees=n_queries - 1, confidence=confidence, n_pairs=n_pairs, n_queries=n_queries
    )


def _within_one(rate: Measurement) -> Measurement:
    """The same with its limits inside 0..1."""
    if isinstance(rate, Unmeasured):
        return rate
    return replace(rate, low=max(0.0, rate.low), high=min(1.0, rate.high))
