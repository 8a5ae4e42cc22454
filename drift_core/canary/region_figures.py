"""The figures of a week's regions: query clusters by the names that a history has for them, slices by their values."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.canary.error_scatter import reference_degrees, scatter_at
from drift_core.canary.figures import BetweenFigure, CountFigure, ErrorFigure, RegionFigure, held
from drift_core.canary.named_regions import is_chosen_in
from drift_core.canary.registry import Registry, place_texts
from drift_core.canary.slice_measures import Place, slice_measures
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_test import comparable_scores
from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement
from drift_core.measures.error_level import LabelReference, Reference, mean_error, query_sizes
from drift_core.measures.level_ratios import between_groups
from drift_core.measures.scores import Scores
from drift_core.regions.candidates import MOST_HELDOUT
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.named_region import DRAWN, NamedRegion
from drift_core.regions.partitions import Partition, rows_by_region
from drift_core.regions.region_rule import encoded, find_members

CUT = 0.025  # of held-out's pairs, whose errors are the largest: errors are cut there (winsorised)
CLEAR_GAIN = 1.0  # log-likelihood gain above the log of the number of texts from which a region is new by its texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFigures:
    """The regions of a week, how unlike held-out's are, and the space that their names belong to."""

    regions: tuple[RegionFigure, ...]
    between: BetweenFigure | None
    space: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Week:
    """Scores and errors of both samples, held-out first."""

    diagnosis: Diagnosis
    scores: tuple[Scores, Scores]
    comparable: tuple[Scores, Scores]
    reference: Reference | None
    errors: tuple[np.ndarray, np.ndarray] | None
    more: Collection[Place] = ()

    def measures(self, partition: str, name: str, scores: Scores) -> Mapping[str, Measurement]:
        """Other measures on production's pairs of a region, where they are wanted."""
        if (partition, name) not in self.more:
            return {}
        return slice_measures(scores, self.diagnosis.production.kind, settings=self.diagnosis.settings)


def measure_region_figures(
    diagnosis: Diagnosis,
    scores: tuple[Scores, Scores],
    reference: Reference | None,
    *,
    known: Registry,
    day: str,
    named: Sequence[NamedRegion] = (),
    more: Collection[Place] = (),
) -> RegionFigures:
    """Measure every region that has production pairs.

    Parameters
    ----------
    diagnosis
        Of the week's sample against held-out.
    scores
        Of both, held-out first.
    reference
        The student's usual error, where it could be learned.
    known
        Regions of the earlier runs.
    day
        The day of the run, as 2026-03-16.
    named
        Regions that a person named before this sample was there.
    more
        Partition and name of the regions that other measures are wanted of too.
    """
    errors = None
    if reference is not None:
        reference, errors = cut_errors(reference, reference.of(scores[1]))
    week = _Week(
        diagnosis=diagnosis,
        scores=scores,
        comparable=comparable_scores(scores, diagnosis.production),
        reference=reference,
        errors=errors,
        more=more,
    )
    clusters = diagnosis.regions.partitions[0]
    new = [each.index for each in diagnosis.regions.regions if each.partition == clusters.name and each.is_new]
    texts = diagnosis.embeddings
    placed = place_texts(known, texts, clusters, new=new)
    rows = _rows(placed.labels[texts.heldout], placed.labels[texts.production], len(placed.names))
    drifted = _in_drifted_clusters(diagnosis, clusters)
    found = []
    for index, (name, sides) in enumerate(zip(placed.names, rows, strict=True)):
        if len(sides[1]):
            figure = _measured(week, clusters.name, name, sides, is_drifted=bool(drifted[sides[1]].mean() > 0.5))
            is_told = index < placed.n_known or not figure["is_new"] or _is_new_by_texts(texts, sides)
            kept = _centre_of(texts.vectors[placed.labels == index])
            found.append(RegionFigure(**{**figure, **kept, **({} if is_told else {"error": None})}))  # type: ignore[arg-type]  # values by field
    between = _between(week, [sides[0] for sides in rows])
    regions = (
        replace(each, since=known.since.get((each.partition, each.name), day))
        for each in (*found, *_of_other_partitions(week), *_of_named(week, named))
    )
    return RegionFigures(regions=tuple(regions), between=between, space=placed.space)


def cut_errors(reference: Reference, errors: np.ndarray) -> tuple[Reference, tuple[np.ndarray, np.ndarray]]:
    """Errors of held-out and of the week without their longest part, which a few pairs would decide, 1 as usual.

    Labels differ or do not: there is no longest part.
    """
    if isinstance(reference, LabelReference):
        return reference, (reference.errors, errors)
    most = float(np.quantile(reference.errors, 1 - CUT))
    usual = np.minimum(reference.errors, most).mean()
    sides = np.minimum(reference.errors, most) / usual, np.minimum(errors, most) / usual
    return replace(reference, errors=sides[0]), sides


def _rows(heldout: np.ndarray, production: np.ndarray, n_regions: int) -> list[tuple[np.ndarray, np.ndarray]]:
    sides = (rows_by_region(labels + 1, n_regions + 1)[1:] for labels in (heldout, production))
    return list(zip(*sides, strict=True))


def _in_drifted_clusters(diagnosis: Diagnosis, clusters: Partition) -> np.ndarray:
    drifted = [each.index for each in diagnosis.regions.drifted if each.partition == clusters.name]
    return np.isin(clusters.production, drifted)


def _is_new_by_texts(texts: QueryEmbeddings, sides: tuple[np.ndarray, np.ndarray]) -> bool:
    """Whether the texts alone tell that held-out lacks it, so that it was not found by its errors.

    The gain in log-likelihood by a share of its own, as in `regions.novelty`.
    """
    codes = texts.heldout, texts.production
    inside = [len(np.unique(side[rows])) for side, rows in zip(codes, sides, strict=True)]
    whole = [len(np.unique(side)) for side in codes]
    outside = [total - part for total, part in zip(whole, inside, strict=True)]
    gain = _plogp(*inside) + _plogp(*outside) - _plogp(*whole)
    return gain >= math.log(sum(whole)) + CLEAR_GAIN


def _plogp(one: int, two: int) -> float:
    total = one + two
    return sum(part * math.log(part / total) for part in (one, two) if part)


def _measured(
    week: _Week, partition: str, name: str, sides: tuple[np.ndarray, np.ndarray], *, is_drifted: bool
) -> dict[str, object]:
    confidence = week.diagnosis.settings.rule.confidence
    before, after = (scores.take(rows) for scores, rows in zip(week.comparable, sides, strict=True))
    shares = [part.total / whole.total for part, whole in zip((before, after), week.comparable, strict=True)]
    least = week.diagnosis.settings.rule.region_min_queries
    return {
        "partition": partition,
        "name": name,
        "n_pairs": len(after),
        "n_queries": after.n_queries,
        "share": shares[1],
        "agreement": agreement(after, confidence=confidence),
        "agreement_heldout": _estimate(agreement(before, confidence=confidence)),
        "is_new": before.n_queries < least or shares[0] < MOST_HELDOUT * shares[1],
        "drifted": is_drifted,
        "n_heldout": held(len(before)),
        "measures": week.measures(partition, name, after),
        **_errors(week, sides),
    }


def _centre_of(vectors: np.ndarray) -> dict[str, object]:
    """What a run keeps of a region's texts, unit vectors of shape (n, d): centroid and closeness."""
    total = vectors.sum(axis=0, dtype=np.float64)
    lengths = np.linalg.norm(total - vectors, axis=1)
    cosines = (vectors @ total - (vectors**2).sum(axis=1))[lengths > 1e-9] / lengths[lengths > 1e-9]
    return {
        "centroid": encoded(total / max(float(np.linalg.norm(total)), 1e-12)),
        "n_texts": len(vectors),
        "closeness": float(cosines.mean()) if len(cosines) else 1.0,
        "closeness_sd": float(cosines.std()) if len(cosines) else 0.0,
    }


def _estimate(measured: Measurement) -> float | None:
    return measured.estimate if isinstance(measured, Measured) else None


def _errors(week: _Week, sides: tuple[np.ndarray, np.ndarray]) -> dict[str, ErrorFigure | CountFigure | None]:
    found: list[ErrorFigure | None] = [None, None]
    for place, rows in enumerate(sides):
        if week.reference is not None and week.errors is not None and len(rows):
            found[place] = error_figure(week.reference, week.errors[place][rows], week.scores[place].take(rows))
    count = count_figure(week.reference, week.scores[1].take(sides[1]))
    return {"error_heldout": found[0], "error": found[1], "count": count}


def count_figure(reference: Reference | None, scores: Scores) -> CountFigure | None:
    """How many labels of some pairs differ; what pairs of a query share widens it as it does the mean error.

    None of scores, and in weighted samples.
    """
    if not isinstance(reference, LabelReference) or scores.weights is not None or not len(scores):
        return None
    rates = reference.rates(scores)
    alone = scatter_at(reference, np.ones(len(scores), dtype=np.int64)).variance
    return CountFigure(
        differing=int((scores.student != scores.teacher).sum()),
        expected=float(rates.sum()),
        variance=float(rates @ (1 - rates)) * max(1.0, scatter_at(reference, query_sizes(scores)).variance / alone),
    )


def error_figure(reference: Reference, errors: np.ndarray, scores: Scores) -> ErrorFigure:
    """The mean of the errors of some pairs, shape (n,), with its scatter."""
    scatter = scatter_at(reference, query_sizes(scores), query_weights=scores.query_weights)
    return ErrorFigure(
        level=mean_error(errors, scores),
        variance=scatter.variance,
        third=scatter.third,
        degrees=reference_degrees(reference),
    )


def _between(week: _Week, rows: list[np.ndarray]) -> BetweenFigure | None:
    """Variance between held-out's regions, of those with enough queries to be compared."""
    if week.reference is None or week.errors is None:
        return None
    values, spreads = [], []
    for each in rows:
        scores = week.scores[0].take(each)
        if scores.n_queries >= week.diagnosis.settings.rule.region_min_queries:
            figure = error_figure(week.reference, week.errors[0][each], scores)
            values.append(math.log(max(figure.level, 1e-9)))
            spreads.append(math.sqrt(figure.variance))
    found = between_groups(np.array(values), np.array(spreads))
    return BetweenFigure(variance=found.variance, degrees=found.degrees)


def _of_other_partitions(week: _Week) -> list[RegionFigure]:
    """Regions as the diagnosis has them: a value of a column is the same region every week."""
    test, found = week.diagnosis.regions, []
    by_name: Mapping[str, Partition] = {each.name: each for each in test.partitions}
    for region in test.regions:
        partition = by_name[region.partition]
        if partition is test.partitions[0] or not region.n_production:
            continue
        before, after = (np.flatnonzero(side == region.index) for side in (partition.heldout, partition.production))
        told = _errors(week, (before, after)) if partition.column is not None else {}  # chosen beforehand
        found.append(
            RegionFigure(
                partition=region.partition,
                name=region.name,
                n_pairs=region.n_production,
                n_queries=week.scores[1].take(after).n_queries,
                share=region.share_production,
                agreement=region.production,
                agreement_heldout=_estimate(region.heldout),
                is_new=region.is_new,
                drifted=region.drifted,
                n_heldout=held(len(before)),
                **told,  # type: ignore[arg-type]  # values by field
                measures=week.measures(region.partition, region.name, week.comparable[1].take(after)),
            )
        )
    return found


def _of_named(week: _Week, named: Sequence[NamedRegion]) -> list[RegionFigure]:
    """Regions that a person named in an earlier sample, so that this one's errors had no say in them."""
    made, found = week.diagnosis, []
    for region in named:
        if is_chosen_in(region, made.production):
            continue
        members = find_members(region, made.heldout, made.production, made.embeddings)
        sides = np.flatnonzero(members.heldout), np.flatnonzero(members.production)
        if len(sides[1]):
            found.append(RegionFigure(**_measured(week, DRAWN, region.name, sides, is_drifted=False)))  # type: ignore[arg-type]  # values by field
    return found
