"""Regions keep their names over the weeks, and a small new topic alarms in time."""

import numpy as np
import pytest

from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import Rate, fewest, most
from tests.calibration.region_years import Story, kept_names, run_history

FIRST_SEED = 40_000  # apart from the seeds that the method was made with
HOW = f"30 histories or more a row, 200 pairs a week of a query each, seeds from {FIRST_SEED}"
HEAD = ("weeks", "topics", "topics that keep one name", "any alarm", "alarms within three weeks of the new topic")
BIRTHS = ((4, 0.05, 0.9), (12, 0.08, 0.9), (20, 0.05, 0.88))  # as good as the rest
SMALL = {"at 0.6": ((3, 0.05, 0.6),), "at 0.3": ((3, 0.05, 0.3),)}  # a twentieth of the traffic


def test_a_topic_that_is_away_comes_back_by_its_name_and_a_small_bad_one_alarms() -> None:
    story = Story(n_weeks=9, births=((2, 0.08, 0.3),), away=(5, 6), n_pairs=150, n_heldout=500, is_messy=False)

    history = run_history(story, FIRST_SEED)

    n_kept, n_topics = kept_names(history)
    assert n_kept >= n_topics - 1
    assert len({week[6][0] for week in history.names[3:] if 6 in week}) == 1
    assert history.first_alarm(2) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("is_near", [False, True], ids=["apart", "near"])
def test_regions_keep_their_names_for_forty_weeks_and_stay_quiet(is_near: bool, tables: MeasuredTables) -> None:
    n = 30
    histories = [
        run_history(Story(n_weeks=40, births=BIRTHS, is_near=is_near, is_messy=not is_near, unlike=0.1), seed)
        for seed in range(FIRST_SEED, FIRST_SEED + n)
    ]
    kept, topics = np.sum([kept_names(each) for each in histories], axis=0)
    fired = sum(any({"new_traffic", "region"} & set(week.signals) for week in history.weeks) for history in histories)
    row = ("40, three topics born as good as the rest", "near" if is_near else "apart", f"{kept} of {topics}")
    tables.add("regions over weeks", HEAD, (*row, f"{fired} of {n} by a region", ""), n_rows=4, how=HOW)

    assert fired <= most(n, 0.01)
    if not is_near:
        assert kept >= fewest(int(topics), 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(SMALL))
def test_a_small_new_topic_alarms_within_three_weeks(kind: str, tables: MeasuredTables) -> None:
    n = 60
    firsts = [
        run_history(Story(n_weeks=6, births=SMALL[kind]), seed).first_alarm(3)
        for seed in range(FIRST_SEED, FIRST_SEED + n)
    ]
    seen = Rate(count=sum(first <= 3 for first in firsts), n=n)
    row = (f"6, a twentieth of the traffic {kind} in the last three", "apart", "", "", str(seen))
    tables.add("regions over weeks", HEAD, row, n_rows=4, how=HOW)

    assert seen.count >= fewest(n, 0.9)
