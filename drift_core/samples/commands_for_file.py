"""Commands that read a sample's own file again, written so that they work as they stand."""

import shlex
from pathlib import Path

from drift_core.samples.pairs import ScoredPairs


def draw_command(sample: ScoredPairs | None, n_pairs: int) -> str:
    """Command that draws scored pairs of a sample by stratum; empty where it is no file of its own that can be read."""
    source, form = _file_of(sample)
    if sample is None or not source:
        return ""
    column = _named(sample, "query")
    scored = (
        f" --having {shlex.quote(sample.columns['teacher'])}" if sample.unscored and "teacher" in sample.columns else ""
    )
    return f"distillation-drift sample {shlex.quote(source)} --n {n_pairs}{column}{scored} --out to_pin{form}"


def score_command(sample: ScoredPairs | None) -> str:
    """Command that scores a sample again with the student, in the column it was read from; empty as `draw_command`."""
    source, form = _file_of(sample)
    if sample is None or not source or sample.doc is None or "student" not in sample.columns:
        return ""
    into = f" --into {shlex.quote(sample.columns['student'])}" if sample.columns["student"] != "student_score" else ""
    out = ".csv" if form == ".tsv" else form
    columns = _named(sample, "query") + _named(sample, "doc")
    return f"distillation-drift score {shlex.quote(source)} --student DIR{columns}{into} --out scored_again{out}"


def _file_of(sample: ScoredPairs | None) -> tuple[str, str]:
    """The path of a sample's own file and its ending; both empty where no command can read it."""
    source = "" if sample is None else sample.source or sample.name
    form = Path(source).suffix.lower()
    is_own = sample is not None and sample.part is None and form in (".csv", ".tsv", ".parquet")
    return (source, form) if is_own else ("", "")


def _named(sample: ScoredPairs, role: str) -> str:
    column = sample.columns.get(role, role)
    return "" if column == role else f" --column {shlex.quote(f'{role}={column}')}"
