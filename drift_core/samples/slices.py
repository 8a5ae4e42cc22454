"""Slices by names that the caller chose, and slices that two samples spell differently.

Which columns may be slices is in `tables.columns`.
"""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import InputError, SettingError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import Part
from drift_core.samples.written_scores import N_ROWS_OF_A_LOOK
from drift_core.tables.columns import (
    MAX_SLICE_VALUES,
    check_slices,
    distinct_values,
    holds_numbers_or_dates,
    may_be_slice,
    plain_name,
    slice_candidates,
    version_of,
)
from drift_core.tables.problem import Problem
from drift_core.tables.roles import ROLES
from drift_core.tables.values import has_text, read_texts
from drift_core.wording import N_SHOWN

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.source import Scan

NO_VALUE = "(none)"
LEAST_SHARED = 0.2  # of a sample that must have the one value of the other, before both are compared by it (ours)
YEAR_FIRST = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.]\d")  # a date that is read without a guess
MIN_LENGTH = 5  # of shorter words one slip makes other common words


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One slice under two names."""

    heldout: str
    production: str


def named_slices(columns: Mapping[str, str] | None) -> dict[str, str]:
    """Give the slices among named columns: name to column, for every name that is no role."""
    return {name: column for name, column in (columns or {}).items() if name not in ROLES}


def check_named_slices(
    named: Mapping[str, str], names: Sequence[str], slices: Sequence[str] | None, label: str
) -> None:
    """Raise where a name is no slice asked for, has no column, or is another column's."""
    for name, column in named.items():
        if slices is not None and name not in slices:
            raise SettingError(
                f"Columns can be named for {', '.join(ROLES)}, or for a slice; found {name!r}, which is not among the "
                "slices asked for. Ask for it too, or leave it out."
            )
        if not column:
            raise SettingError(f"The slice {name!r} needs a column of {label}. Name one, or leave the slice out.")
        if name != column and name in names:
            raise InputError(
                f"{label} has a column {name!r} already, so {column!r} cannot be called that. Choose another name."
            )


def check_can_divide(named: Mapping[str, str], table: "pa.Table", label: str) -> None:
    """Raise where a name that is no role may be a role misspelled: by the name itself, or by what the column holds."""
    for name, column in named.items():
        reason = _reason_against(name, column, table[column])
        if reason:
            raise SettingError(
                f"Columns can be named for {', '.join(ROLES)}, or for a slice; found {name!r} for column {column!r} of "
                f"{label}, {reason}. Name a role, or ask for it with --slice {shlex.quote(name)}."
            )


def offered_slices(
    table: "pa.Table", taken: Mapping[str, str], named: Mapping[str, str], names: Sequence[str], label: str
) -> dict[str, str]:
    """Give the slices where none were asked for, name to column: the named, and those that offer themselves."""
    check_can_divide(named, table, label)
    called = {column: name for name, column in named.items()}
    found = sorted({*slice_candidates(table, taken), *called}, key=names.index)
    return {called.get(column, column): column for column in found}


def possible_slices(
    scan: "Scan", assigned: Mapping[str, str], wanted: Mapping[str, str] | None, part: Part | None
) -> tuple[str, ...]:
    """Columns that are to be read as slices: those asked for, else the free ones whose first values leave it open."""
    if wanted is not None:
        check_slices(wanted.values(), scan.names, scan.label)
        return tuple(wanted.values())
    taken = {*assigned.values(), *((part.split.column,) if part else ())}
    free = [name for name in scan.names if name not in taken]
    look = scan.fetch(n_rows=N_ROWS_OF_A_LOOK, names=free) if free else {}
    return tuple(name for name in free if _may_divide(name, look[name]))


def _may_divide(name: str, look: "pa.ChunkedArray") -> bool:
    """Whether the first values of a column leave it open that it is a slice or tells a version."""
    return version_of(name, distinct_values(look)) is not None or may_be_slice(look)


def _reason_against(name: str, column: str, values: "pa.ChunkedArray") -> str:
    """Say why this is no slice without being asked for; empty where nothing speaks against it."""
    if version_of(name, distinct_values(values)):
        return ""
    if not may_be_slice(values):
        return "whose values are not few, short texts"
    if holds_numbers_or_dates(values):
        return "whose values are all numbers or dates"
    role = None if plain_name(name) == plain_name(column) else role_like(name)
    return f"which reads like the role {role!r}" if role else ""


def role_like(name: str) -> str | None:
    """Find the role that the name may mean: written otherwise, a known name of its columns, or one slip away."""
    plain = plain_name(name)
    known = {role: {plain_name(each) for each in (role, *entry.names)} for role, entry in ROLES.items()}
    exact = next((role for role, names in known.items() if plain in names), None)
    return exact or next((role for role in ROLES if is_slip(plain, plain_name(role))), None)


def is_slip(name: str, meant: str) -> bool:
    """Whether one letter more, less, other, or two letters changed about turn a word of some length into the name."""
    if len(meant) < MIN_LENGTH:
        return False
    same = next((i for i, (a, b) in enumerate(zip(name, meant, strict=False)) if a != b), min(len(name), len(meant)))
    found, due = name[same:], meant[same:]
    is_turned = found[:2] == due[:2][::-1] and found[2:] == due[2:]
    return is_turned or found in (due, due[1:]) or found[1:] in (due, due[1:])


def other_spellings(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Spelling, ...]:
    """Find slices that the samples call by names which differ in case, spaces or punctuation alone."""
    found = {plain_name(name): name for name in heldout.slices if name not in production.slices and plain_name(name)}
    alone = {plain_name(name): name for name in production.slices if name not in heldout.slices}
    return tuple(Spelling(heldout=found[name], production=own) for name, own in alone.items() if name in found)


def spelling_problems(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    """Tell each of them, with what mends it."""
    return tuple(
        Problem(
            name="slice_names",
            message=f"The slice {each.production!r} is in production only; held-out has {each.heldout!r}. Its regions "
            f"are not compared. Call it alike on the samples page, or with {_option(each, production)}.",
        )
        for each in other_spellings(heldout, production)
    )


def alone_problems(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    """Tell each slice that one sample alone has, in any spelling, with what becomes of it."""
    spelt = {name for each in other_spellings(heldout, production) for name in (each.heldout, each.production)}
    known = {*spelt, *heldout.constants, *production.constants}
    told = []
    for sample, other, becomes in (
        (production, heldout, "each of its values is compared with held-out as a whole, at the same mix of queries"),
        (heldout, production, "its values are not compared"),
    ):
        alone = [name for name in sample.slices if name not in other.slices and name not in known]
        told += [
            Problem(name="slice_of_one_file", message=f"{other.name} has no column {name!r}, so {becomes}.")
            for name in alone
            if version_of(name, tuple(sorted(set(sample.slices[name])))) is None
        ]
    return tuple(told)


def value_problems(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    """Tell each slice in which production writes values otherwise than held-out: in case or spaces alone."""
    told = []
    for name in heldout.slices:
        if name not in production.slices:
            continue
        known, own = ({str(value) for value in set(sample.slices[name])} for sample in (heldout, production))
        folded = {_folded(value): value for value in sorted(known)}
        pairs = [(folded[_folded(value)], value) for value in sorted(own - known) if _folded(value) in folded]
        if pairs:
            shown = ", ".join(f"{before!r} and {after!r}" for before, after in pairs[:N_SHOWN])
            more = f" and {len(pairs) - N_SHOWN:,} more" if len(pairs) > N_SHOWN else ""
            told.append(
                Problem(
                    name="slice_values",
                    message=f"The slice {name!r} is written differently in held-out and in production: {shown}{more}. "
                    "They count as different regions. Write them alike in one of the files.",
                )
            )
    return tuple(told)


def constant_values(table: "pa.Table", taken: Collection[str]) -> dict[str, str]:
    """The one value of each column, of those not taken, that would be a slice had it more; versions are none."""
    found = {}
    for name in table.column_names:
        column = table[name]
        is_free = name not in taken and may_be_slice(column) and not holds_numbers_or_dates(column)
        values = distinct_values(column) if is_free and len(column.unique()) == 1 else ()
        if values and version_of(name, values) is None:
            found[name] = str(slice_values(column[:1], name)[0])
    return found


def align_slices(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs]:
    """Give each sample the slices that the other has and of which it has one value; their digests stay.

    A value that the other sample has little of, or none, divides the samples, not the traffic. Dates, where there are
    more of them than a slice has values, are told by their months.
    """
    heldout, production = _in_months(heldout, production)
    heldout_too, production_too = _shared(heldout, production), _shared(production, heldout)
    return _with_slices(heldout, heldout_too), _with_slices(production, production_too)


def _in_months(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs]:
    for name in [name for name in production.slices if name in heldout.slices]:
        found = {str(value) for each in (heldout, production) for value in set(each.slices[name])}
        dates = {value: YEAR_FIRST.match(value) for value in found if value != NO_VALUE}
        if len(found) > MAX_SLICE_VALUES and all(dates.values()):
            months = {value: f"{date[1]}-{int(date[2]):02}" for value, date in dates.items() if date}
            heldout, production = (_told_by(name, months, each) for each in (heldout, production))
    return heldout, production


def _told_by(name: str, months: Mapping[str, str], sample: ScoredPairs) -> ScoredPairs:
    values = np.array([months.get(value, NO_VALUE) for value in sample.slices[name]], dtype=object)
    return replace(sample, slices={**sample.slices, name: values}, read_digest=sample.digest)


def constant_problems(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    """Tell each slice that is none because one sample has a single value, of which the other has little or none."""
    told = []
    for one, other in ((heldout, production), (production, heldout)):
        shared = _shared(one, other)
        told += [
            Problem(
                name="slice_of_one_sample",
                message=f"The column {name!r} has one value in {one.name}, {value!r}, and {other.name} has hardly "
                "any of it. Its values are no regions: what differs there, differs between the samples.",
            )
            for name, value in one.constants.items()
            if name in other.slices and name not in shared
        ]
    return tuple(told)


def _shared(one: ScoredPairs, other: ScoredPairs) -> dict[str, str]:
    """The constants of one sample that are values of a slice of the other."""
    known = {name: value for name, value in one.constants.items() if name in other.slices}
    return {name: value for name, value in known.items() if np.mean(other.slices[name] == value) >= LEAST_SHARED}


def _with_slices(sample: ScoredPairs, values: Mapping[str, str]) -> ScoredPairs:
    if not values:
        return sample
    more = {name: np.full(len(sample), value, dtype=object) for name, value in values.items()}
    return replace(sample, slices={**sample.slices, **more}, read_digest=sample.digest)


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def _option(spelling: Spelling, production: ScoredPairs) -> str:
    column = production.columns.get(spelling.production, spelling.production)
    return f"--column {shlex.quote(f'production.{spelling.heldout}={column}')}"


def slice_values(column: "pa.ChunkedArray", where: str) -> np.ndarray:
    """Values of a slice column as texts, one for those that are missing."""
    texts = read_texts(column, where)
    return np.where(has_text(texts), texts, NO_VALUE).astype(object)
