"""Words that judges answer with: yes or no in several languages, grades, verdicts on two answers."""

import re
import unicodedata
from collections.abc import Mapping

_FAILURE = re.compile(
    r"\b(error|exception|time(d )?out|rate limit(ed)?|too many requests|overloaded|unavailable|connection|http \d{3})\b"
)
# Negative word, positive word.
OPPOSITES = (
    *(("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("fail", "pass"), ("failed", "passed")),
    *(("incorrect", "correct"), ("wrong", "right"), ("irrelevant", "relevant"), ("not relevant", "relevant")),
    *(("bad", "good"), ("negative", "positive"), ("reject", "accept"), ("rejected", "accepted"), ("unsafe", "safe")),
    *(("invalid", "valid"), ("not ok", "ok"), ("no match", "match"), ("unacceptable", "acceptable")),
    *(("unfaithful", "faithful"), ("unsupported", "supported"), ("unhelpful", "helpful"), ("non relevant", "relevant")),
    *(("nein", "ja"), ("falsch", "richtig"), ("falsch", "wahr"), ("nicht bestanden", "bestanden"), ("schlecht", "gut")),
    *(("nicht relevant", "relevant"), ("non", "oui"), ("faux", "vrai"), ("non pertinent", "pertinent")),
    *(("no", "si"), ("no", "s\u00ed"), ("falso", "verdadero"), ("falso", "vero"), ("falso", "verdadeiro")),
    *(("incorrecto", "correcto"), ("irrelevante", "relevante"), ("n\u00e3o", "sim"), ("nao", "sim"), ("nee", "ja")),
    *(("nej", "ja"), ("nei", "ja"), ("nie", "tak"), ("ne", "ano"), ("hay\u0131r", "evet"), ("ei", "kyll\u00e4")),
    *(("\u043d\u0435\u0442", "\u0434\u0430"), ("\u3044\u3044\u3048", "\u306f\u3044"), ("\u5426", "\u662f")),
    *(("\uc544\ub2c8\uc694", "\uc608"), ("0", "1")),
)
SIGNS: Mapping[str, float] = {word: float(sign) for pair in OPPOSITES for sign, word in enumerate(pair)}
LETTERS = tuple(letter + sign for letter in "fedcba" for sign in ("-", "", "+"))  # lowest first
SCALES = (
    ("very low", "low", "medium", "high", "very high"),
    ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("bad", "ok", "good", "excellent"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("irrelevant", "partially relevant", "relevant", "highly relevant"),
)
PAIRWISE = ("A", "B", "tie")
_SIDES = ("", "model ", "assistant ", "response ", "answer ", "output ")
_TIES = (
    *("tie", "tied", "c", "both", "equal", "draw", "same", "neither", "a=b", "b=a", "tie (bothbad)", "tie (both bad)"),
    *("both bad", "both good", "no winner", "equally good"),
)
_STRONGER = (("a>b", "a>>b", "b<a", "b<<a", "first"), ("b>a", "b>>a", "a<b", "a<<b", "second"))
VERDICTS: Mapping[str, float] = {  # how much better one is does not count
    **{
        f"{side}{name}{end}": float(code)
        for side in _SIDES
        for code, names in enumerate(("a1", "b2") if side else "ab")
        for name in names
        for end in ("", " wins", " is better")
    },
    **{word: float(code) for code, words in enumerate(_STRONGER) for word in words},
    **dict.fromkeys(_TIES, 2.0),
}
_WRAPPED = re.compile(r"""[\[({<"'*]+\s*(.+?)\s*[\])}>"'*]+""")


def fold(text: str) -> str:
    """The text without what does not tell labels apart: case, spaces, brackets around it, ``.0`` of a whole number.

    Examples
    --------
    >>> fold(" Not_Relevant "), fold("[[A]]"), fold("A-"), fold("1.0")
    ('not relevant', 'a', 'a-', '1')
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    wrapped = _WRAPPED.fullmatch(plain)
    plain = wrapped[1] if wrapped else plain
    return re.sub(r"(?<=\w)[_-](?=\w)", " ", re.sub(r"^([+-]?\d+)\.0+$", r"\1", plain))


def is_bracketed(text: str) -> bool:
    """Whether it is written as judges of two answers do, ``[[A]]``."""
    return text.strip().startswith("[[")


def tells_failure(label: str) -> bool:
    """Whether a folded label is no answer of a judge but what a failed call left, such as ``error: timeout``."""
    return _FAILURE.search(label) is not None
