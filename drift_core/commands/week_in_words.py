"""A judged week in a few lines for the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.textbook_rule import TextbookAlarms

SOURCES = {
    "heldout": "held-out at ship time",
    "first_week": "the first measured week",
    "bridge": "moved by the bridge to this revision",
    "accepted": "a level that was accepted",
}


def describe_canary(week: "WeekAssessment", *, strict: "TextbookAlarms", is_new: bool, notes: Sequence[str]) -> str:
    """The week in a few lines: the verdict first, then the figures and what is odd about the record."""
    from drift_core.canary.baselines import bridge_refusal

    run = week.run
    verdicts = {"quiet": "No alarm.", "alarm": "Alarm.", "gap": "A gap: this week is not judged."}
    lines = [" ".join((verdicts[week.status], *week.reasons))]
    lines.append(f"Agreement {run.agreement:.3f} · overlap at K = {run.k} {run.overlap:.3f}")
    if week.baseline is not None:
        lines.append(f"Baseline {week.baseline.agreement:.3f}, {SOURCES[week.baseline.source]}")
    odd = bridge_refusal(run, week.baseline)
    lines += [odd] if odd else []
    lines.append(
        f"{run.at:%Y-%m-%d} · {counted(run.n_pairs, 'pair', 'pairs')}, {counted(run.n_queries, 'query', 'queries')} · "
        f"teacher {run.teacher_revision}" + (f" · student {run.student_version}" if run.student_version else "")
    )
    if strict.n_quiet_weeks > 1:
        lines.append(strict.sentence)
    if not is_new:
        lines.append("This run was recorded before; the first record stays.")
    return "\n".join([*lines, *notes])
