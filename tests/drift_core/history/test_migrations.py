import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drift_core import InputError, open_history
from drift_core.canary.withdrawals import find_withdrawals
from drift_core.history.history import open_place
from drift_core.history.migrations import STEPS
from drift_core.history.withdraw import withdraw_run
from tests.drift_core.canary.runs_by_hand import week

VERSION_2 = Path(__file__).with_name("version_2.sql")
N_BEFORE_WITHDRAWALS = 2


def test_a_history_of_the_second_version_keeps_its_withdrawals(tmp_path):
    path = tmp_path / "history.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_2.read_text())

    with open_history(path, is_created=False) as history:
        runs, decisions = history.runs(with_regions=True), history.decisions()

    assert [each.key for each in runs] == [week(0).key, week(1).key]
    assert [(each.run, each.by) for each in find_withdrawals(runs, decisions)] == [(week(1), "Ada")]


def test_a_version_that_knows_no_withdrawals_does_not_read_a_history_that_has_some(place):
    with open_history(place) as history:
        history.record(week())
        withdraw_run(history, week().key, by="Ada", reason="Wrong file")

    with pytest.raises(InputError, match=r"has version 5 of its tables; .* knows versions up to 2"):
        open_place(place, is_created=False, steps=STEPS[:N_BEFORE_WITHDRAWALS])
