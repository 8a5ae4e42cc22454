"""The apostrophe that a CSV of ours sets before texts which a spreadsheet would run, and how it comes off again.

A text with apostrophes before a formula gets one more, so that taking one off gives every text back as it was.
"""

import re
from collections.abc import Sequence

MARK = "pair_digest"  # of a CSV of ours; `formula_proof` tells whether it is one
# What spreadsheets take for the start of a formula (OWASP, CSV injection), full-width signs included.
_FORMULA = r"[=+\-@\t\r\n＝＋－＠]"
GUARDED = f"^('*{_FORMULA})"  # to be replaced by an apostrophe and the first group
_SET = f"^'+{_FORMULA}"


def guarded(text: str) -> str:
    """Set the apostrophe where it is needed."""
    return re.sub(GUARDED, r"'\1", text)


def unguarded(text: str) -> str:
    """Take off the apostrophe that `guarded` set; other texts stay.

    Examples
    --------
    >>> [unguarded(guarded(text)) for text in ("-1", "'-1", "'a")]
    ['-1', "'-1", "'a"]
    """
    return text[1:] if re.match(_SET, text) else text


def unguarded_names(names: Sequence[str]) -> tuple[str, ...]:
    """Take the apostrophes off column names, unless two would then be the same."""
    plain = tuple(map(unguarded, names))
    return plain if len({name.casefold() for name in plain}) == len(plain) else tuple(names)


def unguarded_sql(columns: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Give for each text column, already quoted, the SQL that takes its apostrophes off.

    Earlier versions left a text as it was that had apostrophes before a formula. Of query and doc the digest beside
    them tells; where it is that of the text as it stands, the text stays.
    """
    plain = [f"case when {_is_set_sql(column)} then substr({column}, 2) else {column} end" for column in columns]
    if MARK not in names or "query" not in names:
        return tuple(plain)
    digest, query = columns[names.index(MARK)], names.index("query")
    doc = names.index("doc") if "doc" in names else None
    queries = (columns[query], plain[query])
    docs = ("''", "''") if doc is None else (columns[doc], plain[doc])
    proved_query = f"{digest} in ({_digest_sql(queries[0], docs[0])}, {_digest_sql(queries[0], docs[1])})"
    proved_doc = f"{digest} in ({_digest_sql(queries[0], docs[0])}, {_digest_sql(queries[1], docs[0])})"
    plain[query] = _unless(proved_query, queries)
    if doc is not None:
        plain[doc] = _unless(proved_doc, docs)
    return tuple(plain)


def _unless(proved: str, both: tuple[str, str]) -> str:
    as_it_stands, plain = both
    return f"case when not {_is_set_sql(as_it_stands)} or {proved} then {as_it_stands} else {plain} end"


def _is_set_sql(column: str) -> str:
    pattern = _SET.replace("'", "''")
    return f"coalesce(regexp_matches({column}, '{pattern}'), false)"


def _digest_sql(query: str, doc: str) -> str:
    """As `pair_digests.digest_pairs` does it."""
    query, doc = f"coalesce({query}, '')", f"coalesce({doc}, '')"
    return f"substr(sha256(strlen({query})::varchar || ':' || {query} || {doc}), 1, 32)"
