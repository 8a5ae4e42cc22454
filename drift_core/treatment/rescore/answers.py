"""How an answer of the teacher is read as a score: JSON with the field `score`, or a regular expression with one group.

A text that gives no score inside the range is `Unread` with its reason; nothing is ever guessed.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from drift_core.errors import SettingError

MAX_CHARACTERS = 50_000  # more of an answer is neither read nor kept
MAX_OBJECTS = 20  # places from the start of a text, and as many from its end, where JSON is looked for
THOUGHT_BEGINS, THOUGHT_ENDS = "<think>", "</think>"  # what some models say in between is no answer
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")
MATCH_SECONDS = 0.1  # a pattern that needs longer on one answer would stop every other call


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why a text gives no score."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFormat:
    """What an answer must look like.

    Attributes
    ----------
    low, high
        The range of the teacher's scores, both ends allowed.
    regex
        A pattern with one group that holds the score; None asks for JSON that follows `schema` (structured output).

    Raises
    ------
    SettingError
        When the range is empty, or the pattern cannot be read or has not exactly one group.
    """

    low: float = 0.0
    high: float = 1.0
    regex: str | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise SettingError(
                f"The range of scores needs two numbers, the lower first; found {self.low!r} and {self.high!r}."
            )
        if self.regex is not None:
            _check_pattern(self.regex)

    @property
    def schema(self) -> dict[str, object] | None:
        """What is sent as the format of the response; None with a pattern."""
        if self.regex is not None:
            return None
        body = {
            "type": "object",
            "properties": {"score": {"type": "number"}},
            "required": ["score"],
            "additionalProperties": False,
        }
        return {"type": "json_schema", "json_schema": {"name": "score", "strict": True, "schema": body}}

    def read(self, text: str) -> float | Unread:
        """Read the score out of an answer.

        Examples
        --------
        >>> ScoreFormat(low=0, high=3).read('{"score": 2}')
        2.0
        >>> ScoreFormat(low=0, high=3).read("A score of 2.")
        Unread(reason='No JSON with a number as score was found.')
        >>> ScoreFormat(low=0, high=3, regex=r"Score: (\\S+)").read("Score: 7")
        Unread(reason='The score 7 lies outside [0, 3].')
        """
        shown = text[:MAX_CHARACTERS]
        found = _by_json(shown) if self.regex is None else _by_pattern(self.regex, shown)
        if isinstance(found, Unread):
            return found
        if not self.low <= found <= self.high:
            return Unread(reason=f"The score {found:g} lies outside [{self.low:g}, {self.high:g}].")
        return found


def _by_json(text: str) -> float | Unread:
    _, end, said = text.rpartition(THOUGHT_ENDS)
    if not end and THOUGHT_BEGINS in text:
        return Unread(reason="The answer ends within a thought.")
    found = {
        score
        for document in _objects(said)
        if isinstance(document, dict) and (score := _number(document.get("score"))) is not None
    }
    if len(found) > 1:
        return Unread(reason=f"The answer gives {len(found)} different scores.")
    return found.pop() if found else Unread(reason="No JSON with a number as score was found.")


def _objects(text: str) -> Iterator[object]:
    """JSON objects in a text that lie in no other one."""
    decoder, starts, after = json.JSONDecoder(), [place.start() for place in re.finditer("{", text)], 0
    for start in dict.fromkeys([*starts[:MAX_OBJECTS], *starts[-MAX_OBJECTS:]]):
        if start < after:
            continue
        try:
            document, after = decoder.raw_decode(text, start)
            yield document
        except (ValueError, RecursionError):
            continue


def _by_pattern(pattern: str, text: str) -> float | Unread:
    import regex  # type: ignore[import-untyped]

    try:
        found = regex.search(pattern, text, timeout=MATCH_SECONDS)
    except TimeoutError:
        return Unread(reason="The regular expression took too long on this answer.")
    if found is None:
        return Unread(reason="The regular expression found nothing.")
    score = _number(found.group(1))
    return (
        Unread(reason=f"What the regular expression found is no number: {found.group(1)!r}.")
        if score is None
        else score
    )


def _number(value: object) -> float | None:
    """A finite number, also as text with a decimal comma; None otherwise, as for 1,000, which may be either."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and ("_" in value or THOUSANDS.fullmatch(value.strip())):
        return None
    try:
        number = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _check_pattern(pattern: str) -> None:
    import regex

    try:
        n_groups = regex.compile(pattern).groups
    except regex.error as error:
        raise SettingError(f"The regular expression {pattern!r} cannot be read: {error}.") from error
    if n_groups != 1:
        raise SettingError(
            f"The regular expression {pattern!r} needs exactly one group, the score, such as 'Score: ([0-9.]+)'; "
            f"found {n_groups}. Write other groups as (?:...)."
        )
