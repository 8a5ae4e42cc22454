"""One canary run: what was measured on one week's sample, and what made it.

A value that can be written as JSON and read back; judging it against earlier runs is in `alarm`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from drift_core.canary.decision import in_utc
from drift_core.measured import Measurement
from drift_core.measures.fisher import ZScale

Origin = Literal["run", "import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFigure:
    """The mean error of the student on a sample, in units of its error at ship time.

    Attributes
    ----------
    level
        The mean; 1 is as at ship time.
    variance, third
        Second and third cumulant of that mean while nothing changes.
    degrees
        Degrees of freedom that the variance was estimated with.
    """

    level: float
    variance: float
    third: float
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldoutFigure:
    """Held-out as this run measured it, from which the baseline is taken at ship time.

    Attributes
    ----------
    digest
        Content digest of the sample; None for an imported week.
    agreement
        Agreement on held-out.
    z_error
        Standard error of held-out's agreement on Fisher's z scale.
    error
        The student's error on held-out, 1 by definition, with its scatter; None for an imported week.
    """

    digest: str | None
    agreement: Measurement
    z_error: float
    error: ErrorFigure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTraffic:
    """The region that held-out lacks on which the student errs most clearly.

    Attributes
    ----------
    names
        The region.
    n_pairs, n_queries, share
        Its size, and its fraction of the week's pairs.
    p_value
        One-sided p-value of "the student errs more there than held-out's regions differ", the smallest over all new
        regions times their number.
    error
        Its error level against held-out's; None where it was not measured.
    n_tested
        New regions that were looked at.
    """

    names: tuple[str, ...]
    n_pairs: int
    n_queries: int
    share: float
    p_value: float
    error: ErrorFigure | None = None
    n_tested: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFigure:
    """One region in one week.

    Attributes
    ----------
    partition, name
        Which region; a query cluster keeps its name over the weeks, see `registry`.
    n_pairs, n_queries, share
        Its size, and its fraction of the week's pairs; runs of earlier versions have no queries.
    since
        Day of the run of this history that showed it first, as 2026-03-16.
    agreement, agreement_heldout
        Agreement on the week's pairs and on held-out's.
    is_new
        Whether held-out lacks it.
    drifted
        Whether the diagnosis of this week flagged it, or most of its pairs.
    error
        The student's error on its pairs; None where they are too few or it was found by their errors, so that they say
        nothing more, and in runs of earlier versions.
    error_heldout
        The same on held-out's pairs; None where there are too few.
    measures
        Other measures on its pairs, by the names of `canary.slice_measures`, where a judge card has a floor on one.
    centroid, n_texts, closeness, closeness_sd
        Of a query cluster: its centroid, the distinct texts that made it, and mean and sd of the cosine between a text
        and the centroid of the others.
    """

    partition: str
    name: str
    n_pairs: int
    share: float
    agreement: Measurement
    agreement_heldout: float | None
    is_new: bool
    drifted: bool
    n_queries: int | None = None
    since: str | None = None
    error: ErrorFigure | None = None
    error_heldout: ErrorFigure | None = None
    centroid: str | None = None
    n_texts: int | None = None
    closeness: float | None = None
    closeness_sd: float | None = None
    measures: Mapping[str, Measurement] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Plain values; without other measures as versions wrote it that knew none."""
        plain = asdict(self)
        return plain if self.measures else {name: value for name, value in plain.items() if name != "measures"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenFigure:
    """How unlike the student's errors are in held-out's regions: variance of their logarithm, and its degrees."""

    variance: float
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """The same pairs scored by the earlier and by the current revision: what the revision alone costs.

    Attributes
    ----------
    loss
        Agreement with the earlier revision minus agreement with the current one, on the same pairs.
    z_shift, z_error
        The same on Fisher's z scale, with its standard error.
    error_shift, error_variance
        How much the revision adds to the error level on the same pairs, and the variance of that; None when unmeasured.
    pinned_revision
        The earlier revision; None where it was not said.
    """

    loss: Measurement
    z_shift: float
    z_error: float
    error_shift: float | None = None
    error_variance: float | None = None
    pinned_revision: str | None = None


@dataclass(frozen=True, kw_only=True)
class CanaryRun:
    """One weekly measurement.

    Attributes
    ----------
    at
        The time that the sample stands for, UTC.
    recorded_at
        When it was recorded, UTC.
    student_version, teacher_model, teacher_revision
        Who was compared; None where it was not said.
    n_pairs, n_queries
        Size of the production sample.
    agreement, overlap
        Agreement, and overlap at `k`, on production.
    k
        Size of the top.
    overlap_normal_low, overlap_normal_high
        What held-out shows at the same size and K; None when unmeasured.
    n_wide_tie
        Pairs of equal teacher score that the boundary of the top cuts through, where they are so many that the overlap
        means little; else None.
    heldout
        Agreement on held-out.
    null_error
        Standard error of this week's agreement on Fisher's z scale, for a week that has no `error`; None where it is
        not measured.
    error
        The student's error on this week's pairs against held-out's; None for an imported week.
    new_traffic
        Regions that held-out lacks; None where there are none, or they were not looked for.
    regions
        Figures per region.
    between_regions
        How unlike the regions of held-out are; None in runs of earlier versions and where errors are not measured.
    region_space
        Encoder of the run that the names of the query clusters began with; see `registry`.
    cause, findings, summary
        What the diagnosis says of this week alone; None for an imported week.
    bridge
        The same pairs under two revisions of the teacher, where the sample has both.
    production_digest
        Content digest of the sample; None for an imported week.
    production_name
        Its name: that of its file without folders; None for an imported week.
    rule
        The rule that the run was made with.
    seed, encoder, version
        What made the run.
    origin
        Whether it was measured here or imported.
    in_place_of
        Key of the withdrawn record of the same sample that this one corrects; None for others.
    is_ranked
        Whether agreement is by rank, else the share of pairs with the same label.
    number
        Its place in the order of recording, from 1; 0 while it is in no history. Not part of its document.
    """

    at: datetime
    recorded_at: datetime
    teacher_revision: str
    n_pairs: int
    n_queries: int
    agreement: Measurement
    overlap: Measurement
    k: int
    heldout: HeldoutFigure | None
    student_version: str | None = None
    teacher_model: str | None = None
    overlap_normal_low: float | None = None
    overlap_normal_high: float | None = None
    n_wide_tie: int | None = None
    null_error: float | None = None
    error: ErrorFigure | None = None
    new_traffic: NewTraffic | None = None
    regions: tuple[RegionFigure, ...] = ()
    between_regions: BetweenFigure | None = None
    region_space: str | None = None
    cause: str | None = None
    summary: str | None = None
    findings: tuple[str, ...] = ()
    bridge: Bridge | None = None
    production_digest: str | None = None
    production_name: str | None = None
    rule: Mapping[str, float | int] = field(default_factory=dict)
    seed: int = 0
    encoder: str | None = None
    version: str = ""
    origin: Origin = "run"
    in_place_of: str | None = None
    is_ranked: bool = True
    number: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for name in ("at", "recorded_at"):
            object.__setattr__(self, name, in_utc(getattr(self, name)))

    @property
    def scale(self) -> ZScale:
        return ZScale(self.is_ranked)

    @property
    def has_moved_calibration(self) -> bool:
        """Whether this week alone finds it; one calm week in 200 does too, so it alarms nothing."""
        return "calibration_moved" in self.findings

    @cached_property
    def key(self) -> str:
        """What makes two runs the same: the samples, who was compared, and the day. 64 hexadecimal digits.

        An imported week without digests is known by its figures instead; a corrected record by the one in whose place
        it stands as well.
        """
        known = (self.heldout and self.heldout.digest, self.production_digest)
        figures = None if all(known) else (self.n_pairs, self.agreement.to_json(), self.overlap.to_json())
        corrected = () if self.in_place_of is None else (self.in_place_of,)
        made_of = (known, figures, self.teacher_revision, self.student_version, self.at.date().isoformat(), *corrected)
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, object]:
        """Plain values; `history.from_json.run_from` reads them back from JSON."""
        plain = {**asdict(self), "at": self.at.isoformat(), "recorded_at": self.recorded_at.isoformat()}
        plain["regions"] = tuple(each.to_json() for each in self.regions)
        del plain["number"]
        return plain


def in_time(run: CanaryRun) -> tuple[datetime, int]:
    """Sort runs by the time that they stand for, then by the order of recording, which no clock moves."""
    return run.at, run.number
