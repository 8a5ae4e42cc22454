"""What calls of the teacher and of the students cost, how long they take, and what befell them, by a file's columns."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from drift_core.samples.checks import RowCheck, check_optional
from drift_core.samples.label_words import SIGNS, fold
from drift_core.tables.values import Reading

COSTS = {"teacher": "teacher_cost", "student": "student_cost", "student_before": "student_before_cost"}
LATENCIES = {
    "teacher": "teacher_latency_ms",
    "student": "student_latency_ms",
    "student_before": "student_before_latency_ms",
}
# What befell a call: yes or no, of retries their number.
EVENTS = {
    event: {who: f"{who}_{event}" for who in ("teacher", "student", "student_before")}
    for event in ("fallback", "retries", "timeout")
}
YES_OR_NO = (*EVENTS["fallback"].values(), *EVENTS["timeout"].values())
OPERATIONS = (*COSTS.values(), *LATENCIES.values(), *(role for roles in EVENTS.values() for role in roles.values()))


def check_operations(check: RowCheck, readings: Mapping[str, Reading]) -> dict[str, np.ndarray]:
    """Give the values of each column that has any, NaN where unknown; a value below 0 is said and taken as missing."""
    found = {}
    for role, read in readings.items():
        reading = _as_flags(read) if role in YES_OR_NO else read
        values = check_optional(check, role, reading)
        if values is None:
            continue
        below = values < 0
        column = check.columns[role]
        check.mention(f"negative_{role}", below, f"a value below 0 (column {column!r}), taken as missing")
        values[below] = np.nan
        if role in YES_OR_NO:
            other = np.isfinite(values) & (values != 0) & (values != 1)
            check.mention(f"unclear_{role}", other, f"neither yes nor no (column {column!r}), taken as missing")
            values[other] = np.nan
        if not np.isnan(values).all():
            found[role] = values
    return found


def _as_flags(reading: Reading) -> Reading:
    """Words for yes and no as 1 and 0."""
    if reading.examples is None:
        return reading
    words = [SIGNS.get(fold(str(text)), np.nan) for text in reading.examples[reading.unreadable]]
    values, unreadable = reading.values.copy(), reading.unreadable.copy()
    values[reading.unreadable] = words
    unreadable[reading.unreadable] = np.isnan(words)
    return replace(reading, values=values, unreadable=unreadable)
