"""A week's sample measured: the diagnosis against held-out, turned into a canary run.

What the run means beside earlier ones is in `alarm`.
"""

from datetime import datetime

from drift_core.diagnosis.concentration import Region
from drift_core.diagnosis.diagnose import Diagnosis
from drift_core.measures.agreement import agreement, paired_difference
from drift_core.measures.error_level import (
    MIN_PAIRS,
    ErrorReference,
    error_reference,
    error_shift,
    query_sizes,
    reference_degrees,
    scatter_at,
)
from drift_core.measures.estimate import Measured
from drift_core.measures.scores import Scores, pinned_scores_of, scores_of
from drift_core.treatment.canary.baselines import z_of
from drift_core.treatment.canary.run import Bridge, CanaryRun, ErrorFigure, HeldoutFigure, NewTraffic, RegionFigure


def canary_run(
    diagnosis: Diagnosis,
    *,
    at: datetime,
    recorded_at: datetime,
    teacher_revision: str,
    student_version: str | None = None,
    teacher_model: str | None = None,
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
    """
    heldout, production = scores_of(diagnosis.heldout, diagnosis.production)
    reference = error_reference(heldout)
    overlap = diagnosis.top_k
    return CanaryRun(
        at=at,
        recorded_at=recorded_at,
        student_version=student_version,
        teacher_model=teacher_model,
        teacher_revision=teacher_revision,
        n_pairs=len(production),
        n_queries=production.n_queries,
        agreement=diagnosis.spread.production,
        overlap=overlap.overlap,
        k=overlap.k,
        overlap_normal_low=overlap.normal_low,
        overlap_normal_high=overlap.normal_high,
        heldout=_heldout(diagnosis, heldout, reference),
        error=None if reference is None else _error(reference, production),
        new_traffic=_new_traffic(diagnosis.regions.regions, len(production)),
        regions=tuple(_region(each) for each in diagnosis.regions.regions if each.n_production),
        cause=diagnosis.verdict.cause,
        summary=diagnosis.verdict.summary,
        findings=tuple(finding.name for finding in diagnosis.findings),
        bridge=_bridge(diagnosis, production, reference),
        production_digest=diagnosis.production.digest,
        rule=diagnosis.settings.rule.to_json(),
        seed=diagnosis.settings.seed,
        encoder=diagnosis.embeddings.encoder,
        version=diagnosis.version,
    )


def _heldout(diagnosis: Diagnosis, scores: Scores, reference: ErrorReference | None) -> HeldoutFigure:
    agreement = diagnosis.spread.heldout
    return HeldoutFigure(
        digest=diagnosis.heldout.digest,
        agreement=agreement,
        z_error=_z_error(agreement) if isinstance(agreement, Measured) else 0.0,
        error=None if reference is None else _figure(reference, 1.0, scores),
    )


def _error(reference: ErrorReference, scores: Scores) -> ErrorFigure | None:
    if len(scores) < MIN_PAIRS:
        return None
    return _figure(reference, float(reference.of(scores).mean()), scores)


def _figure(reference: ErrorReference, level: float, scores: Scores) -> ErrorFigure:
    scatter = scatter_at(reference, query_sizes(scores))
    return ErrorFigure(
        level=level, variance=scatter.variance, third=scatter.third, degrees=reference_degrees(reference)
    )


def _z_error(agreement: Measured) -> float:
    return agreement.standard_error / max(1e-9, 1 - agreement.estimate**2)


def _new_traffic(regions: tuple[Region, ...], n_pairs: int) -> NewTraffic | None:
    """New regions of the query clusters, which do not overlap; the smallest p-value times their number."""
    tested = [each for each in regions if each.is_new and each.p_value is not None and each.kind == "query"]
    if not tested:
        return None
    size = sum(each.n_production for each in tested)
    p_value = min(each.p_value for each in tested if each.p_value is not None) * len(tested)
    return NewTraffic(
        names=tuple(each.name for each in tested),
        n_pairs=size,
        n_queries=sum(each.production.n_queries for each in tested),
        share=size / n_pairs,
        p_value=min(1.0, p_value),
    )


def _region(region: Region) -> RegionFigure:
    heldout = region.heldout
    return RegionFigure(
        partition=region.partition,
        name=region.name,
        n_pairs=region.n_production,
        share=region.share_production,
        agreement=region.production,
        agreement_heldout=heldout.estimate if isinstance(heldout, Measured) else None,
        is_new=region.is_new,
        drifted=region.drifted,
    )


def _bridge(diagnosis: Diagnosis, production: Scores, reference: ErrorReference | None) -> Bridge | None:
    """The same pairs under both revisions, of production or else of held-out."""
    both = pinned_scores_of(diagnosis.production, production.queries) or pinned_scores_of(diagnosis.heldout)
    if both is None:
        return None
    pinned, current = both
    loss = paired_difference(pinned, current, confidence=diagnosis.settings.rule.confidence)
    if not isinstance(loss, Measured):
        return None
    shift = None if reference is None else error_shift(reference, pinned, current)
    z_shift, z_error = _on_z(loss, pinned, current)
    return Bridge(
        loss=loss,
        z_shift=z_shift,
        z_error=z_error,
        error_shift=None if shift is None else shift.estimate,
        error_variance=None if shift is None else shift.variance,
    )


def _on_z(loss: Measured, pinned: Scores, current: Scores) -> tuple[float, float]:
    before, after = (agreement(each) for each in (pinned, current))
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    scale = 1 - ((before.estimate + after.estimate) / 2) ** 2
    return z_of(before) - z_of(after), loss.standard_error / max(1e-9, scale)
