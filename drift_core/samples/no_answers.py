"""Words in a column of labels that may stand for no answer: which of them are labels, and which a missing score."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from drift_core.samples.checks import RowCheck
from drift_core.samples.label_words import KNOWN_WORDS, fold, tells_failure
from drift_core.samples.score_columns import MAX_STRAY_RATE, MAX_TEXT_RATE, ScoreColumn
from drift_core.samples.score_kind import ScoreKind
from drift_core.tables.values import MISSING_WORDS
from drift_core.wording import N_SHOWN, in_a_row

_WORDLESS = ("", "-", "nan", "<na>", "nat")  # how tools write no value; labels only where they are named
_WORDS = frozenset(MISSING_WORDS) - {*_WORDLESS}


def told_apart(columns: Mapping[str, ScoreColumn], asked: ScoreKind | None, check: RowCheck) -> dict[str, ScoreColumn]:
    """Say to each column which words that may stand for no answer are labels, and which are a missing score.

    A word such as ``none`` or ``error`` is a label where it is named, where a probability is given to it, or where
    both judges give it to the same pairs: to 5 % of all, or, among classes, to most of those to which the teacher
    does. Beside words for yes and no, a few pairs that neither judge answered are no third answer.

    Parameters
    ----------
    columns
        By role, teacher and student among them.
    asked
        What the user asked for.
    """
    named = {fold(label) for label in (asked.labels if asked else ())}
    named |= {fold(label) for each in columns.values() for answer in each.answers if answer for label in answer}
    sides = [columns[role] for role in ("teacher", "student")]
    if any(each.numbers.kind is not None for each in sides):
        return dict(columns)
    seen = set().union(*(each.spellings for each in sides if each.is_written))
    places = [each.places_of(lambda word: word in _WORDS or tells_failure(word, seen)) for each in sides]
    none = np.zeros(len(check.rows), dtype=bool)
    given = {word: [each.get(word, none) for each in places] for word in sorted({*places[0], *places[1]} - named)}
    least = 1.0 if _are_known(sides) else MAX_TEXT_RATE
    labels = {word for word, (teacher, student) in given.items() if _is_label(teacher, student, least)}
    failed = given.keys() - labels - _WORDS
    spelt = {word: _spelt(word, sides) for word in given}
    read_as = "read as a label, as both judges give it to the same pairs. Leave the cells of missing scores empty"
    _note(check, "missing_word_as_label", {spelt[word]: given[word] for word in labels}, read_as)
    read_as = "taken for what a failed call left, so for a missing score. If it is a label, name it with the others"
    _note(check, "failed_calls", {spelt[word]: given[word] for word in failed}, f"{read_as} (--labels)")
    kept = named | labels
    if not failed and not kept & {fold(word) for word in MISSING_WORDS}:
        return dict(columns)
    return {role: replace(each, kept=frozenset(kept), failed=frozenset(failed)) for role, each in columns.items()}


def _are_known(sides: Collection[ScoreColumn]) -> bool:
    """Whether what else is given are words for yes and no, grades or verdicts on two answers."""
    return all(each.share_of(KNOWN_WORDS) > MAX_TEXT_RATE for each in sides if each.is_written)


def _is_label(teacher: np.ndarray, student: np.ndarray, least: float) -> bool:
    n_both = int((teacher & student).sum())
    return n_both > least * teacher.sum() or n_both >= MAX_STRAY_RATE * len(teacher)


def _spelt(word: str, sides: Collection[ScoreColumn]) -> str:
    """As it is most often written; missing words have no spelling yet."""
    written = sum((each.spellings.get(word, Counter()) for each in sides), Counter[str]())
    return min(written, key=lambda text: (-written[text], text)) if written else word


def _note(check: RowCheck, name: str, places: Mapping[str, Sequence[np.ndarray]], read_as: str) -> None:
    n_rows = {word: int(np.any(given, axis=0).sum()) for word, given in places.items()}
    words = sorted(n_rows, key=lambda word: (-n_rows[word], word))[:N_SHOWN]
    listed = in_a_row([f"{word!r} ({n_rows[word]:,} of {len(check.rows):,} rows)" for word in words])
    if words:
        check.note(name, f"{listed} {'is' if len(n_rows) == 1 else 'are'} {read_as}.")
