import sqlite3
from contextlib import closing

import pytest

from tests.drift_core.history.killing import check_copies, check_nothing_is_lost


def test_what_was_acknowledged_is_there_once_though_writers_are_killed(place):
    check_nothing_is_lost(place, n_writers=4, n_records=20, pause=0.15, seed=1)


def test_a_copy_of_the_one_file_has_what_was_acknowledged_when_its_writers_were_killed(tmp_path):
    check_copies(tmp_path / "history.sqlite", n_writers=4, n_rounds=4, pause=0.3, seed=1)


@pytest.mark.slow
def test_many_copies_of_the_one_file_have_what_was_acknowledged(tmp_path):
    check_copies(tmp_path / "history.sqlite", n_writers=4, n_rounds=60, pause=1.0, seed=2)


def test_the_file_is_sound_after_its_writers_were_killed(tmp_path):
    place = tmp_path / "history.sqlite"

    check_nothing_is_lost(place, n_writers=2, n_records=10, pause=0.1, seed=3)

    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert [each.name for each in tmp_path.iterdir()] == [place.name]
