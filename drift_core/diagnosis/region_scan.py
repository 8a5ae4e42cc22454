"""New traffic that errs more: the scan over sets of texts for those that are new and worse at once.

How a set's errors compare is in `measures.scan_statistic`, where the sets come from in `regions.candidates`.
"""

from dataclasses import dataclass

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region_statistics import FEW_QUERIES, LEAST_SHARE, RegionTests, prepare_tests
from drift_core.measures.level_ratios import between_levels
from drift_core.measures.residual_levels import ErrorSample
from drift_core.measures.scan_statistic import Found, Scanned, Scatter, TextErrors, scan
from drift_core.measures.scores import Scores
from drift_core.regions.cut_out import cut_out
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.novelty import NewParts
from drift_core.regions.topics import is_clear, topic_partition

PASSES = 2  # the fit of production is renewed without what was found, so that it does not bend it for the others
LIGHTEST, HEAVIEST = 0.2, 20.0  # prior weight that density alone gives a set


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorseParts:
    """What is new, and what of it errs more.

    Attributes
    ----------
    parts
        New parts that stand as regions: those that err more, and those that are clear by density alone.
    chances
        Chance that any set shows so much more error where none differs, by part; of one that was not found, at most.
    cluster_chances
        The same of each cluster that is new as a whole and was found; None for the others.
    """

    parts: NewParts
    chances: tuple[float, ...]
    cluster_chances: tuple[float | None, ...]


def find_worse_parts(
    parts: NewParts, embeddings: QueryEmbeddings, scores: tuple[Scores, Scores], *, rule: Rule, seed: int
) -> WorseParts:
    """Find the new parts that err more than the rest of production, and cut them out of what is new by density."""
    clear = np.flatnonzero(is_clear(parts))
    sets, gains = _sets(parts, clear)
    topics = topic_partition(embeddings, parts, kind="query", keep=is_clear(parts), named=False)
    at = embeddings.production
    aside = np.zeros(len(at), dtype=bool)
    found: tuple[Found, ...] = ()
    unfound = np.ones(len(sets))
    for _ in range(PASSES if len(sets) else 0):
        tests = prepare_tests((topics,), *scores, set_aside=aside, rule=rule)
        scanned = _scan(tests, parts, (sets, gains), at, rule=rule, rng=np.random.default_rng(seed))
        found, unfound = scanned.found, scanned.chances
        again = np.any([sets[each.place][parts.leaf][at] for each in found], axis=0) if found else np.zeros_like(aside)
        if not np.any(again & tests.known):
            break
        aside = again
    made = cut_out(
        parts,
        [sets[each.place][parts.leaf] for each in found],
        kept=clear,
        is_cut=[each.chance <= rule.alpha for each in found],
    )
    chances = [each.chance for each in found]
    left = dict(zip(clear.tolist(), unfound[len(sets) - len(clear) :].tolist(), strict=True))
    whose = zip(made.set_of_part, made.kept_part, strict=True)
    return WorseParts(
        parts=made.parts,
        chances=tuple(chances[place] if place >= 0 else left[kept] for place, kept in whose),
        cluster_chances=tuple(chances[place] if place >= 0 else None for place in made.set_of_cluster),
    )


def _sets(parts: NewParts, clear: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Leaves and gains of all candidates, and of the clear parts last."""
    if parts.candidates is None:
        return np.zeros((0, 0), dtype=bool), np.zeros(0)
    texts = np.bincount(parts.leaf)
    whole = [2 * np.bincount(parts.leaf, weights=parts.part == part) > texts for part in clear]
    members = np.concatenate([parts.candidates.members, np.array(whole, dtype=bool).reshape(len(clear), len(texts))])
    return members, np.append(parts.candidates.gains, np.array(parts.gains)[clear])


def _scan(
    tests: RegionTests,
    parts: NewParts,
    sets: tuple[np.ndarray, np.ndarray],
    at: np.ndarray,
    *,
    rule: Rule,
    rng: np.random.Generator,
) -> Scanned:
    members, gains = sets
    heldout, production = tests.samples[0]
    sums = TextErrors.of(production.errors[:, tests.side], production.queries, at, len(parts.leaf))
    weights = np.exp(np.clip(gains - np.log(len(parts.leaf)) / 2, np.log(LIGHTEST), np.log(HEAVIEST)))
    return scan(
        sums,
        leaf=parts.leaf,
        members=members,
        weights=weights,
        scatter=scatter_of(tests, heldout, production),
        least_queries=tests.floor,
        least_share=LEAST_SHARE,
        alpha=2 * rule.alpha,  # what lies between is in doubt
        rng=rng,
    )


def scatter_of(tests: RegionTests, heldout: ErrorSample, production: ErrorSample) -> Scatter:
    """Scatter of the errors of held-out and of production's familiar pairs, and between held-out's regions."""
    labels = tests.partitions[0].heldout
    everything = np.ones(len(labels), dtype=bool)
    levels = heldout.levels(labels, tests.partitions[0].n_regions, everything)
    between = between_levels([level for level in levels if level and level.n_queries >= FEW_QUERIES])
    sides = [heldout.level(everything)]
    parts = [heldout.components(tests.side, everything)]
    if tests.known.any():
        sides.append(production.level(tests.known))
        parts.append(production.components(tests.side, tests.known))
        between = between.beside(sides[1], sides[0], tests.side)
    pair, shared = np.average(parts, axis=0, weights=[level.n_pairs for level in sides])
    return Scatter(pair=float(pair), shared=float(shared), between=between, is_count=sides[0].is_count)
