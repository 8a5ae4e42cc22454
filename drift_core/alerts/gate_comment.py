"""A gate's answer as Markdown for a comment on a merge request, with the last weeks as bars.

A comment shows no picture that is not on a server, so each bar is made of characters.
"""

from collections.abc import Sequence

from drift_core.canary.assessment import WeekAssessment
from drift_core.gate.annotations import github_summary
from drift_core.gate.gate_decision import GateDecision
from drift_core.measured import Measured

N_WEEKS = 12
N_BLOCKS = 20  # of a bar, from 0 to 1


def gate_comment(decision: GateDecision, weeks: Sequence[WeekAssessment]) -> str:
    """Write the answer, its checks and the last weeks of the student that was decided on."""
    version = decision.newest and decision.newest.student_version
    own = [week for week in weeks if week.run.student_version == version and week.run.at <= decision.now]
    rows = [f"| {week.run.at:%Y-%m-%d} | {week.status} | {_bar(week)} |" for week in own[-N_WEEKS:]]
    table = ["", "| Week | Canary | Agreement, from 0 to 1 |", "|---|---|---|", *rows, ""] if rows else []
    return github_summary(decision) + "\n".join(table)


def _bar(week: WeekAssessment) -> str:
    found = week.run.agreement
    if not isinstance(found, Measured):
        return "not measured"
    n_full = round(N_BLOCKS * min(1.0, max(0.0, found.estimate)))
    return f"`{'█' * n_full}{'░' * (N_BLOCKS - n_full)}` {found}"
