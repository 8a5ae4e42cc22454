"""The comparison that a visitor has open: both samples, the list of training pairs, and what came of them.

Its files are kept for the visitor's browser alone.
"""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from drift_core.comparison.compare import Comparison, Students, compare
from drift_core.comparison.compare_files import StudentFiles, StudentPairs, read_students
from drift_core.comparison.comparison_json import ComparisonRecord, record_of
from drift_core.comparison.partitions import query_clusters
from drift_core.comparison.tail_set import check_tail
from drift_core.errors import DriftError
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import Progress
from drift_core.regions.partitions import Partition
from drift_core.samples.limits import Limits
from drift_core.simulation import retrained_samples
from pages.components.card import card_open
from pages.components.session import cached, documents, investigation_store, session, visitor_store
from pages.components.session.documents import FoundDocument
from pages.components.session.investigation_record import KeptDocument

_OPEN, _FAULT = "comparison", "comparison_fault"
TITLE = "Your files"
File = tuple[str, bytes]
Files = Mapping[str, Sequence[File]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenComparison:
    """What is compared, and how it is kept; with clusters of the queries, or why there are none, once it was tried."""

    title: str
    pairs: StudentPairs
    students: Students
    kept: KeptDocument
    clusters: Partition | None = None
    unclustered: str = ""

    @property
    def key(self) -> str:
        """What the result depends on, the rule aside."""
        both, trained_on = (self.pairs.frozen, self.pairs.fresh, self.pairs.tail), self.pairs.trained_on
        digests = [each.digest if each is not None else "" for each in both]
        trained = "" if trained_on is None else f"{trained_on.name} {hash(trained_on.digests)}"
        rows = [str(hash(each.row.tobytes())) if each is not None else "" for each in both]
        return repr((digests, rows, trained, self.students, self.clusters is not None))


def current() -> OpenComparison | None:
    """The open comparison, in a new session the one that was open last; or None."""
    found = documents.last("comparison") if visitor_store.get(_OPEN) is None else None
    if found is not None:
        with _faults_kept():
            reopen(found)
    opened: OpenComparison | None = visitor_store.get(_OPEN)
    return opened


def open_scenario() -> None:
    """Open the shipped retraining; fit as a callback."""
    with _faults_kept():
        made = _shipped()
        documents.close("comparison")
        _put(made)


def open_files(files: Files, *, before: str, after: str) -> None:
    """Read the files of each role, of training pairs any number, and open them; raises what is wrong with one."""
    named = [(role, *each) for role, given in files.items() for each in given]
    limits = session.limits()
    kept = KeptDocument(
        name=TITLE,
        files=tuple((role, name) for role, name, _ in named),
        versions=(before.strip(), after.strip()),
        limits=(limits.max_rows, limits.max_bytes),
    )
    contents = [content for _, _, content in named]
    made, card = _made(kept, contents), card_open.current()
    if made.pairs.tail is not None and card is not None:
        check_tail(made.pairs.tail, card.card.tail_set.digest)  # the gate checks it again
    documents.close("comparison")
    _put(made, contents)


def reopen(found: FoundDocument) -> None:
    """Open a kept comparison as it was left; raise where it cannot be."""
    folder, kept = documents.read(found)
    contents = [investigation_store.content(folder, _part(number)) for number in range(len(kept.files))]
    opened = _shipped() if kept.is_shipped else _made(kept, contents)
    if kept.has_clusters:
        opened = _clustered(opened)
    documents.opened(found)
    visitor_store.put(_OPEN, opened)


def add_clusters(progress: Progress) -> None:
    """Cluster the queries of what is open, which makes regions of them; where that fails, keep why."""
    opened = current()
    if opened is None:
        return
    try:
        _put(_clustered(opened, progress))
    except DriftError as error:
        visitor_store.put(_OPEN, replace(opened, unclustered=str(error)))


def name_students(before: str, after: str) -> None:
    """Call the students of what is open by these names; raises a SettingError where both are the same."""
    opened = current()
    if opened is not None:
        names = before.strip(), after.strip()
        students = Students(before=names[0] or None, after=names[1] or None)
        _put(replace(opened, students=students, kept=replace(opened.kept, versions=names)))


def close() -> None:
    """Let go of the comparison; fit as a callback."""
    documents.close("comparison")
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
            tail=opened.pairs.tail,
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


@contextmanager
def _faults_kept() -> Iterator[None]:
    """Keep what is wrong to be said on the page."""
    try:
        yield
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def _put(opened: OpenComparison, contents: Sequence[bytes] = ()) -> None:
    visitor_store.put(_OPEN, opened)
    documents.keep("comparison", opened.kept, {_part(number): each for number, each in enumerate(contents)})


def _part(number: int) -> str:
    return f"file-{number}"


def _shipped() -> OpenComparison:
    files, title = retrained_samples.shipped_retrained_files(), retrained_samples.TITLE
    return OpenComparison(
        title=title,
        pairs=read_students(StudentFiles(frozen=files.frozen, fresh=files.fresh)),
        students=Students(before=retrained_samples.STUDENT_BEFORE, after=retrained_samples.STUDENT_AFTER),
        kept=KeptDocument(name=title, is_shipped=True),
    )


def _made(kept: KeptDocument, contents: Sequence[bytes]) -> OpenComparison:
    """Read the files of a comparison as its record names them; raises what is wrong with one."""
    read: dict[str, list[io.BytesIO]] = defaultdict(list)
    for (role, name), content in zip(kept.files, contents, strict=True):
        read[role].append(_file(name, content))
    given: dict[str, Any] = {role: files if role == "trained_on" else files[0] for role, files in read.items()}
    limits = Limits(max_rows=kept.limits[0], max_bytes=kept.limits[1])
    before, after = kept.versions
    return OpenComparison(
        title=TITLE,
        pairs=read_students(StudentFiles(**given, limits=limits)),
        students=Students(before=before or None, after=after or None),
        kept=kept,
    )


def _clustered(opened: OpenComparison, progress: Progress | None = None) -> OpenComparison:
    source = EmbeddingSource(encoder=cached.encoder(session.encoder()))
    clusters = query_clusters(opened.pairs.frozen, opened.pairs.fresh, source, progress=progress)
    return replace(opened, clusters=clusters, kept=replace(opened.kept, has_clusters=True))


def _file(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file
