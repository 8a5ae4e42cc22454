"""Why answers give no score, the commonest reason in one sentence, with the option that mends it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.score_format import CUT, WITHIN_A_THOUGHT, ScoreFormat, Unparsed
from drift_core.wording import counted, one_line

REFUSED = "The teacher refused."
_FRACTION = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?) ?/ ?(\d+)(?![\d.])")
# A number behind the word score, unless it is a fraction.
BEHIND_THE_WORD = r"(?i)\bscore\W{1,9}(\d+(?:\.\d+)?)(?![\d.]* ?/)"
_OUTSIDE, _NO_LABEL = re.compile(r"The score \S+ lies outside"), re.compile(r"The label .* is none of ")
ALONE = r"^\s*(.+?)[.!]?\s*$"  # an answer that is a label and nothing else
MOST_QUOTED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """One answer without a score."""

    reason: str
    text: str

    @property
    def quoted(self) -> str:
        words = one_line(self.text)
        return repr(words if len(words) <= MOST_QUOTED else words[: MOST_QUOTED - 1] + "…")


def commonest_reason(found: Sequence[Unreadable], prompt: Prompt) -> str:
    """Tell the commonest reason and what mends it.

    Examples
    --------
    >>> commonest_reason([Unreadable(reason="The answer was cut at its most tokens.", text="")], Prompt())[:41]
    '1 of 1 answer was cut at 256 tokens. Rais'
    """
    kinds = [_kind(each, prompt.answer) for each in found]
    kind, n = Counter(kinds).most_common(1)[0]
    alike = [each for each, its in zip(found, kinds, strict=True) if its == kind]
    what, option = _told(kind, alike, prompt, is_one=n == 1)
    return f"{n:,} of {counted(len(found), 'answer', 'answers')} {what}. {option}"


def _kind(found: Unreadable, form: ScoreFormat) -> str:
    if found.reason == REFUSED:
        return "refused"
    if found.reason in (CUT, WITHIN_A_THOUGHT):
        return "cut"
    if not found.text.strip():
        return "empty"
    if _OUTSIDE.match(found.reason):
        return "outside"
    if form.regex is None and form.keys_of(found.text) and (found.reason == form.no_json or form.labels):
        return "key"
    if _NO_LABEL.match(found.reason):
        return "label"
    return "fraction" if not form.labels and _FRACTION.search(found.text) else "other"


def _told(kind: str, alike: list[Unreadable], prompt: Prompt, *, is_one: bool) -> tuple[str, str]:
    """What is the matter with these, and the option that mends it."""
    were, first, form = "was" if is_one else "were", alike[0].quoted, prompt.answer
    again = "raise --max-answer-tokens (a model that thinks first needs some thousand), and ask again those without a "
    again += "score with --retry-unparsed."
    reread = "reads the answers that are kept, at no cost."
    if kind == "refused":
        return f"{were} refused by the teacher", "Another prompt or another model may get answers."
    if kind == "cut":
        return f"{were} cut at {prompt.max_answer_tokens:,} tokens", again.capitalize()
    if kind == "empty":
        return f"{were} empty", f"A model that thinks first may have thought of nothing else: {again}"
    if kind == "outside":
        return (
            f"gave a score outside [{form.low:g}, {form.high:g}], such as {first}",
            f"If that is the teacher's own range, --reread --score-range LOW HIGH {reread} Else ask for the range in "
            "the prompt.",
        )
    if kind == "label":
        return (
            f"gave a label that is none of {', '.join(form.labels)}, such as {first}",
            f"If it is one of the teacher's, --reread --labels with all of them {reread} Else name them in the prompt.",
        )
    if kind == "key":
        names = form.keys_of(alike[0].text)
        key = names[0]
        return (
            f"had the key {', '.join(names)} where {form.key} is expected, such as {first}",
            f"--reread --score-key {key!r} {reread}",
        )
    if kind == "fraction":
        return _of_fractions(alike[0], form)
    pattern = _pattern_for(alike, form)
    how = "as the JSON asked for" if form.regex is None else "by the regular expression"
    return f"could not be read {how}, such as {first}", f"--reread --regex {pattern} {reread}"


def _of_fractions(found: Unreadable, form: ScoreFormat) -> tuple[str, str]:
    below = next(each[2] for each in _FRACTION.finditer(found.text))
    span = "" if float(below) == form.high else f" --score-range {form.low:g} {below}"
    return (
        f"gave a fraction, such as {found.quoted}",
        f"Nothing is rescaled: --reread --regex '([0-9.]+) ?/ ?{below}'{span} reads the answers that are kept, at no "
        "cost.",
    )


def _pattern_for(alike: list[Unreadable], form: ScoreFormat) -> str:
    """A pattern that reads most of these; a word in capitals where none is known."""
    pattern = ALONE if form.labels else BEHIND_THE_WORD
    by_word = replace(form, regex=pattern)
    n_read = sum(not isinstance(by_word.read(each.text), Unparsed) for each in alike)
    return f"'{pattern}'" if 2 * n_read > len(alike) else "PATTERN (its one group is the score)"
