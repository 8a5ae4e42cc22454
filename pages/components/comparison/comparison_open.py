"""The comparison that a visitor has open: both samples, the list of training pairs, and what came of them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drift_core.comparison.compare import Comparison, Students, compare
from drift_core.comparison.compare_files import StudentFiles, StudentPairs, read_students
from drift_core.comparison.comparison_json import ComparisonRecord, record_of
from drift_core.comparison.partitions import query_clusters
from drift_core.errors import DriftError
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import Progress
from drift_core.regions.partitions import Partition
from drift_core.simulation import retrained_samples
from pages.components.session import cached, session, visitor_store

_OPEN, _FAULT = "comparison", "comparison_fault"
File = tuple[str, bytes]
Files = Mapping[str, Sequence[File]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenComparison:
    """What is compared; `clusters` is there once the visitor asked for query clusters."""

    title: str
    pairs: StudentPairs
    students: Students
    clusters: Partition | None = None

    @property
    def key(self) -> str:
        """What the result depends on, the rule aside."""
        both, trained_on = (self.pairs.frozen, self.pairs.fresh), self.pairs.trained_on
        digests = [each.digest if each is not None else "" for each in both]
        trained = "" if trained_on is None else f"{trained_on.name} {hash(trained_on.digests)}"
        rows = [str(hash(each.row.tobytes())) if each is not None else "" for each in both]
        return repr((digests, rows, trained, self.students, self.clusters is not None))


def current() -> OpenComparison | None:
    """The open comparison, or None."""
    found: OpenComparison | None = visitor_store.get(_OPEN)
    return found


def open_scenario() -> None:
    """Open the shipped retraining; fit as a callback."""
    try:
        files = retrained_samples.shipped_retrained_files()
        pairs = read_students(StudentFiles(frozen=files.frozen, fresh=files.fresh))
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))
        return
    students = Students(before=retrained_samples.STUDENT_BEFORE, after=retrained_samples.STUDENT_AFTER)
    _put(OpenComparison(title=retrained_samples.TITLE, pairs=pairs, students=students))


def open_files(files: Files, *, before: str, after: str) -> None:
    """Read the files of each role, of training pairs any number, and open them; raises what is wrong with one."""
    read = {role: [_file(*each) for each in given] for role, given in files.items()}
    names = ("frozen", "fresh", "frozen_before", "fresh_before")
    given: dict[str, Any] = {name: read[name][0] for name in names if read.get(name)}
    trained_on = read.get("trained_on", [])
    _put(
        OpenComparison(
            title="Your files",
            pairs=read_students(StudentFiles(**given, trained_on=trained_on, limits=session.limits())),
            students=Students(before=before.strip() or None, after=after.strip() or None),
        )
    )


def add_clusters(progress: Progress) -> None:
    """Cluster the queries of what is open, which makes regions of them."""
    opened = current()
    if opened is None:
        return
    source = EmbeddingSource(encoder=cached.encoder(session.encoder()))
    clusters = query_clusters(opened.pairs.frozen, opened.pairs.fresh, source, progress=progress)
    _put(replace(opened, clusters=clusters))


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
            opened.pairs.frozen,
            opened.pairs.fresh,
            students=opened.students,
            rule=rule,
            partitions=() if opened.clusters is None else (opened.clusters,),
            trained_on=opened.pairs.trained_on,
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


def _file(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file
