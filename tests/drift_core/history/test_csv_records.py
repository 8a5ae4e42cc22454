"""The record that an exported week carries, and whether it counts: what an import makes of them."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from drift_core import InputError, open_history
from drift_core.canary.withdrawals import active_runs
from drift_core.history.csv_exchange import export_csv, import_csv
from drift_core.history.withdraw import restore_run, withdraw_run
from tests.drift_core.canary.runs_by_hand import week


def test_a_cell_that_was_changed_beside_its_record_is_named(history, tmp_path):
    history.record(week())
    path = tmp_path / "weeks.csv"
    path.write_bytes(export_csv(history).replace(b"2026-01-05T10:00:00+00:00,s1", b"2026-01-05T10:00:00+00:00,s2"))

    with pytest.raises(InputError, match="- student_version is not what record holds"):
        import_csv(path, history)


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def with_record_changed(history, tmp_path):
    """The export of one week whose record has been changed."""

    def change(to):
        history.record(week())
        (row,) = csv.DictReader(io.StringIO(export_csv(history).decode()))
        path = tmp_path / "changed.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerow(row | {"record": json.dumps(to(json.loads(row["record"])))})
        return path

    return change


def test_a_record_of_an_older_version_takes_the_defaults_of_what_it_lacks(with_record_changed, tmp_path):
    path = with_record_changed(lambda record: {name: value for name, value in record.items() if name != "bridge"})

    with open_history(tmp_path / "other.sqlite") as other:
        import_csv(path, other)

        assert other.runs(with_regions=True) == (week(),)


def test_a_record_of_a_newer_version_is_refused_and_not_cut(with_record_changed, tmp_path):
    path = with_record_changed(lambda record: record | {"weather": "rain"})

    with (
        open_history(tmp_path / "other.sqlite") as other,
        pytest.raises(InputError, match="- record holds more than this version reads"),
    ):
        import_csv(path, other)


def test_a_withdrawn_run_is_withdrawn_where_it_is_imported(history, tmp_path):
    history.record_all((week(0), week(1)))
    withdraw_run(history, week(1).key, by="=Ada", reason="Wrong file, of s2", at=NOW)
    path = tmp_path / "weeks.csv"
    path.write_bytes(export_csv(history))

    with open_history(tmp_path / "other.sqlite") as other:
        done = import_csv(path, other)
        again = import_csv(path, other)

        assert (done.n_new, done.n_withdrawn, done.notes) == (2, 1, ())
        assert (again.n_known, again.n_withdrawn, again.notes) == (2, 0, ())
        assert other.decisions() == history.decisions()
        assert active_runs(other.runs(), other.decisions()) == history.runs()[:1]
        assert export_csv(other) == export_csv(history)


def test_a_run_that_is_there_keeps_its_standing_and_a_note_says_where_the_file_differs(history, tmp_path):
    history.record(week(1))
    path = tmp_path / "weeks.csv"
    path.write_bytes(export_csv(history))
    withdraw_run(history, week(1).key, by="Ada", reason="Wrong file", at=NOW)
    marked = tmp_path / "marked.csv"
    marked.write_bytes(export_csv(history))

    counting = import_csv(path, history)
    restore_run(history, week(1).key, by="Bob", reason="It was right")
    taken = import_csv(marked, history)

    assert "withdrawn by Ada on 2026-11-22: Wrong file. It stays withdrawn and does not count." in counting.notes[0]
    assert "as the file says; in this history it counts, which stays." in taken.notes[0]
    assert [each.kind for each in history.decisions()] == ["withdraw", "restore"]


def test_an_export_without_a_withdrawn_run_has_the_columns_of_before(history):
    history.record(week())

    assert b"withdrawn" not in export_csv(history)
