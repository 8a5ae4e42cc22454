from datetime import UTC, datetime, timedelta

import pytest

from drift_core import InputError, open_history
from drift_core.history.csv_exchange import import_csv

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = "at,teacher_revision,n_pairs,agreement,withdrawn_at,withdrawn_by,withdrawn_reason"
COUNTS, WITHDRAWN = "2026-01-05,r1,200,0.9,,,", "2026-01-05,r1,200,0.9,2026-02-01,Ada,Wrong file"


@pytest.fixture
def read(tmp_path):
    def imported(*rows):
        path = tmp_path / "weeks.csv"
        path.write_text("\n".join((HEADER, *rows, "")))
        with open_history(tmp_path / "history.sqlite") as history:
            return import_csv(path, history, recorded_at=NOW)

    return imported


def test_a_withdrawal_dated_after_now_is_a_fault_of_its_row(read):
    with pytest.raises(
        InputError, match=r"withdrawn_at: expected a time up to now, found '2199-01-01 00:00 UTC': row 2"
    ):
        read(COUNTS, "2026-01-12,r1,200,0.9,2199-01-01,Ada,Wrong file")


def test_the_clock_of_another_machine_may_be_a_little_ahead(read):
    ahead = (NOW + timedelta(minutes=4)).isoformat()

    assert read(f"2026-01-12,r1,200,0.9,{ahead},Ada,Wrong file").n_withdrawn == 1


@pytest.mark.parametrize("rows", [(COUNTS, WITHDRAWN), (WITHDRAWN, COUNTS), (WITHDRAWN, f"{WITHDRAWN} of s2")])
def test_two_rows_of_one_run_that_stand_otherwise_are_a_fault(read, rows):
    with pytest.raises(InputError, match=r"the same run stands in an earlier row, which tells otherwise .*: row 2"):
        read(*rows)


def test_two_rows_of_one_run_that_stand_alike_are_one_record(read):
    done = read(WITHDRAWN, WITHDRAWN)

    assert (done.n_new, done.n_known, done.n_withdrawn) == (1, 1, 1)
