"""A gate's answer in the words of GitHub's and GitLab's logs, and as GitHub's step summary."""

import html
import re

from drift_core.gate.checks import GateCheck
from drift_core.gate.gate_decision import GateDecision
from drift_core.wording import one_line

TITLE = "Release gate"


def github_lines(decision: GateDecision) -> list[str]:
    """Write one workflow command for each check that does not hold: an error where it stops the release.

    What was withdrawn, and what else is to be known, is a notice. Escaped as GitHub's own toolkit does, so that no text
    of a user becomes a command.
    """
    lines = [
        f"::{_level(check, decision)} title={_property(f'{TITLE}: {check.name}')}::{_data(check.sentence)}"
        for check in decision.findings
    ]
    withdrawn = [f"::notice title={_property(f'{TITLE}: note')}::{_data(' '.join(decision.notes))}"]
    return lines + (withdrawn if decision.notes else [])


def _level(check: GateCheck, decision: GateDecision) -> str:
    if check.outcome == "overridden" or (check.outcome == "inconclusive" and decision.on_inconclusive == "pass"):
        return "warning"
    return "error"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def github_summary(decision: GateDecision) -> str:
    """Write the answer and its checks as Markdown for the step summary."""
    rows = [f"| {_cell(check.title)} | {check.outcome} | {_cell(check.sentence)} |" for check in decision.checks]
    table = "\n".join(["| Check | Outcome | Finding |", "|---|---|---|", *rows])
    return f"## {TITLE}: {decision.status}\n\n{_cell(decision.sentence)}\n\n{table}\n"


def _cell(text: str) -> str:
    """Escape what Markdown would read as a table, a link, a picture, emphasis or HTML."""
    return re.sub(r"([\\|`*_\[\]#!~])", r"\\\1", html.escape(one_line(text), quote=False))


def gitlab_lines(decision: GateDecision, lines: list[str]) -> list[str]:
    """Wrap lines into a section that GitLab's log can fold."""
    time = int(decision.now.timestamp())
    start = f"\x1b[0Ksection_start:{time}:release_gate\r\x1b[0K{TITLE}: {decision.status}"
    return [start, *lines, f"\x1b[0Ksection_end:{time}:release_gate\r\x1b[0K"]
