"""What a call of the teacher and of the students costs and how long it takes, where a file says so."""

from collections.abc import Mapping

import numpy as np

from drift_core.samples.checks import RowCheck, check_optional
from drift_core.tables.values import Reading

COSTS = {"teacher": "teacher_cost", "student": "student_cost", "student_before": "student_before_cost"}
LATENCIES = {
    "teacher": "teacher_latency_ms",
    "student": "student_latency_ms",
    "student_before": "student_before_latency_ms",
}
OPERATIONS = (*COSTS.values(), *LATENCIES.values())


def check_operations(check: RowCheck, readings: Mapping[str, Reading]) -> dict[str, np.ndarray]:
    """Give the values of each column that has any, NaN where unknown; a value below 0 is said and taken as missing."""
    found = {}
    for role, reading in readings.items():
        values = check_optional(check, role, reading)
        if values is None:
            continue
        below = values < 0
        column = check.columns[role]
        check.mention(f"negative_{role}", below, f"a value below 0 (column {column!r}), taken as missing")
        values[below] = np.nan
        if not np.isnan(values).all():
            found[role] = values
    return found
