"""Which kind of score a judge gives, told by the values of teacher and student together, or as the user says."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from drift_core.errors import InputError
from drift_core.samples.checks import RowCheck
from drift_core.samples.label_words import (
    LETTERS,
    ONE_SIDED,
    OPPOSITES,
    PAIRWISE,
    SCALES,
    SIGNS,
    TIES,
    VERDICTS,
    fold,
    names_grade,
    names_winner,
    negated_of,
    tells_failure,
)
from drift_core.samples.mixed_words import check_for_grades
from drift_core.samples.score_columns import MAX_STRAY_RATE, MAX_TEXT_RATE, ScoreColumn, common_denominator
from drift_core.samples.score_kind import MAX_LABELS, NUMERIC, TWO_ANSWERS, ScoreKind

MAX_GRADES = 10  # more whole numbers are scores (ours)
LARGEST_GRADE = 1e6
N_LOOKED_AT = 1_000
LONGEST_CLASS = 80  # a longer text is an output, not a class (ours)
_OTHERWISE = "If they are something else, choose their kind of score and its labels (--kind, --labels)."

Columns = Mapping[str, ScoreColumn]  # teacher and student


def recognise_kind(columns: Columns, asked: ScoreKind | None, check: RowCheck) -> ScoreKind:
    """Tell the kind of score; what had to be guessed is said as a problem.

    Raises
    ------
    InputError
        When it is unclear, with the options that settle it, or the values are none of the kind that was asked for.
    """
    if any(each.numbers.kind is not None for each in columns.values()):
        return NUMERIC  # refused where scores are checked
    if asked is not None:
        return _completed(columns, asked, check)
    if numbered := _numbered_sides(columns, check):
        return numbered
    if all(each.is_numeric for each in columns.values()):
        return _kind_of_numbers(columns, check)
    if not any(each.is_numeric and _grades(each.as_numbers().values) is None for each in columns.values()):
        found = _verdicts_or_letters(columns, check) or _scale(columns, check, least=3)
        if found is None and (found := _binary(columns, MAX_STRAY_RATE)):
            check_for_grades(columns, check)
        if known := found or _scale(columns, check) or _classes(columns):
            return known
    return _probability(columns, check)


def _numbered_sides(columns: Columns, check: RowCheck) -> ScoreKind | None:
    """A and B written as 1 and 2, told by a word for a tie beside them; another word that both give is asked for."""
    readings = [each.as_numbers() for each in columns.values()]
    grades = [_grades(reading.values) for reading in readings]
    words = [{} if each.examples is None else _words(each.examples[each.unreadable]) for each in readings]
    if None in grades or not all(each.is_numeric for each in columns.values()) or not all(words):
        return None
    numbers = set().union(*(each or () for each in grades))
    if numbers == {1.0, 2.0} and all(each.keys() <= TIES for each in words):
        return ScoreKind(name="pairwise", labels=("1", "2", min(words[0].values())))
    if not (shared := sorted(words[0].keys() & words[1].keys())):
        return None
    held = ", ".join((*(f"{number:g}" for number in sorted(numbers)), words[0][shared[0]]))
    raise InputError(
        f"{check.label}: columns {check.columns['teacher']!r} and {check.columns['student']!r} both hold numbers and "
        f"{words[0][shared[0]]!r}. Are they grades without it, classes, or which of two answers is better? Choose the "
        f"kind (--kind ordinal, nominal or pairwise), and for the last its labels: first, second, tie, of {held} "
        "(--labels)."
    )


def _words(texts: np.ndarray) -> dict[str, str]:
    """Texts by what tells labels apart, without those of failed calls."""
    found = {fold(str(text)): str(text).strip() for text in texts}
    return {word: text for word, text in found.items() if not tells_failure(word)}


def _kind_of_numbers(columns: Columns, check: RowCheck) -> ScoreKind:
    grades = [_grades(values) for values in _numbers(columns).values()]
    if None in grades:
        return _probability(columns, check)
    seen = sorted(set().union(*(each or () for each in grades)))
    is_failed = [value < 0 for value in seen[:-2]]  # such as -1 for an answer that was not understood
    if seen[-2:] == [0, 1] and all(is_failed) and _fits(columns, ("0", "1"), MAX_STRAY_RATE):
        return ScoreKind(name="binary", labels=("0", "1"))
    if seen == [-1, 1]:
        check.note("answers_read", f"The answers were read from -1 as no and 1 as yes. {_OTHERWISE}")
        return ScoreKind(name="binary", labels=("-1", "1"))
    if not 1 < len(seen) <= MAX_GRADES:
        return NUMERIC
    if seen[0] < 0:
        check.note(
            "order_of_grades",
            f"The numbers {', '.join(f'{each:g}' for each in seen)} were read as grades, the lowest first. If one "
            "below 0 stands for no answer, leave its cells empty; if they say which of two answers is better, choose "
            "the kind pairwise with the numbers for first, second, tie (--kind, --labels).",
        )
    return ScoreKind(name="ordinal", labels=_number_labels(seen))


def _number_labels(seen: list[float]) -> tuple[str, ...]:
    """With those in between that nobody gave, where they are few."""
    is_short = seen[-1] - seen[0] < MAX_GRADES
    return tuple(f"{value:.0f}" for value in (np.arange(seen[0], seen[-1] + 1) if is_short else seen))


def _numbers(columns: Columns) -> dict[str, np.ndarray]:
    denominator = common_denominator(columns.values())
    return {role: each.as_numbers(denominator=denominator).values for role, each in columns.items()}


def _grades(values: np.ndarray) -> set[float] | None:
    """The distinct values where they are few whole numbers."""
    given = values[np.isfinite(values)]
    for part in (given[:N_LOOKED_AT], given):
        distinct = np.unique(part)
        if len(distinct) > MAX_GRADES or (distinct % 1).any() or np.abs(distinct).max(initial=0) > LARGEST_GRADE:
            return None
    return {float(value) for value in distinct}


def _probability(columns: Columns, check: RowCheck) -> ScoreKind:
    """Scores, or an answer of the teacher with a probability of the student; said where one side alone gives labels."""
    numbers = _numbers(columns)
    for role, other in (("teacher", "student"), ("student", "teacher")):
        if _grades(numbers[role]) == {0.0, 1.0}:
            given = numbers[other][np.isfinite(numbers[other])]
            share = float(np.nanmean(numbers[role]))
            is_probability = bool(((given >= 0) & (given <= 1)).all())
            is_answered = is_probability and role == "teacher"
            limit = f"let no score agree above {np.sqrt(3 * share * (1 - share)):.2f}"
            check.note(
                "label_and_probability",
                f"The {role} gives two labels, read as 0 and 1, and the {other} "
                f"{'probabilities' if is_probability else 'numbers'}; they are compared by "
                f"{'the area under the curve' if is_answered else f'rank, by which two labels {limit}'}.",
            )
            return _answered(columns) if is_answered else NUMERIC
    return NUMERIC


def _answered(columns: Columns) -> ScoreKind:
    """A teacher of two answers in its own words, where it does not give 0 and 1."""
    teacher = columns["teacher"]
    words = None if teacher.is_numeric else _binary({"teacher": teacher}, MAX_TEXT_RATE)
    return TWO_ANSWERS if words is None else replace(words, name="probability")


def _fits(columns: Columns, known: Collection[str], most: float) -> bool:
    """Whether both hold such labels but for strays, none of which both hold."""
    strays = [each.spellings.keys() - known for each in columns.values()]
    few = all(each.share_of(known) >= 1 - most for each in columns.values())
    return few and not (most < MAX_TEXT_RATE and set.intersection(*strays))


def _verdicts_or_letters(columns: Columns, check: RowCheck) -> ScoreKind | None:
    seen = _seen(columns)
    is_grade = all(map(names_grade, _spelt(seen)))
    sided = {word for word, code in VERDICTS.items() if code < 2}
    if not is_grade and _fits(columns, VERDICTS, MAX_STRAY_RATE) and seen.keys() & sided:
        words = seen.keys() & VERDICTS
        _note_sides(seen, check)
        if words - {"a", "b", "c"} or any(map(names_winner, _spelt(seen))):
            return ScoreKind(name="pairwise", labels=PAIRWISE)
        raise InputError(
            f"{check.label}: columns {check.columns['teacher']!r} and {check.columns['student']!r} hold the letters "
            f"{', '.join(sorted(words)).upper()}. Are they grades, or which of two answers is better? Choose ordinal "
            "(grades, A the best) or pairwise (C a tie) as the kind of score (--kind)."
        )
    return _letters(columns, check)


def _note_sides(seen: Mapping[str, Counter[str]], check: RowCheck) -> None:
    """Say which answer is A where the words do not."""
    first, second = (sorted(seen.keys() & words) for words in ONE_SIDED)
    if first or second:
        sides = {"A": first, "B": second}
        told = " and ".join(f"{', '.join(map(repr, each))} as {side}" for side, each in sides.items() if each)
        check.note("answers_read", f"Which of two answers is better was read from {told}. {_OTHERWISE}")


def _letters(columns: Columns, check: RowCheck, most: float = MAX_STRAY_RATE) -> ScoreKind | None:
    if not _fits(columns, LETTERS, most):
        return None
    return _ordered([each for each in LETTERS if each in _seen(columns)], check, upper=True)


def _scale(columns: Columns, check: RowCheck, most: float = MAX_STRAY_RATE, *, least: int = 2) -> ScoreKind | None:
    for scale in SCALES:
        given = [each for each in scale if each in _seen(columns)]
        if len(given) >= least and _fits(columns, scale, most):
            return _ordered(given, check, upper=False)
    return None


def _ordered(labels: list[str], check: RowCheck, *, upper: bool) -> ScoreKind | None:
    if len(labels) < 2:
        return None
    shown = tuple(label.upper() if upper else label for label in labels)
    check.note("order_of_grades", f"Grades were taken in this order, lowest first: {', '.join(shown)}. {_OTHERWISE}")
    return ScoreKind(name="ordinal", labels=shown)


def _binary(columns: Columns, most: float) -> ScoreKind | None:
    seen = _seen(columns)
    if negated := negated_of(seen):
        return ScoreKind(name="binary", labels=tuple(_most_frequent(seen[word]) for word in negated))
    if not _fits(columns, SIGNS, most):
        return None
    usual = max(OPPOSITES, key=lambda pair: sum(seen[word].total() for word in pair if word in seen))
    given = [[word for word in seen if SIGNS.get(word) == sign] for sign in range(2)]
    words = (max(own, key=lambda word: seen[word].total(), default="") for own in given)
    labels = (_most_frequent(seen[word]) if word else named for word, named in zip(words, usual, strict=True))
    return ScoreKind(name="binary", labels=tuple(labels))


def _classes(columns: Columns) -> ScoreKind | None:
    seen = _seen(columns)
    shared = set.intersection(*(set(each.spellings) for each in columns.values()))
    n_rows = sum(seen[label].total() for label in seen) / len(columns)
    if len(seen) > MAX_LABELS:  # what one side gave once is no class
        seen = {label: written for label, written in seen.items() if label in shared or written.total() > 1}
    if any(each.share_of(shared) < MAX_TEXT_RATE for each in columns.values()):
        return None
    if not 1 < len(seen) <= min(MAX_LABELS, n_rows / 2) or any(len(label) > LONGEST_CLASS for label in seen):
        return None
    return ScoreKind(name="nominal", labels=_spelt_once(seen))


def _completed(columns: Columns, asked: ScoreKind, check: RowCheck) -> ScoreKind:
    """The kind asked for, with the labels that it has in these columns."""
    if asked.labels or asked.name == "numeric":
        return asked
    if asked.is_answered:
        answers = _grades(_numbers(columns)["teacher"])
        return _answered(columns) if answers and answers <= {0.0, 1.0} else _refuse(columns, asked, check)
    if asked.name == "pairwise":
        return _numbered_sides(columns, check) or replace(asked, labels=PAIRWISE)
    if asked.name == "nominal":
        labels = _spelt_once(_seen(columns))
        return replace(asked, labels=labels) if 1 < len(labels) <= MAX_LABELS else _refuse(columns, asked, check)
    if all(each.is_numeric for each in columns.values()):
        return _of_numbers(columns, asked, check)
    if asked.name == "binary":
        return _binary(columns, MAX_TEXT_RATE) or _refuse(columns, asked, check)
    found = _letters(columns, check, MAX_TEXT_RATE) or _scale(columns, check, MAX_TEXT_RATE)
    return found or _refuse(columns, asked, check)


def _of_numbers(columns: Columns, asked: ScoreKind, check: RowCheck) -> ScoreKind:
    if asked.name == "ordinal":
        return replace(_kind_of_numbers(columns, check), name="ordinal")
    seen = set().union(*(_grades(values) or () for values in _numbers(columns).values()))
    if len(seen) != 2:
        return _refuse(columns, asked, check)
    return ScoreKind(name="binary", labels=tuple(f"{value:.0f}" for value in sorted(seen)))


def _refuse(columns: Columns, asked: ScoreKind, check: RowCheck) -> ScoreKind:
    seen = _spelt_once(_seen(columns))
    example = {"ordinal": "lowest first, such as bad,ok,good", "nominal": f"{MAX_LABELS} at most"}
    raise InputError(
        f"{check.label}: columns {check.columns['teacher']!r} and {check.columns['student']!r} hold {len(seen):,} "
        f"different values, such as {', '.join(map(repr, seen[:4]))}. Name the labels, "
        f"{example.get(asked.name, 'the positive one last, such as fail,pass')} (--labels)."
    )


def _seen(columns: Columns) -> dict[str, Counter[str]]:
    """Spellings of each label on both sides."""
    found: dict[str, Counter[str]] = {}
    for each in columns.values():
        for label, written in each.spellings.items():
            found[label] = found.get(label, Counter()) + written
    return found


def _spelt(seen: Mapping[str, Counter[str]]) -> Iterable[str]:
    return (text for written in seen.values() for text in written)


def _spelt_once(seen: Mapping[str, Counter[str]]) -> tuple[str, ...]:
    return tuple(_most_frequent(seen[label]) for label in sorted(seen))


def _most_frequent(written: Counter[str]) -> str:
    return min(written, key=lambda text: (-written[text], text))
