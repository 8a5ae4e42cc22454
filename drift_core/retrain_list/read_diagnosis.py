"""A diagnosis is read back from its JSON: both samples read as they were then, with the region of each pair."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from drift_core.agreement.rule import rule_from
from drift_core.diagnosis.regions_in_words import leading_partition
from drift_core.errors import InputError
from drift_core.operations.set_aside import set_odd_scores_aside
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import Progress, encoder_name, weights_of
from drift_core.regions.named_region import NamedRegion
from drift_core.retrain_list.diagnosed_pairs import DiagnosedPairs, PairRegions, flag_of
from drift_core.retrain_list.recorded_diagnosis import (
    RecordedDiagnosis,
    RecordedPartition,
    RecordedSample,
    parse_record,
)
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import part_of
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import Kind
from drift_core.samples.written_labels import read_labels
from drift_core.tables.addresses import is_address
from drift_core.tables.paths import is_file
from drift_core.tables.roles import ROLES
from drift_core.tables.small_files import read_small
from drift_core.wording import one_line


def read_diagnosis(
    path: str | Path,
    production: str | Path,
    *,
    heldout: str | Path | None = None,
    embedding: EmbeddingSource | None = None,
    progress: Progress | None = None,
) -> DiagnosedPairs:
    """Read what a list is drawn from, out of the JSON of a diagnosis and the samples that it was made of.

    Parameters
    ----------
    path
        The JSON, from the command line, the app or `diagnosis_to_json`.
    production
        The production sample that was diagnosed.
    heldout
        The held-out sample where it has moved since; by default at the path in the JSON.
    embedding
        What makes the query embeddings, where it is not what the JSON names.
    progress
        Called as ``progress(stage, done, total)``.

    Raises
    ------
    InputError
        When the JSON is of another form or keeps no regions of pairs, a sample is not the one that was diagnosed, or
        the embeddings are others.
    """
    record = parse_record(read_small(path, called="The diagnosis"), where=str(path))
    if any(each.regions is None or each.pairs is None for each in record.partitions):
        raise InputError(
            f"{path} does not tell the region of each pair: an older version wrote it. Run diagnose with --json again."
        )
    source = _embedding(record, str(path), embedding or EmbeddingSource()).loaded()
    first = heldout or _recorded_path(record.inputs.heldout, str(path))
    before = _read(first, record.inputs.heldout, called="held-out")
    after = _read(production, record.inputs.production, called="production")
    before, after, (embeddings,) = set_odd_scores_aside(before, after, source.embed(before, after, progress=progress))
    assert embeddings is not None
    if weights_of(embeddings.encoder) != weights_of(record.encoder):
        raise InputError(
            f"{path} was made with encoder {record.encoder}; this is {embeddings.encoder}. Give the same --embedder or "
            "--embeddings, or diagnose again."
        )
    partitions = tuple(_pair_regions(each, after, where=str(path)) for each in record.partitions)
    chosen = {(each.partition, each.name) for each in record.regions if each.drifted}
    chosen |= {(each.partition, each.name) for each in record.revised if each.rescore_first}
    drifted = np.zeros(len(after), dtype=bool)
    for each in partitions:
        drifted |= np.array([(each.name, region) in chosen for region in each.regions])[each.production]
    return DiagnosedPairs(
        heldout=before,
        production=after,
        partitions=partitions,
        drifted=drifted,
        leading=leading_partition(record.regions, first=record.partitions[0].name),
        embeddings=embeddings,
        rule=rule_from(record.rule, where=str(path)),
        version=record.version,
        flag=flag_of(
            is_drifted=any(each.drifted for each in record.regions),
            is_revised=any(each.rescore_first for each in record.revised),
        ),
    )


def read_columns(path: str | Path) -> Mapping[str, str]:
    """Read which column of the production sample held each role, out of the JSON of a diagnosis.

    Raises
    ------
    InputError
        When the JSON is of another form.
    """
    return parse_record(read_small(path, called="The diagnosis"), where=str(path)).inputs.production.columns


def read_drawn(path: str | Path, name: str) -> NamedRegion:
    """Read the rule of a region that was drawn by hand, out of the JSON of a diagnosis.

    Raises
    ------
    InputError
        When the JSON is of another form, has no such region, or has no rule for it.
    """
    record = parse_record(read_small(path, called="The diagnosis"), where=str(path))
    found = next((each for each in record.drawn if each.name == one_line(name)), None)
    if found is None:
        known = ", ".join(each.name for each in record.drawn) or "none"
        raise InputError(f"{path} has no region {one_line(name)!r} drawn by hand. It has: {known}.")
    if found.rule is None:
        raise InputError(f"{path} has no rule for {found.name}, which was drawn by days alone. Draw it otherwise.")
    return found.rule


def _pair_regions(partition: RecordedPartition, production: ScoredPairs, *, where: str) -> PairRegions:
    names = partition.regions or ()
    try:
        labels = read_labels(partition.pairs or "", production, n_regions=len(names))
    except ValueError as error:
        raise InputError(
            f"The regions of the pairs by {partition.name!r} in {where} cannot be read: {error}. Run diagnose with "
            "--json again."
        ) from error
    return PairRegions(name=partition.name, regions=names, production=labels)


def _read(source: str | Path, known: RecordedSample, *, called: str) -> ScoredPairs:
    """Read a sample with the columns, limits and kind of score of then, and raise when it is another one.

    The kind is recognised first: what two samples made of each other's labels is no reading of one of them alone.
    """
    try:
        sample = _read_as(source, known, kind=None)
    except InputError:
        if known.kind is None:
            raise
        sample = _read_as(source, known, kind=known.kind)
    if sample.digest != known.digest and known.kind not in (None, sample.kind.name):
        sample = _read_as(source, known, kind=known.kind)
    if sample.digest != known.digest:
        raise InputError(
            f"{source} is not the {called} sample that was diagnosed: expected digest {known.digest[:12]}, found "
            f"{sample.digest[:12]}. Give the file that was diagnosed, or diagnose this one first."
        )
    return sample


def _read_as(source: str | Path, known: RecordedSample, *, kind: Kind | None) -> ScoredPairs:
    drawn = known.sampling
    sizes = {"max_rows": drawn and drawn.max_rows, "max_bytes": drawn and drawn.max_bytes}
    return read_pairs(
        source,
        # No column for each other role: else one could be recognised that was not used.
        columns={**dict.fromkeys(ROLES, ""), **known.columns},
        slices=known.slices,
        limits=Limits(**{name: size or sys.maxsize for name, size in sizes.items()}),
        seed=drawn.seed if drawn else 0,
        part=None if known.part is None else part_of(known.part.column, known.part.at, known.part.side),
        kind=kind,
        labels=() if kind is None else known.labels,
    )


def _embedding(record: RecordedDiagnosis, file: str, given: EmbeddingSource) -> EmbeddingSource:
    """What is given; else what the record names, with the cache that is given."""
    if given.encoder is not None or given.file is not None:
        return given
    if record.read_with is not None:
        if is_address(record.read_with.embeddings):  # a record is no word of the user's
            raise InputError(f"{_from_address(f'The embeddings of {file} were')} --embeddings.")
        return replace(given, encoder=record.read_with.embedder, file=record.read_with.embeddings)
    if (name := encoder_name(record.encoder)) is None:
        own = record.encoder.partition("@")[0]
        raise InputError(f"{file} was made with embeddings of your own, {own}. Give them with --embeddings.")
    return replace(given, encoder=name)


def _from_address(what: str) -> str:
    return f"{what} read from an address, and addresses are read where they are typed alone. Give it with"


def _recorded_path(sample: RecordedSample, record: str) -> str:
    path = sample.path or "-"
    if is_address(path):  # a record is no word of the user's
        raise InputError(f"{_from_address(f'The held-out sample of {record} was')} --heldout.")
    if path == "-" or not (any(sign in path for sign in "*?[") or is_file(path)):
        found = "came without a file" if path == "-" else f"was {path}, which is not there"
        raise InputError(
            f"The held-out sample of {record} {found}; without it, no pair could be kept off the list. Give it with "
            "--heldout."
        )
    return path
