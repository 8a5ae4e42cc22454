"""The result of the diagnostic: everything that was found, with what made it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from drift_core import markup
from drift_core.agreement.spread import SpreadTest
from drift_core.agreement.top_k import OverlapCurves, TopKTest
from drift_core.calibration.calibration_test import CalibrationTest
from drift_core.causes import cause_in_words
from drift_core.diagnosis.cause import Verdict
from drift_core.diagnosis.drawn_region import DrawnPairs, measure_drawn
from drift_core.diagnosis.facts import UNLIKE, unlike_share
from drift_core.diagnosis.findings import Finding
from drift_core.diagnosis.regions_test import RegionsTest, comparable_scores
from drift_core.diagnosis.settings import Settings
from drift_core.diagnosis.what_would_settle import what_would_settle
from drift_core.distributions.label_measures import LabelMeasures
from drift_core.distributions.lookalike_checks import Lookalike
from drift_core.distributions.noise_ceiling import Ceiling
from drift_core.distributions.output_distances import OutputDistances
from drift_core.distributions.pinned_traffic import PinnedTraffic
from drift_core.distributions.same_pairs import SamePairs
from drift_core.distributions.task_quality import TaskQuality
from drift_core.measured import Unmeasured
from drift_core.measures.scores import scores_of
from drift_core.operations.broken_part import BrokenPart
from drift_core.operations.missing_scores import MissingScores
from drift_core.operations.operations import Operations, operations_of
from drift_core.operations.output_structure import OutputStructure
from drift_core.regions.attribution import Attribution
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.revision_effect import RevisedRegion
from drift_core.samples.next_in_words import is_to_mend
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.settling import Settling
from drift_core.tables.problem import Problem
from drift_core.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diagnosis:
    """Everything that the diagnostic found, with what made it.

    Attributes
    ----------
    verdict
        Cause, evidence, and what would change it.
    findings
        Facts that are no cause by themselves.
    spread, top_k, regions
        The three tests.
    overlap
        The overlap curve behind test 2.
    attribution
        The split of the loss.
    ceiling
        How high agreement could be, given how well the teacher agrees with itself.
    quality
        Teacher and student against human labels.
    drifted
        Whether each production pair lies in a drifted region, bool of shape (n,).
    embeddings
        Query embeddings that the clusters were found in.
    problems
        What the two samples have in common that they should not.
    settings, heldout, production, version
        What made the result.
    settling
        What would settle the verdict or overturn it, with pairs, queries and price.
    lookalikes
        What is easily taken for distillation drift, and what the data say about each.
    labels
        How often labels differ, beyond chance and label by label; None where scores are numbers.
    outputs
        Whether the models' outputs keep their structure; empty where the samples hold none.
    calibration
        Whether the student's probabilities mean what they meant; None where it gives none of the teacher's two answers.
    distributions
        How far outputs are apart, and the entropy of the student's; neither is a cause.
    revised
        Regions in which today's teacher differs from the pinned one more than elsewhere, the clearest first.
    revised_words
        The word of docs or queries whose pairs differ most, where no region does.
    revised_alone
        Whether nothing got worse beyond chance outside of them.
    missing
        Production pairs without a score of today's teacher, where they are more than held-out's.
    pinned
        Production under both revisions of the teacher, and what traffic these pairs stand for.
    part
        A part of production that broke: since a day, at hours of the day, or in a stretch of its rows; None where none.
    docs_changed
        The drifted region whose docs are of another length, and how; empty where there is none.
    same
        Old and new scores on pairs that both samples hold; None where too few can be compared.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    spread: SpreadTest
    top_k: TopKTest
    regions: RegionsTest
    overlap: OverlapCurves
    attribution: Attribution
    ceiling: Ceiling
    quality: TaskQuality
    distributions: OutputDistances | Unmeasured
    drifted: np.ndarray
    embeddings: QueryEmbeddings
    problems: tuple[Problem, ...]
    settings: Settings
    heldout: ScoredPairs
    production: ScoredPairs
    version: str = VERSION
    settling: tuple[Settling, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    labels: LabelMeasures | None = None
    outputs: OutputStructure = field(default_factory=OutputStructure)
    calibration: CalibrationTest | None = None
    revised: tuple[RevisedRegion, ...] = ()
    revised_words: tuple[RevisedRegion, ...] = ()
    revised_alone: bool = False
    missing: MissingScores | None = None
    pinned: PinnedTraffic = field(default_factory=PinnedTraffic)
    part: BrokenPart | None = None
    docs_changed: tuple[str, str] = ("", "")
    same: SamePairs | None = None

    @property
    def rescored_first(self) -> tuple[RevisedRegion, ...]:
        """Regions whose labels are the most out of date; none where the teacher is no cause."""
        return self.revised if "teacher" in self.verdict.cause else ()

    @property
    def to_pin(self) -> Settling | None:
        """What tells whether the teacher made a familiar region fall, before a retraining copies it; else None."""
        is_open = self.verdict.cause == "query_drift" and self.attribution.not_pinned is not None
        if not is_open or not any(region.is_familiar_fall for region in self.regions.regions):
            return None
        return next((each for each in self.settling if each.aim == "pinned"), None)

    @property
    def to_score_again(self) -> Settling | None:
        """What tells a revised teacher from another student's scores, at no price; None where that is not open."""
        own = next((each for each in self.settling if each.aim == "student"), None)
        is_first = self.verdict.or_student or self.verdict.cause == "query_drift"
        return own if is_first or (own is not None and is_to_mend(own.sentence)) else None

    @property
    def under_pinned(self) -> str:
        """That regions are compared under the pinned revision, where all pairs have its score; else empty."""
        n_pinned, n = self.n_pinned
        return (
            "Production is under the pinned revision here, without the teacher's own change." if n_pinned == n else ""
        )

    @property
    def regions_sentence(self) -> str:
        """Where agreement fell, with the revision of the teacher that it is told under."""
        return f"{self.regions.sentence} {self.under_pinned}".rstrip()

    @property
    def to_retrain(self) -> np.ndarray:
        """Production pairs that a retraining needs most: drifted, or to be scored again first, bool of shape (n,)."""
        return self.drifted | self.regions.in_any(self.rescored_first, len(self.production))

    @property
    def operations(self) -> Operations:
        """Cost, latency and failures of the calls on production."""
        return operations_of(self.production, confidence=self.settings.rule.confidence)

    @property
    def moved_calibration(self) -> str:
        """What moved where no cause is at work and probabilities no longer mean what they meant; else empty."""
        return self.calibration.change if self.verdict.cause == "healthy" and self.calibration else ""

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """Findings without what the summary says; of a calibration that it says moved, what the student expects."""
        expects = self.calibration.expects if self.moved_calibration and self.calibration else ""
        return tuple(
            replace(each, sentence=f"{expects[:1].upper()}{expects[1:]}.")
            if expects and each.name == "calibration_moved"
            else each
            for each in self.findings
            if each.sentence not in self.verdict.summary
        )

    @property
    def crossing(self) -> Finding | None:
        """That a scale moved, with the pairs that change side at a fixed threshold; None where none did."""
        return next((each for each in self.findings if each.name.endswith("_scale_moved")), None)

    @property
    def cause_in_words(self) -> str:
        return cause_in_words(self.verdict.cause, self.regions.regions, or_student=self.verdict.or_student)

    @property
    def wrong_heldout(self) -> str:
        """That both samples share almost no topics, so that this may be another student's held-out; empty if not."""
        unlike = unlike_share(self.regions.regions)
        if unlike < UNLIKE:
            return ""
        return (
            f"These files share almost no topics: {unlike:.0%} of today's traffic is in regions that held-out hardly "
            "has. Is this the right held-out?"
        )

    @property
    def n_pinned(self) -> tuple[int, int]:
        """How many pairs show both revisions, of production's."""
        return 0 if self.pinned.scores is None else len(self.pinned.scores[0]), len(self.production)

    @property
    def outcome(self) -> str:
        """The cause in words, with calibration where that alone moved."""
        moved = ", calibration moved" if self.moved_calibration else ""
        return self.cause_in_words + moved

    @property
    def distribution_lines(self) -> tuple[str, ...]:
        """How outputs are spread, in sentences."""
        found = self.distributions
        return (found.reason,) if isinstance(found, Unmeasured) else found.sentences

    def with_drawn(self, drawn: Sequence[DrawnPairs]) -> "Diagnosis":
        """The diagnosis with regions that a person drew and named, in place of those it had; the verdict stays."""
        scores = comparable_scores(scores_of(self.heldout, self.production), self.production) if drawn else None
        found = tuple(measure_drawn(each, scores, rule=self.settings.rule) for each in drawn if scores)
        return replace(self, regions=replace(self.regions, drawn=found))

    @property
    def tests_table(self) -> pd.DataFrame:
        """The three tests: band by the textbook, what the interval supports, and the figure in a sentence."""
        rows = [
            ("Spread", markup.band_in_words(self.spread.band), self.spread.reading, self.spread.sentence),
            ("Overlap", markup.band_in_words(self.top_k.band), self.top_k.reading, self.top_k.sentence),
            ("Regions", markup.band_in_words(self.regions.band), self.regions.reading, self.regions.sentence),
        ]
        return pd.DataFrame(rows, columns=["Test", "Textbook band", "Evidence", "Figure"])

    def __repr__(self) -> str:
        return f"Diagnosis({self.verdict.cause!r}, {self.heldout!r}; {self.production!r})\n{self.verdict.summary}"

    def _repr_html_(self) -> str:
        verdict = self.verdict
        cause = self.outcome + (", the teacher's part inferred" if verdict.inferred else "")
        seen = [
            *(f"{line.mark}: {line.sentence}" for line in verdict.evidence),
            *(f"Finding: {finding.sentence}" for finding in self.other_findings),
            *(f"Drawn by hand: {each.sentence}" for each in self.regions.drawn),
            *(f"Also: {each.title}. {each.sentence}" for each in self.lookalikes if each.status == "points_to"),
            *(each.sentence for each in self.settling),
        ]
        beside = (markup.paragraph(part.sentence) for part in (self.labels, self.ceiling, self.quality) if part)
        tests = markup.table(self.tests_table)
        spread = markup.paragraph(" ".join(self.distribution_lines))
        cause_line = markup.paragraph(f"Cause: {cause}")
        return markup.page(verdict.summary, cause_line, tests, markup.bullets(seen), *beside, spread)


def with_price(diagnosis: Diagnosis, price_per_pair: float | None) -> Diagnosis:
    """Give a diagnosis with what it would cost to know more at another price; nothing else changes."""
    settings = replace(diagnosis.settings, price_per_pair=price_per_pair)
    settling = what_would_settle(
        diagnosis.verdict.cause,
        spread=diagnosis.spread,
        regions=diagnosis.regions.regions,
        attribution=diagnosis.attribution,
        rule=settings.rule,
        missing=diagnosis.missing,
        price_per_pair=price_per_pair,
        heldout=diagnosis.heldout,
        production=diagnosis.production,
        pinned=diagnosis.pinned,
        or_student=diagnosis.verdict.or_student,
        not_the_teacher=diagnosis.verdict.not_the_teacher,
        asks=diagnosis.verdict.asks,
        told={each.name: each for each in diagnosis.findings},
        options=settings.options(diagnosis.embeddings.encoder),
        part=diagnosis.part,
        docs_changed=diagnosis.docs_changed,
        same=diagnosis.same,
    )
    return replace(diagnosis, settling=settling, settings=settings)
