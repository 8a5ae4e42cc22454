import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from drift_core import InputError, open_history
from tests.drift_core.canary.runs_by_hand import full_week, week


def test_one_run_is_read_with_its_regions(place):
    with open_history(place) as history:
        history.record_all((full_week(0), week(1)))

        assert history.run(full_week(0).key) == full_week(0)
        assert history.run("0" * 64) is None


def test_reading_a_file_loads_nothing_heavy(tmp_path):
    path = tmp_path / "history.sqlite"
    with open_history(path) as history:
        history.record(full_week())
    look = (
        "import sys; from drift_core import open_history\n"
        "with open_history(sys.argv[1], is_created=False) as h: print(len(h.runs(with_regions=True)), h.decisions())\n"
        "print({'numpy', 'pandas', 'psycopg'} & set(sys.modules))"
    )

    shown = subprocess.run([sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True).stdout

    assert shown == "1 ()\nset()\n"


def test_a_damaged_record_is_one_message(tmp_path):
    path = tmp_path / "history.sqlite"
    with open_history(path) as history:
        history.record(week())
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE canary_run SET document = 'half a rec'")

    with (
        open_history(path) as history,
        pytest.raises(
            InputError,
            match=r"The run of 2026-01-05 \(key cfd2db84\) cannot be read: Invalid JSON: .* Restore the history",
        ),
    ):
        history.runs()
