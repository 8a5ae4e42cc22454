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


def unguarded_sql(column: str) -> str:
    """Give the SQL that takes the apostrophe off a text column, already quoted."""
    pattern = _SET.replace("'", "''")
    return f"case when regexp_matches({column}, '{pattern}') then substr({column}, 2) else {column} end"
