"""What proves that a CSV is one of ours: digests of its own pairs, which no other file has by chance.

The name of a column proves nothing, for a file of the user's own may have it too.
"""

from collections.abc import Iterator, Sequence

from drift_core.tables.formula_guard import MARK, unguarded
from drift_core.tables.pair_digests import digest_pairs

N_ROWS_LOOKED_AT = 200
N_ROWS_SEARCHED = 10  # in each, any two columns may hold the texts
Row = Sequence[str | None]


def may_be_ours(names: Sequence[str]) -> bool:
    """Whether the header leaves it open; `is_ours` then tells by the rows."""
    return any(map(_is_mark, names))


def is_ours(names: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether one row has the digest of its own texts, as they stand or with their apostrophes taken off.

    Parameters
    ----------
    names
        Column names.
    rows
        First rows of the file, in the order of the names. One is enough, for texts may have been changed since.
    """
    marks = tuple(place for place, name in enumerate(names) if _is_mark(name))
    texts = tuple(place for place in range(len(names)) if place not in marks)
    usual = tuple(names.index(name) for name in ("query", "doc") if name in names)
    return any(_is_proven(row, marks, usual) for row in rows) or any(
        _is_proven(row, marks, texts) for row in rows[:N_ROWS_SEARCHED]
    )


def _is_mark(name: str) -> bool:
    return name.startswith(MARK)


def _is_proven(row: Row, marks: Sequence[int], texts: Sequence[int]) -> bool:
    stated = {row[place] for place in marks} - {None}
    if not stated:
        return False
    pairs = tuple(_pairs([row[place] or "" for place in texts]))
    digests = digest_pairs([query for query, _ in pairs], [doc for _, doc in pairs])
    return not stated.isdisjoint(digests)


def _pairs(values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Any two of the values, and each alone, as they stand and without their apostrophes."""
    for place, query in enumerate(values):
        for doc in ("", *values[:place], *values[place + 1 :]):
            yield from ((q, d) for q in {query, unguarded(query)} for d in {doc, unguarded(doc)})
