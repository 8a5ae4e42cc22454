"""The calibration that a visitor gives to the gate: the file of `calibrate`, or of the page Spread; for this visit."""

import streamlit as st

from drift_core.calibration.calibration_file import CalibrationRecord, parse_calibration
from drift_core.errors import InputError
from pages.components.frame import results
from pages.components.session import session, visitor_store

FILE_NAME = "calibration.json"
_FOUND, _FAULT, _KEY = "gate_calibration", "gate_calibration_fault", "gate_calibration_upload"


def current() -> CalibrationRecord | None:
    """The calibration that is checked, or None."""
    found: CalibrationRecord | None = visitor_store.get(_FOUND)
    return found


def ask() -> None:
    """A place for the file, and what is checked of it."""
    st.file_uploader("Calibration (JSON, of the page Spread or of calibrate)", "json", key=_KEY, on_change=_take)
    if (fault := visitor_store.take(_FAULT)) is not None:
        st.error(results.message(fault))
    if (found := current()) is not None:
        whose = results.escape(found.student_version or "no student named")
        st.caption(f"Checked: the calibration of {whose}, made on {found.made_at:%Y-%m-%d}.")


def _take() -> None:
    """Open the uploaded file, or none where it was taken away; a broken one is said."""
    upload, found = session.event(_KEY), None
    try:
        found = parse_calibration(upload.getvalue(), name=upload.name) if upload else None
    except InputError as error:
        visitor_store.put(_FAULT, str(error))
    visitor_store.put(_FOUND, found)
