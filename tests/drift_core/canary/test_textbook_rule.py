from dataclasses import replace

import pytest

from drift_core.canary.alarm import assess
from drift_core.canary.textbook_rule import textbook_alarms
from tests.drift_core.canary.runs_by_hand import measured, week


def reading(*figures):
    """From (agreement, overlap) of each week."""
    return textbook_alarms(
        assess([week(i, agreement=measured(a), overlap=measured(o)) for i, (a, o) in enumerate(figures)])
    )


def test_it_is_silent_at_its_floors():
    assert reading((0.95, 0.80), (0.94, 0.80)).alarms == ()


@pytest.mark.parametrize("second", [(0.849, 0.9), (0.95, 0.79)])
def test_it_fires_below_a_floor(second):
    assert reading((0.95, 0.9), second).alarms == (week(1).at,)


@pytest.mark.parametrize("second", [(0.94, 0.9), (0.99, 0.85)])
def test_it_fires_on_a_drop_in_one_week(second):
    assert reading((0.995, 0.96), second).alarms == (week(1).at,)


def test_a_drop_from_one_revision_of_the_teacher_to_another_is_none_of_the_student():
    before, after = (week(number, agreement=measured(0.98 - 0.08 * number)) for number in range(2))

    assert textbook_alarms(assess([before, after])).alarms == (after.at,)
    assert textbook_alarms(assess([before, replace(after, teacher_revision="r2")])).alarms == ()


def test_it_counts_what_it_does_on_quiet_weeks():
    found = reading(*[(0.95, 0.9), (0.95, 0.7)] * 4)

    assert (found.n_quiet_weeks, found.n_on_quiet, found.per_year) == (8, 4, 26)
    assert found.sentence == "The textbook's rule would have fired 4 times on your own 8 quiet weeks: 26 a year."


def test_few_quiet_weeks_are_a_plain_count():
    found = reading(*[(0.95, 0.9)] * 6, (0.95, 0.7))

    assert (found.n_quiet_weeks, found.n_on_quiet, found.per_year) == (7, 1, None)
    assert found.sentence == "The textbook's rule would have fired 1 time on your own 7 quiet weeks."


def test_without_quiet_weeks_it_says_so():
    assert textbook_alarms([]).per_year is None
    assert "no quiet week" in textbook_alarms([]).sentence
