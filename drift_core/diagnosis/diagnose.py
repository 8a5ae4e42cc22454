"""The whole diagnostic in order: spread, overlap, regions, and what caused the loss."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from drift_core.agreement.spread import measure_spread
from drift_core.agreement.top_k import measure_overlap, read_top_k
from drift_core.calibration.class_calibration import moved_chances
from drift_core.calibration.direction import check_direction
from drift_core.diagnosis.cause import decide_cause
from drift_core.diagnosis.diagnosis import Diagnosis, with_price
from drift_core.diagnosis.facts import Facts
from drift_core.diagnosis.find_partitions import find_partitions
from drift_core.diagnosis.findings import Finding, about_calibration, about_scores, about_versions, find_facts
from drift_core.diagnosis.label_moves import student_leans
from drift_core.diagnosis.like_mix import label_moves_in, left_outside, selection_in, unexplained_by_regions, with_range
from drift_core.diagnosis.lookalikes import find_lookalikes
from drift_core.diagnosis.regions_test import compare_regions
from drift_core.diagnosis.served import docs_changed_in, with_broken_part, with_served
from drift_core.diagnosis.settings import Settings
from drift_core.diagnosis.teacher_doubt import doubt_of_teacher
from drift_core.distributions.dropped_values import dropped_values
from drift_core.distributions.explained_answers import explained_answers
from drift_core.distributions.label_measures import measure_labels
from drift_core.distributions.noise_ceiling import measure_ceiling
from drift_core.distributions.output_distances import compare_outputs
from drift_core.distributions.pinned_traffic import pinned_traffic
from drift_core.distributions.same_pairs import compare_same_pairs
from drift_core.distributions.task_quality import measure_task_quality
from drift_core.measured import Measured
from drift_core.measures.one_blas_thread import one_blas_thread
from drift_core.measures.scores import scores_of
from drift_core.operations.measure_structure import measure_structure
from drift_core.operations.missing_scores import find_missing_scores
from drift_core.operations.set_aside import TOLD_FIRST, set_odd_scores_aside
from drift_core.regions.attribution import split_loss
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.embeddings import MOST_DOCS, QueryEmbeddings, hash_docs, with_docs
from drift_core.regions.moved_docs import find_moved_docs
from drift_core.regions.novelty import find_dense_parts
from drift_core.regions.one_topic import join_regions
from drift_core.regions.query_move import query_move
from drift_core.regions.revision_effect import revision_rise
from drift_core.regions.text_properties import moved_properties
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.sample_files import SampleFiles, read_samples
from drift_core.samples.slices import align_slices
from drift_core.samples.two_samples import check_two_samples
from drift_core.samples.versions import FINDINGS

Progress = Callable[[str, int, int], None]
MIX_MOVED = 0.25  # share of familiar queries in other regions than before, from which new traffic may be part of it


def diagnose_files(
    files: SampleFiles,
    *,
    settings: Settings | None = None,
    embedding: EmbeddingSource | None = None,
    progress: Progress | None = None,
) -> Diagnosis:
    """Read held-out and production and run the diagnostic on them.

    Parameters
    ----------
    files
        The two samples and how they are read; slices and seed are those of the settings.
    settings, progress
        As for `diagnose`.
    embedding
        What makes the query embeddings; by default the default encoder with its cache.

    Raises
    ------
    UnmeasurableError
        When production has too few pairs, or scores that do not vary.
    InputError
        When a sample cannot be read, or both are the same.

    Examples
    --------
    >>> from drift_core import shipped_scenario_paths
    >>> heldout, production = shipped_scenario_paths("healthy")
    >>> files = SampleFiles(heldout=heldout, production=production)
    >>> diagnose_files(files, embedding=EmbeddingSource(encoder="hashing", is_cached=False)).verdict.cause
    'healthy'
    """
    settings, embedding = settings or Settings(), (embedding or EmbeddingSource()).loaded()
    heldout, production = read_samples(files, slices=settings.slices, seed=settings.seed)
    embeddings = embedding.embed(heldout, production, progress=progress)
    return diagnose(heldout, production, settings=settings, embeddings=embeddings, progress=progress)


@one_blas_thread()
def diagnose(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    settings: Settings | None = None,
    embeddings: QueryEmbeddings | None = None,
    doc_embeddings: QueryEmbeddings | None = None,
    progress: Progress | None = None,
) -> Diagnosis:
    """Run the diagnostic on two samples.

    Parameters
    ----------
    heldout, production
        The samples to compare; see `read_pairs`.
    settings
        Rule, clusters, slices and seed.
    embeddings
        Query embeddings of these two samples; by default made with the default encoder and kept in its cache.
    doc_embeddings
        Embeddings of the docs; by default words are hashed, which shows a new kind of doc well enough. By the encoder
        of the queries, they also help to find topics of few queries.
    progress
        Called as ``progress(stage, done, total)``.

    Raises
    ------
    InputError
        When both are the same sample, the embeddings belong to others, or a probability surely goes against the
        teacher's answer on held-out.
    """
    settings = settings or Settings()
    problems = check_two_samples(heldout, production)
    heldout, production = align_slices(*align_kinds(heldout, production))
    heldout, production, vectors = set_odd_scores_aside(heldout, production, embeddings, doc_embeddings)
    embeddings, doc_embeddings = vectors
    if embeddings is None:
        embeddings = EmbeddingSource().embed(heldout, production, progress=progress)
    scores = scores_of(heldout, production, texts=(embeddings.heldout, embeddings.production))
    if heldout.kind.is_answered:
        check_direction(heldout, scores[0], confidence=settings.rule.confidence)
    spread = measure_spread(heldout, production, rule=settings.rule, scores=scores)
    level, seed, rng = settings.rule.confidence, settings.seed, np.random.default_rng(settings.seed)
    beside = ThreadPoolExecutor(max_workers=1)  # these need nothing of what follows
    overlap_later = beside.submit(measure_overlap, heldout, production, rule=settings.rule, rng=rng, scores=scores)
    outputs_later = beside.submit(compare_outputs, *scores, kind=production.kind, confidence=level, seed=seed)
    beside.shutdown(wait=False)
    doc_embeddings = hash_docs(heldout, production) if doc_embeddings is None else doc_embeddings
    dense = find_dense_parts(embeddings, n_clusters=settings.n_clusters, seed=seed)
    docs = find_moved_docs(
        scores, parts=dense.parts, docs=doc_embeddings, queries=embeddings, confidence=level, seed=seed
    )
    if docs is not None and not docs.moved and doc_embeddings is not None and len(doc_embeddings.texts) <= MOST_DOCS:
        seen = with_docs(embeddings, doc_embeddings)
        if seen is not embeddings:
            dense = find_dense_parts(seen, n_clusters=settings.n_clusters, seed=seed)
    parts = dense.complete()
    texts = {"embeddings": embeddings, "docs": docs, "doc_embeddings": doc_embeddings, "scores": scores}
    partitions = find_partitions(heldout, production, settings=settings, parts=parts, **texts)  # type: ignore[arg-type]
    properties = moved_properties(heldout, production, scores=scores, queries=embeddings)
    compared = {"settings": settings, "scores": scores, "properties": properties}
    regions = compare_regions(heldout, production, partitions, **compared)  # type: ignore[arg-type]
    if groups := regions.of_one_topic(embeddings, settings.rule):
        joined = (join_regions(partitions[0], embeddings, groups), *partitions[1:])
        again = compare_regions(heldout, production, joined, **compared)  # type: ignore[arg-type]
        if again.in_drifted(len(production)).sum() >= regions.in_drifted(len(production)).sum():
            partitions, regions = joined, again
    regions = with_served(heldout, production, regions, embeddings, scores, rule=settings.rule, seed=seed)
    looked_at = heldout, production, regions, partitions, embeddings
    tests, has_fallen = regions.tests, spread.reading == "fell"
    regions, part = with_broken_part(*looked_at, has_fallen=has_fallen, **compared)  # type: ignore[arg-type]
    regions = regions.with_growth(production, scores[1].queries)
    pinned = pinned_traffic(production, scores[1], regions.cuts("production"), alpha=settings.rule.alpha)
    is_new = regions.in_any([each for each in regions.regions if each.is_new], len(production))
    versions = about_versions(heldout, production, scores[1], tests, settings.rule, is_new=is_new)  # type: ignore[arg-type]
    named = production.kind.name_of
    dropped = dropped_values(*scores, regions=regions.familiar_labels, pinned=pinned.scores, named=named)
    fell = [(f"in {each.name}", regions.in_any([each], len(production))) for each in regions.regions if each.drifted]
    looked_in = [*([(part.name, part.inside)] if part else []), *fell]
    renamed = explained_answers(production, *scores, parts=looked_in)
    sure = {"alpha": settings.rule.cause_alpha, "smallest": settings.rule.smallest_loss, "confidence": level}
    same = compare_same_pairs((heldout, production), scores, spread.spread, **sure, is_new=is_new)
    if same is not None and pinned.scores is not None and (same.changed == "teacher" or same.is_chosen):
        same = None  # measured
    changed = {each.name for each in versions} | ({FINDINGS[each] for each in same.whose} if same else set())
    familiar_moved = query_move(partitions[0], *scores, without=regions.new_regions).share >= MIX_MOVED
    selection = selection_in(scores, production, regions, settings.rule)
    given = measure_labels(heldout, production, confidence=level)
    leans = student_leans(given, spread.spread, settings.rule)
    labels = label_moves_in(scores, regions, spread.spread, production.kind.labels, settings.rule, leans=leans)
    moved = {"is_pairwise": production.kind.name == "pairwise", "labels": labels}
    moved |= {"familiar_moved": familiar_moved, "selection": selection}
    doubt = doubt_of_teacher(
        regions.regions,
        regions.shared,
        spread,
        docs_moved=docs is not None and docs.moved,
        student_changed=leans is not None or FINDINGS["student"] in changed,
        rule=settings.rule,
        **moved,  # type: ignore[arg-type]
    )
    attribution = split_loss(
        *scores,
        partition=regions.splits_loss,
        pinned=pinned.scores,
        not_pinned=pinned.why_not,
        familiar=regions.familiar(doubt),
        confidence=level,
    ).with_whole(spread.spread)
    if has_fallen and not (part or any(each.drifted for each in regions.regions)):
        attribution = with_range(attribution, scores, regions, selection, settings.rule)
    overlap, missing = overlap_later.result(), None
    if isinstance(spread.production, Measured):
        missing = find_missing_scores(
            heldout, production, partitions=regions.partitions, agreement=spread.production, scores=scores[1]
        )
        regions = regions.with_missing(missing)
    calibration = moved_chances(heldout, production, scores, pinned.scores, spread.reading, confidence=level, seed=seed)
    revised, revised_words, revised_alone = regions.revised(scores[0], pinned.picked, production, rule=settings.rule)
    found = find_facts(
        *scores,
        spread=spread,
        pinned=pinned,
        attribution=attribution,
        regions=regions.regions,
        rule=settings.rule,
        wrong=(
            *about_scores(heldout, production, (*dropped, *renamed)),
            *versions,
            *([Finding(name="broken_part", sentence=part.sentence, figures=part.figures)] if part else []),
            *([Finding(name="same_pairs", sentence=same.sentence)] if same and same.fell else []),
            *labels.findings,
            *about_calibration(calibration),
        ),
        missing=missing,
        revised=revised or revised_words,
    )
    docs_changed = docs_changed_in(regions, heldout, production)
    is_pinned = pinned.scores is not None and len(pinned.scores[0]) == len(production)
    drifted = regions.in_any([each for each in regions.drifted if not each.is_served], len(production))
    facts = Facts(
        spread=spread,
        regions=regions.regions,
        shared=regions.shared,
        attribution=attribution,
        docs=docs,
        docs_changed=docs_changed,
        is_pinned=is_pinned,
        is_cleared=regions.clear_the_teacher(production, scores[1].queries, is_pinned=is_pinned),
        version_less=next((each.clause for each in versions if each.clause), ""),
        drifted_share=float(np.average(drifted, weights=scores[1].relative_weights)),
        revision=None if pinned.scores is None else revision_rise(scores[0], pinned.scores),
        revised=revised or revised_words,
        revised_alone=revised_alone,
        revised_share=pinned.revised_share,
        unexplained=unexplained_by_regions(scores, regions, settings.rule, is_selected=selection.left is not None),
        scale_moved=next((each.clause for each in found if each.name.endswith("_scale_moved")), ""),
        **moved,  # type: ignore[arg-type]
        student_changed=FINDINGS["student"] in changed,
        teacher_changed=FINDINGS["teacher"] in changed or pinned.shows_revision,
        left=left_outside(scores, production, regions, settings.rule),
        missing=missing,
        student_aside=sum(finding.figures["share"] for finding in found if finding.name == "odd_student_scores"),
        calibration=calibration,
        part=part,
        same=same,
        top_fell=read_top_k(overlap, settings.rule.k, rule=settings.rule).fall,
        dropped=(*dropped, *renamed),
        odd=tuple((finding.name, finding.sentence) for finding in found if finding.name in TOLD_FIRST),
    )
    told = {"partitions": regions.partitions, "confidence": level, "smallest": settings.rule.smallest_loss}
    outputs = measure_structure(heldout, production, schema=settings.output_schema, **told)  # type: ignore[arg-type]
    made = Diagnosis(
        verdict=decide_cause(facts, rule=settings.rule),
        findings=(*found, *([Finding(name="structure_lost", sentence=outputs.finding)] if outputs.finding else [])),
        part=part,
        same=same,
        docs_changed=docs_changed,
        outputs=outputs,
        spread=spread,
        top_k=read_top_k(overlap, settings.rule.k, rule=settings.rule),
        regions=regions,
        overlap=overlap,
        attribution=attribution,
        ceiling=measure_ceiling(heldout, production, scores=scores, agreement=spread.production, confidence=level),
        quality=measure_task_quality(heldout, production, scores=scores, rule=settings.rule),
        labels=given,
        calibration=calibration,
        distributions=outputs_later.result(),
        revised=revised,
        revised_words=revised_words,
        revised_alone=revised_alone,
        missing=missing,
        drifted=regions.in_drifted(len(production)),
        pinned=pinned,
        embeddings=embeddings,
        problems=problems,
        settings=settings,
        heldout=heldout,
        production=production,
    )
    return with_price(replace(made, lookalikes=find_lookalikes(made, scores=scores)), settings.price_per_pair)
