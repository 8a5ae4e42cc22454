"""A history as CSV: written for other tools and other histories, and past weeks read from it.

The columns and what may stand in them are in `csv_columns`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from drift_core.canary.withdrawals import find_withdrawals
from drift_core.history.history import History, open_history
from drift_core.installation import need_extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    n_new, n_known
        Runs that were added, and runs that were in the history or earlier in the file already.
    n_withdrawn
        Of those added, the ones that the file withdraws: they do not count.
    unused
        Columns of the file that were not read.
    notes
        Sentences about single runs, as in `RecordOutcome`.
    """

    n_new: int
    n_known: int
    n_withdrawn: int = 0
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def export_csv(history: History) -> bytes:
    """Write all runs as CSV, one a row, in the order of their recording, which `import_csv` keeps.

    Notes
    -----
    The column `record` holds the whole run as JSON, regions included, so that `import_csv` gives back the same runs.
    Where a run is withdrawn, `withdrawn_at`, `withdrawn_by` and `withdrawn_reason` follow, and it is withdrawn where it
    is imported as well. Other decisions stay in the history. A text that a spreadsheet would run as a formula gets an
    apostrophe in front.
    """
    from drift_core.history.csv_columns import COLUMNS, WITHDRAWN, row_of, withdrawal_columns
    from drift_core.tables.writing import rows_to_csv

    runs = sorted(history.runs(with_regions=True), key=lambda run: run.number)
    held = {each.run.key: each for each in find_withdrawals(runs, history.decisions())}
    rows = [row_of(run) | withdrawal_columns(held.get(run.key)) for run in runs]
    return rows_to_csv(rows, (*COLUMNS, *(WITHDRAWN if held else ())))


def import_csv(
    path: str | Path | IO[bytes], history: History | str | Path, *, recorded_at: datetime | None = None
) -> Imported:
    """Record the weeks of a CSV file, all or none of them.

    Parameters
    ----------
    path
        A path, or an open file.
        Columns `at` (ISO 8601), `teacher_revision`, `n_pairs` and `agreement` (or `spearman`) are needed. Optional:
        `n_queries`, `agreement_low` and `agreement_high`, `overlap`, `overlap_low` and `overlap_high`, `k`,
        `student_version`, `teacher_model`, `baseline` (agreement on held-out when the student shipped) with
        `baseline_n_pairs`, `measure` ("Spearman", which is taken where there is none, "same label", or "area under the
        curve"), `cause`, and `record` as `export_csv` writes it; `withdrawn_at`, `withdrawn_by` and `withdrawn_reason`
        of a run that does not count.
    history
        The history: open, or its file or URL. Where there is none at a place, it is made once the file has been read
        without a fault.
    recorded_at
        When they are recorded; by default now.

    Raises
    ------
    InputError
        When something in the file is wrong: one message for each kind of fault, with its rows counted from 1.

    Notes
    -----
    Without an interval, agreement gets the one of Fisher's z with variance (1 + r²/2) / (n - 3) [1]_, which takes pairs
    as independent: where several docs share a query it is too short, so give the interval that was measured. Given
    intervals are taken to be 95 %. A share of pairs with the same label gets a score interval over the pairs [2]_, and
    overlap one over the K places.

    Imported weeks come after all that the history has in the order of recording, so none moves a baseline by its dates:
    in the order of the file where it has records, else in the order of time.

    A run that the file withdraws is withdrawn here too where it is new. One that is here already counts or not as was
    decided here; where the file says otherwise, a note tells it.

    References
    ----------
    .. [1] Bonett, D. G. and Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall and Spearman
       correlations. Psychometrika 65.
    .. [2] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    need_extra("samples", "The import of weeks")
    from drift_core.history.csv_columns import read_columns
    from drift_core.history.csv_weeks import runs_from

    columns = read_columns(path)
    weeks = runs_from(columns, recorded_at=(recorded_at or datetime.now(UTC)).astimezone(UTC))
    if isinstance(history, History):
        recorded = history.record_all(weeks.runs, withdrawn=weeks.withdrawn)
    else:
        with open_history(history) as opened:
            recorded = opened.record_all(weeks.runs, withdrawn=weeks.withdrawn)
    n_new = sum(each.is_new for each in recorded)
    notes = dict.fromkeys(note for each in recorded for note in each.notes)
    return Imported(
        n_new=n_new,
        n_known=len(recorded) - n_new,
        n_withdrawn=sum(each.is_new and each.withdrawal is not None for each in recorded),
        unused=columns.unused,
        notes=tuple(notes),
    )
