"""Files whose pairs a retrain list must not hold: canary weeks and the tail set, known by digests of the pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import DriftError, SettingError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import Part
from drift_core.samples.reading import read_pairs, read_table
from drift_core.samples.slices import named_slices, role_like
from drift_core.tables.columns import find_columns, may_be_slice
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.roles import ROLES
from drift_core.tables.values import has_text, read_texts

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.scan import Source


WEEKS_NAMED = 5  # in one sentence
TEXTS = ("query", "doc")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExcludedPairs:
    """The pairs of one file or sample.

    Attributes
    ----------
    name
        What it is called.
    pair_digests
        Sorted distinct digests of its pairs; of its queries where it has no docs.
    query_digests
        The same of its queries alone, for samples without docs.
    has_docs
        Whether its pairs have docs.
    sample_digest
        Content digest as a history records it; None where the file is no scored sample.
    """

    name: str
    pair_digests: np.ndarray
    query_digests: np.ndarray
    has_docs: bool
    sample_digest: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the distinct pair digests: the same for the same pairs in any file and order."""
        return sha256("\n".join(self.pair_digests).encode()).hexdigest()

    def holds(self, query: np.ndarray, doc: np.ndarray | None) -> np.ndarray:
        """Mark the pairs that are among these; where one side has no docs, the query alone decides."""
        if self.has_docs and doc is not None:
            return np.isin(digest_pairs(query, doc), self.pair_digests)
        return np.isin(digest_pairs(query), self.query_digests)

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "n_pairs": len(self.pair_digests), "digest": self.digest}


def exclude_sample(sample: ScoredPairs) -> ExcludedPairs:
    """Take the pairs of a sample that is read already."""
    return _excluded(sample.name, sample.query, sample.doc, sample_digest=sample.digest)


def read_excluded(
    source: "Source",
    *,
    columns: Mapping[str, str] | None = None,
    read_as: Mapping[str, str] | None = None,
    name: str | None = None,
    part: Part | None = None,
) -> ExcludedPairs:
    """Read the pairs of a file; scores are not needed, and rows that a sample would leave out count too.

    Parameters
    ----------
    source
        As for `read_pairs`.
    columns
        Role to column where they are not recognised by name. A name that is no role is what a slice was called when the
        file was recorded, by which its digest is found again; a file without that column has no such slice.
    read_as
        Columns that a sample of the same make was read with, by which the digest is found where `columns` name none.
    part
        Which side of a file that holds both samples; see `read_split`.

    Raises
    ------
    InputError
        When the file cannot be read, has no query column or not one that was named.
    SettingError
        When a name is no role, and cannot be a slice.
    """
    table = read_table(source, part=part)
    label = name or str(source)
    chosen = {role: column for role, column in (columns or {}).items() if column and role in ROLES}
    called = _slices(columns, table)
    own = {role: column for role, column in chosen.items() if role in TEXTS}
    names = (name for name in table.column_names if name not in called.values())
    found = find_columns(names, own, label, required=TEXTS[:1], optional=TEXTS[1:])
    query = read_texts(table[found["query"]], f"The query column of {label}")
    usable = has_text(query)
    has_docs = "doc" in found
    doc = read_texts(table[found["doc"]], f"The doc column of {label}")[usable] if has_docs else None
    if doc is not None:
        doc = np.array([text or "" for text in doc], dtype=object)
    return _excluded(label, query[usable], doc, sample_digest=_sample_digest(table, chosen | called, read_as))


def _slices(columns: Mapping[str, str] | None, table: "pa.Table") -> dict[str, str]:
    """Names of slices among the columns chosen; raise where one may be a role misspelled."""
    named = {name: column for name, column in named_slices(columns).items() if column in table.column_names}
    for name in named_slices(columns):
        if role_like(name) or (name in named and not may_be_slice(table[named[name]])):
            raise SettingError(f"There is no role called {name!r}. Choose among: {', '.join(ROLES)}.")
    return named


def is_kept_off(tail_digest: str | None, given: Sequence[ExcludedPairs]) -> bool:
    """Whether the tail set of a judge card, where it has one, is among the files given, whole."""
    return tail_digest is None or any(each.digest == tail_digest for each in given)


def weeks_in_words(weeks: Sequence[str]) -> str:
    """Name a few weeks, or how many there are from when to when."""
    if len(weeks) <= WEEKS_NAMED:
        return ", ".join(weeks)
    return f"{len(weeks):,} weeks from {weeks[0]} to {weeks[-1]}"


def _excluded(name: str, query: np.ndarray, doc: np.ndarray | None, *, sample_digest: str | None) -> ExcludedPairs:
    queries = np.unique(digest_pairs(query))
    pairs = queries if doc is None else np.unique(digest_pairs(query, doc))
    return ExcludedPairs(
        name=name, pair_digests=pairs, query_digests=queries, has_docs=doc is not None, sample_digest=sample_digest
    )


def _sample_digest(table: "pa.Table", columns: Mapping[str, str], read_as: Mapping[str, str] | None) -> str | None:
    alike = {role: column for role, column in (read_as or {}).items() if column in table.column_names}
    for tried in ({**alike, **columns}, columns):
        try:
            return read_pairs(table, columns=tried).digest
        except DriftError:
            continue
    return None
