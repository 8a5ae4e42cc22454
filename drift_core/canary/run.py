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
from drift_core.canary.figures import (
    BetweenFigure,
    Bridge,
    ErrorFigure,
    HeldoutFigure,
    NewTraffic,
    OwnRegion,
    RegionFigure,
)
from drift_core.causes import CAUSE_WORDS
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.measured import Measured, Measurement
from drift_core.measures.fisher import ZScale
from drift_core.samples.score_kind import Measure, measure_of
from drift_core.tables.problem import ONE_QUERY
from drift_core.wording import counted

Origin = Literal["run", "import"]
STALE_DAYS = 7  # a sample that ends longer before its week stands for another one
# Fields that a document lacks where they say nothing, as versions wrote it that did not know of them.
LATER = (
    "is_answered", "is_area", "inferred", "cause_words", "entropy", "aside", "odd_scores", "command", "ends_at",
    "own_regions", "n_unscored",
)  # fmt: skip
LEVEL_ASIDE = 0.95  # confidence of agreement inside what was set aside


@dataclass(frozen=True, kw_only=True)
class CanaryRun:
    """One weekly measurement.

    Attributes
    ----------
    at
        The time that the sample stands for, UTC.
    ends_at
        The last time in the sample up to the day of recording, UTC; None where it has none, and in runs of earlier
        versions.
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
    cause_words
        What the diagnosis calls the cause where that is not its name, see `diagnosis.causes`; runs of earlier versions
        do not say it.
    inferred
        Whether the teacher's part in the cause is inferred, not measured; runs of earlier versions do not say it.
    aside
        Figures of the queries of the week that were set aside, by the names of that finding; None where none was, and
        in runs of earlier versions.
    odd_scores
        What is told of scores of the week that were set aside as no answers, or may be none; None where that is
        nothing, and in runs of earlier versions.
    bridge
        The same pairs under two revisions of the teacher, where the sample has both.
    production_digest
        Content digest of the sample; None for an imported week.
    production_name
        Its name: that of its file without folders; None for an imported week.
    command
        What diagnoses it as it was read; None where none can, and in runs of earlier versions.
    rule
        The rule that the run was made with.
    seed, encoder, version
        What made the run.
    entropy
        Entropy of the student's outputs; None for an imported week, in runs of earlier versions, and where it has no
        cells to be counted over.
    origin
        Whether it was measured here or imported.
    in_place_of
        Key of the withdrawn record of the same sample that this one corrects; None for others.
    is_ranked
        Whether agreement is by rank, else the share of pairs with the same label.
    is_answered
        Whether the teacher gives two answers and the student a probability.
    is_area
        Whether agreement is therefore the area under the curve; earlier versions took ranks there.
    own_regions
        Regions that the diagnosis of this week alone blames, by its own names; empty in runs of earlier versions.
    n_unscored
        Rows of the sample without a teacher's score, which were left out; 0 in runs of earlier versions.
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
    aside: Mapping[str, float] | None = None
    odd_scores: str | None = None
    bridge: Bridge | None = None
    production_digest: str | None = None
    production_name: str | None = None
    rule: Mapping[str, float | int] = field(default_factory=dict)
    seed: int = 0
    encoder: str | None = None
    version: str = ""
    entropy: OutputEntropy | None = None
    origin: Origin = "run"
    in_place_of: str | None = None
    is_ranked: bool = True
    is_answered: bool = False
    is_area: bool = False
    cause_words: str | None = None
    inferred: bool = False
    command: str | None = None
    ends_at: datetime | None = None
    own_regions: tuple[OwnRegion, ...] = ()
    n_unscored: int = 0
    number: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for name in ("at", "recorded_at"):
            object.__setattr__(self, name, in_utc(getattr(self, name)))

    @property
    def days_late(self) -> int:
        """Whole days from the last time in the sample to the day that it stands for; 0 where it has no times."""
        return 0 if self.ends_at is None else max(0, (self.at - self.ends_at).days)

    @property
    def data_at(self) -> datetime:
        """What its figures are as old as: its day; of a sample that ends over a week before, the sample's end."""
        return self.at if self.ends_at is None or self.days_late <= STALE_DAYS else self.ends_at

    @property
    def scale(self) -> ZScale:
        return ZScale(self.measure)

    @property
    def measure(self) -> Measure:
        """What agreement is in this run."""
        return measure_of(is_ranked=self.is_ranked, is_answered=self.is_area)

    @property
    def has_overlap(self) -> bool:
        """Whether overlap at the top says something: not of labels, two answers, nor across a wide tie."""
        return self.is_ranked and not self.is_answered and self.n_wide_tie is None

    @property
    def is_bridge(self) -> bool:
        """Whether the sample tells what a revision costs; see `bridge_refusal` for whether the baseline moves by it."""
        return self.bridge is not None and isinstance(self.bridge.loss, Measured)

    @property
    def cause_in_words(self) -> str:
        """What the diagnosis of this week alone found; empty for an imported week."""
        if self.cause is None:
            return ""
        is_measured = self.is_bridge or self.origin == "import" or "teacher" not in self.cause
        inferred = " (inferred)" if self.inferred or not is_measured else ""
        return f"{self.cause_words or CAUSE_WORDS.get(self.cause, self.cause.replace('_', ' '))}{inferred}"

    @property
    def has_moved_calibration(self) -> bool:
        """Whether this week alone finds it; one calm week in 200 does too, so it alarms nothing."""
        return "calibration_moved" in self.findings

    @property
    def turned(self) -> str:
        """Ask whether scores run the other way where agreement is surely below chance, which noise alone is not."""
        chance = {"Spearman": 0.0, "area under the curve": 0.5}.get(self.measure, -1.0)
        is_below = isinstance(self.agreement, Measured) and self.agreement.high < chance
        below = "below chance" if chance else "negative"
        return f"Agreement is {below}: do the scores run the other way?" if is_below else ""

    @property
    def set_aside(self) -> str:
        """What was left out before anything was measured: rows without a teacher's score, queries, or scores."""
        n, of_all = self.n_unscored, counted(self.n_pairs + self.n_unscored, "row", "rows")
        rows = f"{n:,} of {of_all} {'has' if n == 1 else 'have'} no teacher score; left out." if n else ""
        return " ".join(filter(None, (rows, self._queries_aside, self.odd_scores)))

    @property
    def _queries_aside(self) -> str:
        if ONE_QUERY not in self.findings:
            return ""
        if self.aside is None:
            first = (self.summary or "").partition(". ")[0]
            return f"{first}; the figures are without."
        n = int(self.aside.get("n_queries", 1))
        have = "One query has" if n == 1 else f"{n} queries have"
        inside, whole = (found or "not measured" for found in map(self._of_aside, ("inside", "with")))
        return (
            f"{have} {self.aside['share']:.0%} of production's pairs; the figures are without. Agreement inside is "
            f"{inside}, with {'it' if n == 1 else 'them'} {whole}."
        )

    @property
    def inside_aside(self) -> Measured | None:
        """Agreement inside the queries that were set aside; None where none was, or it was not measured."""
        return self._of_aside("inside")

    def _of_aside(self, name: str) -> Measured | None:
        if self.aside is None or f"{name} estimate" not in self.aside:
            return None
        estimate, low, high = (self.aside[f"{name} {each}"] for each in ("estimate", "low", "high"))
        is_share = isinstance(self.agreement, Measured) and self.agreement.is_share
        return Measured(
            estimate=estimate,
            low=low,
            high=high,
            confidence=LEVEL_ASIDE,
            standard_error=float("nan"),
            n_pairs=0,
            n_queries=0,
            is_share=is_share,
        )

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
        plain["ends_at"] = None if self.ends_at is None else self.ends_at.isoformat()
        plain["regions"] = tuple(each.to_json() for each in self.regions)
        del plain["number"]
        for name in LATER:
            if plain[name] in (False, None, (), 0):
                del plain[name]
        return plain


def in_time(run: CanaryRun) -> tuple[datetime, int]:
    """Sort runs by the time that they stand for, then by the order of recording, which no clock moves."""
    return run.at, run.number
