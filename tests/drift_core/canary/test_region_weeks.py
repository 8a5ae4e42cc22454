import pytest

from drift_core.canary.assessment import Baseline, WeekAssessment
from drift_core.canary.region_weeks import follow_regions
from drift_core.charts.canary_regions import describe_region_weeks
from drift_core.measured import Unmeasured
from drift_core.regions.named_region import DRAWN
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, region, week

BASELINE = Baseline(
    source="heldout",
    since=MONDAY,
    student_version="s1",
    teacher_revision="r1",
    agreement=measured(0.9),
    z=1.5,
    z_error=0.05,
)


def judged(number, *regions, status="quiet"):
    return WeekAssessment(run=week(number, regions=regions), status=status, baseline=BASELINE)


def test_regions_match_by_partition_and_name():
    weeks = [
        judged(0, region("voice"), region("voice", partition="surface")),
        judged(1, region("voice", partition="surface"), region("web", partition="surface")),
    ]

    assert [(each.partition, each.name, len(each.weeks)) for each in follow_regions(weeks)] == [("surface", "voice", 2)]


def test_the_region_that_carries_most_comes_first_and_a_flagged_one_before_all():
    weeks = [
        judged(
            number,
            region("small", share=0.1, agreement=measured(0.5), agreement_heldout=0.9, drifted=True),
            region("large", share=0.8, agreement=measured(0.8), agreement_heldout=0.9),
            region("calm", share=0.1, agreement=measured(0.9), agreement_heldout=0.9),
        )
        for number in range(3)
    ]

    followed = follow_regions(weeks)

    assert [each.name for each in followed] == ["small", "large", "calm"]
    assert [each.carried for each in followed] == pytest.approx([0.12, 0.24, 0.0])
    assert [each.n_drifted for each in followed] == [3, 0, 0]


def test_a_new_region_is_held_against_the_baseline():
    weeks = [
        judged(number, region("voice", share=0.1, agreement=measured(0.5), agreement_heldout=None)) for number in (0, 1)
    ]

    assert follow_regions(weeks)[0].carried == pytest.approx(2 * 0.1 * 0.4)


def test_weeks_of_a_gap_and_figures_that_could_not_be_measured_do_not_count():
    small = region("voice", agreement=Unmeasured(reason="2 pairs"))
    weeks = [judged(0, region("voice")), judged(1, small), judged(2, region("voice"), status="gap")]

    assert follow_regions(weeks) == ()
    (alone,) = follow_regions(weeks, min_weeks=1)
    assert len(alone.weeks) == 2


def test_a_region_is_never_flagged_in_more_weeks_than_it_has():
    unmeasured = Unmeasured(reason="one score throughout")
    weeks = [
        judged(0, region("voice", drifted=True)),
        judged(1, region("voice", drifted=True)),
        judged(2, region("voice", agreement=unmeasured, drifted=True)),
    ]

    (voice,) = follow_regions(weeks)

    assert voice.drifted_in_words == "3 of 3 weeks"
    assert describe_region_weeks(voice).startswith("voice: drifted in 3 of 3 weeks; ")


def test_a_named_region_that_is_held_against_nothing_is_not_called_as_before():
    named = [judged(number, region("refunds", partition=DRAWN), region("voice")) for number in range(2)]

    refunds, voice = sorted(follow_regions(named), key=lambda each: each.name)

    assert [each.flag for each in refunds.weeks] == ["not compared"] * 2
    assert not refunds.is_compared
    assert "not compared in the last: its pairs are too few, or held-out is not" in refunds.sentence
    assert describe_region_weeks(refunds).startswith("refunds: not compared in any week;")
    assert [each.flag for each in voice.weeks] == ["as before"] * 2
