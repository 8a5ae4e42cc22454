"""How an answer of the teacher is read as a score: a number or a label in JSON, or what a regular expression finds.

A text that gives no score inside the range, or none of the labels, is `Unparsed` with its reason; nothing is ever
guessed.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.samples.label_words import fold
from drift_core.wording import shortened

MAX_CHARACTERS = 50_000  # more of an answer is neither read nor kept
MAX_OBJECTS = 20  # places from the start of a text, and as many from its end, where JSON is looked for
THOUGHT_BEGINS, THOUGHT_ENDS = "<think>", "</think>"  # what some models say in between is no answer
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")
# The only key of an answer, where it says that its number is a score or its text a label, serves as `score`.
SCORE_LIKE = re.compile(r"score|rating|grade|relevance", re.IGNORECASE)
LABEL_LIKE = re.compile(r"score|rating|grade|relevance|label|verdict|judg|answer|decision|class", re.IGNORECASE)
CUT = "The answer was cut at its most tokens."
WITHIN_A_THOUGHT = "The answer ends within a thought."
NO_JSON = "No JSON with a {what} as {key} was found."
NO_MATCH = "The regular expression found nothing."
MAX_LABELS = 100  # of a schema that endpoints take
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
        The range of the teacher's scores, both ends allowed; not looked at where there are labels.
    regex
        A pattern with one group that holds the score; None asks for JSON that follows `schema` (structured output).
    key
        The key of the score in that JSON.
    labels
        The labels that the teacher gives in place of numbers, told apart as in samples: case and brackets do not
        count. A label is read as its place among them.

    Raises
    ------
    SettingError
        When the range is empty, the key is, the pattern cannot be read or has not exactly one group, or labels are
        fewer than two or alike.
    """

    low: float = 0.0
    high: float = 1.0
    regex: str | None = None
    key: str = "score"
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise SettingError(
                f"The range of scores needs two numbers, the lower first; found {self.low!r} and {self.high!r}."
            )
        if not self.key.strip():
            raise SettingError("The key of the score is empty. Name it as the answers do, such as rating.")
        if self.regex is not None:
            _check_pattern(self.regex)
        n_different = len({fold(label) for label in self.labels} - {""})
        if self.labels and (n_different < len(self.labels) or not 2 <= n_different <= MAX_LABELS):
            raise SettingError(
                f"Labels are 2 to {MAX_LABELS} different texts, none of them empty; found {len(self.labels):,}: "
                f"{shortened(', '.join(map(repr, self.labels)), 80)}."
            )

    @property
    def schema(self) -> dict[str, object] | None:
        """What is sent as the format of the response; None with a pattern."""
        if self.regex is not None:
            return None
        body = {
            "type": "object",
            "properties": {self.key: self._value_schema},
            "required": [self.key],
            "additionalProperties": False,
        }
        return {"type": "json_schema", "json_schema": {"name": "score", "strict": True, "schema": body}}

    @property
    def _value_schema(self) -> dict[str, object]:
        return {"type": "string", "enum": list(self.labels)} if self.labels else {"type": "number"}

    @property
    def shown(self) -> str:
        """How answers are read, in words."""
        how = f"the JSON key {self.key}" if self.regex is None else f"the regular expression '{self.regex}'"
        return f"{how} as {', '.join(self.labels)}" if self.labels else f"{how} in [{self.low:g}, {self.high:g}]"

    @property
    def no_json(self) -> str:
        """Why an answer without JSON, or with another key, gives no score."""
        return NO_JSON.format(what="label" if self.labels else "number", key=self.key)

    def score_of(self, read: float) -> float | str:
        """A score as the list holds it: the label of a place, or the number."""
        return self.labels[int(read)] if self.labels else read

    def keys_of(self, text: str) -> tuple[str, ...]:
        """Keys of the first JSON object in an answer whose value is a score."""
        first = next((each for each in _objects(_said(text) or "") if isinstance(each, dict)), {})
        return tuple(key for key, value in first.items() if isinstance(self._value(value), float))

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
        >>> ScoreFormat(labels=("fail", "pass")).read('{"score": "Pass"}')
        1.0
        """
        shown = text[:MAX_CHARACTERS]
        found = self._by_json(shown) if self.regex is None else self._by_pattern(self.regex, shown, is_cut=is_cut)
        if isinstance(found, Unparsed):
            return Unparsed(reason=CUT) if is_cut else found
        if isinstance(found, str):
            return Unparsed(reason=f"The label {shortened(found)!r} is none of {', '.join(self.labels)}.")
        if self.labels:
            return found
        if not self.low <= found <= self.high:
            return Unparsed(reason=f"The score {found:g} lies outside [{self.low:g}, {self.high:g}].")
        return found

    def _value(self, value: object) -> float | str | None:
        """A number or the place of a label; as text what is no label; None for what is neither."""
        if not self.labels:
            return _number(value)
        if not isinstance(value, str | int | float):
            return None
        places = {fold(label): float(place) for place, label in enumerate(self.labels)}
        return places.get(fold(str(value)), str(value))

    def _by_json(self, text: str) -> float | str | Unparsed:
        said = _said(text)
        if said is None:
            return Unparsed(reason=WITHIN_A_THOUGHT)
        documents = [each for each in _objects(said) if isinstance(each, dict)]
        found = {score for each in documents if (score := self._value(_at(each, self.key))) is not None}
        if len(found) > 1:
            return Unparsed(reason=f"The answer gives {len(found)} different scores.")
        if not found and self.key == "score" and len(documents) == 1:
            found = self._only_value(documents[0])
        return found.pop() if found else Unparsed(reason=self.no_json)

    def _only_value(self, document: dict[str, object]) -> set[float | str]:
        """The score of an object that has nothing else, under a key that calls it one."""
        name, value = next(iter(document.items()), ("", None))
        is_named = (LABEL_LIKE if self.labels else SCORE_LIKE).search(name)
        is_clear = is_named and len(document) == 1 and (self.labels or not isinstance(value, str))
        score = self._value(value) if is_clear else None
        return set() if score is None else {score}

    def _by_pattern(self, pattern: str, text: str, *, is_cut: bool) -> float | str | Unparsed:
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
        score = self._value(found.group(1))
        what = "label" if self.labels else "number"
        return (
            Unparsed(reason=f"What the regular expression found is no {what}: {found.group(1)!r}.")
            if score is None
            else score
        )


def _said(text: str) -> str | None:
    """What a model says after its thoughts; None where it ends within one."""
    _, end, said = text.rpartition(THOUGHT_ENDS)
    return None if not end and THOUGHT_BEGINS in text else said


def _at(document: dict[str, object], key: str) -> object:
    """The value of a key, else of the one key that differs from it in capitals alone."""
    if key in document:
        return document[key]
    alike = [value for name, value in document.items() if name.casefold() == key.casefold()]
    return alike[0] if len(alike) == 1 else None


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
