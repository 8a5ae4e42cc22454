"""What calls of the teacher and of the students cost, how long they take, and what befell them, by a file's columns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from drift_core.samples.checks import RowCheck, check_optional
from drift_core.samples.label_words import SIGNS, fold
from drift_core.tables.values import Reading, as_array, is_text, plain, read_numbers

if TYPE_CHECKING:
    import pyarrow as pa

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
FIGURES = (*COSTS.values(), *LATENCIES.values(), *(role for roles in EVENTS.values() for role in roles.values()))
OUTPUTS: Mapping[Literal["teacher", "student"], str] = {"teacher": "teacher_output", "student": "student_output"}
OPERATIONS = (*FIGURES, *OUTPUTS.values())


def check_operations(check: RowCheck, columns: Mapping[str, "pa.ChunkedArray"]) -> dict[str, np.ndarray]:
    """Give the values of each column that has any, NaN or None where unknown.

    A value below 0 is said and taken as missing; outputs that are no texts are said and not used.
    """
    found: dict[str, np.ndarray] = {}
    for role, column_read in columns.items():
        if role in OUTPUTS.values():
            found |= _outputs(check, role, column_read)
            continue
        read = read_numbers(column_read)
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


def _outputs(check: RowCheck, role: str, column: "pa.ChunkedArray") -> dict[str, np.ndarray]:
    texts = plain(column)
    if not is_text(texts.type):
        name = check.columns[role]
        check.note(f"unused_{role}", f"Column {name!r}, taken for {role}, holds no texts; write outputs as they came.")
        return {}
    return {role: as_array(texts)}


def _as_flags(reading: Reading) -> Reading:
    """Words for yes and no as 1 and 0, of which nothing is said."""
    reading = replace(reading, is_truth=False)
    if reading.examples is None:
        return reading
    words = [SIGNS.get(fold(str(text)), np.nan) for text in reading.examples[reading.unreadable]]
    values, unreadable = reading.values.copy(), reading.unreadable.copy()
    values[reading.unreadable] = words
    unreadable[reading.unreadable] = np.isnan(words)
    return replace(reading, values=values, unreadable=unreadable)
