from dataclasses import replace

import pytest

from drift_core import open_history
from drift_core.canary.decision import Decision
from drift_core.canary.withdrawals import active_runs
from drift_core.errors import SettingError
from drift_core.history.name_region import name_region
from drift_core.history.withdraw import restore_run, withdraw_run
from drift_core.regions.named_region import NamedRegion
from tests.drift_core.canary.runs_by_hand import full_week, week

ADA = {"by": "Ada", "reason": "Wrong words"}


@pytest.fixture
def kept(place):
    """A history with one week."""
    with open_history(place) as opened:
        opened.record(week(0))
        yield opened


@pytest.fixture
def other(tmp_path):
    """A copy of it, to which somebody else writes."""
    with open_history(tmp_path / "other.sqlite") as opened:
        opened.record(week(0))
        yield opened


def in_order(history):
    return sorted(history.runs(with_regions=True), key=lambda run: run.number)


def test_what_two_writers_recorded_is_there_once_whole_and_in_order(kept, other):
    kept.record(week(1))
    for run in (week(1), full_week(3), week(2)):
        other.record(run)

    added = kept.merge(other)

    assert [each.run.key for each in added] == [full_week(3).key, week(2).key]
    assert [(run.key, run.number) for run in in_order(kept)] == [
        (run.key, number) for number, run in enumerate((week(0), week(1), full_week(3), week(2)), start=1)
    ]
    assert replace(kept.run(full_week(3).key), number=None) == replace(full_week(3), number=None)
    assert kept.merge(other) == ()


def test_decisions_come_along_and_the_last_about_a_run_decides(kept, other):
    other.record(week(1))
    withdraw_run(other, week(1).key, **ADA)
    withdraw_run(kept, week(0).key, **ADA)
    withdraw_run(other, week(0).key, by="Bo", reason="Wrong too")
    restore_run(other, week(0).key, by="Bo", reason="It was right")

    kept.merge(other)

    assert [run.key for run in active_runs(kept.runs(), kept.decisions())] == [week(0).key]
    assert set(other.decisions()) < set(kept.decisions())
    assert len(kept.decisions()) == 4


def test_a_second_run_of_a_week_is_noted(kept, other):
    other.record(week(0, production_digest="another sample"))

    [added] = kept.merge(other)

    assert added.notes == ("Week 2 of 2026 has another run, of 2026-01-05.",)


def test_one_name_for_two_regions_is_refused_before_anything_is_written(kept, other):
    other.record(week(1))
    for history, words in ((kept, "gift cards"), (other, "vouchers")):
        name_region(history, NamedRegion(name="gifts", words=words), **ADA)

    with pytest.raises(SettingError, match=r"Both histories have a region called gifts, by .* and by .*\. Rename one"):
        kept.merge(other)

    assert len(kept.runs()) == 1
    assert [type(each) for each in kept.decisions()] == [Decision]
