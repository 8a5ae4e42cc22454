"""The same answer in CI: the shell line, and the files that it writes."""

import json
import shlex
from dataclasses import asdict
from pathlib import PurePath

import streamlit as st

from drift_core.gate.files import gate_to_json, gate_to_junit
from drift_core.report.summaries import gate_page
from pages.components.canary.history_copies import FILE_NAME
from pages.components.frame import file_names, page_files
from pages.components.gate import gate_calibration, gate_reading
from pages.components.gate.gate_reading import GateReading
from pages.components.session import session

RULE_FILE, COMPARISON_FILE = "rule.json", "comparison.json"


def in_ci(read: GateReading) -> None:
    """The command that answers the same in a build pipeline, and its files."""
    st.subheader("The same in a build pipeline", anchor=False)
    st.code(command(read), language=None, wrap_lines=True)  # highlighted words are too pale on the light ground
    st.caption("Exit codes: 0 pass, 1 blocked, 2 bad usage or input, 3 inconclusive. Recipes stand in docs/recipes.")
    page_files.offer(lambda: gate_page(read.decision), name=PurePath(read.opened.name).stem, what="gate")
    as_json, as_xml, as_base, as_rule = st.columns(4)
    as_json.download_button(
        "Answer (JSON)",
        lambda: _json(read),
        file_name=file_names.of_history("gate", "json", name=read.opened.name),
        mime="application/json",
        key="gate_json",
        on_click="ignore",
        width="stretch",
    )
    as_xml.download_button(
        "Checks (JUnit XML)",
        lambda: gate_to_junit(read.decision),
        file_name=file_names.of_history("junit", "xml", name=read.opened.name),
        mime="application/xml",
        key="gate_junit",
        on_click="ignore",
        width="stretch",
    )
    if read.opened.is_copy:
        as_base.download_button(
            "History (SQLite)",
            lambda: gate_reading.history_file(read.opened),
            file_name=FILE_NAME,
            mime="application/vnd.sqlite3",
            key="gate_history",
            on_click="ignore",
            width="stretch",
        )
    if read.comparison:
        st.caption("The file comparison.json is the one that the page Before and after gives, saved under this name.")
    if read.is_own_rule:
        rule = asdict(session.rule())  # here, because a download knows no session
        as_rule.download_button(
            "Rule (JSON)",
            lambda: json.dumps(rule, indent=2) + "\n",
            file_name=RULE_FILE,
            mime="application/json",
            key="gate_rule",
            on_click="ignore",
            width="stretch",
        )


def command(read: GateReading) -> str:
    """The shell line for this history, card and day."""
    history = FILE_NAME if read.opened.is_copy else str(read.opened.path)
    parts = ["distillation-drift", "gate", "--history", history]
    parts += ["--card", read.card.name] if read.card else []
    parts += ["--comparison", COMPARISON_FILE] if read.comparison else []
    parts += ["--calibration", gate_calibration.FILE_NAME] if read.calibration else []
    parts += [] if read.is_today else ["--now", f"{read.decision.now:%Y-%m-%d}"]
    parts += ["--rule", RULE_FILE] if read.is_own_rule else []
    return shlex.join([*parts, "--json", "gate.json", "--junit", "junit.xml"])


def _json(read: GateReading) -> bytes:
    card = read.card.card if read.card else None
    text = json.dumps(gate_to_json(read.decision, card=card), indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()
