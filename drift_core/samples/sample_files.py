"""The files of held-out and production, and how they are read."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError, SettingError, UnmeasurableError
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import Side, Split
from drift_core.samples.reading import read_pairs, read_table
from drift_core.samples.score_kind import Kind
from drift_core.samples.split import read_split
from drift_core.samples.written_scores import is_named_probability
from drift_core.tables.columns import fitting_columns
from drift_core.tables.scan import STANDARD_INPUT

if TYPE_CHECKING:
    from drift_core.tables.scan import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFiles:
    """Two samples as files.

    Attributes
    ----------
    heldout, production
        As for `read_pairs`; standard input (``-``) can be one of them. None for production where `split` is given.
    split
        Tells both apart in the one file `heldout`.
    heldout_columns, production_columns
        Role to column of each, where it is not recognised by name.
    limits
        What is over is sampled by whole queries.
    kind, labels, tool
        As for `read_pairs`, for both.
    """

    heldout: "Source"
    production: "Source | None" = None
    split: Split | None = None
    heldout_columns: Mapping[str, str] = field(default_factory=dict)
    production_columns: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    tool: str | None = None

    def __post_init__(self) -> None:
        if (self.production is None) != (self.split is not None):
            raise SettingError(
                "Give two files, held-out and production, or one file and where to split it (--split COLUMN=DATE or "
                "--split COLUMN=VALUE)."
            )
        if (
            isinstance(self.heldout, str)
            and isinstance(self.production, str)
            and self.heldout == self.production == "-"
        ):
            raise SettingError("Only one of the two samples can come from standard input. Give a file for the other.")


def read_samples(
    files: SampleFiles, *, slices: Sequence[str] | None = None, seed: int = 0
) -> tuple[ScoredPairs, ScoredPairs]:
    """Read held-out and production.

    Raises
    ------
    UnmeasurableError
        When production cannot be measured; for held-out, that is an InputError like any other.
    InputError
        When a sample cannot be read, or they hold different kinds of score.
    """
    if files.split is not None:
        columns: dict[Side, Mapping[str, str]] = {
            "heldout": files.heldout_columns,
            "production": files.production_columns,
        }
        return read_split(
            files.heldout,
            files.split,
            columns=columns,
            slices=slices,
            limits=files.limits,
            seed=seed,
            kind=files.kind,
            labels=files.labels,
            tool=files.tool,
        )
    assert files.production is not None
    alike: dict[str, Any] = {"slices": slices, "limits": files.limits, "seed": seed}
    alike |= {"kind": files.kind, "labels": files.labels, "tool": files.tool}
    try:
        heldout = read_pairs(files.heldout, columns=files.heldout_columns, **alike | _of_heldout(files, slices))
    except UnmeasurableError as error:
        raise InputError(str(error)) from error
    return align_kinds(heldout, _read_production(files, heldout, alike))


def with_scores(files: SampleFiles, scores: Mapping[str, str]) -> SampleFiles:
    """The files with scores, by role, as columns of those that have them; of both where none has, and is refused.

    What is named for a file by itself stays. Standard input can be read once only and is taken to have them.
    """
    if not scores:
        return files
    sides = {"heldout_columns": files.heldout, "production_columns": files.production or files.heldout}
    names = {
        side: None if source == STANDARD_INPUT else {*read_table(source, n_rows=1, tool=files.tool).column_names}
        for side, source in sides.items()
    }
    has = {
        role: [side for side, known in names.items() if known is None or {name, name.partition(".")[0]} & known]
        for role, name in scores.items()
    }
    changed: dict[str, Any] = {
        side: {role: name for role, name in scores.items() if side in (has[role] or sides)} | dict(getattr(files, side))
        for side in sides
    }
    return replace(files, **changed)


def _of_heldout(files: SampleFiles, slices: Sequence[str] | None) -> dict[str, Sequence[str]]:
    """The slices asked for that held-out has; one of production alone divides production, and no other is one."""
    if not slices or files.heldout == STANDARD_INPUT or files.production == STANDARD_INPUT:
        return {}
    sides = (files.heldout, files.heldout_columns), (files.production, files.production_columns)
    has = [
        {*read_table(source, n_rows=1, tool=files.tool).column_names, *columns} for source, columns in sides if source
    ]
    return {"slices": [name for name in slices if name in has[0] or name not in has[-1]]}


def with_probability(files: SampleFiles) -> SampleFiles:
    """The same files with the student's probability where it stands beside a label or score and nobody chose.

    Standard input is left as it is, for it can be read once only.
    """
    sides = {"heldout_columns": files.heldout, "production_columns": files.production or files.heldout}
    changed: dict[str, Any] = {}
    for side, source in sides.items():
        columns = getattr(files, side)
        if source == STANDARD_INPUT or "student" in columns:
            continue
        fit = fitting_columns(read_table(source, n_rows=1, tool=files.tool).column_names)["student"]
        found = next(filter(is_named_probability, fit), None)
        if found is not None:
            changed[side] = {**columns, "student": found}
    return replace(files, **changed)


def _read_production(files: SampleFiles, heldout: ScoredPairs, alike: Mapping[str, Any]) -> ScoredPairs:
    """Read production; where its labels alone do not tell what they are, as those of held-out."""
    assert files.production is not None
    read = partial(read_pairs, files.production, columns=files.production_columns)
    try:
        return read(**alike)
    except InputError as error:
        is_given = files.kind is not None or files.labels or heldout.kind.is_ranked
        if is_given or str(files.production) == STANDARD_INPUT:
            raise
        with suppress(InputError):
            return read(**{**alike, "kind": heldout.kind.name, "labels": heldout.kind.labels})
        raise error
