"""Measure whether outputs keep their structure: teacher and student, held-out and production, by region."""

from collections.abc import Mapping, Sequence

import numpy as np

from drift_core.measured import Measured, Measurement
from drift_core.measures.intervals import difference_interval, proportion_interval
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.operations.output_schema import LEVELS, Level, OutputSchema, learn_schema, parse_levels
from drift_core.operations.output_structure import Model, OutputStructure, Side, StructureFall, StructureShare
from drift_core.regions.partitions import Partition
from drift_core.samples.costs_and_latencies import OUTPUTS
from drift_core.samples.pairs import ScoredPairs

MOST_PAIRS = 20_000  # of a sample whose outputs are looked at: shares to within a point in half a second (ours)


def measure_structure(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    schema: OutputSchema | None = None,
    partitions: Sequence[Partition] = (),
    confidence: float = 0.95,
    smallest: float = 0.01,
) -> OutputStructure:
    """Measure how often outputs parse as JSON, have their fields and keep their types.

    Parameters
    ----------
    schema
        What they should be; by default what the teacher's held-out outputs share, else production's.
    partitions
        Cuts into regions.
    confidence
        Level of the intervals; the falls of all regions together are held to it (Bonferroni).
    smallest
        The smallest fall that is named, a fraction.

    Returns
    -------
    OutputStructure
        Empty where neither sample has outputs, or no schema was given and they are no JSON objects.

    Notes
    -----
    Shares have the intervals of `proportion`; falls combine the limits of both as Newcombe (1998) and Zou (2007) do.
    Shared queries are taken as independent, which makes their intervals no shorter. Pairs without an output are in no
    share; of a larger sample 20,000 pairs are looked at, drawn by their content.
    """
    samples: dict[Side, ScoredPairs] = {"held-out": heldout, "production": production}
    texts: dict[tuple[Side, Model], np.ndarray] = {
        (side, model): _looked_at(sample, role)
        for side, sample in samples.items()
        for model, role in OUTPUTS.items()
        if role in sample.operations
    }
    if schema is None:
        teacher = next((texts[side, "teacher"] for side in samples if (side, "teacher") in texts), None)
        schema = None if teacher is None else learn_schema(teacher)
    if not texts or (schema is None and not _are_json(texts)):
        return OutputStructure()
    kept = {key: parse_levels(each) if schema is None else schema.levels(each) for key, each in texts.items()}
    level: Level = "parses" if schema is None else "schema"
    shares = [
        StructureShare(
            side=side, model=model, level=each, share=_share(samples[side], found, each, slice(None), confidence)
        )
        for (side, model), found in kept.items()
        for each in (LEVELS if schema else LEVELS[:1])
    ]
    shares += _by_region(samples, kept, level, partitions, confidence)
    of_student = texts.get(("production", "student"))
    return OutputStructure(
        schema=schema,
        shares=tuple(shares),
        falls=tuple(_falls(shares, level, confidence, smallest)),
        fault=None if schema is None or of_student is None else schema.commonest_fault(of_student),
    )


def _looked_at(sample: ScoredPairs, role: str) -> np.ndarray:
    """Outputs of the pairs that are looked at, None elsewhere; which those are hangs on the content alone."""
    outputs = sample.operations[role]
    if len(outputs) <= MOST_PAIRS:
        return outputs
    found = np.full(len(outputs), None, dtype=object)
    rows = sample.content_order[:MOST_PAIRS]
    found[rows] = outputs[rows]
    return found


def _are_json(texts: Mapping[tuple[Side, Model], np.ndarray]) -> bool:
    """Whether the student's outputs look structured where there are none by the teacher."""
    return any(learn_schema(each) is not None for each in texts.values())


def _share(
    sample: ScoredPairs, kept: np.ndarray, level: Level, rows: np.ndarray | slice, confidence: float
) -> Measurement:
    levels, queries = kept[rows], sample.query_codes[rows]
    known = np.isfinite(levels)
    weights = None if sample.weight is None else sample.weight[rows][known]
    pairs = Scores(student=levels[known], teacher=levels[known], queries=queries[known], weights=weights)
    return proportion(levels[known] > LEVELS.index(level), pairs, confidence=confidence)


def _by_region(
    samples: Mapping[Side, ScoredPairs],
    kept: Mapping[tuple[Side, Model], np.ndarray],
    level: Level,
    partitions: Sequence[Partition],
    confidence: float,
) -> list[StructureShare]:
    return [
        StructureShare(
            side=side,
            model=model,
            level=level,
            partition=partition.name,
            region=name,
            share=_share(samples[side], found, level, labels == code, confidence),
        )
        for partition in partitions
        for code, name in enumerate(partition.regions)
        for (side, model), found in kept.items()
        for labels in [partition.heldout if side == "held-out" else partition.production]
    ]


def _falls(shares: Sequence[StructureShare], level: Level, confidence: float, smallest: float) -> list[StructureFall]:
    found = {
        (each.partition, each.region, each.side): each.share
        for each in shares
        if each.model == "student" and each.level == level
    }
    whole = found.get((None, None, "held-out"))
    parts = [(partition, region) for partition, region, side in found if side == "production"]
    falls = []
    for partition, region in parts:
        before, after = found.get((partition, region, "held-out")), found[partition, region, "production"]
        before = before if isinstance(before, Measured) else whole
        if not isinstance(before, Measured) or not isinstance(after, Measured):
            continue
        error = (1 - confidence) / (1 if region is None else len(parts) - 1)
        low, high = difference_interval(
            before,
            after,
            0.0,
            1 - error,
            n_queries=(before.n_queries, after.n_queries),
            degrees=(before.n_queries - 1, after.n_queries - 1),
            limits_of=proportion_interval,
        )
        fall = Measured(
            estimate=before.estimate - after.estimate,
            low=low,
            high=high,
            confidence=1 - error,
            standard_error=float(np.hypot(before.standard_error, after.standard_error)),
            n_pairs=after.n_pairs,
            n_queries=after.n_queries,
        )
        is_sure = low > 0 and fall.estimate >= smallest
        falls.append(StructureFall(fall=fall, is_sure=is_sure, partition=partition, region=region))
    return falls
