"""How an answer of the teacher is read as a score: a number in JSON, or what a regular expression finds.

A text that gives no score inside the range is `Unparsed` with its reason; nothing is ever guessed.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from drift_core.errors import SettingError
from drift_core.installation import need_extra

MAX_CHARACTERS = 50_000  # more of an answer is neither read nor kept
MAX_OBJECTS = 20  # places from the start of a text, and as many from its end, where JSON is looked for
THOUGHT_BEGINS, THOUGHT_ENDS = "<think>", "</think>"  # what some models say in between is no answer
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")
# The only key of an answer, where it says that its number is a score, serves as `score`.
SCORE_LIKE = re.compile(r"score|rating|grade|relevance", re.IGNORECASE)
CUT = "The answer was cut at its most tokens."
WITHIN_A_THOUGHT = "The answer ends within a thought."
NO_JSON = "No JSON with a number as {key} was found."
NO_MATCH = "The regular expression found nothing."
MATCH_SECONDS = 0.1  # a pattern that needs longer on one answer would stop every other call


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
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
    key
        The key of the score in that JSON.

    Raises
    ------
    SettingError
        When the range is empty, the key is, or the pattern cannot be read or has not exactly one group.
    """

    low: float = 0.0
    high: float = 1.0
    regex: str | None = None
    key: str = "score"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise SettingError(
                f"The range of scores needs two numbers, the lower first; found {self.low!r} and {self.high!r}."
            )
        if not self.key.strip():
            raise SettingError("The key of the score is empty. Name it as the answers do, such as rating.")
        if self.regex is not None:
            _check_pattern(self.regex)

    @property
    def schema(self) -> dict[str, object] | None:
        """What is sent as the format of the response; None with a pattern."""
        if self.regex is not None:
            return None
        body = {
            "type": "object",
            "properties": {self.key: {"type": "number"}},
            "required": [self.key],
            "additionalProperties": False,
        }
        return {"type": "json_schema", "json_schema": {"name": "score", "strict": True, "schema": body}}

    @property
    def shown(self) -> str:
        """How answers are read, in words."""
        how = f"the JSON key {self.key}" if self.regex is None else f"the regular expression '{self.regex}'"
        return f"{how} in [{self.low:g}, {self.high:g}]"

    def read(self, text: str, *, is_cut: bool = False) -> float | Unparsed:
        """Read the score out of an answer; of one that was cut, no number that may go on behind the cut.

        Examples
        --------
        >>> ScoreFormat(low=0, high=3).read('{"score": 2}')
        2.0
        >>> ScoreFormat(low=0, high=3).read("A score of 2.")
        Unparsed(reason='No JSON with a number as score was found.')
        >>> ScoreFormat(low=0, high=3, regex=r"Score: (\\S+)").read("Score: 7")
        Unparsed(reason='The score 7 lies outside [0, 3].')
        """
        shown = text[:MAX_CHARACTERS]
        found = _by_json(shown, self.key) if self.regex is None else _by_pattern(self.regex, shown, is_cut=is_cut)
        if isinstance(found, Unparsed):
            return Unparsed(reason=CUT) if is_cut else found
        if not self.low <= found <= self.high:
            return Unparsed(reason=f"The score {found:g} lies outside [{self.low:g}, {self.high:g}].")
        return found


def numbers_of(text: str) -> dict[str, float]:
    """Numbers of the first JSON object in an answer, by their keys."""
    first = next((each for each in _objects(_said(text) or "") if isinstance(each, dict)), {})
    found = {key: _number(value) for key, value in first.items()}
    return {key: number for key, number in found.items() if number is not None}


def _said(text: str) -> str | None:
    """What a model says after its thoughts; None where it ends within one."""
    _, end, said = text.rpartition(THOUGHT_ENDS)
    return None if not end and THOUGHT_BEGINS in text else said


def _by_json(text: str, key: str) -> float | Unparsed:
    said = _said(text)
    if said is None:
        return Unparsed(reason=WITHIN_A_THOUGHT)
    documents = [each for each in _objects(said) if isinstance(each, dict)]
    found = {score for each in documents if (score := _number(_value(each, key))) is not None}
    if len(found) > 1:
        return Unparsed(reason=f"The answer gives {len(found)} different scores.")
    if not found and key == "score" and len(documents) == 1:
        found = _only_number(documents[0])
    return found.pop() if found else Unparsed(reason=NO_JSON.format(key=key))


def _value(document: dict[str, object], key: str) -> object:
    """The value of a key, else of the one key that differs from it in capitals alone."""
    if key in document:
        return document[key]
    alike = [value for name, value in document.items() if name.casefold() == key.casefold()]
    return alike[0] if len(alike) == 1 else None


def _only_number(document: dict[str, object]) -> set[float]:
    """The number of an object that has nothing else, under a key that calls it a score."""
    numbers = {name: value for name, value in document.items() if isinstance(value, int | float)}
    is_clear = len(document) == len(numbers) == 1 and SCORE_LIKE.search(next(iter(numbers)))
    score = _number(next(iter(numbers.values()))) if is_clear else None
    return set() if score is None else {score}


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


def _by_pattern(pattern: str, text: str, *, is_cut: bool) -> float | Unparsed:
    import regex  # type: ignore[import-untyped]

    said = text if "think>" in pattern else _said(text)
    if said is None:
        return Unparsed(reason=WITHIN_A_THOUGHT)
    try:
        found = regex.search(pattern, said, timeout=MATCH_SECONDS)
    except TimeoutError:
        return Unparsed(reason="The regular expression took too long on this answer.")
    if found is None or (is_cut and found.end(1) == len(said)):
        return Unparsed(reason=NO_MATCH)
    score = _number(found.group(1))
    return (
        Unparsed(reason=f"What the regular expression found is no number: {found.group(1)!r}.")
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
    need_extra("teacher", "A regular expression")
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
