"""A week's sample measured: the diagnosis against held-out, turned into a canary run.

What the run means beside earlier ones is in `alarm`.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from drift_core.agreement.rule import Rule
from drift_core.canary.decision import in_utc
from drift_core.canary.figures import ErrorFigure, HeldoutFigure, NewTraffic, OwnRegion, RegionFigure, held
from drift_core.canary.measure_bridge import measure_bridge
from drift_core.canary.region_figures import error_figure, measure_region_figures
from drift_core.canary.registry import NOTHING_KNOWN, Registry
from drift_core.canary.run import CanaryRun
from drift_core.canary.sequential import BETWEEN_REGIONS, normal_score, p_of_score
from drift_core.canary.slice_measures import Place
from drift_core.causes import CAUSE_WORDS
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.facts import keeps_open
from drift_core.distributions.copied_scores import COPIED
from drift_core.distributions.odd_scores import IN_DOUBT, ON_SCALE
from drift_core.distributions.output_distances import OutputDistances
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.distributions.score_cut import of_whole_range
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.error_level import MIN_PAIRS, Reference, error_reference
from drift_core.measures.fisher import ZScale
from drift_core.measures.scores import Scores, scores_of
from drift_core.operations.missing_scores import MISSING, MORE_MISSING
from drift_core.operations.set_aside import ODD
from drift_core.regions.named_region import NamedRegion
from drift_core.samples.only_given import only_diagnosis
from drift_core.samples.sample_commands import week_command
from drift_core.tables.formats import short_name
from drift_core.tables.problem import ONE_QUERY, RANGE_CUT
from drift_core.version import VERSION

ODD_OR_IN_DOUBT = (*ODD, *IN_DOUBT.values())
SCORE_THEM = " Have the teacher score these rows too, and record the week again."
EARLIEST_YEAR = 1970  # of a history


def canary_run(
    diagnosis: Diagnosis,
    *,
    at: datetime,
    recorded_at: datetime,
    teacher_revision: str,
    student_version: str | None = None,
    teacher_model: str | None = None,
    pinned_revision: str | None = None,
    known: Registry = NOTHING_KNOWN,
    named: Sequence[NamedRegion] = (),
    more: Collection[Place] = (),
) -> CanaryRun:
    """Turn the diagnosis of a week's sample against held-out into a canary run.

    Parameters
    ----------
    diagnosis
        Held-out as it was at ship time, and the week's production sample.
    at, recorded_at
        The time that the sample stands for, and now; both with a time zone.
    teacher_revision
        The revision that scored the sample.
    student_version, teacher_model
        Who was compared, where it is known.
    pinned_revision
        The revision that gave the pinned scores, where it is known; a bridge must start at the baseline's.
    known
        Regions of the earlier runs of the history; see `registry_of`.
    named
        Regions that a person named before and that can be found in these samples. One that was drawn in this very
        sample is left out: its figures here are those it was chosen by.
    more
        Partition and name of the regions that other measures than agreement are wanted of too.
    """
    only_diagnosis(diagnosis)
    heldout, production = scores_of(diagnosis.heldout, diagnosis.production)
    is_cut = any(finding.name == RANGE_CUT for finding in diagnosis.findings)  # then held-out is no baseline either
    reference = None if is_cut else error_reference(heldout)
    overlap = diagnosis.top_k
    found = measure_region_figures(
        diagnosis, (heldout, production), reference, known=known, day=f"{in_utc(at):%Y-%m-%d}", named=named, more=more
    )
    return CanaryRun(
        at=at,
        recorded_at=recorded_at,
        ends_at=_ends_at(diagnosis.production.timestamp, recorded_at),
        student_version=student_version,
        teacher_model=teacher_model,
        teacher_revision=teacher_revision,
        n_pairs=len(production),
        n_queries=production.n_queries,
        agreement=_agreement(diagnosis, production),
        overlap=overlap.overlap,
        k=overlap.k,
        overlap_normal_low=overlap.normal_low,
        overlap_normal_high=overlap.normal_high,
        n_wide_tie=overlap.n_tied if overlap.tie_is_wide else None,
        heldout=None if is_cut else _heldout(diagnosis, heldout, reference),
        error=None if reference is None else _error(reference, production),
        new_traffic=_new_traffic(diagnosis, found.regions),
        regions=() if is_cut else found.regions,
        between_regions=found.between,
        region_space=found.space,
        cause=diagnosis.verdict.cause,
        summary=diagnosis.verdict.summary,
        cause_words=_cause_words(diagnosis),
        inferred=diagnosis.verdict.inferred and "teacher" in diagnosis.verdict.cause,
        findings=tuple(finding.name for finding in diagnosis.findings),
        aside=next((dict(each.figures) for each in diagnosis.production.problems if each.name == ONE_QUERY), None),
        n_unscored=_n_unscored(diagnosis),
        odd_scores=" ".join(told.sentence for told in diagnosis.findings if told.name in ODD_OR_IN_DOUBT) or None,
        own_regions=_own_regions(diagnosis),
        bridge=measure_bridge(diagnosis, production, reference, pinned_revision),
        production_digest=diagnosis.production.digest,
        production_name=name_of(diagnosis.production.source or diagnosis.production.name),
        command=_command(diagnosis),
        rule=diagnosis.settings.rule.to_json(),
        seed=diagnosis.settings.seed,
        encoder=diagnosis.embeddings.encoder,
        version=diagnosis.version,
        entropy=_entropy(diagnosis),
        is_ranked=production.is_ranked,
        is_answered=diagnosis.spread.is_answered,
        is_area=diagnosis.spread.is_answered,
    )


def _n_unscored(diagnosis: Diagnosis) -> int:
    """Rows of the week that the teacher gave no score; those set aside are told by themselves."""
    aside = sum(each.n_rows for each in diagnosis.production.problems if each.name == "odd_teacher_scores")
    return max(0, len(diagnosis.production.unscored or ()) - aside)


def _own_regions(diagnosis: Diagnosis) -> tuple[OwnRegion, ...]:
    blamed = diagnosis.regions.drifted if diagnosis.verdict.cause != "healthy" else ()
    return tuple(
        OwnRegion(
            partition=each.partition,
            name=each.name,
            share=each.share_production,
            is_new=each.is_new,
            n_heldout=held(each.n_heldout) or None,
        )
        for each in blamed
    )


def _ends_at(times: np.ndarray | None, recorded_at: datetime) -> datetime | None:
    """The last time of a sample; none is later than the day after it was recorded, in whatever zone."""
    until = np.datetime64(in_utc(recorded_at).replace(tzinfo=None)) + np.timedelta64(1, "D")
    known = () if times is None else times[times <= until]  # a time that is missing is in no order
    last = pd.Timestamp(max(known)) if len(known) else None
    return None if last is None or last.year < EARLIEST_YEAR else last.floor("s").tz_localize(UTC).to_pydatetime()


def _command(diagnosis: Diagnosis) -> str | None:
    chosen = diagnosis.settings.options(diagnosis.embeddings.encoder)
    return week_command(diagnosis.heldout, diagnosis.production, options=chosen) or None


def _cause_words(diagnosis: Diagnosis) -> str | None:
    """What the cause is called where that is not its own name; the regions of a run are others than the diagnosis's."""
    words = diagnosis.cause_in_words
    return None if words == CAUSE_WORDS[diagnosis.verdict.cause] else words


def _entropy(diagnosis: Diagnosis) -> OutputEntropy | None:
    found = diagnosis.distributions
    return found.entropy if isinstance(found, OutputDistances) and isinstance(found.entropy, OutputEntropy) else None


def _agreement(diagnosis: Diagnosis, production: Scores) -> Measurement:
    """Agreement of the week, unless weights leave it to a few queries, or its scores are only some of them."""
    for finding in sorted(diagnosis.findings, key=lambda each: each.name != MISSING):  # what is missing may be the cut
        may_be_answers = finding.name == "odd_student_scores" or ON_SCALE in finding.figures
        is_lost = finding.name == COPIED or (may_be_answers and finding.figures["share"] >= MORE_MISSING)
        is_cut = finding.name == RANGE_CUT
        is_open = finding.name == MISSING and keeps_open(diagnosis.missing, diagnosis.spread, diagnosis.settings.rule)
        if is_open or is_lost or is_cut:
            reason = of_whole_range(finding.sentence) if is_cut else finding.sentence
            reason += SCORE_THEM if is_open else ""
            return Unmeasured(reason=reason, n_pairs=len(production), n_queries=production.n_queries)
    least, left = diagnosis.settings.rule.canary_min_queries, production.effective_queries
    if production.weights is None or left >= least:
        return diagnosis.spread.production
    return Unmeasured(
        reason=f"The weights leave as much as {left:.0f} queries would tell; a week needs {least}.",
        n_pairs=len(production),
        n_queries=production.n_queries,
    )


def unmeasured_run(
    reason: str,
    *,
    n_pairs: int,
    rule: Rule,
    at: datetime,
    recorded_at: datetime,
    teacher_revision: str,
    student_version: str | None = None,
    teacher_model: str | None = None,
    production_name: str | None = None,
) -> CanaryRun:
    """Make the run of a week whose sample cannot be measured: ten pairs, or a student that always says the same."""
    nothing = Unmeasured(reason=reason, n_pairs=n_pairs)
    return CanaryRun(
        at=at,
        recorded_at=recorded_at,
        student_version=student_version,
        teacher_model=teacher_model,
        teacher_revision=teacher_revision,
        n_pairs=n_pairs,
        n_queries=0,
        agreement=nothing,
        overlap=nothing,
        k=rule.k,
        heldout=None,
        production_name=production_name,
        rule=rule.to_json(),
        version=VERSION,
    )


def name_of(source: str) -> str:
    """Name a sample in a record that others read: its file without the folders."""
    return short_name(source) or source


def _heldout(diagnosis: Diagnosis, scores: Scores, reference: Reference | None) -> HeldoutFigure:
    agreement = diagnosis.spread.heldout
    return HeldoutFigure(
        digest=diagnosis.heldout.digest,
        agreement=agreement,
        z_error=_z_error(agreement, scores) if isinstance(agreement, Measured) else 0.0,
        error=None if reference is None else replace(error_figure(reference, reference.errors, scores), level=1.0),
    )


def _z_error(agreement: Measured, scores: Scores) -> float:
    """Error on the scale; labels that are all equal, or in order, do not say that all will ever be."""
    scale = ZScale(scores.measure)
    least = 0.0 if scale.is_ranked else scale.sampling_error(agreement.estimate, agreement.n_pairs)
    return max(least, scale.error(agreement))


def _error(reference: Reference, scores: Scores) -> ErrorFigure | None:
    return None if len(scores) < MIN_PAIRS else error_figure(reference, reference.of(scores), scores)


def _new_traffic(diagnosis: Diagnosis, regions: Sequence[RegionFigure]) -> NewTraffic | None:
    """The new region whose error is most clearly above held-out's, its p-value times the number of new regions."""
    least = diagnosis.settings.rule.region_min_queries
    new = [each for each in regions if each.is_new and each.error is not None and (each.n_queries or 0) >= least]
    if not new:
        return None
    region = max(new, key=_new_score)
    return NewTraffic(
        names=(region.name,),
        n_pairs=region.n_pairs,
        n_queries=region.n_queries or 0,
        share=region.share,
        p_value=min(1.0, p_of_score(_new_score(region)) * len(new)),
        error=region.error,
        n_tested=len(new),
    )


def _new_score(region: RegionFigure) -> float:
    assert region.error is not None
    error = region.error
    return normal_score(error.level - 1, error.variance + BETWEEN_REGIONS, error.third, error.degrees)
