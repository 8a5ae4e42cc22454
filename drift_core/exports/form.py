"""How the form of an export is declared: where ids, texts and scores are in a record. The forms are in `forms`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """A list of documents in a record, each of them a pair with the query.

    Attributes
    ----------
    at
        Path to the list.
    text, known_as, score
        Paths in a document to its text, its id and the score it got.
    scorer
        Path in the record to who gave the scores.
    instead
        Name of the scores where nobody is named.
    """

    at: str
    text: str
    known_as: str
    score: str
    scorer: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores in a record.

    Attributes
    ----------
    at
        Path to a list of scores or to an object of scores by name; empty where the record is one score.
    name, value
        Paths to both, tried in this order; the name is the key where `at` leads to an object.
    source, people
        Path to who gave it, and what stands there where that was a person; such a score is a label.
    valid
        Path to whether it still holds.
    scored
        Path to the id of what it is of, where that is not the record that it stands in.
    """

    at: str = ""
    name: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    source: str = ""
    people: tuple[str, ...] = ()
    valid: str = ""
    scored: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """One kind of record in the export of a tool.

    Attributes
    ----------
    tool, holds
        The tool, as ``--from`` names it, and what its records are, in the plural.
    also
        Tools that write such records too.
    marks
        Paths that all its records have.
    within
        Paths from a document to its records, ``[]`` after each list; without one of them, a document is a record.
    inner
        Path to further records in it, of which those are read that its scores name.
    known_as
        Paths to its own ids; the first that is there names its pair.
    lacks
        Path to the id by which scores call it; without one, they call it by what `or_scored` leads to.
    stands_for, top
        Paths to the id of the whole that it stands for where all of `top` are empty, such as the trace of a first span.
    group
        Path to what documents of one query are matched in.
    query, doc
        Paths tried in this order; none where it holds no texts.
    is_quoted
        Whether its texts are written as JSON, in quotes.
    documents
        Where it has several docs.
    timestamp
        Paths to when it was.
    slices
        Column to the paths of further values that are kept.
    scores
        Scores that it holds.
    scored, position
        Paths to the id of what a score is of, and to the place of the document; where it is a score.
    or_scored
        Path to another id of the same, for a pair without the first.
    is_table
        Whether it is read as any other table, with a column a score.
    """

    tool: str
    holds: str
    marks: tuple[str, ...]
    also: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    inner: str = ""
    known_as: tuple[str, ...] = ()
    lacks: str = ""
    stands_for: tuple[str, ...] = ()
    top: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    doc: tuple[str, ...] = ()
    is_quoted: bool = False
    documents: Documents | None = None
    timestamp: tuple[str, ...] = ()
    slices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scores: Scores | None = None
    scored: tuple[str, ...] = ()
    or_scored: str = ""
    position: str = ""
    is_table: bool = False
