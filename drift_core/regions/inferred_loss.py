"""What familiar pairs lost, from which the teacher's part is inferred where the pinned revision scored nothing."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measures.agreement import Coefficient, coefficient_of
from drift_core.measures.chance_corrected import chance_agreement
from drift_core.measures.scores import Scores
from drift_core.measures.split_terms import Term
from drift_core.regions.heterogeneity import LEAST_AGREEMENT, unevenness
from drift_core.regions.partitions import Partition
from drift_core.regions.reweighting import reweighted_term
from drift_core.wording import counted

FEWEST_FAMILIAR = 20  # familiar production queries from which the teacher's part is inferred, as a sample needs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Familiar:
    """Which production pairs and regions the student knew, to infer the teacher's part from.

    Attributes
    ----------
    known
        Production pairs that no partition calls new and that did not drift, bool of shape (n_production,).
    is_new
        Regions of the partition that held-out lacks, bool of shape (n_regions,).
    doubt
        Why what familiar pairs lost may not be the teacher's, as a clause; empty where nothing speaks against it.
    """

    known: np.ndarray
    is_new: np.ndarray
    doubt: str = ""


def on_production(scores: Scores, n_queries: int) -> Term:
    """Agreement of production pairs that are enough to measure it."""
    coefficient = coefficient_of(scores)
    assert isinstance(coefficient, Coefficient)
    return Term.of_production(coefficient, n_queries)


def why_not_inferred(
    partition: Partition | None, production: Scores, familiar: Familiar | None, not_pinned: str
) -> str | None:
    """Say why nothing is inferred; None where it can be."""
    if partition is None or familiar is None:
        return f"{not_pinned}, and no regions to infer it from."
    if familiar.doubt:
        return f"{not_pinned}, and {familiar.doubt}."
    known = production.take(familiar.known & ~familiar.is_new[partition.production])
    if known.n_queries < FEWEST_FAMILIAR:
        familiar_queries = counted(known.n_queries, "familiar query", "familiar queries")
        return f"{not_pinned}, and only {familiar_queries} to infer it from."
    if known.is_ranked and (np.ptp(known.student) == 0 or np.ptp(known.teacher) == 0):
        return f"{not_pinned}, and familiar pairs all have one score."
    return None


def inferred_term(
    heldout: Scores, production: Scores, partition: Partition, familiar: Familiar, after: Term, n_queries: int
) -> Term | None:
    """What familiar pairs lost at their mix, as a share of their agreement, times the agreement of production.

    Of labels it is a share of the agreement beyond chance, which alone a revision attenuates.
    """
    chosen = familiar.known & ~familiar.is_new[partition.production]
    usual = reweighted_term(heldout, production, partition, n_queries, is_new=familiar.is_new, chosen=chosen)
    inside = production.take(chosen)
    if usual is None:
        return None
    by_chance = chance_agreement(production)
    now, usual, after = (
        replace(term, estimate=term.estimate - by_chance) for term in (on_production(inside, n_queries), usual, after)
    )
    if now.estimate < LEAST_AGREEMENT * (1 - by_chance):
        return None
    factor = usual.estimate / now.estimate
    lost = after.times(factor - 1) + usual.times(after.estimate / now.estimate)
    lost = lost - now.times(factor * after.estimate / now.estimate)
    uneven = unevenness(heldout, production, partition, chosen, by_chance=by_chance)
    return replace(
        lost,
        estimate=after.estimate * (factor - 1),
        excess=after.estimate * factor * uneven.excess,
        floor=after.estimate * factor * uneven.scatter,
        region_degrees=uneven.degrees,
    )
