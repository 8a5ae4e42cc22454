"""Eight writers with 250 records each, killed at random: nothing that was acknowledged is lost or doubled."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.drift_core import postgresql_server
from tests.drift_core.history.killing import check_nothing_is_lost

pytestmark = pytest.mark.slow


def test_a_file_loses_none_of_two_thousand_records(tmp_path):
    place = tmp_path / "history.sqlite"

    check_nothing_is_lost(place, n_writers=8, n_records=250, pause=0.2, seed=2)

    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_postgresql_loses_none_of_two_thousand_records():
    if postgresql_server.programs() is None:
        pytest.skip(postgresql_server.MISSING)
    with tempfile.TemporaryDirectory(prefix="drift-") as folder, postgresql_server.running(Path(folder)) as socket:
        database = postgresql_server.make_database(socket, "canary")

        check_nothing_is_lost(database, n_writers=8, n_records=250, pause=0.2, seed=2)
