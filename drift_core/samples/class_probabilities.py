"""Answers that give a probability for each label: ``{"refund": 0.7, "other": 0.3}``, also as classifiers write them.

Such an answer is its most probable label; a student's of two labels that mean no and yes is the probability of yes.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from drift_core.errors import InputError
from drift_core.samples.checks import RowCheck
from drift_core.samples.label_words import SIGNS, fold
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_columns import MAX_TEXT_RATE, ScoreColumn, codes_of
from drift_core.samples.score_kind import MAX_LABELS, ScoreKind
from drift_core.wording import shortened

if TYPE_CHECKING:
    import pyarrow as pa

NAMES, PROBABILITIES = ("label", "class"), ("score", "probability", "prob", "confidence")
CHANCES = {"student": "chances", "student_before": "chances_before"}  # what the probabilities of a column are called
MOST_OFF_ONE = 0.05  # of their sum, for rounding (ours)
Answer = dict[str, float]  # label to probability


def judged_columns(
    column: "Mapping[str, pa.ChunkedArray]", where: Mapping[str, str], check: RowCheck, asked: ScoreKind | None
) -> dict[str, ScoreColumn]:
    """Take up the columns of scores by role; one that gives probabilities becomes one of answers, which is said.

    Raises
    ------
    InputError
        When probabilities come without their labels and none are named.
    """
    labels = asked.labels if asked else ()
    read = {role: _as_answers(each, role, check, labels) for role, each in column.items()}
    return {
        role: ScoreColumn(column=each, where=where[role], answers=answers) for role, (each, answers) in read.items()
    }


def chances_of(columns: Mapping[str, ScoreColumn], kind: ScoreKind) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The probability of each label that columns name, by column, shape (n, n_labels), and these labels.

    A row is NaN where it gives no probability to all of its labels; a column without any is left out.
    """
    given = {name: column.answers for name, column in columns.items() if column.answers}
    if not given or not kind.labels or kind.is_answered:
        return {}, ()
    named = {fold(label): label for answers in given.values() for answer in answers if answer for label in answer}
    labels = tuple(named[key] for key in sorted(named))
    found = {name: _by_label(answers, sorted(named)) for name, answers in given.items()}
    found = {name: chances for name, chances in found.items() if np.isfinite(chances).any()}
    return found, labels if found else ()


def _by_label(answers: Sequence[Mapping[str, float] | None], named: Sequence[str]) -> np.ndarray:
    places = {key: place for place, key in enumerate(named)}
    chances = np.full((len(answers), len(named)), np.nan)
    for row, answer in zip(chances, answers, strict=True):
        total = sum(answer.values()) if answer else 0.0
        if answer and abs(total - 1) <= MOST_OFF_ONE:
            row[:] = 0.0
            for label, value in answer.items():
                row[places[fold(label)]] += value / total
    return chances


def chances_by_label(sample: ScoredPairs, *, is_before: bool = False) -> np.ndarray | None:
    """The student's probability of each label of the kind, shape (n, n_labels); None where it gives none.

    A label of the other sample alone has what the student gives to it here. Words that are read as one label, such as
    other words for yes, count for it together. What it gives to a label that nobody answers with in either is left
    out, so that a row may sum to less than 1.
    """
    chances = sample.chances_before if is_before else sample.chances
    if chances is None or not sample.kind.labels or sample.kind.is_answered:
        return None
    codes, n_labels = codes_of(sample.kind), len(sample.kind.labels)
    none = np.where(np.isnan(chances).any(axis=1), np.nan, 0.0)  # of a label that it never names
    found = np.repeat(none[:, np.newaxis], n_labels, axis=1)
    for place, label in enumerate(sample.chance_labels):
        code = codes.get(fold(label), n_labels)
        if code < n_labels:
            found[:, int(code)] += chances[:, place]
    return found


def written_chances(chances: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Probabilities of labels, shape (n, n_labels), as they are read: JSON texts, object array of shape (n,)."""
    rows = (json.dumps(dict(zip(labels, row, strict=True)), ensure_ascii=False) for row in chances.round(6).tolist())
    return np.fromiter(rows, dtype=object, count=len(chances))


def _as_answers(
    column: "pa.ChunkedArray", role: str, check: RowCheck, labels: tuple[str, ...]
) -> "tuple[pa.ChunkedArray, Sequence[Answer | None]]":
    import pyarrow as pa

    if not _may_hold_any(column):
        return column, ()
    entries = column.to_pylist()
    read = {text: probabilities_of(text, labels) for text in {entry for entry in entries if isinstance(entry, str)}}
    answers = [read[entry] if isinstance(entry, str) else probabilities_of(entry, labels) for entry in entries]
    n_given, n_read = sum(entry is not None for entry in entries), sum(answer is not None for answer in answers)
    if n_read <= MAX_TEXT_RATE * n_given:
        _check_labels(entries, role, check, labels)
        return column, ()
    seen: dict[str, str] = {}  # each label by what tells it apart, as it is first spelt
    for label in (label for answer in answers if answer for label in answer):
        seen.setdefault(fold(label), label)
    yes = _yes_of(seen) if role.startswith("student") else None
    told = [
        _told(answer, yes, seen) if answer else entry if isinstance(entry, str) and fold(entry) in seen else None
        for entry, answer in zip(entries, answers, strict=True)
    ]
    other = next((each for each, text in zip(entries, told, strict=True) if each is not None and text is None), None)
    by = f"that of {yes!r}" if yes else "the most probable one"
    rest = "" if other is None else f" What gives none, such as {shortened(str(other))!r}, counts as missing."
    check.note(
        "class_probabilities",
        f"Column {check.columns[role]!r} gives a probability for each label; it is read as {by}.{rest}",
    )
    return pa.chunked_array([pa.array(told, type=pa.string())]), answers


def _may_hold_any(column: "pa.ChunkedArray") -> bool:
    """Whether the first entry looks like one."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_nested(kind):
        return True
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return False
    first = next((entry for chunk in column.chunks for entry in chunk.drop_null()[:1].to_pylist()), "")
    return first.lstrip().startswith(("{", "["))


def probabilities_of(entry: Any, labels: tuple[str, ...]) -> Answer | None:
    """The probabilities of an entry; None for what is something else."""
    if isinstance(entry, str):
        entry = _parsed(entry)
    if isinstance(entry, dict):
        return _named(entry) or _of_pairs(entry.items())
    if not isinstance(entry, list) or not entry:
        return None
    if all(isinstance(each, dict) for each in entry):  # as a classifier that is asked for all labels writes them
        found = [_named(each) for each in entry]
        return {name: value for each in found if each for name, value in each.items()} if all(found) else None
    if all(isinstance(each, tuple) for each in entry):  # a map of Arrow
        return _of_pairs(entry)
    return _of_pairs(zip(labels, entry, strict=True)) if len(entry) == len(labels) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        try:
            return ast.literal_eval(text.strip())  # as a data frame writes a dictionary into CSV
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    except RecursionError:
        return None


def _named(entry: Mapping[str, Any]) -> Answer | None:
    """A label beside its probability."""
    name = next((entry[key] for key in NAMES if isinstance(entry.get(key), str)), None)
    value = next((entry[key] for key in PROBABILITIES if _is_number(entry.get(key))), None)
    return None if name is None or value is None else {name: float(value)}


def _of_pairs(pairs: Any) -> Answer | None:
    found = {str(name): value for name, value in pairs if value is not None}
    if not (1 < len(found) <= MAX_LABELS and all(_is_number(value) for value in found.values())):
        return None
    is_whole = abs(sum(found.values()) - 1) <= MOST_OFF_ONE  # else they are several scores of one pair
    return {name: float(value) for name, value in found.items()} if is_whole else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _yes_of(seen: Mapping[str, str]) -> str | None:
    """The label that means yes, where there are two and the other means no."""
    signs = {SIGNS.get(folded): label for folded, label in seen.items()}
    return signs[1.0] if len(seen) == 2 and signs.keys() == {0.0, 1.0} else None


def _told(answer: Answer, yes: str | None, seen: Mapping[str, str]) -> str:
    spelt = {seen[fold(label)]: value for label, value in answer.items()}
    if yes is None:
        return max(spelt, key=lambda label: spelt[label])
    return repr(spelt[yes] if yes in spelt else 1 - next(iter(spelt.values())))


def _check_labels(entries: list[Any], role: str, check: RowCheck, labels: tuple[str, ...]) -> None:
    first = next((entry for entry in entries if entry is not None), None)
    numbers = _parsed(first) if isinstance(first, str) else first
    if isinstance(numbers, list) and len(numbers) > 1 and all(_is_number(each) for each in numbers):
        named = f"{len(labels)} are named" if labels else "it is not said which"
        raise InputError(
            f"{check.label}: column {check.columns[role]!r} gives {len(numbers)} probabilities, one for each label, "
            f"and {named}. Name the labels in their order, for the kind nominal (--kind, --labels)."
        )
