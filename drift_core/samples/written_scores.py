"""Scores that were written otherwise than as numbers, and what to do about them."""

import re
from collections.abc import Mapping, Sequence

from drift_core.tables.columns import fitting_columns, plain_name
from drift_core.tables.roles import PROBABILITY_NAMES
from drift_core.tables.source import Scan
from drift_core.tables.values import read_numbers

# What a score was written as, and how to write it as a number.
_WRITTEN = (
    (r"[+-]?\d{1,3}([,.' \u00a0\u202f]\d{3})+([.,]\d+)?", "such as 2000.5 for '2,000.5'"),
    (r"(?i)[a-f][+-]?|high|medium|low|poor|fair|excellent", "such as 3, 2, 1 for 'A', 'B', 'C'"),
    (r"(?i)([+-]?|(score|rating|grade)\W*)\d.*", "without words or units"),
)
LONGEST = 20  # a longer text is no score that was written otherwise (ours)
N_LOOKED_AT = 100
N_ROWS_OF_A_LOOK = 5_000  # rows read to see what a column holds


def are_thousands(texts: Sequence[str]) -> bool:
    """Whether some texts have commas and all of these could be thousands or decimals, as 1,000 is a thousand or one.

    Examples
    --------
    >>> are_thousands(["1,000", "?"]), are_thousands(["1,000", "1,5"]), are_thousands(["?"])
    (True, False, False)
    """
    with_comma = [text for text in texts if "," in text]
    return bool(with_comma) and all(re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", text) for text in with_comma)


def how_to_write(texts: Sequence[str], word: str) -> str:
    """Say how to write such texts as scores where all look like some, else to name another column.

    Examples
    --------
    >>> how_to_write(["B", "A-"], "teacher score")
    "Write them as numbers, such as 3, 2, 1 for 'A', 'B', 'C'."
    >>> how_to_write(["gpt-4o"], "teacher score").partition(";")[2]
    ' two labels beside a probability need the kind probability and their names (--kind, --labels).'
    """
    found = [_advice(text) for text in texts[:N_LOOKED_AT]]
    if not found or None in found:
        beside = "two labels beside a probability need the kind probability and their names (--kind, --labels)"
        return f"Name the column of the {word}, or write it as numbers, or as labels that both give; {beside}."
    return f"Write them as numbers, {found[0]}."


def _advice(text: str) -> str | None:
    if len(text) > LONGEST or not text.isprintable():
        return None
    return next((advice for pattern, advice in _WRITTEN if re.fullmatch(pattern, text)), None)


def words_for_scores(scan: Scan, names: Sequence[str], chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Columns named like a score that hold words, such as the judge's name, where another column fits as well."""
    words: list[str] = []
    for role in ("teacher", "student"):
        fit = () if role in chosen else _fit_without(names, chosen, words)[role]
        while (
            fit
            and _is_doubtful(fit[0], _fit_without(names, chosen, [*words, fit[0]])[role])
            and _holds_words(scan, fit[0])
        ):
            words.append(fit[0])
            fit = _fit_without(names, chosen, words)[role]
    return tuple(words)


def is_named_probability(name: str) -> bool:
    """Whether a column is named like a probability by the student."""
    return plain_name(name) in {plain_name(known) for known in PROBABILITY_NAMES.split()}


def _is_doubtful(name: str, others: Sequence[str]) -> bool:
    """Whether words in this column may be no scores: another fits, and is more than the probability of a label."""
    is_label = any(word in plain_name(name) for word in ("verdict", "label", "grade", "rating", "pred"))
    return bool(others) and not (is_label and all(map(is_named_probability, others)))


def _fit_without(names: Sequence[str], chosen: Mapping[str, str], words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    taken = {*chosen.values(), *words}
    return fitting_columns(name for name in names if name not in taken)


def _holds_words(scan: Scan, name: str) -> bool:
    reading = read_numbers(scan.fetch(n_rows=N_ROWS_OF_A_LOOK, names=[name])[name])
    return reading.kind is None and bool(reading.unreadable.any() and (reading.unreadable | reading.missing).all())
