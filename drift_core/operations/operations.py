"""The operating figures of a sample as one value, and what they say together."""

from dataclasses import dataclass

from drift_core.measured import Measured, Measurement
from drift_core.operations.operating_figures import COST, WHO_WORDS, OperatingFigure, operating_figures
from drift_core.samples.costs_and_latencies import FIGURES
from drift_core.samples.pairs import ScoredPairs

TOLD_BY = ("P95 latency (ms)", "P50 latency (ms)")  # the first that is better is told
NO_SAVING = 0.95  # of the other's cost; a saving of less is none (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Cost, latency and failures of the calls in a sample; empty where it has no such columns."""

    figures: tuple[OperatingFigure, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.figures)

    @property
    def findings(self) -> tuple[str, ...]:
        """Where the student is surely faster and surely no cheaper: batching is to be checked.

        Against the teacher, and against the student before. Faster is a share of the other's P95 or P50 whose whole
        interval lies below 1, no cheaper a share of its cost whose whole interval lies above 0.95.
        """
        found = (_batching(self.figures, share, other) for share, other in COMPARED.items())
        return tuple(sentence for sentence in found if sentence)

    def to_json(self) -> list[dict[str, object]]:
        return [each.to_json() for each in self.figures]


COMPARED = {"of_teacher": "teacher", "of_before": "student_before"}


def operations_of(*samples: ScoredPairs | None, confidence: float) -> Operations:
    """Measure the operations of the first sample that has any of their columns."""
    told = next((each for each in samples if each is not None and set(each.operations) & set(FIGURES)), None)
    return Operations() if told is None else Operations(figures=operating_figures(told, confidence=confidence))


def _batching(figures: tuple[OperatingFigure, ...], share: str, other: str) -> str | None:
    shares = {each.figure: getattr(each, share) for each in figures if each.who == "student"}
    cost, faster = shares.get(COST), next((name for name in TOLD_BY if _is_below(shares.get(name))), None)
    if faster is None or not isinstance(cost, Measured) or cost.low <= NO_SAVING:
        return None
    name = WHO_WORDS[other]
    return (
        f"The student answers faster than {name}, with {shares[faster]:.0%} of its {faster.removesuffix(' (ms)')}, and "
        f"costs no less, {cost:.0%} of its price: check batching and how busy its machines are."
    )


def _is_below(share: Measurement | None) -> bool:
    return isinstance(share, Measured) and share.high < 1
