"""Which column holds what: the roles, the names by which their columns are recognised, columns that may be slices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from drift_core.errors import InputError
from drift_core.samples.pairs import Problem
from drift_core.samples.repeats import REPEAT_ROLES, repeat_columns

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a column can be for; `names` run from the most specific to the least."""

    meaning: str
    required: bool
    names: tuple[str, ...]


def _role(meaning: str, names: str, *, required: bool = False) -> Role:
    return Role(meaning=meaning, required=required, names=tuple(names.split()))


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "query": _role(
            "text of the query",
            "query query_text q search_query user_query question prompt instruction",
            required=True,
        ),
        "teacher": _role(
            "score by the teacher that scores today",
            "teacher_score teacher teacher_score_current current_teacher_score judge_score judge llm_judge_score "
            "llm_judge llm_score reference_score oracle_score teacher_score_1 teacher_score_r1 teacher_score_run_1 "
            "judge_score_1",
            required=True,
        ),
        "student": _role(
            "score by the student",
            "student_score student student_prediction distilled_score distilled reranker_score cross_encoder_score "
            "predicted_score prediction pred model_score",
            required=True,
        ),
        "doc": _role(
            "text of the document",
            "doc doc_text document document_text passage passage_text d answer response completion output candidate "
            "snippet chunk content text",
        ),
        "pair_id": _role(
            "identifier of the pair, different in every row",
            "pair_id example_id row_id record_id sample_id uid uuid id",
        ),
        "query_id": _role(
            "identifier of the query, the same for all its docs",
            "query_id qid search_query_id question_id prompt_id search_id",
        ),
        "timestamp": _role(
            "when the pair was seen, as ISO 8601 or seconds since 1970",
            "timestamp timestamp_utc datetime event_time created_at logged_at scored_at time ts date day",
        ),
        "teacher_pinned": _role(
            "score by the teacher revision that the student was trained against",
            "teacher_score_pinned teacher_pinned pinned_teacher_score pinned_teacher pinned_score teacher_score_old "
            "old_teacher_score teacher_old judge_score_pinned pinned_judge_score judge_pinned pinned",
        ),
        "label": _role(
            "label or score by a human",
            "label_human human_label human_score gold_label gold_score ground_truth human gold label relevance qrel",
        ),
        "weight": _role(
            "how many pairs of the traffic this one stands for, above 0",
            "weight sampling_weight sample_weight pair_weight inclusion_weight",
        ),
        "student_before": _role(
            "score by the student before, which this one replaces",
            "student_score_before student_before predecessor_score previous_student_score old_student_score "
            "student_score_old",
        ),
        "teacher_cost": _role("price of the teacher's call", "teacher_cost"),
        "student_cost": _role("price of the student's call, in the same currency", "student_cost"),
        "student_before_cost": _role("price of a call of the student before", "student_before_cost"),
        "teacher_latency_ms": _role("milliseconds of the teacher's call", "teacher_latency_ms"),
        "student_latency_ms": _role("milliseconds of the student's call", "student_latency_ms"),
        "student_before_latency_ms": _role("milliseconds of a call of the student before", "student_before_latency_ms"),
    }
    | {
        role: _role("score by the same teacher in another run; recognised by the teacher's", "")
        for role in REPEAT_ROLES
    }
)

# A slice is offered from text columns of few, short values that repeat (ours).
MAX_SLICE_VALUES = 50
MIN_PAIRS_A_VALUE = 10
MAX_VALUE_LENGTH = 60
STRATUM = "stratum"  # what a weighted sample was drawn by; it repeats another column, or clusters


def recognise_columns(table: "pa.Table | Iterable[str]") -> dict[str, str]:
    """Find the column of each role by its name.

    Case, spaces, hyphens, dots and underscores do not count. Where several columns fit a role, the most specific name
    wins, then the leftmost column.

    Parameters
    ----------
    table
        A table, or just its column names.

    Returns
    -------
    dict
        Role to column, for the roles that were found.

    Examples
    --------
    >>> recognise_columns(["Q", "Passage", "judge score", "student"])
    {'query': 'Q', 'teacher': 'judge score', 'student': 'student', 'doc': 'Passage'}
    """
    names = tuple(getattr(table, "column_names", table))
    found = {role: fit[0] for role, fit in fitting_columns(names).items() if fit}
    return found | (_recognise_repeats(names, found) if "teacher" in found else {})


def fitting_columns(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """List for each role all columns whose name fits it, the best first."""
    plain: dict[str, list[str]] = {}
    for name in names:
        plain.setdefault(plain_name(name), []).append(name)
    return {
        role: tuple(name for known in entry.names for name in plain.get(plain_name(known), ()))
        for role, entry in ROLES.items()
    }


def plain_name(name: str) -> str:
    """Fold a column's name: case, spaces, hyphens, dots and underscores do not count."""
    return "".join(c for c in name.casefold() if c.isalnum())


def assign_columns(
    names: Iterable[str], chosen: Mapping[str, str] | None, label: str
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Give each role its column: the chosen one, else the recognised one; raise if a required one is missing.

    A role whose chosen column is empty text is not used. A chosen name that is no role takes its column from the roles.
    """
    names, chosen = tuple(names), dict(chosen or {})
    _check_chosen(names, chosen, label)
    taken = set(chosen.values())
    fitting = fitting_columns(name for name in names if name not in taken)
    free = {role: fit for role, fit in fitting.items() if role not in chosen and fit}
    assigned = {role: chosen.get(role) or free[role][0] for role in ROLES if chosen.get(role) or role in free}
    missing = tuple(role for role, entry in ROLES.items() if entry.required and role not in assigned)
    if missing:
        raise InputError(_missing_message(missing, names, label) + _taken_for_slices(chosen))
    repeats = {} if set(REPEAT_ROLES) & set(chosen) else _recognise_repeats(names, assigned)
    known = set(repeats.values())
    left = {role: tuple(name for name in fit if name not in known) for role, fit in free.items()}
    ambiguities = tuple(_ambiguity(role, fit) for role, fit in left.items() if len(fit) > 1)
    return assigned | repeats, (*ambiguities, *_taken_as_repeats(repeats, assigned["teacher"]))


def _recognise_repeats(names: Iterable[str], assigned: Mapping[str, str]) -> dict[str, str]:
    used = set(assigned.values())
    found = repeat_columns((name for name in names if name not in used), assigned["teacher"])
    return dict(zip(REPEAT_ROLES, found, strict=False))


def _taken_as_repeats(repeats: Mapping[str, str], teacher: str) -> tuple[Problem, ...]:
    if not repeats:
        return ()
    taken = f"{_listed(repeats.values())} beside {teacher!r}"
    message = f"Taken as further runs of the same teacher: {taken}. Leave them out if another judge gave them."
    return (Problem(name="repeated_scores", message=message),)


def _check_chosen(names: tuple[str, ...], chosen: Mapping[str, str], label: str) -> None:
    for role, column in chosen.items():
        if column and column not in names:
            raise InputError(f"{label} has no column {column!r}, named for {role}. It has: {_listed(names)}.")
    used = [column for column in chosen.values() if column]
    twice = next((column for column in used if used.count(column) > 1), None)
    if twice is not None:
        roles = " and ".join(role for role, column in chosen.items() if column == twice)
        raise InputError(f"Column {twice!r} of {label} is named for {roles}; each needs a column of its own.")


def _missing_message(missing: tuple[str, ...], names: tuple[str, ...], label: str) -> str:
    known = "; ".join(f"{role}: {', '.join(ROLES[role].names)}" for role in missing)
    return (
        f"{label} has no column for {' and '.join(missing)}. It has: {_listed(names)}. Names that are recognised: "
        f"{known}. Name the column on the samples page, or with --column {missing[0]}=COLUMN."
    )


def _taken_for_slices(chosen: Mapping[str, str]) -> str:
    """Say which names are no roles, for one of them may be a role misspelled."""
    others = [name for name in chosen if name not in ROLES]
    return f" Taken for the name of a slice, as it is no role: {_listed(others)}." if others else ""


def _ambiguity(role: str, fit: tuple[str, ...]) -> Problem:
    others = _listed(fit[1:])
    message = f"Column {fit[0]!r} was taken for {role}; {others} would fit too. Name another if this one is wrong."
    return Problem(name="ambiguous_column", message=message)


def _listed(names: Iterable[str], at_most: int = 30) -> str:
    """List names in a message, long lists and long names cut."""
    names = tuple(names)
    shown = ", ".join(name if len(name) <= 40 else name[:40] + "\u2026" for name in map(_printable, names[:at_most]))
    return shown + (f" and {len(names) - at_most:,} more" if len(names) > at_most else "")


def _printable(name: str) -> str:
    return name if name.isprintable() and name.strip() else repr(name)


def check_slices(slices: Iterable[str], names: Iterable[str], label: str) -> None:
    """Raise where a slice asked for is no column."""
    names = tuple(names)
    unknown = next((name for name in slices if name not in names), None)
    if unknown is not None:
        raise InputError(f"{label} has no column {unknown!r}, asked for as a slice. It has: {_listed(names)}.")


def slice_candidates(table: "pa.Table", columns: Mapping[str, str]) -> tuple[str, ...]:
    """Offer the text, boolean and category columns that could divide the pairs into slices.

    Parameters
    ----------
    table
        The table as read.
    columns
        Role to column; these columns are not offered, nor ``stratum`` where pairs have weights.

    Returns
    -------
    tuple of str
        Columns with 2 to 50 different short values, each on 10 rows on average; numbers written as text do not count.
    """
    taken = {*columns.values(), *({STRATUM} if "weight" in columns else ())}
    free = [name for name in table.column_names if name not in taken]
    return tuple(name for name in free if _is_sliceable(table[name]))


def _is_sliceable(column: "pa.ChunkedArray") -> bool:
    if not may_be_slice(column):
        return False
    values = _distinct_values(column)
    n_present = len(column) - column.null_count
    return len(values) >= 2 and n_present >= MIN_PAIRS_A_VALUE * len(values) and not holds_numbers(column)


def holds_numbers(column: "pa.ChunkedArray") -> bool:
    """Whether all values that are present are numbers, written as text or not."""
    values = _distinct_values(column)
    return bool(values) and all(map(_is_number, values))


def may_be_slice(column: "pa.ChunkedArray") -> bool:
    """Whether the values, perhaps only the first of a column, leave it open that the column is a slice."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if not pa.types.is_boolean(kind) and not any(is_text(kind) for is_text in texts):
        return False
    values = _distinct_values(column)
    return len(values) <= MAX_SLICE_VALUES and all(len(value) <= MAX_VALUE_LENGTH for value in values)


def _distinct_values(column: "pa.ChunkedArray") -> tuple[str, ...]:
    """The different values that are present, cut a little above the number that a slice may have."""
    values = column.unique()[: MAX_SLICE_VALUES + 3].to_pylist()  # a null and an empty text may be among them
    return tuple(str(value) for value in values if value is not None and str(value).strip())


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
