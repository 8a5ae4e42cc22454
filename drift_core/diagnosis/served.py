"""Parts of production that agree less although their queries are like the rest's: they were served otherwise."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.region_scan import scatter_of
from drift_core.diagnosis.regions_test import RegionsTest, compare_regions
from drift_core.diagnosis.settings import Settings
from drift_core.measured import Measured
from drift_core.measures.level_ratios import rise_of
from drift_core.measures.scores import Scores
from drift_core.operations.broken_part import SERVING, BrokenPart, is_of_its_mix
from drift_core.operations.find_broken_part import find_broken_part
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.moved_docs import MOVED, tell_apart
from drift_core.regions.partitions import Partition, part_of_production
from drift_core.regions.text_properties import OF_TEXTS, property_partitions, total_variation
from drift_core.samples.cut_docs import docs_changed
from drift_core.samples.pairs import ScoredPairs

ALIKE = 0.65  # area under the curve of a classifier of the queries, below which they hardly differ (ours)
LEAST_QUERIES_TO_CLASSIFY = 20  # of a part, from which a classifier can tell (ours)
OTHERWISE = 0.3  # share of the pairs that properties of the texts set apart, from which they are not (ours)


def with_served(
    heldout: ScoredPairs,
    production: ScoredPairs,
    regions: RegionsTest,
    embeddings: QueryEmbeddings,
    scores: tuple[Scores, Scores],
    *,
    rule: Rule,
    seed: int,
) -> RegionsTest:
    """Say which drifted values of a column were served otherwise, and which are new although held-out lacks the column.

    Asked of columns that production alone has, and of new values of one whose name says how pairs are served.
    An arm of a test, an index or a cache gives a value that held-out lacks, with queries as they always were; a new
    market brings queries of its own. A classifier of the queries tells them apart (see `tell_apart`), from the rest of
    production and, where the column is production's alone, from held-out; so do properties of their texts.
    """
    regions = regions if production.doc is None else _by_docs(regions, embeddings, scores, rule, seed)
    alone = {each.name for each in regions.partitions if each.of_production}
    asked = [
        each
        for each in regions.drifted
        if each.partition in alone or (each.is_value and each.is_new and SERVING.search(each.partition))
    ]
    rest, n = ~regions.in_any(asked, len(production)), len(production)
    sides = {id(each): (regions.in_any([each], n), rest) for each in asked}
    usual = [each for each in asked if _is_of_its_mix(regions, sides[id(each)], rule, each.partition)]
    mix = [each for each in asked if regions.tests and each.partition in alone]
    usual += [r for r in mix if regions.tests.errs_more(sides[id(r)][0], alpha=rule.cause_alpha) is False]  # type: ignore[union-attr]
    regions = regions.without_drift(usual, "it errs no more than held-out does at its mix of other regions")
    asked = [each for each in asked if not any(each is other for other in usual)]
    if not asked:
        return regions
    worded = property_partitions(heldout, production, queries=embeddings)
    texts = [each.production for each in worded if each.name in OF_TEXTS]
    told = {
        (each.partition, each.index): _told(each, regions, embeddings, scores, alone, texts, rule, seed)
        for each in asked
    }
    made = replace(regions, regions=tuple(told.get((r.partition, r.index), r) for r in regions.regions))
    served = [each for each in made.drifted if each.is_served]
    return _without(made, made.in_any(served, len(production)), "pairs served otherwise", rule)


def with_broken_part(
    heldout: ScoredPairs,
    production: ScoredPairs,
    regions: RegionsTest,
    partitions: tuple[Partition, ...],
    embeddings: QueryEmbeddings,
    *,
    settings: Settings,
    scores: tuple[Scores, Scores],
    properties: tuple[Partition, ...],
    has_fallen: bool,
) -> tuple[RegionsTest, BrokenPart | None]:
    """Find a part of production that broke, and make it a region where it is no stretch of time; see `BrokenPart`.

    Traffic that regions explain is set aside, and it is asked where agreement as a whole fell. Hours or rows that have
    queries of their own, or err as held-out does at their mix of slices and docs, are no such part. A region that did
    not fall without the part is none. Where all traffic has no part, the largest familiar region that fell is asked.
    """
    rule, seed = settings.rule, settings.seed
    tests, known, regions = regions.tests, regions.known, replace(regions, tests=None)
    if tests is None or known is None or not has_fallen:
        return regions, None

    def part_among(pairs: np.ndarray) -> BrokenPart | None:
        return find_broken_part(
            tests.samples[-1],
            tests.scores[1],
            (heldout, production),
            known=pairs,
            side=tests.side,
            scatter=scatter_of(tests, *tests.samples[-1]),
            alpha=rule.cause_alpha,
            seed=seed,
        )

    part = part_among(known)
    if part is None or part.fall < rule.region_loss:
        fallen = [each for each in regions.drifted if each.is_familiar_fall]
        region = max(fallen, key=lambda each: each.share_production, default=None)
        pairs = regions.in_any([region] if region else [], len(production))
        part = part_among(pairs) if region else None
        part = part.among(pairs, region.label, tests.scores[1]) if region and part and part.kind == "time" else None
        return regions, part if part is not None and part.fall >= rule.region_loss else None
    if _is_of_its_mix(replace(regions, tests=tests), (part.inside, ~part.inside), rule, ""):
        return regions, None
    if part.kind == "time" and not part.is_over:
        return regions, part
    cut = part_of_production(part.cut(len(heldout)), heldout)
    made = compare_regions(
        heldout, production, (*partitions, cut), settings=settings, scores=scores, properties=properties
    )
    made = with_served(heldout, production, made, embeddings, scores, rule=rule, seed=seed)
    own = next((each for each in made.regions if (each.partition, each.index) == (cut.name, 0)), None)
    if part.note and own is not None and own.drifted and not own.is_served:  # whatever its queries, rows were mixed up
        told = tuple(replace(each, is_served=True) if each is own else each for each in made.regions)
        made, own = replace(made, regions=told), replace(own, is_served=True)
    if own is None or not own.is_served:
        return regions, part if part.note or part.is_over else None
    return replace(_without(made, part.inside, part.name, rule), tests=None), part


def _without(regions: RegionsTest, aside: np.ndarray, name: str, rule: Rule) -> RegionsTest:
    """With regions that err as usual without some production pairs as not drifted."""
    others = (each for each in regions.drifted if not each.is_served)
    usual = [each for each in others if aside.any() and _holds_without(each, regions, ~aside, rule)]
    return regions.without_drift(usual, f"without {name} it did not fall")


def _is_of_its_mix(regions: RegionsTest, sides: tuple[np.ndarray, np.ndarray], rule: Rule, own: str) -> bool:
    """Whether pairs err as held-out, or as others, at their mix of slices or docs, but for those of their own cut."""
    tests = regions.tests
    cuts = [each for each in regions.partitions if each.name != own and each.kind != "query" and not each.of_production]
    return tests is not None and is_of_its_mix(tests.samples[-1], cuts, *sides, side=tests.side, alpha=rule.alpha)


def _holds_without(region: Region, regions: RegionsTest, left: np.ndarray, rule: Rule) -> bool:
    """Whether a region errs as on held-out, a new one as the rest, where only some production pairs are left."""
    tests = regions.tests
    assert tests is not None
    place = next(place for place, each in enumerate(tests.partitions) if each.name == region.partition)
    cut, (heldout, production) = tests.partitions[place], tests.samples[place]
    members, before = cut.production == region.index, cut.heldout == region.index
    rest = ~members & left
    if not (members & left).any() or not (rest if region.is_new else before).any():
        return True
    usual = production.level(rest) if region.is_new else heldout.level(before)
    return rise_of(production.level(members & left), usual, side=tests.side).p_value > rule.alpha


def docs_changed_in(regions: RegionsTest, heldout: ScoredPairs, production: ScoredPairs) -> tuple[str, str]:
    """The drifted region whose docs are cut off or of another length, and how, as a clause; empty where in none."""
    if heldout.doc is None or production.doc is None:
        return "", ""
    cuts = {each.name: each for each in regions.partitions}
    for region in sorted(regions.drifted, key=lambda each: -each.share_production):
        cut = cuts[region.partition]
        inside, before = production.doc[cut.production == region.index], heldout.doc[cut.heldout == region.index]
        if region.is_new or cut.of_production:
            continue  # held-out has no such docs to hold them to
        told = "" if region.partition == "doc length" or region.kind == "doc" else docs_changed(before, inside)
        if told:
            return region.label, told
    return "", ""


def _by_docs(
    regions: RegionsTest, embeddings: QueryEmbeddings, scores: tuple[Scores, Scores], rule: Rule, seed: int
) -> RegionsTest:
    """With new regions whose queries are like the rest's as regions of docs, by which they were found together."""
    first = regions.partitions[0].name
    new = [each for each in regions.drifted if each.is_new and each.partition == first]
    found = [(each, _apart(each, regions, embeddings, scores, rule, seed)) for each in new]
    seen = {id(each): replace(each, kind="doc") for each, apart in found if apart and apart.estimate < ALIKE}
    return replace(regions, regions=tuple(seen.get(id(each), each) for each in regions.regions))


def _apart(
    region: Region,
    regions: RegionsTest,
    embeddings: QueryEmbeddings,
    scores: tuple[Scores, Scores],
    rule: Rule,
    seed: int,
    *,
    is_from_heldout: bool = False,
) -> Measured | None:
    """How well a model picks the region's query out of two, the other from the rest that did not drift or held-out."""
    codes = [np.arange(len(each)) if each.queries is None else each.queries for each in scores]
    inside = regions.in_any([region], len(codes[1]))
    rest = ~regions.in_drifted(len(codes[1])) & ~inside
    others = (embeddings.heldout, codes[0]) if is_from_heldout else (embeddings.production[rest], codes[1][rest])
    sides = replace(embeddings, heldout=others[0], production=embeddings.production[inside])
    rng = np.random.default_rng(seed)
    return tell_apart(sides, (others[1], codes[1][inside]), confidence=rule.confidence, rng=rng)


def _told(
    region: Region,
    regions: RegionsTest,
    embeddings: QueryEmbeddings,
    scores: tuple[Scores, Scores],
    alone: set[str],
    texts: Sequence[np.ndarray],
    rule: Rule,
    seed: int,
) -> Region:
    codes = np.arange(len(scores[1])) if scores[1].queries is None else scores[1].queries
    inside = regions.in_any([region], len(codes))
    rest = ~regions.in_drifted(len(codes)) & ~inside
    here = _apart(region, regions, embeddings, scores, rule, seed)
    is_worded_alike = all(total_variation(labels[inside], labels[rest]) < OTHERWISE for labels in texts)
    is_enough = len(np.unique(codes[inside])) >= LEAST_QUERIES_TO_CLASSIFY
    is_alone = region.partition in alone
    before = _apart(region, regions, embeddings, scores, rule, seed, is_from_heldout=True) if is_alone else None
    is_alike = here is not None and here.estimate < ALIKE
    if before is not None and here is not None and here.low <= MOVED:  # the rest may be too few to tell
        is_alike = is_alike or before.high < ALIKE
    if is_enough and here is not None and is_alike and is_worded_alike:
        right = f"a model that must pick its query out of two is right in {here.estimate:.0%} of cases"
        told = f"{right}, by guessing in 50%"
        return replace(region, is_served=True, reason=f"{region.reason[:-1]}; {told}.")
    is_new = before is not None and before.low > MOVED and (here is None or here.low > MOVED)
    return replace(region, is_new=True) if is_new else region
