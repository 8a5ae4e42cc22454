"""Two students compared from files: pairs scored by both, or by one each, and the pairs that were trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.comparison.compare import Comparison, Students, compare
from drift_core.comparison.partitions import query_clusters
from drift_core.comparison.usable_pairs import (
    TrainedPairs,
    join_trained,
    no_scores_before,
    read_trained_pairs,
    with_scores_before,
)
from drift_core.errors import InputError, SettingError
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import Progress
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import Kind
from drift_core.tables.roles import ROLES

if TYPE_CHECKING:
    from drift_core.tables.scan import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentFiles:
    """What two students are compared on, as files; each as for `read_pairs`.

    Attributes
    ----------
    frozen, fresh
        The frozen set, and fresh production pairs; at least one is given.
    tail, tail_digest
        The tail set, and the digest that the judge card has of it.
    frozen_before, fresh_before, tail_before
        The same pairs scored by the student before, where the others have only the student after.
    trained_on
        Files of pairs that the student after was trained on.
    frozen_columns, fresh_columns, tail_columns
        Role to column of each sample's files, where it is not recognised by name.
    slices
        Slice columns whose values are regions; by default every one.
    limits, seed
        What is over is sampled by whole queries, with the seed.
    kind, labels
        As for `read_pairs`, for every file.
    """

    frozen: "Source | None" = None
    fresh: "Source | None" = None
    frozen_before: "Source | None" = None
    fresh_before: "Source | None" = None
    tail: "Source | None" = None
    tail_before: "Source | None" = None
    tail_digest: str | None = None
    trained_on: "Sequence[Source]" = ()
    frozen_columns: Mapping[str, str] = field(default_factory=dict)
    fresh_columns: Mapping[str, str] = field(default_factory=dict)
    tail_columns: Mapping[str, str] = field(default_factory=dict)
    slices: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    kind: Kind | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = (self.frozen, self.frozen_before, self.fresh, self.fresh_before, self.tail, self.tail_before)
        if self.frozen is None and self.fresh is None:
            raise InputError("A comparison needs the frozen set, fresh pairs (--fresh), or both; found neither.")
        options = ("--before-file", "--fresh-before-file", "--tail-before-file")
        for option, sample, before in zip(options, given[::2], given[1::2], strict=True):
            if before is not None and sample is None:
                raise SettingError(f"{option} belongs to pairs that are not given. Add them, or leave it out.")
        if self.tail is None and self.tail_digest is not None:
            raise SettingError("The judge card has a tail set, which every comparison must have. Give it: --tail FILE.")
        if sum(isinstance(each, str) and each == "-" for each in given) > 1:
            raise SettingError("Only one file can come from standard input. Give files for the others.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudentPairs:
    """What two students are compared on: the samples, one at least, and the pairs to leave out."""

    frozen: ScoredPairs | None
    fresh: ScoredPairs | None
    trained_on: TrainedPairs | None = None
    tail: ScoredPairs | None = None


def read_students(files: StudentFiles) -> StudentPairs:
    """Read what two students are compared on.

    Raises
    ------
    InputError
        When a file cannot be read, or a sample has no scores by the student before.
    """
    frozen = _read(files.frozen, files.frozen_before, files.frozen_columns, files)
    fresh = _read(files.fresh, files.fresh_before, files.fresh_columns, files)
    if frozen is not None and fresh is not None:
        frozen, fresh = align_kinds(frozen, fresh)
    tail = _read(files.tail, files.tail_before, files.tail_columns, files)
    trained_on = join_trained([read_trained_pairs(each) for each in files.trained_on])
    return StudentPairs(frozen=frozen, fresh=fresh, trained_on=trained_on, tail=tail)


def compare_files(
    files: StudentFiles,
    *,
    students: Students = Students(),  # noqa: B008 - frozen
    rule: Rule = Rule(),  # noqa: B008 - frozen
    embedding: EmbeddingSource | None = EmbeddingSource(),  # noqa: B008 - frozen
    progress: Progress | None = None,
) -> Comparison:
    """Read two students' scores and compare them; see `compare`.

    Parameters
    ----------
    embedding
        What clusters the queries, whose clusters are regions; None for no clusters, which the verdict then says.
    progress
        Called as ``progress(stage, done, total)``.
    """
    pairs = read_students(files)
    return compare(
        pairs.frozen,
        pairs.fresh,
        tail=pairs.tail,
        tail_digest=files.tail_digest,
        students=students,
        rule=rule,
        slices=files.slices,
        partitions=()
        if embedding is None
        else (query_clusters(pairs.frozen, pairs.fresh, embedding, seed=files.seed, progress=progress),),
        trained_on=pairs.trained_on,
        seed=files.seed,
    )


def _read(
    source: "Source | None", before: "Source | None", columns: Mapping[str, str], files: StudentFiles
) -> ScoredPairs | None:
    if source is None:
        return None
    sample = _read_sliced(source, columns, files)
    if before is not None:
        own = {role: name for role, name in columns.items() if role in ROLES and role != "student_before"}
        other = read_pairs(before, columns=own, slices=(), name=_name(before), **_alike(files))
        sample = with_scores_before(*align_kinds(sample, other))
    if sample.student_before is None or np.isnan(sample.student_before).all():
        raise no_scores_before(sample)
    return sample


def _read_sliced(source: "Source", columns: Mapping[str, str], files: StudentFiles) -> ScoredPairs:
    """Read the chosen slice columns, and the others too, so that what is left out can be named."""

    def read(slices: tuple[str, ...] | None) -> ScoredPairs:
        return read_pairs(source, columns=columns, slices=slices, name=_name(source), **_alike(files))

    if not files.slices or source == "-":  # standard input is read once
        return read(files.slices)
    found = read(None)
    if set(files.slices) <= set(found.slices):
        return found
    return read(tuple(dict.fromkeys((*found.slices, *files.slices))))


def _alike(files: StudentFiles) -> dict[str, Any]:
    return {"limits": files.limits, "seed": files.seed, "kind": files.kind, "labels": files.labels}


def _name(source: "Source") -> str | None:
    """What an upload is called; None for a path, which names itself."""
    return getattr(source, "name", None) if hasattr(source, "read") else None
