"""Words that judges answer with: yes or no in several languages, grades, verdicts on two answers."""

import re
import unicodedata
from collections.abc import Collection, Mapping

_CALL = (
    "parse|parsing|parser|json|decode|decoding|api|http|server|internal|connection|network|format|validation|runtime|"
    "value|key|type|model|judge|teacher|llm|call|request|response|output|score|scoring|rate limit|time ?out|unknown"
)
_FAULT = r"(error|failed|failure|exception|time ?out|timed out)"
_FAILURE = re.compile(  # the whole label, or what a colon or a number goes on: a class may be called spelling error
    rf"((({_CALL}) ?)*{_FAULT}s?|invalid( ({_CALL}))?|un ?pars[a-z]*ble|(could|can) ?not (be )?pars(e|ed)|"
    r"rate limit(ed)?|too many requests|overloaded|service unavailable|connection [a-z]+|content filter(ed)?|"
    r"http \d{3}|failed to \w+)([^\w\s].*|\s*\d.*|\s+after .*)?"
)
# Words for no that a failed call may leave as well, each with the words for yes beside which they are labels.
_FAILED_OR_NO = {"failed": {"pass", "passed"}, "failure": {"success", "pass", "passed"}, "invalid": {"valid"}}
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
    *(("\uc544\ub2c8\uc694", "\uc608"), ("\uc544\ub2c8\uc624", "\uc608"), ("\u0644\u0627", "\u0646\u0639\u0645")),
    *(("no", "s\u00ec"), ("\u4e0d\u5408\u683c", "\u5408\u683c"), ("\u4e0d\u901a\u8fc7", "\u901a\u8fc7")),
    *(("\u00e9chou\u00e9", "r\u00e9ussi"), ("echoue", "reussi"), ("\u274c", "\u2705"), ("\u2717", "\u2713")),
    *(("\u2718", "\u2714"), ("denied", "approved"), ("deny", "approve"), ("failure", "success")),
    *(("unresolved", "resolved"), ("not grounded", "grounded"), ("ungrounded", "grounded"), ("0", "1")),
)
NOT = r"(not|non|no|nicht|kein|pas|niet|inte|ikke|ikkje|nie|nao|n\u00e3o) "  # before a word, what says its opposite
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
_SIDES = (
    *("", "model ", "assistant ", "response ", "answer ", "output ", "option ", "candidate ", "completion "),
    *("antwort ", "r\u00e9ponse ", "respuesta "),
)
_TIES = (
    *("tie", "tied", "c", "both", "equal", "draw", "same", "neither", "a=b", "b=a", "tie (bothbad)", "tie (both bad)"),
    *("both bad", "both good", "no winner", "equally good", "both equal", "both are equal", "equally bad"),
    *("unentschieden", "beide gleich", "gleich gut", "gleichwertig"),
)
# Of one answer against another, which counts as A; of two side by side.
ONE_SIDED = (("win", "wins", "won", "chosen", "left"), ("lose", "loses", "loss", "lost", "rejected", "right"))
_STRONGER = (("a>b", "a>>b", "b<a", "b<<a", "first"), ("b>a", "b>>a", "a<b", "a<<b", "second"))
VERDICTS: Mapping[str, float] = {  # how much better one is does not count
    **{
        f"{side}{name}{end}": float(code)
        for side in _SIDES
        for code, names in enumerate(("a1", "b2") if side else "ab")
        for name in names
        for end in ("", " wins", " is better", " ist besser", " gewinnt")
    },
    **{word: float(code) for each in (_STRONGER, ONE_SIDED) for code, words in enumerate(each) for word in words},
    **dict.fromkeys(_TIES, 2.0),
}
TIES = frozenset(_TIES) - {"c"}
KNOWN_WORDS = frozenset((*SIGNS, *VERDICTS, *LETTERS, *(word for scale in SCALES for word in scale)))
_WRAPPED = re.compile(r"""[\[({<"'*]+\s*(.+?)\s*[\])}>"'*]+""")


def fold(text: str) -> str:
    """The text without what does not tell labels apart: case, spaces, brackets, a full stop, ``.0`` of a whole number.

    Examples
    --------
    >>> fold(" Not_Relevant "), fold("[[A]]"), fold("A-"), fold("1.0"), fold("PASS.")
    ('not relevant', 'a', 'a-', '1', 'pass')
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("\ufe0f", "").casefold().split())
    plain = re.sub(r"(?<=[^\W\d_])[.\u3002]$", "", plain)
    wrapped = _WRAPPED.fullmatch(plain)
    plain = wrapped[1] if wrapped else plain
    return re.sub(r"(?<=\w)[_-](?=\w)", " ", re.sub(r"^([+-]?\d+)\.0+$", r"\1", plain))


def is_bracketed(text: str) -> bool:
    """Whether it is written as judges of two answers do, ``[[A]]``."""
    return text.strip().startswith("[[")


def tells_failure(label: str, seen: Collection[str] = ()) -> bool:
    """Whether a folded label is no answer of a judge but what a failed call left, such as ``error: timeout``.

    Parameters
    ----------
    seen
        The folded labels beside which it stands: ``failed`` is one itself beside ``passed``.
    """
    return _FAILURE.fullmatch(label) is not None and not _FAILED_OR_NO.get(label, set()) & {*seen}


def negated_of(labels: Collection[str]) -> tuple[str, str] | None:
    """Of two folded labels the one that says the opposite of the other, and the other; None where neither does."""
    if len(labels) != 2:
        return None
    one, two = sorted(labels, key=len)
    return (two, one) if re.fullmatch(NOT + re.escape(one), two) else None
