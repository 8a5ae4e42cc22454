"""The parts that two students are compared on: all pairs, values of slice columns, query clusters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.comparison.part_change import TINY, PartChange, SampleName, p_values
from drift_core.comparison.usable_pairs import UsablePairs
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import agreement
from drift_core.measures.overlap_change import overlap_change
from drift_core.measures.paired_order import OrderChange, PairedOrder, paired_order
from drift_core.regions.partitions import Partition, slice_partitions
from drift_core.samples.pairs import ScoredPairs

if TYPE_CHECKING:
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.regions.encoding import Progress


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """One way to cut a sample: the names of the regions, and which one each usable pair is in, shape (n,)."""

    partition: str
    regions: tuple[str, ...]
    labels: np.ndarray


def cuts_of(
    usable: UsablePairs, sample: SampleName, *, slices: Sequence[str] | None, partitions: Sequence[Partition]
) -> tuple[Cut, ...]:
    """Cut the usable pairs by partitions that were made before, then by the slice columns."""
    own = slice_partitions(usable.sample, usable.sample, slices)
    labelled = [(each, each.heldout if sample == "frozen" else each.production) for each in partitions]
    labelled += [(each, each.heldout) for each in own]
    return tuple(
        Cut(partition=each.name, regions=each.regions, labels=labels[usable.kept]) for each, labels in labelled
    )


def query_clusters(
    frozen: ScoredPairs | None,
    fresh: ScoredPairs | None,
    embedding: "EmbeddingSource",
    *,
    seed: int = 0,
    progress: "Progress | None" = None,
) -> Partition:
    """Cluster the queries of both samples the same way, or of the one that there is."""
    from drift_core.regions.novelty import find_new_parts
    from drift_core.regions.topics import topic_partition

    one, two = frozen or fresh, fresh or frozen
    assert one is not None
    assert two is not None
    embeddings = embedding.embed(one, two, progress=progress)
    embeddings.check_samples(one, two)
    return topic_partition(embeddings, find_new_parts(embeddings, seed=seed), kind="query")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredSample:
    """The parts of one sample, the whole first, with the pairs of each, and the orders they were measured in."""

    usable: UsablePairs
    order: PairedOrder | Unmeasured
    parts: tuple[PartChange, ...]
    masks: tuple[np.ndarray, ...]


def measure_parts(
    usable: UsablePairs, sample: SampleName, cuts: Sequence[Cut], *, rule: Rule, seed: int
) -> MeasuredSample:
    """Measure the whole and every region of every cut."""
    order = paired_order(usable.scores, usable.before)
    rng = np.random.default_rng([seed, get_args(SampleName).index(sample)])
    everything = np.ones(len(usable.scores), dtype=bool)
    chosen: list[tuple[str | None, str | None, np.ndarray]] = [(None, None, everything)]
    for cut in cuts:
        inside = [(name, cut.labels == code) for code, name in enumerate(cut.regions)]
        present = [(cut.partition, name, mask) for name, mask in inside if mask.any()]
        chosen += present if len(present) > 1 else []
    parts = tuple(
        _part(usable, order, mask, sample=sample, partition=partition, name=name, rule=rule, rng=rng)
        for partition, name, mask in chosen
    )
    return MeasuredSample(usable=usable, order=order, parts=parts, masks=tuple(mask for *_, mask in chosen))


def explain_overlaps(measured: MeasuredSample, regions: Sequence[PartChange], *, rule: Rule) -> tuple[PartChange, ...]:
    """Say of each region that got worse whether it still did without the pairs of clearer ones that did.

    Parameters
    ----------
    measured
        The sample.
    regions
        Its judged regions, in the order of its parts.

    Notes
    -----
    The region with the clearest fall, in standard errors, comes first and its pairs are set aside; another stands by
    itself if it falls on what is left, at a one-sided error rate of half of `rule.alpha` (forward selection).
    """
    aside = np.zeros(len(measured.usable.scores), dtype=bool)
    explained: dict[int, str] = {}
    first: str | None = None
    for place in sorted((i for i, part in enumerate(regions) if part.outcome == "worse"), key=_clearest(regions)):
        inside = measured.masks[place + 1]
        if first is not None and not _still_falls(measured.order, inside & ~aside, rule):
            explained[place] = _largest_overlap(measured, regions, inside, place, explained)
            continue
        first = first or regions[place].title
        aside |= inside
    return tuple(
        replace(
            part, explained_by=explained[place], reason=f"{part.reason} Its pairs in {explained[place]} made it so."
        )
        if place in explained
        else part
        for place, part in enumerate(regions)
    )


def _clearest(regions: Sequence[PartChange]) -> Callable[[int], float]:
    def standard_errors(place: int) -> float:
        change = regions[place].change
        return change.estimate / max(change.standard_error, TINY) if isinstance(change, Measured) else 0.0

    return standard_errors


def _still_falls(order: PairedOrder | Unmeasured, left: np.ndarray, rule: Rule) -> bool:
    change = _order_change(order, left, rule) if left.any() else None
    if change is None or not isinstance(change.change, Measured):
        return False
    return p_values(change)[1] <= rule.alpha / 2 and change.change.estimate <= -rule.alarm_loss


def _largest_overlap(
    measured: MeasuredSample, regions: Sequence[PartChange], inside: np.ndarray, place: int, explained: dict[int, str]
) -> str:
    others = [i for i, part in enumerate(regions) if part.outcome == "worse" and i != place and i not in explained]
    return regions[max(others, key=lambda i: int((measured.masks[i + 1] & inside).sum()))].title


def _part(
    usable: UsablePairs,
    order: PairedOrder | Unmeasured,
    chosen: np.ndarray,
    *,
    sample: SampleName,
    partition: str | None,
    name: str | None,
    rule: Rule,
    rng: np.random.Generator,
) -> PartChange:
    inside, before = usable.scores.take(chosen), usable.before[chosen]
    weight = usable.scores.relative_weights
    was = replace(inside, student=before)
    return PartChange(
        sample=sample,
        partition=partition,
        name=name,
        share=float(weight[chosen].sum() / weight.sum()) if len(weight) else 0.0,
        agreement_before=agreement(was, confidence=rule.confidence),
        agreement_after=agreement(inside, confidence=rule.confidence),
        order=_order_change(order, chosen, rule),
        overlap=overlap_change(inside, before, k=rule.k, confidence=rule.confidence, rng=rng),
        measure=inside.measure,
    )


def _order_change(order: PairedOrder | Unmeasured, chosen: np.ndarray, rule: Rule) -> OrderChange:
    if isinstance(order, Unmeasured):
        return OrderChange(before=order, after=order, change=order)
    return order.change(chosen, confidence=rule.confidence)
