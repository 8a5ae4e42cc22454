from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.events import Event
from drift_core.charts.canary_events import LANE_HEIGHT, LANES, ROOM, event_letters, event_rows, time_axis
from tests.drift_core.canary.runs_by_hand import MONDAY

YEAR = timedelta(days=364)
FIRST = pd.Timestamp(MONDAY).tz_localize(None)


def placed(days):
    events = [Event(at=MONDAY + timedelta(days=int(day)), kind="override", label="Override") for day in sorted(days)]
    return event_rows(events, FIRST, FIRST + YEAR)


def days_drawn(seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 364, size=rng.integers(1, 40))


@pytest.mark.parametrize("width", ROOM)
@pytest.mark.parametrize("days", [[0, 0, 0], [10, 12, 14, 16, 18, 20, 90], *map(days_drawn, range(20))])
def test_no_label_lies_over_another_or_over_a_rule(width, days):
    rows = placed(days)
    at, start = (rows["at"] - FIRST) / YEAR, rows[f"start_{width}"]

    for label in rows[rows[f"words_{width}"] != ""].itertuples():
        left, lane = at[label.Index], getattr(label, f"lane_{width}")
        beside = (at > left) & (at < left + ROOM[width])
        crossing = beside & (start <= lane)
        over = (at == left) & (rows.index != label.Index) & (rows[f"lane_{width}"] == lane)
        assert not crossing.any()
        assert not over.any()


@pytest.mark.parametrize("width", ROOM)
def test_events_too_close_for_a_label_each_share_one_that_names_them_all(width):
    words = placed([100] * 7)[f"words_{width}"]

    assert [each.split(" ")[0] for each in words] == ["A", "B", "C", "D–G", "", "", ""]


def test_labels_stand_above_the_figures():
    rows = placed(days_drawn(1))

    assert rows[rows["words_wide"] != ""]["lane_wide"].max() < LANES * LANE_HEIGHT


def test_letters_go_on_after_z():
    assert event_letters([None] * 28)[25:] == ("Z", "AA", "AB")


@pytest.mark.parametrize(("days", "form"), [(28, "%d %b"), (0, "%d %b"), (364, "%b %Y")])
def test_a_time_line_of_few_weeks_counts_days_and_a_long_one_months(days, form):
    assert time_axis(FIRST, FIRST + timedelta(days=days)).to_dict()["format"] == form
