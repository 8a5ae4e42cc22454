"""The history as the command line lists it: a line a run, and the entropy of outputs by version."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.run import CanaryRun
    from drift_core.canary.withdrawals import Withdrawal
    from drift_core.measured import Measurement

WITHDRAWN = "withdrawn"


def history_lines(weeks: "Sequence[WeekAssessment]", withdrawn: "Sequence[Withdrawal]", *, shown: str) -> list[str]:
    """A header, a line a run, oldest first, and how many there are."""
    from drift_core.canary.run import in_time

    rows: list[tuple[CanaryRun, str, str]] = [(week.run, week.status, "") for week in weeks]
    rows += [(each.run, WITHDRAWN, f"; {each.told}") for each in withdrawn]
    rows.sort(key=lambda row: in_time(row[0]))
    width = max((len(status) for _, status, _ in rows), default=0)
    width = max(width, len("outcome"))
    header = (
        f"{'at':<10}  {'outcome':<{width}}  {'agreement':<23}  {'overlap':<23}  {'pairs':>6}  {'key':<8}  "
        "teacher, student, cause, sample"
    )
    count = f"{counted(len(rows), 'run', 'runs')} in {shown}"
    marked = f", {len(withdrawn):,} of them withdrawn" if withdrawn else ""
    return [header, *(_line(run, f"{status:<{width}}", told) for run, status, told in rows), f"{count}{marked}"]


def entropy_lines(weeks: "Sequence[WeekAssessment]") -> list[str]:
    """The entropy of outputs, a line a version of the student, and whether it collapses; none where no week has it."""
    from drift_core.canary.collapse import collapse_note, entropy_by_version

    versions = entropy_by_version(weeks)
    if not versions:
        return []
    note = collapse_note(weeks)
    head = "Entropy of the student's outputs, with its share of the most that they could have:"
    return [head, *(f"- {each.sentence}" for each in versions), *([note] if note else [])]


def _figure(measured: "Measurement") -> str:
    from drift_core.measured import Measured

    return f"{measured}" if isinstance(measured, Measured) else "not measured"


def _line(run: "CanaryRun", outcome: str, told: str) -> str:
    from drift_core.canary.withdrawals import SHOWN

    told_of = run.teacher_revision, run.student_version, run.cause_in_words, run.production_name
    who = ", ".join(one_line(each) for each in told_of if each)
    figures = f"{_figure(run.agreement):<23}  {_figure(run.overlap):<23}"
    return f"{run.at:%Y-%m-%d}  {outcome}  {figures}  {run.n_pairs:>6,}  {run.key[:SHOWN]}  {who}{told}"
