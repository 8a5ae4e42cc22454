"""Commands on a sample's own file: they draw pairs of it, diagnose what was drawn, and score it again."""

import shlex
from pathlib import Path

from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.columns import recognise_columns

DRAWN = "to_pin"


def draw_and_diagnose(heldout: ScoredPairs | None, production: ScoredPairs | None, n_pairs: int) -> tuple[str, ...]:
    """Both commands, or none where a sample is no file of its own."""
    draw = draw_command(production, n_pairs)
    diagnose = "" if production is None else diagnose_command(heldout, production)
    return (draw, diagnose) if draw and diagnose else ()


def draw_command(sample: ScoredPairs | None, n_pairs: int) -> str:
    """Command that draws scored pairs of a sample by stratum; empty where it is no file of its own that can be read."""
    form = _form(sample)
    if sample is None or not form:
        return ""
    column = _named(sample, "query")
    scored = (
        f" --having {shlex.quote(sample.columns['teacher'])}" if sample.unscored and "teacher" in sample.columns else ""
    )
    return f"distillation-drift sample {shlex.quote(_source(sample))} --n {n_pairs}{column}{scored} --out {DRAWN}{form}"


def diagnose_command(heldout: ScoredPairs | None, production: ScoredPairs) -> str:
    """Command that diagnoses held-out and what `draw_command` drew of production; each column named that needs it."""
    if heldout is None or not _form(heldout) or not _form(production):
        return ""
    named = "".join(
        f" --column {shlex.quote(f'{side}.{role}={column}')}"
        for side, sample in (("heldout", heldout), ("production", production))
        for role, column in _not_recognised(sample).items()
    )
    return f"distillation-drift diagnose {shlex.quote(_source(heldout))} {DRAWN}{_form(production)}{named}"


def score_command(sample: ScoredPairs | None) -> str:
    """Command that scores a sample again with the student, in the column it was read from; empty as `draw_command`."""
    form = _form(sample)
    if sample is None or not form or sample.doc is None or "student" not in sample.columns:
        return ""
    into = f" --into {shlex.quote(sample.columns['student'])}" if sample.columns["student"] != "student_score" else ""
    out, columns = ".csv" if form == ".tsv" else form, _named(sample, "query") + _named(sample, "doc")
    source = shlex.quote(_source(sample))
    return f"distillation-drift score {source} --student DIR{columns}{into} --out scored_again{out}"


def _named(sample: ScoredPairs, role: str) -> str:
    column = sample.columns.get(role, role)
    return "" if column == role else f" --column {shlex.quote(f'{role}={column}')}"


def _not_recognised(sample: ScoredPairs) -> dict[str, str]:
    found = recognise_columns(tuple(sample.columns.values()))
    return {role: column for role, column in sample.columns.items() if found.get(role) != column and role != column}


def _source(sample: ScoredPairs) -> str:
    return sample.source or sample.name


def _form(sample: ScoredPairs | None) -> str:
    """Ending of the file, as far as it is one that pairs can be drawn of; else empty."""
    form = "" if sample is None or sample.part is not None else Path(_source(sample)).suffix.lower()
    return form if form in (".csv", ".tsv", ".parquet") else ""
