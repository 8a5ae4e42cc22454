"""The release gate: may it ship?"""

import streamlit as st

from pages.components.frame import frame, results
from pages.components.gate import gate_files_panel, gate_panel, gate_reading

with frame.page("gate"):
    read = gate_reading.reading()
    if read is None:
        results.verdict("No history is open.")
        gate_panel.bring_a_history()
    else:
        gate_panel.show_notes()
        gate_panel.answer(read)
        findings, beside = st.columns([3, 2], gap="large")
        with findings:
            gate_panel.checks(read)
        with beside:
            gate_panel.decided_by(read)
            gate_panel.triggers(read)
            gate_panel.override(read)
        gate_panel.decisions(read)
        gate_files_panel.in_ci(read)
        gate_panel.way_on(read)
