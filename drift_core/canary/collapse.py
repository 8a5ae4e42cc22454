"""Entropy of the student's outputs version by version, and whether it fell from one to the next without a gain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, stdev

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.run import CanaryRun
from drift_core.canary.students import students_of
from drift_core.distributions.output_entropy import OutputEntropy, Over
from drift_core.measured import Measured, figure
from drift_core.wording import counted, one_line

N_FALLS = 2  # in a row, from which it is told: one fall is a change, two are the pattern (ours)
SURE = 1.644854  # standard errors of a fall that is none at one in twenty
SMALLEST_FALL = 0.02  # of the most entropy that the cells allow (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A mean over weeks, with the larger standard error of what samples and what weeks scatter."""

    mean: float
    error: float

    @classmethod
    def of(cls, measured: Sequence[Measured]) -> "Level":
        n, values = len(measured), [each.estimate for each in measured]
        sampling = math.sqrt(sum(each.standard_error**2 for each in measured)) / n
        between = stdev(values) / math.sqrt(n) if n > 1 else 0.0
        return cls(mean=fmean(values), error=max(sampling, between))

    def is_above(self, other: "Level", *, by: float = 0.0) -> bool:
        """Whether it lies above another beyond chance, and by more than `by`."""
        return self.mean - other.mean > max(by, SURE * math.hypot(self.error, other.error))


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEntropy:
    """Entropy of one version's outputs over its weeks, in bits.

    Attributes
    ----------
    version, since, n_weeks
        The version, None where it was not said; its first week that has the figure, and how many have it.
    student, narrower
        Entropy of its outputs, and how far it is below the teacher's on the same pairs; None where that has no cells.
    n_cells, over
        What outputs were counted over in the newest of the weeks; others do not count.
    agreement, is_ranked
        Its agreement in the same weeks, None where no week measured it, and whether that is by rank.
    """

    version: str | None
    since: datetime
    n_weeks: int
    student: Level
    narrower: Level | None
    n_cells: int
    over: Over
    agreement: Level | None
    is_ranked: bool

    @property
    def name(self) -> str:
        return "unnamed" if self.version is None else one_line(self.version)

    @property
    def share(self) -> float:
        """Of the most that its cells allow."""
        return self.student.mean / math.log2(self.n_cells)

    @property
    def sentence(self) -> str:
        reach = 2 * self.student.error
        low, high = (max(0.0, self.student.mean + side * reach) for side in (-1, 1))
        beside = "" if self.narrower is None else f", {self.narrower.mean:.2f} under the teacher's"
        weeks = counted(self.n_weeks, "week", "weeks")
        return f"{self.name}: {self.student.mean:.2f} ({low:.2f} to {high:.2f}) bits, {self.share:.0%}{beside}; {weeks}"

    def is_below(self, before: "VersionEntropy") -> bool:
        """Whether it is surely narrower than an earlier version, and not because the teacher's outputs are too."""
        least = SMALLEST_FALL * math.log2(self.n_cells)
        if not _are_alike(self, before) or not before.student.is_above(self.student, by=least):
            return False
        return self.narrower is None or before.narrower is None or self.narrower.is_above(before.narrower)

    def to_json(self) -> dict[str, object]:
        narrower = None if self.narrower is None else self.narrower.mean
        return {
            "version": self.version,
            "since": self.since.isoformat(),
            "n_weeks": self.n_weeks,
            "entropy": self.student.mean,
            "standard_error": self.student.error,
            "share_of_most": self.share,
            "under_teacher": narrower,
            "n_cells": self.n_cells,
            "over": self.over,
            "agreement": None if self.agreement is None else self.agreement.mean,
        }


def _are_alike(one: OutputEntropy | VersionEntropy, two: OutputEntropy | VersionEntropy) -> bool:
    """Whether bits of both compare; a label that is never given changes none."""
    return one.over == two.over and (one.over == "labels" or one.n_cells == two.n_cells)


def entropy_by_version(weeks: Sequence[WeekAssessment]) -> tuple[VersionEntropy, ...]:
    """The entropy of every version that has one, in the order of their first weeks; gaps tell nothing."""
    runs = [week.run for week in weeks if week.status != "gap" and week.run.entropy is not None]
    return tuple(_of([run for run in runs if run.student_version == name]) for name in students_of(runs))


def _of(runs: Sequence[CanaryRun]) -> VersionEntropy:
    newest = runs[-1].entropy
    assert newest is not None
    alike = [run for run in runs if run.entropy is not None and _are_alike(run.entropy, newest)]
    entropies = [run.entropy for run in alike if run.entropy is not None]
    narrower = [each.narrower for each in entropies if each.narrower is not None]
    agreement = [run.agreement for run in alike if isinstance(run.agreement, Measured)]
    return VersionEntropy(
        version=runs[-1].student_version,
        since=alike[0].at,
        n_weeks=len(alike),
        student=Level.of([each.student for each in entropies]),
        narrower=Level.of(narrower) if len(narrower) == len(alike) else None,
        n_cells=newest.n_cells,
        over=newest.over,
        agreement=Level.of(agreement) if agreement else None,
        is_ranked=runs[-1].is_ranked,
    )


def find_collapse(versions: Sequence[VersionEntropy]) -> tuple[VersionEntropy, ...]:
    """The newest versions whose entropy fell from each to the next without a gain; empty where that is not the pattern.

    Notes
    -----
    Each of two falls or more is beyond chance at one in twenty and at least 2 % of the most entropy, and is not the
    teacher's on the same pairs. A gain is agreement of the newest version above that of the first, beyond chance; where
    agreement is unknown, nothing is told. Weeks are taken as independent samples.
    """
    first = len(versions) - 1
    while first > 0 and versions[first].is_below(versions[first - 1]):
        first -= 1
    falling = tuple(versions[max(first, 0) :])
    if len(falling) <= N_FALLS:
        return ()
    before, now = falling[0], falling[-1]
    if before.agreement is None or now.agreement is None or before.is_ranked != now.is_ranked:
        return ()
    return () if now.agreement.is_above(before.agreement) else falling


def collapse_note(weeks: Sequence[WeekAssessment]) -> str:
    """Say that outputs may collapse, which is no alarm; empty where nothing speaks for it."""
    found = find_collapse(entropy_by_version(weeks))
    if not found:
        return ""
    fell = ", ".join(f"{each.name} {each.student.mean:.2f}" for each in found)
    ends = [
        figure(each.agreement.mean, is_share=not each.is_ranked)
        for each in (found[0], found[-1])
        if each.agreement is not None
    ]
    return (
        f"Outputs may be collapsing, which is no alarm by itself: their entropy fell from version to version ({fell} "
        f"bits) without a gain in agreement ({' to '.join(ends)}). Look at what the retrain lists held, and retrain "
        "from an earlier version."
    )
