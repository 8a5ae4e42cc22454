"""Scores that were written otherwise than as numbers, and what to do about them."""

import re
from collections.abc import Sequence

# What a score was written as, and how to write it as a number.
_WRITTEN = (
    (r"\d+(\.\d+)?\s*/\s*\d+(\.\d+)?", "such as 0.8 for '4/5'"),
    (r"[+-]?\d+([.,]\d+)?\s*%", "such as 0.8 for '80%'"),
    (r"[+-]?\d{1,3}([,.' \u00a0\u202f]\d{3})+([.,]\d+)?", "such as 2000.5 for '2,000.5'"),
    (r"[\[({<].*\d.*[\])}>]", "such as 2 for '[[2]]'"),
    (r"(?i)yes|no|y|n|pass|fail|passed|failed|good|bad|correct|incorrect", "such as 1 for yes and 0 for no"),
    (r"(?i)[a-f][+-]?|high|medium|low|poor|fair|excellent", "such as 3, 2, 1 for 'A', 'B', 'C'"),
    (r"(?i)([+-]?|(score|rating|grade)\W*)\d.*", "without words or units"),
)
LONGEST = 20  # a longer text is no score that was written otherwise (ours)
N_LOOKED_AT = 100


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
    >>> how_to_write(["80%", "75 %"], "teacher score")
    "Write them as numbers, such as 0.8 for '80%'."
    >>> how_to_write(["gpt-4o"], "teacher score")
    'Name the column of the teacher score, or write it as numbers.'
    """
    found = [_advice(text) for text in texts[:N_LOOKED_AT]]
    if not found or None in found:
        return f"Name the column of the {word}, or write it as numbers."
    return f"Write them as numbers, {found[0]}."


def _advice(text: str) -> str | None:
    if len(text) > LONGEST or not text.isprintable():
        return None
    return next((advice for pattern, advice in _WRITTEN if re.fullmatch(pattern, text)), None)
