"""Which rows can be used, and what is said about the others.

No row is dropped without a problem that counts it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from drift_core.errors import InputError, UnmeasurableError
from drift_core.samples.score_columns import MAX_TEXT_RATE
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from drift_core.samples.written_scores import are_thousands, how_to_write
from drift_core.tables.problem import Problem
from drift_core.tables.repeats import REPEAT_ROLES
from drift_core.tables.values import Reading, has_text
from drift_core.wording import N_SHOWN, first_rows, rows_have

TIME_FORMATS = "ISO 8601, such as 2026-12-31 or 2026-12-31T08:45"
MIN_PAIRS = 20  # fewer pairs are not measured (ours)
LARGEST = 1e100  # squares of larger scores, summed, leave the range of numbers (ours)
LEAST_RANGE = 1e-100  # squares of smaller differences are 0 (ours)
ROLE_WORDS = {
    "teacher": "teacher score",
    "student": "student score",
    "teacher_pinned": "pinned teacher score",
    "label": "human label",
    "timestamp": "timestamp",
    "student_before": "score by the student before",
    "teacher_cost": "cost of the teacher",
    "student_cost": "cost of the student",
    "student_before_cost": "cost of the student before",
    "teacher_latency_ms": "latency of the teacher",
    "student_latency_ms": "latency of the student",
    "student_before_latency_ms": "latency of the student before",
    **{
        f"{who}_{event}": f"{event} of the {who.replace('_', ' ')}"
        for who in ("teacher", "student", "student_before")
        for event in ("fallback", "retries", "timeout")
    },
    "weight": "sampling weight",
    **dict.fromkeys(REPEAT_ROLES, "repeated teacher score"),
}


@dataclass(kw_only=True, eq=False, slots=True)
class RowCheck:
    """Rows still usable, and the problems said so far; a row is left out for the first reason found.

    `unscored` marks those that only lack a score by the teacher.
    """

    label: str
    columns: Mapping[str, str]
    rows: np.ndarray
    usable: np.ndarray = field(init=False)
    unscored: np.ndarray = field(init=False)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.usable = np.ones(len(self.rows), dtype=bool)
        self.unscored = np.zeros(len(self.rows), dtype=bool)

    def leave_out(self, name: str, bad: np.ndarray, fault: str) -> None:
        """Leave out the bad rows that are still usable, and say so."""
        bad = bad & self.usable
        self.usable &= ~bad
        self._say(name, bad, f"{fault}: {{rows}}. Left out.", left_out=True)

    def mention(self, name: str, odd: np.ndarray, fault: str, *, is_whole: bool = False) -> None:
        """Say what is odd about rows that stay; a whole sentence names the rows itself."""
        self._say(name, odd & self.usable, fault if is_whole else f"{fault}: {{rows}}.", left_out=False)

    def note(self, name: str, message: str) -> None:
        """Say what is no matter of rows."""
        self.problems.append(Problem(name=name, message=message))

    def _say(self, name: str, bad: np.ndarray, sentence: str, *, left_out: bool) -> None:
        n_rows = int(bad.sum())
        if not n_rows:
            return
        rows = tuple(int(row) + 1 for row in self.rows[bad][: N_SHOWN + 1])
        message = f"{rows_have(n_rows)} {sentence.replace('{rows}', first_rows(rows))}"
        self.problems.append(Problem(name=name, message=message, n_rows=n_rows, rows=rows[:N_SHOWN], left_out=left_out))


def check_queries(check: RowCheck, query: np.ndarray) -> None:
    """Leave out rows without a query."""
    check.leave_out("empty_query", ~has_text(query), f"no query (column {check.columns['query']!r})")


def check_scores(check: RowCheck, role: str, reading: Reading, kind: ScoreKind = NUMERIC) -> None:
    """Leave out rows whose score is missing, infinite or none of the labels; raise if most scores are."""
    word, column = ROLE_WORDS[role], check.columns[role]
    n_text, n_given = int(reading.unreadable.sum()), int((~reading.missing).sum())
    if reading.kind is not None and n_given:
        raise InputError(
            f"{check.label}: column {column!r}, taken for {role}, holds {reading.kind}, no numbers. Write scores as "
            f"numbers, or name the column of the {word}."
        )
    texts = [] if reading.examples is None else [str(text).strip() for text in reading.examples[reading.unreadable]]
    is_number = not kind.labels or kind.is_answered
    are_odd = not kind.is_coded and are_thousands(texts)  # without the largest, the others would mislead
    if n_text > MAX_TEXT_RATE * n_given or are_odd:
        advice = how_to_write(texts, word) if not kind.is_coded else f"Name the column of the {word}, or its labels."
        raise InputError(
            f"{check.label}: column {column!r}, taken for {role}, holds {'no number' if is_number else _none_of(kind)} "
            f"in {n_text:,} of {n_given:,} rows that have a value, for example {_example(reading, check)}. {advice}"
        )
    where = f"(column {column!r})"
    if n_text:
        fault = f"text for the {word}" if is_number else f"{_none_of(kind)} for the {word}"
        name = "text_score" if is_number else "unknown_label"
        check.leave_out(name, reading.unreadable, f"{fault} {where}, such as {_example(reading, check)}")
    check.leave_out("missing_score", reading.missing, f"no {word} {where}")
    check.leave_out("infinite_score", np.isinf(reading.values), f"an infinite {word} {where}")
    beyond = np.abs(reading.values) > LARGEST
    check.leave_out("huge_score", beyond, f"a {word} outside [-{LARGEST:g}, {LARGEST:g}] {where}")
    _note_reading(check, column, reading)


def _none_of(kind: ScoreKind) -> str:
    more = f" and {len(kind.labels) - N_SHOWN:,} more" if len(kind.labels) > N_SHOWN else ""
    return f"none of {', '.join(map(repr, kind.labels[:N_SHOWN]))}{more}"


def check_optional(check: RowCheck, role: str, reading: Reading, kind: ScoreKind = NUMERIC) -> np.ndarray | None:
    """Give the values with NaN or NaT where there is none, or None if there is not one value."""
    word, column = ROLE_WORDS[role], check.columns[role]
    values = reading.values.copy()
    is_number = values.dtype.kind == "f"
    infinite = np.isinf(values) if is_number else np.zeros(len(values), dtype=bool)
    huge = (np.abs(values) > LARGEST) & ~infinite if is_number else infinite
    values[infinite | huge] = np.nan if is_number else np.datetime64("NaT")
    if np.isnan(values).all():
        found = f"holds {_example(reading, check)}" if reading.unreadable.any() else "is empty"
        wanted = f" Write times as {TIME_FORMATS}." if role == "timestamp" and reading.unreadable.any() else ""
        check.note(f"unused_{role}", f"Column {column!r}, taken for {role}, {found}; it is not used.{wanted}")
        return None
    if reading.unreadable.any():
        expected = TIME_FORMATS if role == "timestamp" else "one of the labels" if kind.is_coded else "a number"
        fault = f"an unreadable {word} (column {column!r}), taken as missing; expected {expected}, found "
        check.mention(f"unreadable_{role}", reading.unreadable, fault + _example(reading, check))
    check.mention(f"infinite_{role}", infinite, f"an infinite {word} (column {column!r}), taken as missing")
    outside = f"outside [-{LARGEST:g}, {LARGEST:g}]"
    check.mention(f"huge_{role}", huge, f"a {word} {outside} (column {column!r}), taken as missing")
    _note_reading(check, column, reading)
    return values


def check_weights(check: RowCheck, reading: Reading) -> np.ndarray | None:
    """Leave out rows without a positive, finite weight; None where the column holds no numbers, or one alone.

    A column of texts is no weight, and equal weights say nothing.
    """
    column, values = check.columns["weight"], reading.values
    n_given = int((~reading.missing).sum())
    if reading.unreadable.sum() > MAX_TEXT_RATE * n_given or not n_given:
        found = f"holds {_example(reading, check)}" if n_given else "is empty"
        check.note("unused_weight", f"Column {column!r}, taken for weight, {found}; it is not used.")
        return None
    bad = ~((values >= LEAST_RANGE) & (values <= LARGEST))
    if bad.any():
        check.leave_out("bad_weight", bad, f"no finite sampling weight above 0 (column {column!r})")
    used = values[check.usable]
    if not len(used) or used.min() == used.max():
        return None
    _note_reading(check, column, reading)
    check.note(
        "weighted",
        f"Column {column!r} was taken for sampling weights, {used.min():.4g} to {used.max():.4g}: agreement and shares "
        "are those of the traffic that pairs stand for; overlap and the tests of regions are of the pairs as drawn. "
        "If it is something else, leave it unused on the samples page, or with --column weight=.",
    )
    return values


def _note_reading(check: RowCheck, column: str, reading: Reading) -> None:
    """Say where numbers were written as something else."""
    if reading.decimal_comma:
        check.note("decimal_comma", f"Commas in column {column!r} were read as decimal points.")
    if reading.read_as:
        is_time = reading.values.dtype.kind == "M"
        name = "truth_values" if reading.is_truth else "written_times" if is_time else "written_scores"
        check.note(name, f"Column {column!r} was read with {reading.read_as}.")
    elif reading.is_truth:
        check.note("truth_values", f"True and false in column {column!r} were read as 1 and 0.")


def _example(reading: Reading, check: RowCheck) -> str:
    place = int(np.flatnonzero(reading.unreadable)[0])
    if reading.kind is not None:
        return reading.kind
    text = "" if reading.examples is None else str(reading.examples[place])
    shown = text if len(text) <= 40 else text[:40] + "\u2026"
    return f"{shown!r} in row {check.rows[place] + 1:,}"


def check_pair_ids(
    check: RowCheck, content: Mapping[str, np.ndarray], is_other: np.ndarray, *, is_chosen: bool, repeated: np.ndarray
) -> bool:
    """Leave out rows whose pair id came before; give whether the column serves as pair id at all.

    The first of several rows with one id stays. A column that was only recognised by its name, and repeats over
    different texts, is no pair id and leaves nothing out. Rows marked in `repeated` differ from an earlier one in the
    teacher's score at most; those in `is_other` are the other order of a comparison, which may share its id.
    """
    places = np.flatnonzero(check.usable & has_text(content["pair_id"]))
    ids = pd.Series(content["pair_id"][places], dtype=object)
    ids = ids.where(~is_other[places], ids + " in the other order")
    repeat = ids.duplicated(keep=False).to_numpy()
    places, ids = places[repeat], ids[repeat]
    if not len(places):
        return True
    frame = pd.DataFrame({name: values[places] for name, values in content.items()}).assign(pair_id=ids.to_numpy())
    column = check.columns["pair_id"]
    texts = frame[[name for name in ("pair_id", "query", "doc") if name in frame]].drop_duplicates()
    if not is_chosen and texts["pair_id"].duplicated().any():
        check.note("no_pair_id", f"Column {column!r} repeats over different texts; it is not used as pair id.")
        return False
    identical = frame.duplicated().to_numpy()
    conflicting = frame["pair_id"].duplicated().to_numpy() & ~identical
    fault = f"the pair id (column {column!r}) of an earlier row"
    check.leave_out("duplicate_pair", _mask(check, places[identical]), f"{fault} and all its values")
    conflict = _mask(check, places[conflicting])
    other = "and another teacher score, which serves as a repeat"
    check.leave_out("conflicting_pair_id", conflict & repeated, f"{fault} {other}")
    check.leave_out("conflicting_pair_id", conflict & ~repeated, f"{fault} and other values")
    return True


def check_identical(check: RowCheck, content: Mapping[str, np.ndarray]) -> None:
    """Say how many rows are an earlier one in all that is read, docs and scores among it; they stay."""
    if "doc" not in content:  # docs of one query may well get the same scores
        return
    places = np.flatnonzero(check.usable)
    scores = pd.DataFrame({role: content[role][places] for role in ("student", "teacher")})
    places = places[scores.duplicated(keep=False).to_numpy()]
    again = places[pd.DataFrame({name: values[places] for name, values in content.items()}).duplicated().to_numpy()]
    fault = "the values of an earlier row in every column that is read"
    stay = "They stay, as traffic that repeats: intervals count queries, and a retrain list takes each pair once."
    check.mention("identical_row", _mask(check, again), f"{fault}: {{rows}}. {stay}", is_whole=True)


def _mask(check: RowCheck, places: np.ndarray) -> np.ndarray:
    mask = np.zeros(len(check.usable), dtype=bool)
    mask[places] = True
    return mask


def check_sample(
    check: RowCheck, scores: Mapping[str, np.ndarray], kind: ScoreKind = NUMERIC, *, is_asked: bool = False
) -> None:
    """Raise if too few rows are usable, or if a score does not vary; of labels, both together where nobody named them.

    Where the labels are known, one label on all pairs is full agreement, as a week of rare failures often shows.
    """
    n_usable = int(check.usable.sum())
    reasons = " ".join(problem.message for problem in check.problems if problem.left_out)
    if not len(check.rows):
        raise InputError(f"{check.label} has no rows. Give a file that holds the sample's pairs.")
    if n_usable < MIN_PAIRS:
        raise UnmeasurableError(
            f"{check.label} has {n_usable} usable {'pair' if n_usable == 1 else 'pairs'}; at least {MIN_PAIRS} are "
            f"needed. {reasons or 'Give a larger sample.'}",
            n_pairs=n_usable,
        )
    if not kind.is_ranked:
        first = scores["teacher"][check.usable][0]
        if not is_asked and all((values[check.usable] == first).all() for values in scores.values()):
            raise UnmeasurableError(
                f"{check.label}: teacher and student give one label, {kind.labels[int(first)]!r}, to every pair, so "
                "that agreement says nothing. Give a sample with other labels, or name those that the judge knows "
                f"(--labels {','.join(kind.labels)}). {reasons}".strip(),
                n_pairs=n_usable,
            )
        return
    for role, values in scores.items():
        _check_varies(check, role, values[check.usable], reasons)


def _check_varies(check: RowCheck, role: str, used: np.ndarray, reasons: str) -> None:
    if used.min() == used.max():
        raise UnmeasurableError(
            f"{check.label}: every {ROLE_WORDS[role]} (column {check.columns[role]!r}) is {used[0] + 0.0:g}, so "
            f"pairs cannot be ranked. Name another column, or give a sample whose scores differ. {reasons}".strip(),
            n_pairs=len(used),
        )
    if used.max() - used.min() < LEAST_RANGE:
        raise UnmeasurableError(
            f"{check.label}: the {ROLE_WORDS[role]}s (column {check.columns[role]!r}) differ by less than "
            f"{LEAST_RANGE:g}, which is too little to compute with. Multiply them by one number.",
            n_pairs=len(used),
        )
