"""Slices by names that the caller chose, and slices that two samples spell differently.

Which columns may be slices is in `columns`.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drift_core.errors import InputError, SettingError
from drift_core.samples.columns import ROLES, may_be_slice, plain_name
from drift_core.samples.pairs import Problem, ScoredPairs

if TYPE_CHECKING:
    import pyarrow as pa


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
    """Raise where a name that is no role was given to a column that can be no slice: then a role was misspelled."""
    for name, column in named.items():
        if not may_be_slice(table[column]):
            raise SettingError(
                f"Columns can be named for {', '.join(ROLES)}, or for a slice; found {name!r} for column {column!r} of "
                f"{label}, whose values are not few, short texts. Name a role, or ask for it with --slice {name}."
            )


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
            f"are not compared. Call it alike with {_option(each, production)}, or on the samples page.",
        )
        for each in other_spellings(heldout, production)
    )


def _option(spelling: Spelling, production: ScoredPairs) -> str:
    column = production.columns.get(spelling.production, spelling.production)
    return f"--column {shlex.quote(f'production.{spelling.heldout}={column}')}"
