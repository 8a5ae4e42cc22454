"""The parts that two students are compared on: all pairs, values of slice columns, query clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drift_core.diagnosis.rule import Rule
from drift_core.measures.agreement import agreement
from drift_core.measures.estimate import Measured, Unmeasured
from drift_core.measures.overlap_change import overlap_change
from drift_core.measures.paired_order import OrderChange, PairedOrder, paired_order
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition, slice_partitions
from drift_core.samples.pairs import ScoredPairs
from drift_core.treatment.comparison.part import PartChange, SampleName
from drift_core.treatment.comparison.usable_pairs import UsablePairs

if TYPE_CHECKING:
    from drift_core.regions.embeddings import QueryEmbeddings


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
    frozen: ScoredPairs, fresh: ScoredPairs, embeddings: "QueryEmbeddings", *, seed: int = 0
) -> Partition:
    """Cluster the queries of both samples, the same way in both.

    Parameters
    ----------
    frozen, fresh
        The samples; where there is only one, the same twice.
    embeddings
        Of these two, in this order.
    """
    from drift_core.regions.novelty import find_new_parts
    from drift_core.regions.topics import topic_partition

    embeddings.check_samples(frozen, fresh)
    return topic_partition(embeddings, find_new_parts(embeddings, seed=seed), kind="query")


def parts_of(
    usable: UsablePairs, sample: SampleName, cuts: Sequence[Cut], *, rule: Rule, seed: int
) -> tuple[PartChange, ...]:
    """Measure the whole and every region of every cut; the whole comes first."""
    order = paired_order(usable.scores, usable.before)
    rng = np.random.default_rng([seed, int(sample == "fresh")])
    everything = np.ones(len(usable.scores), dtype=bool)
    chosen: list[tuple[str | None, str | None, np.ndarray]] = [(None, None, everything)]
    for cut in cuts:
        inside = [(name, cut.labels == code) for code, name in enumerate(cut.regions)]
        present = [(cut.partition, name, mask) for name, mask in inside if mask.any()]
        chosen += present if len(present) > 1 else []
    return tuple(
        _part(usable, order, mask, sample=sample, partition=partition, name=name, rule=rule, rng=rng)
        for partition, name, mask in chosen
    )


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
    was = Scores(student=before, teacher=inside.teacher, queries=inside.queries, weights=inside.weights)
    return PartChange(
        sample=sample,
        partition=partition,
        name=name,
        share=float(weight[chosen].sum() / weight.sum()) if len(weight) else 0.0,
        agreement_before=agreement(was, confidence=rule.confidence),
        agreement_after=agreement(inside, confidence=rule.confidence),
        order=_order_change(order, chosen, rule),
        overlap=overlap_change(inside, before, k=rule.k, confidence=rule.confidence, rng=rng),
    )


def _order_change(order: PairedOrder | Unmeasured, chosen: np.ndarray, rule: Rule) -> OrderChange:
    if isinstance(order, Unmeasured):
        return OrderChange(before=order, after=order, change=order)
    return order.change(chosen, confidence=rule.confidence)


def order_figures(part: PartChange) -> tuple[float, float] | None:
    """Agreement before and after in the order of all pairs; None where it could not be measured."""
    before, after = part.order.before, part.order.after
    if isinstance(before, Measured) and isinstance(after, Measured):
        return before.estimate, after.estimate
    return None
