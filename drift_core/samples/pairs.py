"""Scored pairs: one checked, immutable sample of (query, doc) pairs with the scores they got.

Reading files and checking them live in `reading` and `checks`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from drift_core import markup
from drift_core.samples.label_words import fold
from drift_core.samples.parts import Part
from drift_core.samples.read_options import NO_OPTIONS, ReadOptions
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from drift_core.samples.unscored import Unscored, unscored_rows
from drift_core.tables.problem import Problem
from drift_core.tables.row_hashes import hash_rows
from drift_core.wording import counted

# Fields with one entry a pair.
PER_PAIR = (
    *("query", "doc", "teacher", "student", "teacher_pinned", "student_before", "teacher_repeats", "label", "weight"),
    *("pair_id", "query_id", "timestamp", "row", "shown", "chances", "chances_before"),
)
JUDGED = ("teacher", "student", "teacher_pinned", "student_before", "label")  # of the sample's kind, as are repeats
CONTENT = ("query", "doc", "teacher", "student")  # of a row, whatever else is read
SKETCHED = 128  # rows of a sketch: a share of a half is told to within 9 points (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a file over the limit was reduced: whole queries, drawn with a seed."""

    n_pairs_before: int
    n_queries_before: int
    seed: int
    reason: str
    max_rows: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredPairs:
    """A checked sample of scored pairs. Arrays have one entry a pair and are read-only.

    Attributes
    ----------
    name
        What the sample is called on screen, usually the file's name.
    query, doc
        Texts, object arrays of str; `doc` may be absent.
    teacher, student
        Finite scores, float64.
    teacher_pinned
        The pinned revision's score of the same pair, float64, NaN where it is unknown.
    student_before
        Score by the student before, which this one replaces, float64, NaN where it is unknown.
    teacher_repeats
        Scores of the same pair by further runs of the current teacher, float64 of shape (n, r), NaN where unknown.
    shown
        2 k and 2 k + 1 for the two rows that show the same two answers in either order, int64; -1 for other rows.
    chances, chances_before, chance_labels
        Probability of each label that is named, by the student and the one before, float64 of shape (n, n_labels).
    label
        Human label, float64, NaN where unknown.
    weight
        How many pairs of the traffic each stands for, positive float64; None when all stand for as many.
    pair_id, query_id
        Identifiers as text; pairs with one query id or with one text share a query.
    timestamp
        datetime64[us] in UTC, NaT where unknown.
    operations
        What calls cost and how long they take, by the names in `operations.OPERATIONS`; float64, NaN where unknown.
    slices
        Slice columns: name to object array of str; a missing value is ``"(none)"``.
    constants
        The value of each column that would be a slice had it more than one; see `align_slices`.
    row
        Row of each pair in its source, int64, counted from 0 without the header.
    columns
        Source column of each role, and of each slice that was given a name, as in ``{"teacher": "judge_score"}``.
    problems
        What was found wrong on the way in, rows left out included.
    unscored
        Rows that have no score by the teacher, which are in none of the arrays; None where there are none.
    read_digest
        Digest of the sample that this one was before rows were set aside; None where none were.
    whole
        The sample before rows were set aside; None where none were.
    sampling
        How the source was reduced to the limit, or None.
    source
        Path of the source as given, or None.
    part
        Which side of the source it is, where one file holds both samples.
    kind, read_options
        Whether scores are numbers or codes of labels; the options that they were read with.
    """

    name: str
    query: np.ndarray
    teacher: np.ndarray
    student: np.ndarray
    doc: np.ndarray | None = None
    teacher_pinned: np.ndarray | None = None
    student_before: np.ndarray | None = None
    teacher_repeats: np.ndarray | None = None
    label: np.ndarray | None = None
    weight: np.ndarray | None = None
    pair_id: np.ndarray | None = None
    query_id: np.ndarray | None = None
    timestamp: np.ndarray | None = None
    shown: np.ndarray | None = None
    chances: np.ndarray | None = None
    chances_before: np.ndarray | None = None
    chance_labels: tuple[str, ...] = ()
    operations: Mapping[str, np.ndarray] = field(default_factory=dict)
    slices: Mapping[str, np.ndarray] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    row: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    columns: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unscored: Unscored | None = None
    read_digest: str | None = None
    whole: "ScoredPairs | None" = None
    sampling: Sampling | None = None
    source: str | None = None
    part: Part | None = None
    kind: ScoreKind = NUMERIC
    read_options: ReadOptions = NO_OPTIONS

    def __post_init__(self) -> None:
        if not len(self.row):
            object.__setattr__(self, "row", np.arange(len(self.teacher), dtype=np.int64))
        for name in ("operations", "slices", "constants", "columns"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for array in (*self._arrays().values(), self.row, self.teacher_repeats, self.chances, self.chances_before):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.teacher)

    def without(self, rows: np.ndarray, *, unscored: np.ndarray, problems: tuple[Problem, ...]) -> "ScoredPairs":
        """The sample without some rows, bool of shape (n,), of which `unscored` count as not scored by the teacher.

        `problems` say why. Its digest stays that of what was read.
        """
        kept = ~rows

        def taken(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[kept]

        return replace(
            self,
            **{name: taken(getattr(self, name)) for name in PER_PAIR},  # type: ignore[arg-type]
            operations={name: values[kept] for name, values in self.operations.items()},
            slices={name: values[kept] for name, values in self.slices.items()},
            unscored=self._unscored_with(unscored),
            problems=(*self.problems, *problems),
            read_digest=self.digest,
            whole=self.as_read,
        )

    def _unscored_with(self, rows: np.ndarray) -> Unscored | None:
        more = unscored_rows(self.query, self.student, self.doc, self.slices, rows)
        if self.unscored is None or more is None:
            return self.unscored or more
        return self.unscored.joined(more)

    @property
    def as_read(self) -> "ScoredPairs":
        """The sample with the rows that were set aside."""
        return self if self.whole is None else self.whole

    @property
    def n_pairs(self) -> int:
        return len(self.teacher)

    @cached_property
    def query_codes(self) -> np.ndarray:
        """Dense int64 code of each pair's query, shape (n,); see `code_queries`."""
        return code_queries(self)[0]

    @cached_property
    def n_queries(self) -> int:
        return int(self.query_codes.max()) + 1 if len(self) else 0

    @property
    def digest(self) -> str:
        """SHA-256 of the content; the order of the rows does not matter."""
        return self.read_digest or self._digest_and_order[0]

    @property
    def content_order(self) -> np.ndarray:
        """Positions of the pairs in an order that hangs on their content alone; equal pairs come in either order."""
        return self._digest_and_order[1]

    @cached_property
    def _digest_and_order(self) -> tuple[str, np.ndarray]:
        arrays = self._contents()
        rows = hash_rows(arrays)
        order = np.lexsort((rows["b"], rows["a"]))
        header = "\x1f".join(arrays).encode()
        return hashlib.sha256(header + rows[order].tobytes()).hexdigest(), order

    @property
    def row_sketch(self) -> str:
        """Hashes of the rows that have the least, 16 digits each, by texts and scores, whatever else was read."""
        return "".join(f"{each:016x}" for each in self._row_hashes[:SKETCHED])

    def share_in(self, sketch: str) -> float:
        """Estimate the share of the distinct rows that are in the sample of a sketch (bottom-k of MinHash)."""
        known = np.array([int(sketch[at : at + 16], 16) for at in range(0, len(sketch), 16)], dtype=np.uint64)
        hashes = self._row_hashes
        if len(known) >= SKETCHED:
            hashes = hashes[hashes <= known.max()]
        return float(np.isin(hashes, known).mean()) if len(hashes) else 0.0

    @cached_property
    def _row_hashes(self) -> np.ndarray:
        """Of the distinct rows, sorted."""
        rows = {name: values for name, values in self._contents().items() if name in CONTENT}
        return np.unique(hash_rows(rows)["a"])

    def __repr__(self) -> str:
        return f"{self.name}: {self.n_pairs:,} pairs, {counted(self.n_queries, 'query', 'queries')}"

    def _repr_html_(self) -> str:
        first = {name: column[: markup.N_ROWS] for name, column in self._arrays().items() if name in CONTENT}
        problems = (each.message for each in self.problems)
        return markup.page(repr(self), markup.table(pd.DataFrame(first)), markup.bullets(problems))

    def _contents(self) -> dict[str, np.ndarray]:
        """All arrays, with labels in place of codes whose order hangs on the labels that a sample has."""
        arrays = self._arrays()
        if not self.kind.is_coded or self.kind.name in ("binary", "pairwise"):
            return arrays
        labels = np.array([*map(fold, self.kind.labels), ""], dtype=object)
        judged = [name for name in arrays if name in JUDGED or name.startswith("teacher_repeat:")]
        return arrays | {name: labels[np.nan_to_num(arrays[name], nan=len(labels) - 1).astype(int)] for name in judged}

    def _arrays(self) -> dict[str, np.ndarray]:
        single = (*CONTENT, "teacher_pinned", "label", "pair_id", "query_id", "timestamp", "weight", "student_before")
        present = {name: getattr(self, name) for name in single if getattr(self, name) is not None}
        if self.teacher_repeats is not None:
            present |= {f"teacher_repeat:{run}": scores for run, scores in enumerate(self.teacher_repeats.T)}
        names = sorted((fold(label), place) for place, label in enumerate(self.chance_labels))
        for prefix, chances in (("chance", self.chances), ("chance_before", self.chances_before)):
            present |= {} if chances is None else {f"{prefix}:{name}": chances[:, place] for name, place in names}
        present |= {f"operation:{name}": self.operations[name] for name in sorted(self.operations)}
        return present | {f"slice:{name}": self.slices[name] for name in sorted(self.slices)}


def code_queries(*samples: ScoredPairs, texts: Sequence[np.ndarray] | None = None) -> tuple[np.ndarray, ...]:
    """Code the queries of one or more samples alike: one int64 array a sample, with common codes from 0 up.

    Pairs belong to one query when they have the same text, or the same query id within a sample; ids of different
    samples are not compared, because each source may count from one. `texts` are int64 codes of the distinct texts in
    their order, one array a sample, where they are at hand.
    """
    if texts is None:
        coded = pd.factorize(np.concatenate([sample.query for sample in samples]), sort=True)[0].astype(np.int64)
    else:
        coded = np.concatenate(texts)
    edges = np.cumsum([len(sample) for sample in samples])[:-1]
    if all(sample.query_id is None for sample in samples):
        return tuple(np.split(coded, edges))
    linked, n_nodes = [], int(coded.max()) + 1
    for sample, codes in zip(samples, np.split(coded, edges), strict=True):
        if sample.query_id is None:
            continue
        ids = pd.factorize(sample.query_id)[0].astype(np.int64)
        linked.append(np.stack((codes, ids + n_nodes)))
        n_nodes += int(ids.max()) + 1
    return tuple(np.split(_components(np.concatenate(linked, axis=1), n_nodes)[coded], edges))


def _components(links: np.ndarray, n_nodes: int) -> np.ndarray:
    """Connected component of each node, numbered by the first node in it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(links.shape[1], dtype=np.int8), tuple(links)), shape=(n_nodes, n_nodes))
    found = connected_components(graph, directed=False)[1]
    return pd.factorize(found)[0].astype(np.int64)
