"""Which column holds what: columns recognised by name for their roles, and columns that may be slices."""

import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from drift_core.errors import InputError, SettingError
from drift_core.tables.problem import Problem
from drift_core.tables.repeats import REPEAT_ROLES, repeat_columns
from drift_core.tables.roles import ROLES, VAGUE_NAMES
from drift_core.tables.version_names import Whose, whose_version
from drift_core.wording import in_a_row

if TYPE_CHECKING:
    import pyarrow as pa

# A slice is offered from text columns of few, short values that repeat (ours).
MAX_SLICE_VALUES = 50
MIN_PAIRS_A_VALUE = 10
MAX_VALUE_LENGTH = 60
DATE = re.compile(r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(?!\d)")
SCORE_WORDS = ("score", "rating", "grade", "judge", "reward", "logit", "similarity")
INSIDE = " Values inside another column are not read: flatten them, with pandas by json_normalize."
PINNED_WORDS = ("pinned", "old")  # before or after the name of the teacher's column
STRATUM = "stratum"  # what a weighted sample was drawn by; it repeats another column, or clusters


def recognise_columns(table: "pa.Table | Iterable[str]") -> dict[str, str]:
    """Find the column of each role by its name.

    Case, spaces, hyphens, dots and underscores do not count. Where several columns fit a role, the most specific name
    wins, then the leftmost column. A column ``score`` or ``verdict`` is the teacher's where none fits better and no
    other column's name reads like a score.

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
    if "teacher" not in found:
        return found
    found |= _recognise_pinned(names, found)
    return found | _recognise_repeats(names, found)


def fitting_columns(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """List for each role all columns whose name fits it, the best first."""
    plain: dict[str, list[str]] = {}
    for name in names:
        plain.setdefault(plain_name(name), []).append(name)
    found = {
        role: tuple(name for known in entry.names for name in plain.get(plain_name(known), ()))
        for role, entry in ROLES.items()
    }
    return found if found["teacher"] else found | {"teacher": _lone_score(plain, found)}


def _lone_score(plain: Mapping[str, list[str]], found: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The column ``score``, unless another one that serves for nothing reads like a score too; else ``verdict``."""
    used = {name for fit in found.values() for name in fit}
    like = [
        name
        for key, names in plain.items()
        if any(word in key for word in SCORE_WORDS)
        for name in names
        if name not in used
    ]
    is_alone = not like or [plain_name(name) for name in like] == ["score"]
    return (*like, *plain.get("verdict", ())) if is_alone else ()


def plain_name(name: str) -> str:
    """Fold a column's name: case, spaces, hyphens, dots and underscores do not count."""
    return "".join(c for c in name.casefold() if c.isalnum())


def version_of(name: str, values: Iterable[object]) -> Whose | None:
    """Whose version a column of these values tells; None where it tells none."""
    return whose_version(plain_name(name), values)


def assign_columns(
    names: Iterable[str], chosen: Mapping[str, str] | None, label: str, *, unfit: Collection[str] = ()
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Give each role its column: the chosen one, else the recognised one; raise if a required one is missing.

    A role whose chosen column is empty text is not used. A chosen name that is no role takes its column from the roles.
    Columns in `unfit` are not recognised by their names.
    """
    names, chosen = tuple(names), dict(chosen or {})
    _check_chosen(names, chosen, label, of_two=True)
    taken = {*chosen.values(), *unfit}
    fitting = fitting_columns(name for name in names if name not in taken)
    free = {role: fit for role, fit in fitting.items() if role not in chosen and fit}
    assigned = {role: chosen.get(role) or free[role][0] for role in ROLES if chosen.get(role) or role in free}
    missing = tuple(role for role, entry in ROLES.items() if entry.required and role not in assigned)
    if missing:
        scores = " and ".join(f"--{role}-score" for role in missing if role in ("teacher", "student"))
        how, also = "Choose on the samples page, or with", f", or diagnose's {scores}" if scores else ""
        told = _missing_message(missing, names, label, how=how, also=also)
        raise InputError(told + _for_one_file(missing[0], "COLUMN") + _taken_for_slices(chosen))
    if "teacher_pinned" not in chosen:
        assigned |= _recognise_pinned((name for name in names if name not in taken), assigned)
    repeats = {} if set(REPEAT_ROLES) & set(chosen) else _recognise_repeats(names, assigned)
    known = set(repeats.values())
    left = {role: tuple(name for name in fit if name not in known) for role, fit in free.items()}
    ambiguities = tuple(
        _ambiguity(role, fit) for role, fit in left.items() if len(fit) > 1 or plain_name(fit[0]) in VAGUE_NAMES
    )
    return assigned | repeats, (*ambiguities, *_taken_as_repeats(repeats, assigned["teacher"]))


def find_columns(
    names: Iterable[str],
    chosen: Mapping[str, str],
    label: str,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
) -> dict[str, str]:
    """Find the columns of some roles alone: the chosen ones, else those recognised by their names.

    Raises
    ------
    InputError
        When a required column, or one that was chosen, is not there.
    SettingError
        When a column is chosen for another role.
    """
    names, roles = tuple(names), (*required, *optional)
    unknown = next((role for role in chosen if role not in roles), None)
    if unknown is not None:
        raise SettingError(f"Columns can be named for {', '.join(roles)}; found {unknown!r}.")
    _check_chosen(names, chosen, label)
    fitting = fitting_columns(name for name in names if name not in chosen.values())
    found = {role: chosen[role] if role in chosen else next(iter(fitting[role]), "") for role in roles}
    missing = [role for role in required if not found[role]]
    if missing:
        raise InputError(_missing_message(missing, names, label, how="Name it with"))
    return {role: column for role, column in found.items() if column}


def _recognise_pinned(names: Iterable[str], assigned: Mapping[str, str]) -> dict[str, str]:
    """Find the pinned teacher's column by the teacher's: ``verdict_pinned`` beside ``verdict``."""
    teacher, used = plain_name(assigned["teacher"]), set(assigned.values())
    free = {plain_name(name): name for name in names if name not in used}
    known = (each for word in PINNED_WORDS for each in (teacher + word, word + teacher))
    found = None if "teacher_pinned" in assigned else next((free[each] for each in known if each in free), None)
    return {} if found is None else {"teacher_pinned": found}


def _recognise_repeats(names: Iterable[str], assigned: Mapping[str, str]) -> dict[str, str]:
    found = repeat_columns((name for name in names if name not in {*assigned.values()}), assigned["teacher"])
    return dict(zip(REPEAT_ROLES, found, strict=False))


def _taken_as_repeats(repeats: Mapping[str, str], teacher: str) -> tuple[Problem, ...]:
    if not repeats:
        return ()
    taken = f"{listed(repeats.values())} beside {teacher!r}"
    message = f"Taken as further runs of the same teacher: {taken}. Leave them out if another judge gave them."
    return (Problem(name="repeated_scores", message=message),)


def _check_chosen(names: tuple[str, ...], chosen: Mapping[str, str], label: str, *, of_two: bool = False) -> None:
    for role, column in chosen.items():
        if column and column not in names:
            inside = INSIDE if {*re.split(r"[.\[]", column)[:1]} & {*names} else ""
            meant = next(iter(fitting_columns(names).get(role, ())), "")
            inside += f" {meant!r} is taken for {role} by its name: name that one, or none." if meant else ""
            raise InputError(
                f"{label} has no column {column!r}, named for {role}. It has: {listed(names)}.{inside}"
                f"{_for_one_file(role, column) if of_two else ''}"
            )
    used = [column for column in chosen.values() if column]
    twice = next((column for column in used if used.count(column) > 1), None)
    if twice is not None:
        roles = " and ".join(role for role, column in chosen.items() if column == twice)
        raise InputError(f"Column {twice!r} of {label} is named for {roles}; each needs a column of its own.")


def _for_one_file(role: str, column: str) -> str:
    """How a column is named for one of two files, for both of which a name without its side holds."""
    option = shlex.quote(f"production.{role}={column}")
    return f" For one file alone: --column {option}." * (role in ROLES)


def _missing_message(missing: Sequence[str], names: tuple[str, ...], label: str, *, how: str, also: str = "") -> str:
    known = "; ".join(f"{role}: {', '.join(ROLES[role].usual or ROLES[role].names)}" for role in missing)
    how += "".join(f" --column {role}=COLUMN" for role in missing)
    told = f"{label} has no column for {in_a_row(missing)}. It has: {listed(names)}. {how}{also}."
    return f"{told} Names that are recognised, among others: {known}."


def _taken_for_slices(chosen: Mapping[str, str]) -> str:
    """Say which names are no roles, for one of them may be a role misspelled."""
    others = [name for name in chosen if name not in ROLES]
    return f" Taken for the name of a slice, as it is no role: {listed(others)}." if others else ""


def _ambiguity(role: str, fit: tuple[str, ...]) -> Problem:
    others = f"; {listed(fit[1:])} would fit too" if len(fit) > 1 else ", by its name alone"
    message = f"Column {fit[0]!r} was taken for {role}{others}. Name another if this one is wrong."
    return Problem(name="ambiguous_column", message=message)


def listed(names: Iterable[str], at_most: int = 30) -> str:
    """List names of columns in a message, long lists and long names cut."""
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
        raise InputError(f"{label} has no column {unknown!r}, asked for as a slice. It has: {listed(names)}.")


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
        Columns with 2 to 50 different short values, each on 10 rows on average; numbers, and one value alone, count
        where the column tells a version.
    """
    taken = {*columns.values(), *({STRATUM} if "weight" in columns else ())}
    free = [name for name in table.column_names if name not in taken]
    return tuple(name for name in free if _is_sliceable(name, table[name]))


def _is_sliceable(name: str, column: "pa.ChunkedArray") -> bool:
    values = distinct_values(column)
    is_version = version_of(name, values) is not None
    if not is_version and (not may_be_slice(column) or holds_numbers_or_dates(column)):
        return False
    least, n_present = 1 if is_version else 2, len(column) - column.null_count
    return least <= len(values) <= MAX_SLICE_VALUES and n_present >= MIN_PAIRS_A_VALUE * len(values)


def holds_numbers_or_dates(column: "pa.ChunkedArray") -> bool:
    """Whether all values that are present are numbers, written as text or not, or all are dates."""
    values = distinct_values(column)
    return bool(values) and (all(map(_is_number, values)) or all(map(DATE.match, values)))


def may_be_slice(column: "pa.ChunkedArray") -> bool:
    """Whether the values, perhaps only the first of a column, leave it open that the column is a slice."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if not pa.types.is_boolean(kind) and not any(is_text(kind) for is_text in texts):
        return False
    values = distinct_values(column)
    return len(values) <= MAX_SLICE_VALUES and all(len(value) <= MAX_VALUE_LENGTH for value in values)


def distinct_values(column: "pa.ChunkedArray") -> tuple[str, ...]:
    """The different values that are present, cut a little above the number that a slice may have; none of lists."""
    is_plain = not (column.type.num_fields or hasattr(column.type, "storage_type"))  # no list, none that Arrow lacks
    values = column.unique()[: MAX_SLICE_VALUES + 3].to_pylist() if is_plain else []  # null, "" too
    return tuple(str(value) for value in values if value is not None and str(value).strip())


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
