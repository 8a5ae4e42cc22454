from datetime import timedelta

import pandas as pd
import pytest

from drift_core.simulation.canary_year_samples import FIRST_WEEK, N_IN_A_GAP, N_WEEKS, WEEK, weekly_sample


def agreement(frame):
    return frame["teacher_score"].rank().corr(frame["student_score"].rank())


def test_the_same_seed_gives_the_same_week_and_another_week_another_sample():
    first, again, other = weekly_sample(3), weekly_sample(3), weekly_sample(4)

    pd.testing.assert_frame_equal(first.production, again.production)
    pd.testing.assert_frame_equal(first.heldout, other.heldout)
    assert not set(first.production["pair_id"]) & set(other.production["pair_id"])
    assert set(first.production["query"]) != set(other.production["query"])


@pytest.mark.parametrize("week", [1, 20, 36, N_WEEKS + 1])
def test_every_pair_lies_in_its_week_and_held_out_before_the_student_shipped(week):
    sample = weekly_sample(week)
    start = FIRST_WEEK + (week - 1) * WEEK
    time, before = (pd.to_datetime(each["timestamp"]) for each in (sample.production, sample.heldout))

    assert time.min() >= start
    assert time.max() < start + WEEK
    assert before.max() <= start
    assert sample.at == start + WEEK - timedelta(days=1)


def test_the_story_has_a_cohort_a_new_student_a_revision_and_a_bridge():
    weeks = {week: weekly_sample(week) for week in (17, 18, 23, 31, 32, 36, 37)}
    voice = {week: (sample.production["surface"] == "voice").mean() for week, sample in weeks.items()}

    assert voice[17] == 0
    assert 0.05 < voice[18] < 0.2
    assert [weeks[week].student_version for week in (18, 23)] == ["ranker-1", "ranker-2"]
    assert (weeks[23].heldout["surface"] == "voice").any()
    assert len({weeks[week].teacher_revision for week in (31, 32)}) == 2
    with_both = [week for week, sample in weeks.items() if "teacher_score_pinned" in sample.production]
    assert with_both == [36]


def test_the_cohort_agrees_at_one_half_and_the_rest_as_before():
    cohort, rest = [], []
    for week in range(18, 23):
        pairs = weekly_sample(week).production
        is_voice = pairs["surface"] == "voice"
        cohort.append(agreement(pairs[is_voice]))
        rest.append(agreement(pairs[~is_voice]))

    assert sum(cohort) / 5 == pytest.approx(0.5, abs=0.12)
    assert sum(rest) / 5 == pytest.approx(0.92, abs=0.02)


def test_one_week_is_too_small_to_judge():
    assert len(weekly_sample(9).production) == N_IN_A_GAP
