"""The calibration that a visitor gives to the gate: the file of `calibrate`, or of the page Spread; for this visit."""

from drift_core.calibration.calibration_file import CalibrationRecord, parse_calibration
from drift_core.errors import InputError
from pages.components.session import session, visitor_store

FILE_NAME = "calibration.json"
KEY, _FOUND, _FAULT = "gate_calibration_upload", "gate_calibration", "gate_calibration_fault"


def current() -> CalibrationRecord | None:
    """The calibration that is checked, or None."""
    found: CalibrationRecord | None = visitor_store.get(_FOUND)
    return found


def take_fault() -> object:
    """What is wrong with the file that was given last, once; None where nothing is."""
    return visitor_store.take(_FAULT)


def open_upload() -> None:
    """Open the uploaded file, or none where it was taken away; a broken one is said. Fit as a callback."""
    upload, found = session.event(KEY), None
    try:
        found = parse_calibration(upload.getvalue(), name=upload.name) if upload else None
    except InputError as error:
        visitor_store.put(_FAULT, str(error))
    visitor_store.put(_FOUND, found)
