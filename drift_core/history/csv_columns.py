"""The columns of a history as CSV: written from a run, and read back as plain values with their faults.

What a row means as a run is in `csv_weeks`.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import Withdrawal
from drift_core.errors import InputError
from drift_core.history.rows import columns_of
from drift_core.measured import Measured
from drift_core.tables.formula_guard import unguarded

if TYPE_CHECKING:
    import pyarrow as pa

YEARS = range(1970, 2200)
LARGEST = 1_000_000_000
# The columns of numbers, with their ranges: Fisher's z needs four pairs, Student's t two queries.
RANGES = {
    **dict.fromkeys(("n_pairs", "baseline_n_pairs"), (4, LARGEST)),
    "n_queries": (2, LARGEST),
    "k": (1, LARGEST),
    **dict.fromkeys(("agreement", "agreement_low", "agreement_high", "baseline"), (-1, 1)),
    **dict.fromkeys(("overlap", "overlap_low", "overlap_high"), (0, 1)),
}
WHOLE = ("n_pairs", "n_queries", "k", "baseline_n_pairs")
COLUMNS = (
    *("at", "recorded_at", "student_version", "teacher_model", "teacher_revision", "n_pairs", "n_queries"),
    *("agreement", "agreement_low", "agreement_high", "overlap", "overlap_low", "overlap_high", "k"),
    *("baseline", "baseline_n_pairs", "measure", "cause", "origin", "record"),
)
# Written where a run of the history is withdrawn, and empty for those that count.
WITHDRAWN = ("withdrawn_at", "withdrawn_by", "withdrawn_reason")
TIMES = ("at", "recorded_at", "withdrawn_at")
NEEDED = ("at", "teacher_revision", "n_pairs", "agreement")
OTHER_NAMES = {"date": "at", **{f"spearman{limit}": f"agreement{limit}" for limit in ("", "_low", "_high")}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong in a file: sentences, each with the rows where it is and the first value found there."""

    label: str
    rows: dict[str, list[int]] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, sentence: str, row: int, *, found: object = None) -> None:
        """Note a fault of one row, counted from 1."""
        self.rows.setdefault(sentence, []).append(row)
        if found is not None:
            shown = f"{found:g}" if isinstance(found, float) else repr(str(found)[:40])
            self.examples.setdefault(sentence, f", found {shown}")

    def has(self, row: int) -> bool:
        """Whether a row has a fault."""
        return any(row in rows for rows in self.rows.values())

    def check(self) -> None:
        """Raise when there is any.

        Raises
        ------
        InputError
            Names every kind of fault with its rows.
        """
        from drift_core.wording import first_rows

        if not self.rows:
            return
        kinds = ((f"{sentence}{self.examples.get(sentence, '')}", rows) for sentence, rows in self.rows.items())
        lines = "\n".join(f"- {sentence}: {first_rows(rows)}" for sentence, rows in kinds)
        raise InputError(
            f"{self.label} was not imported, and no week of it was recorded. Mend these and import again; rows count "
            f"from 1 without the header.\n{lines}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A file as rows of values by the name of their column; None where a cell is empty.

    Attributes
    ----------
    label
        How messages name the file.
    rows
        The rows in the order of the file; a column that the file lacks is absent from all.
    faults
        What could not be read.
    unused
        Columns of the file that are not read.
    """

    label: str
    rows: tuple[dict[str, Any], ...]
    faults: Faults
    unused: tuple[str, ...] = ()


def row_of(run: CanaryRun) -> dict[str, Any]:
    """Give a run as the values of `COLUMNS`."""
    baseline = run.heldout.agreement if run.heldout and isinstance(run.heldout.agreement, Measured) else None
    return {
        **columns_of(run, COLUMNS),
        "at": run.at.isoformat(),
        "recorded_at": run.recorded_at.isoformat(),
        "baseline": baseline and baseline.estimate,
        "baseline_n_pairs": baseline and baseline.n_pairs,
        "measure": run.measure,
        "record": json.dumps(run.to_json(), allow_nan=False),
    }


def withdrawal_columns(withdrawal: Withdrawal | None) -> dict[str, Any]:
    """Give who took a run back as the values of `WITHDRAWN`; empty for a run that counts."""
    if withdrawal is None:
        return dict.fromkeys(WITHDRAWN)
    return dict(zip(WITHDRAWN, (withdrawal.at.isoformat(), withdrawal.by, withdrawal.reason), strict=True))


def read_columns(path: str | Path | IO[bytes]) -> Columns:
    """Read a file of weeks.

    Raises
    ------
    InputError
        When it cannot be read, lacks a needed column or has no rows.
    """
    from drift_core.tables.rejects import find_rejects
    from drift_core.tables.scan import open_scan

    with open_scan(path) as scan:
        table = scan.fetch()
        rejected = find_rejects(scan.connection, scan.label, len(table)).problems
        label = scan.label
    if rejected:
        raise InputError(f"{label} was not imported: {rejected[0].message.removesuffix(' Left out.')} Mend them.")
    names = _roles(table.column_names, label)
    if len(table) == 0:
        raise InputError(f"{label} was not imported: it has no rows below its header.")
    faults = Faults(label=label)
    read = {role: _read(table[name], role, name, faults) for role, name in names.items()}
    rows = tuple(dict(zip(read, values, strict=True)) for values in zip(*read.values(), strict=True))
    unused = tuple(name for name in table.column_names if name not in names.values())
    return Columns(label=label, rows=rows, faults=faults, unused=unused)


def _roles(names: list[str], label: str) -> dict[str, str]:
    """Which column of the file holds what."""
    found: dict[str, str] = {}
    for name in names:
        role = name.strip().casefold()
        role = OTHER_NAMES.get(role, role)
        if role in found:
            raise InputError(
                f"{label} was not imported: columns {found[role]!r} and {name!r} are both {role}. Keep one of them."
            )
        if role in (*COLUMNS, *WITHDRAWN):
            found[role] = name
    missing = [role for role in NEEDED if role not in found]
    if missing:
        raise InputError(
            f"{label} was not imported: expected columns {', '.join(NEEDED)} (or spearman), and found no "
            f"{' and no '.join(missing)} among {', '.join(names)}. Rename or add them."
        )
    return found


def _read(column: "pa.ChunkedArray", role: str, name: str, faults: Faults) -> list[Any]:
    from drift_core.tables.values import read_numbers, read_texts, read_times

    if role not in (*TIMES, *RANGES):
        texts = read_texts(column, f"Column {name!r} of {faults.label}").tolist()
        return [unguarded(each).strip() or None if each else None for each in texts]
    reading = read_times(column) if role in TIMES else read_numbers(column)
    kind = "a time such as 2026-05-04 or 2026-05-04T12:00:00Z" if role in TIMES else "a number"
    for place in reading.unreadable.nonzero()[0].tolist():
        example = None if reading.examples is None else str(reading.examples[place])
        faults.add(f"{name}: expected {kind}", place + 1, found=example)
    is_absent = (reading.missing | reading.unreadable).tolist()
    values = [None if no else value for value, no in zip(reading.values.tolist(), is_absent, strict=True)]
    if role in TIMES:
        for place, value in enumerate(values):
            if isinstance(value, datetime) and value.year in YEARS:
                values[place] = value.replace(tzinfo=UTC)
            elif value is not None:
                faults.add(f"{name}: expected a time from 1970 to 2199", place + 1, found=str(value))
                values[place] = None
    return values
