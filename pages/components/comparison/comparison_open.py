"""The comparison that a visitor has open: both samples, the list of training pairs, and what came of them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.comparison.compare import Comparison, Students, compare
from drift_core.comparison.comparison_json import ComparisonRecord, record_of
from drift_core.comparison.partitions import query_clusters
from drift_core.comparison.usable_pairs import (
    TrainedPairs,
    join_trained,
    read_trained_pairs,
    with_scores_before,
)
from drift_core.errors import DriftError, InputError
from drift_core.regions.cache import EmbeddingCache, default_cache_path
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import Progress
from drift_core.regions.partitions import Partition
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.simulation import retrained_samples
from pages.components.session import cached, session, visitor_store

_OPEN, _FAULT = "comparison", "comparison_fault"
File = tuple[str, bytes]
Files = Mapping[str, Sequence[File]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenComparison:
    """What is compared; `clusters` is there once the visitor asked for query clusters."""

    title: str
    frozen: ScoredPairs | None
    fresh: ScoredPairs | None
    trained_on: TrainedPairs | None
    students: Students
    clusters: Partition | None = None

    @property
    def key(self) -> str:
        """What the result depends on, the rule aside."""
        digests = [each.digest if each is not None else "" for each in (self.frozen, self.fresh)]
        trained = "" if self.trained_on is None else f"{self.trained_on.name} {hash(self.trained_on.digests)}"
        rows = [str(hash(each.row.tobytes())) if each is not None else "" for each in (self.frozen, self.fresh)]
        return repr((digests, rows, trained, self.students, self.clusters is not None))


def current() -> OpenComparison | None:
    """The open comparison, or None."""
    found: OpenComparison | None = visitor_store.get(_OPEN)
    return found


def open_scenario() -> None:
    """Open the shipped retraining; fit as a callback."""
    try:
        files = retrained_samples.shipped_retrained_files()
        frozen, fresh = (read_pairs(path) for path in (files.frozen, files.fresh))
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))
        return
    students = Students(before=retrained_samples.STUDENT_BEFORE, after=retrained_samples.STUDENT_AFTER)
    _put(OpenComparison(title=retrained_samples.TITLE, frozen=frozen, fresh=fresh, trained_on=None, students=students))


def open_files(files: Files, *, before: str, after: str) -> None:
    """Read the files of each role, of training pairs any number, and open them; raises what is wrong with one."""
    frozen, fresh = (_sample(files, role) for role in ("frozen", "fresh"))
    if frozen is None and fresh is None:
        raise InputError("Bring the frozen set, fresh production pairs, or both.")
    listed = [read_trained_pairs(_file(*each), name=each[0]) for each in files.get("trained_on", ())]
    _put(
        OpenComparison(
            title="Your files",
            frozen=frozen,
            fresh=fresh,
            trained_on=join_trained(listed),
            students=Students(before=before.strip() or None, after=after.strip() or None),
        )
    )


def add_clusters(progress: Progress) -> None:
    """Cluster the queries of what is open, which makes regions of them."""
    opened = current()
    one, two = (opened.frozen or opened.fresh, opened.fresh or opened.frozen) if opened else (None, None)
    if opened is None or one is None or two is None:
        return
    cache = EmbeddingCache(default_cache_path())
    vectors = embed_queries(one, two, encoder=cached.encoder(session.encoder()), cache=cache, progress=progress)
    _put(replace(opened, clusters=query_clusters(one, two, vectors)))


def close() -> None:
    """Let go of the comparison; fit as a callback."""
    visitor_store.take(_OPEN)


def take_fault() -> str:
    """Why the example could not be opened, said once."""
    return visitor_store.take(_FAULT) or ""


def reading() -> Comparison | None:
    """Compare what is open by the visitor's rule; None where nothing is."""
    opened, rule = current(), session.rule()
    if opened is None:
        return None
    return cached.result_by_key(
        "comparison",
        opened.key,
        (rule,),
        lambda: compare(
            opened.frozen,
            opened.fresh,
            students=opened.students,
            rule=rule,
            partitions=() if opened.clusters is None else (opened.clusters,),
            trained_on=opened.trained_on,
        ),
    )


def record() -> ComparisonRecord | None:
    """What the gate asks of the open comparison; None where none is open, or it cannot be made."""
    try:
        made = reading()
    except DriftError:
        return None
    return None if made is None else record_of(made)


def _put(opened: OpenComparison) -> None:
    visitor_store.put(_OPEN, opened)


def _sample(files: Files, role: str) -> ScoredPairs | None:
    given = files.get(role)
    if not given:
        return None
    name, content = given[0]
    sample = read_pairs(_file(name, content), limits=session.limits(), name=name)
    before = files.get(f"{role}_before")
    if before:
        sample = with_scores_before(sample, read_pairs(_file(*before[0]), slices=(), name=before[0][0]))
    if sample.student_before is None or np.isnan(sample.student_before).all():
        raise InputError(
            f"{name} has no scores by the student before. Give them in a column student_score_before, or bring the "
            "same pairs scored by that student as a file of its own."
        )
    return sample


def _file(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file
