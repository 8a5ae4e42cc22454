"""Answers that come with a reason: ``{"verdict": "pass", "reason": "..."}``, ``Yes, because ...``, ``... [[A]]``.

A column of such answers becomes one of the answers alone, which is said. Probabilities of labels are no reasons.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError
from drift_core.samples.checks import RowCheck
from drift_core.samples.class_probabilities import probabilities_of
from drift_core.samples.label_words import ANSWER_NAME, KNOWN_WORDS, fold, names_answer, tells_failure
from drift_core.samples.score_columns import MAX_STRAY_RATE, MAX_TEXT_RATE
from drift_core.samples.score_kind import MAX_LABELS, ScoreKind
from drift_core.tables.values import MISSING_WORDS
from drift_core.wording import in_a_row, shortened

if TYPE_CHECKING:
    import pyarrow as pa

N_LOOKED_AT = 200  # first entries that tell whether a column is to be gone through
LONGEST_ANSWER = 80  # characters; a longer text is no answer (ours)
_ENDS = re.compile(
    r"\s*(?:[.,:](?!\d)|[;!\n，。：；！、]|\s[-–—]\s|\s(?:because|since|as|weil|porque|parce que|perché)\s)\s*"
)
MOST_SPELLINGS = 10 * MAX_LABELS
N_ENDS = 3  # of those at which the answer may end: ``Final answer: yes, because``
_MARKED = re.compile(r"\[\[([^\[\]]{1,30})\]\]")
_FENCED = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)
SHORT = 20  # characters; a longer text is more often an answer with a reason than one alone
_WORD = re.compile(r"\w")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?%?(/\d+)?")


def without_reasons(
    columns: "Mapping[str, pa.ChunkedArray]", check: RowCheck, asked: ScoreKind | None
) -> "dict[str, pa.ChunkedArray]":
    """Take the answers alone, by role, of columns that hold them with reasons.

    Raises
    ------
    InputError
        When several keys hold an answer, or the reasons repeat so that they may be classes.
    """
    return {role: _answers_alone(column, role, check, asked) for role, column in columns.items()}


def _answers_alone(column: "pa.ChunkedArray", role: str, check: RowCheck, asked: ScoreKind | None) -> "pa.ChunkedArray":
    import pyarrow as pa

    kind = column.type
    if not (pa.types.is_struct(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    labels = frozenset(fold(label) for label in (asked.labels if asked else ()))
    where = f"{check.label}: column {check.columns[role]!r}"

    object_of = cache(_object) if not pa.types.is_struct(kind) else _object

    def told(entries: list[Any]) -> tuple[Callable[[Any], Any], str] | None:
        given = [each for each in entries if not _is_none(each)]
        objects = [found for each in given if len(found := object_of(each)) > 1 and not probabilities_of(found, ())]
        if len(objects) > MAX_TEXT_RATE * len(given):
            return _by_key(objects, object_of, where)
        texts = [each for each in given if isinstance(each, str)]
        return _by_place(texts, KNOWN_WORDS | labels)

    if told(column.slice(0, N_LOOKED_AT).to_pylist()) is None:
        return column
    entries = column.to_pylist()
    if (found := told(entries)) is None:
        return column
    answer_of, how = found
    answers = [None if each is None else answer_of(each) for each in entries]
    changed = [each for each, answer in zip(entries, answers, strict=True) if answer != each]
    if how == _BY_PLACE and _may_be_classes(changed, n_rows=len(entries)):
        if asked is None:
            raise InputError(
                f"{where} holds answers such as {shortened(changed[0])!r}. Are they {answer_of(changed[0])!r} and the "
                "like with a reason, or classes? Choose the kind of score (--kind): nominal for classes, else what the "
                "answers are (binary, ordinal or pairwise)."
            )
        if asked.name == "nominal":
            return column
    check.note(
        "answers_read",
        f"Column {check.columns[role]!r} gives reasons too; of {shortened(_written(changed[0]))!r} the answer "
        f"{answer_of(changed[0])!r} is read, {how}.",
    )
    return pa.chunked_array([pa.array(answers, type=pa.string())])


_BY_PLACE = "where the text begins, ends or is marked with it"


def _is_none(entry: Any) -> bool:
    return entry is None or (
        isinstance(entry, str)
        and (entry.strip().casefold() in MISSING_WORDS or tells_failure(entry.strip().casefold()))
    )


def _may_be_classes(texts: Sequence[Any], *, n_rows: int) -> bool:
    return len(set(texts)) <= min(MAX_LABELS, n_rows / 2)


def _object(entry: Any) -> Mapping[str, Any]:
    """What a text holds as a JSON object, also between fences; empty where it holds none."""
    if isinstance(entry, dict):
        return entry
    text = entry.strip() if isinstance(entry, str) else ""
    fenced = _FENCED.fullmatch(text)
    text = fenced[1] if fenced else text
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _written(entry: Any) -> str:
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False, default=str)


def _by_key(
    objects: Sequence[Mapping[str, Any]], object_of: Callable[[Any], Mapping[str, Any]], where: str
) -> tuple[Callable[[Any], Any], str] | None:
    """Read the one key that holds an answer by its name, else the one that holds words for yes, no or grades."""
    values = {key: [each[key] for each in objects if key in each] for key in objects[0]}
    usual = [key for key, given in values.items() if len(given) >= (1 - MAX_STRAY_RATE) * len(objects)]
    fit = [key for key in usual if _are_answers(values[key])]
    named = [key for key in fit if names_answer(key)]
    known = [key for key in fit if all(map(_is_word, {*values[key]}))]
    keys = named or known
    if len(keys) > 1:
        raise InputError(
            f"{where} holds objects in which {in_a_row([repr(key) for key in keys])} may each be the answer. Write the "
            "one that counts into a column of its own."
        )
    if not keys:
        return None
    key = keys[0]

    def answer_of(entry: Any) -> Any:
        found = object_of(entry)
        return _as_text(found[key]) if key in found else entry if isinstance(entry, str) else None

    return answer_of, f"by its key {key!r}"


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _are_answers(values: Sequence[Any]) -> bool:
    """Whether they are numbers, or a few short texts."""
    given = [each for each in values if each is not None]
    if not given or not all(isinstance(each, bool | int | float) or _is_short(each) for each in given):
        return False
    texts = {each for each in given if isinstance(each, str)}
    return len(texts) <= MOST_SPELLINGS and len({*map(fold, texts)}) <= max(2, min(MAX_LABELS, len(given) / 2))


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_ANSWER


def _is_word(value: Any) -> bool:
    is_word = isinstance(value, str) and _leads(value) and fold(value) in KNOWN_WORDS
    return value is None or isinstance(value, bool) or is_word


def _by_place(texts: Sequence[str], known: Collection[str]) -> tuple[Callable[[Any], Any], str] | None:
    """Read the answer at its place where nearly all texts have one, and more than a few have a reason too."""

    @cache
    def is_answer(text: str) -> bool:
        return len(text) <= LONGEST_ANSWER and ((word := fold(text)) in known or _NUMBER.fullmatch(word) is not None)

    read = {text: _placed(text, is_answer) for text in {*texts}}
    n_read = sum(read[text] is not None for text in texts)
    n_reasons = sum(read[text] not in (None, text) for text in texts)
    if not texts or n_read < (1 - MAX_STRAY_RATE) * len(texts) or n_reasons <= MAX_STRAY_RATE * len(texts):
        return None
    return (lambda entry: read.get(entry) or entry), _BY_PLACE


def _placed(text: str, is_answer: Callable[[str], bool]) -> str | None:
    """The answer of a text, which may be the whole; None where it has none."""
    if len(text) <= SHORT and is_answer(text):
        return text
    if text.lstrip().startswith("{"):
        return None
    marked = _MARKED.findall(text)
    if len({fold(each) for each in marked}) == 1:
        return f"[[{marked[0]}]]"
    heads = [text[: end.start()] for end, _ in zip(_ENDS.finditer(text), range(N_ENDS), strict=False)]
    found = next((head for head in heads if _leads(head) and is_answer(head)), None)
    last = text.strip().rpartition("\n")[2].strip()
    if ANSWER_NAME.match(last.casefold()) and is_answer(last):  # it may take back what the text begins with
        is_named = found is not None and ANSWER_NAME.match(found.strip().casefold()) is not None
        return None if found is not None and is_named and fold(found) != fold(last) else last
    if found is not None:
        return found if _WORD.search(text, len(found)) else text
    return text if is_answer(text) else None


def _leads(head: str) -> bool:
    """Whether it may be an answer: a letter or a number alone may as well count the sentences."""
    head = head.strip()
    return (len(head) > 1 or not head.isascii()) and not _NUMBER.fullmatch(head)
