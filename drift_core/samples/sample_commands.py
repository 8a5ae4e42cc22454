"""Commands on a sample's own file: they draw pairs of it, diagnose what was drawn, and score it again."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.formats import short_name
from drift_core.wording import no_option

DRAWN, AGAIN, OWN_HELDOUT = "to_pin", "scored_again", "own_heldout"
ADDED = {"stratum", "probability", "weight"}  # columns that a draw adds, so that it takes no file that has one
MOST_GRADES = 20  # different scores, up to which they may be taken for grades


def draw_and_diagnose(
    heldout: ScoredPairs | None, production: ScoredPairs | None, n_pairs: int, *, by: str = "", options: str = ""
) -> tuple[str, ...]:
    """Both commands, or none where a sample is no file of its own; the scores that are brought are in a new column.

    With the slice column `by`, each of its values gets its part of the draw.
    """
    draw = draw_command(production, n_pairs, by=by)
    diagnose = diagnose_command(heldout, production, DRAWN, without="teacher_pinned", options=options)
    return (draw, diagnose) if draw and diagnose else ()


def score_and_diagnose(
    heldout: ScoredPairs | None, production: ScoredPairs | None, *, options: str = ""
) -> tuple[str, ...]:
    """Commands that score production again with the student, and diagnose it; none where one of them would not work."""
    score, diagnose = score_command(production), diagnose_command(heldout, production, AGAIN, options=options)
    return (score, diagnose) if score and diagnose else ()


def draw_command(sample: ScoredPairs | None, n_pairs: int, *, by: str = "", out: str = DRAWN) -> str:
    """Command that draws scored pairs of a sample by stratum; empty where it is no file that a draw takes."""
    form = _form(sample)
    if sample is None or not form or ADDED & {each.casefold() for each in (*sample.columns.values(), *sample.slices)}:
        return ""
    column = _named(sample, "query")
    scored = (
        f" --having {shlex.quote(sample.columns['teacher'])}" if sample.unscored and "teacher" in sample.columns else ""
    )
    strata = f" --by {shlex.quote(sample.columns.get(by, by))}" if by else ""
    begin = f"distillation-drift sample {shlex.quote(_source(sample))} --n {n_pairs}"
    return f"{begin}{strata}{column}{scored}{_tool(sample)} --out {out}{form}"


def diagnose_command(
    heldout: ScoredPairs | None, production: ScoredPairs | None, made: str, *, without: str = "", options: str = ""
) -> str:
    """Command that diagnoses held-out and a file that was made of production's: each column and the kind are named.

    So are what else was asked of reading them, and `options`, which are those of `Settings.options`. The file is CSV
    where production is no Parquet, as `score` writes it; `draw_command` keeps the form.
    """
    if heldout is None or production is None or not _form(heldout) or not _form(production):
        return ""
    if not _can_be_told(heldout):
        return ""
    sides = [
        {role: column for role, column in each.columns.items() if role not in (column, without)}
        for each in (heldout, production)
    ]
    given = _columns(*sides)
    chosen = f"{_kind(heldout)}{_slices(heldout, production)}{_tool(heldout)}{_limits(heldout)}{options}"
    form = _written(production) if made == AGAIN else _form(production)
    return f"distillation-drift diagnose {shlex.quote(_source(heldout))} {made}{form}{given}{chosen}"


def week_command(heldout: ScoredPairs, production: ScoredPairs, *, options: str = "") -> str:
    """Command that diagnoses a file again as it was read, in its folder, with held-out's as HELDOUT; empty if none can.

    `options` are those of `Settings.options`.
    """
    if not _can_be_told(heldout):
        return ""
    name = shlex.quote(no_option(short_name(production.source or production.name)))
    files = (
        f"HELDOUT {name}" if production.part is None else f"{name} --split {shlex.quote(str(production.part.split))}"
    )
    return f"distillation-drift diagnose {files}{asked_options(heldout, production)}{options}"


def asked_options(heldout: ScoredPairs, production: ScoredPairs) -> str:
    """Options that ask for what was asked of reading both."""
    given = _columns(heldout.read_options.columns, production.read_options.columns)
    kind = f" --kind {heldout.read_options.kind}" if heldout.read_options.kind is not None else ""
    return f"{given}{kind}{_labels(heldout)}{_slices(heldout, production)}{_tool(heldout)}{_limits(heldout)}"


def split_command(sample: ScoredPairs, start: np.datetime64, *, options: str = "") -> str:
    """Command that holds a sample's rows since a time to those before; empty as `draw_command`.

    `options` are those of `Settings.options`.
    """
    column = sample.columns.get("timestamp")
    day = start.astype("datetime64[D]")
    if (
        not _can_be_told(sample)
        or not _form(sample)
        or column is None
        or sample.timestamp is None
        or sample.timestamp.min() >= day
    ):
        return ""  # of one day there is nothing before
    at = shlex.quote(f"{column}={str(start)[:10]}")
    named = [(role, name) for role, name in sorted(sample.columns.items()) if role not in (name, "timestamp")]
    given = "".join(f" --column {shlex.quote(f'{role}={name}')}" for role, name in named)
    chosen = f"{_kind(sample)}{_slices(sample, sample)}{_tool(sample)}{_limits(sample)}{options}"
    return f"distillation-drift diagnose {shlex.quote(_source(sample))} --split {at}{given}{chosen}"


def score_command(sample: ScoredPairs | None) -> str:
    """Command that scores a sample again with the student, in the column it was read from; empty as `draw_command`."""
    form = _form(sample)
    if sample is None or not form or sample.doc is None or not {"doc", "student"} <= {*sample.columns}:
        return ""
    into = f" --into {shlex.quote(sample.columns['student'])}" if sample.columns["student"] != "student_score" else ""
    columns = _named(sample, "query") + _named(sample, "doc")
    source = shlex.quote(_source(sample))
    where = f"{columns}{into}{_tool(sample)} --out {AGAIN}{_written(sample)}"
    return f"distillation-drift score {source} --student DIR{where}"


def _columns(heldout: Mapping[str, str], production: Mapping[str, str]) -> str:
    """Options that name the columns of each sample, at once those that both have."""
    both = {role: column for role, column in heldout.items() if production.get(role) == column}
    sides = {"": both, "heldout.": heldout, "production.": production}
    told = [
        f"{side}{role}={column}"
        for side, columns in sides.items()
        for role, column in columns.items()
        if not side or role not in both
    ]
    return "".join(f" --column {shlex.quote(each)}" for each in sorted(told))


def _kind(sample: ScoredPairs) -> str:
    few = len(np.unique(sample.teacher)) <= MOST_GRADES
    kind = f" --kind {sample.kind.name}" if few or sample.kind.name != "numeric" else ""
    return kind + _labels(sample)


def _labels(sample: ScoredPairs) -> str:
    return f" --labels {shlex.quote(','.join(sample.read_options.labels))}" if sample.read_options.labels else ""


def _can_be_told(sample: ScoredPairs) -> bool:
    """Whether options can hold what was asked; no label with a comma is."""
    return not any("," in label for label in sample.read_options.labels)


def _tool(sample: ScoredPairs) -> str:
    """Whose export it is, where that was said; a table of pairs, such as what is drawn of one, is read as it is."""
    return f" --from {sample.read_options.tool}" if sample.read_options.tool else ""


def _limits(sample: ScoredPairs) -> str:
    usual = Limits().sizes
    rows, size = sample.read_options.limits or usual
    chosen = (f" --max-rows {rows}" if rows != usual[0] else "", f" --max-bytes {size}" if size != usual[1] else "")
    return "".join(chosen)


def _slices(heldout: ScoredPairs, production: ScoredPairs) -> str:
    """The slices of production that are compared, where some were chosen; an empty name where none are left."""
    if heldout.read_options.slices is None and production.read_options.slices is None:
        return ""
    asked = production.read_options.slices or ()
    compared = [name for name in production.slices if name in heldout.slices or name in asked]
    return "".join(f" --slice {shlex.quote(name)}" for name in compared or [""])


def _named(sample: ScoredPairs, role: str) -> str:
    column = sample.columns.get(role, role)
    return "" if column == role else f" --column {shlex.quote(f'{role}={column}')}"


def _source(sample: ScoredPairs) -> str:
    """The sample's file, never to be taken for an option."""
    return no_option(sample.source or sample.name)


def _form(sample: ScoredPairs | None) -> str:
    """Ending of the file, as far as it is one that pairs can be drawn of; else empty."""
    form = "" if sample is None or sample.part is not None else Path(_source(sample)).suffix.lower()
    return form if form in (".csv", ".tsv", ".parquet") else ""


def _written(sample: ScoredPairs) -> str:
    """Ending of what `score` writes of the sample's file."""
    return ".csv" if _form(sample) == ".tsv" else _form(sample)
