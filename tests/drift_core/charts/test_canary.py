import json
from datetime import timedelta

import pytest
import vl_convert

from drift_core.canary.alarm import assess
from drift_core.canary.events import Event, find_events
from drift_core.canary.region_weeks import follow_regions
from drift_core.canary.withdrawals import Withdrawal
from drift_core.charts.canary import (
    CROSS,
    describe_overlap,
    describe_timeline,
    overlap_timeline,
    timeline_chart,
)
from drift_core.charts.canary_regions import describe_region_weeks, region_weeks_chart
from drift_core.measured import Unmeasured
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, region, week

RUNS = [
    *(week(number, agreement=measured(0.95), regions=(region("voice"),)) for number in range(4)),
    week(4, n_pairs=20, n_queries=12, agreement=measured(0.2)),
    week(5, agreement=measured(0.6), teacher_revision="r2", regions=(region("voice", drifted=True),)),
]


@pytest.fixture(scope="module")
def weeks():
    return assess(RUNS)


def drawn(chart):
    return vl_convert.vegalite_to_svg(chart.to_dict())


def values(chart):
    """All rows of all data of a chart."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def test_a_gap_is_a_mark_on_the_axis_and_never_a_figure(weeks):
    rows = [row for row in values(timeline_chart(weeks)) if row.get("status") == "gap"]

    assert rows
    assert all(row["agreement"] is None and row["limit"] is None for row in rows)
    assert "0.2" not in json.dumps(rows)
    assert rows[0]["why"].startswith("20 pairs, fewer than the 50")


def test_every_measured_week_has_its_figure_interval_and_limit(weeks):
    rows = [row for row in values(timeline_chart(weeks)) if row.get("status") in ("quiet", "alarm")]
    alarms = {row["at"][:10] for row in rows if row["status"] == "alarm"}

    assert alarms == {"2026-02-09"}
    assert all(row["low"] < row["agreement"] < row["high"] and row["limit"] < 0.95 for row in rows)


def test_what_happened_is_labelled_where_there_is_room_and_lettered_where_not(weeks):
    chart = timeline_chart(weeks, find_events([each.run for each in weeks]))

    assert ">A Teacher revised</text>" in drawn(chart.properties(width=900))
    assert ">A Teacher revised</text>" not in drawn(chart.properties(width=300))
    assert ">A</text>" in drawn(chart.properties(width=300))


def test_what_was_decided_long_after_the_newest_week_does_not_stretch_the_time_line(weeks):
    late = Event(at=weeks[-1].run.at + timedelta(days=300), kind="accepted_level", label="Level accepted")

    (row,) = [row for row in values(timeline_chart(weeks, [late])) if "letter" in row]

    assert row["at"][:10] == "2026-02-12"
    assert row["on"][:10] == "2026-12-06"


def test_the_text_alternative_says_the_finding_the_counts_and_the_events(weeks):
    said = describe_timeline(weeks, find_events([each.run for each in weeks]))

    assert said.startswith("Alarm since 9 February 2026: agreement is 0.60")
    assert "6 weeks: 4 quiet, 1 with an alarm, 1 gaps." not in said
    assert "6 weeks: 4 quiet, 1 with an alarm, 1 gap." in said
    assert "2026-02-09 Teacher r1 to r2" in said


def test_overlap_stands_beside_what_held_out_shows():
    runs = [
        week(n, overlap=measured(low), overlap_normal_low=0.7, overlap_normal_high=1.0)
        for n, low in enumerate((0.8, 0.5))
    ]
    weeks = assess(runs)

    assert "overlap at K" in drawn(overlap_timeline(weeks))
    assert describe_overlap(weeks) == "Overlap lies below the range of held-out at the same size in 1 of 2 weeks."


def test_a_history_without_overlap_is_drawn_empty():
    weeks = assess([week(0, overlap=Unmeasured(reason="imported"))])

    assert "0 of 0 weeks" in describe_overlap(weeks)
    assert drawn(overlap_timeline(weeks))


def test_a_region_is_drawn_over_its_weeks_with_its_flag(weeks):
    (voice,) = follow_regions(weeks)

    rows = values(region_weeks_chart(voice, lowest=0.4, period=(MONDAY, RUNS[-1].at)))

    assert [row["flag"] for row in rows] == ["as before"] * 4 + ["drifted"]
    assert describe_region_weeks(voice) == (
        "voice: drifted in 1 of 5 weeks; first seen 2026-01-05; agreement 0.88 on 2026-02-09."
    )
    assert drawn(region_weeks_chart(voice))


def test_a_withdrawn_record_is_a_cross_on_the_axis_with_the_word_and_in_the_text(weeks):
    wrong = week(6, agreement=measured(0.1), production_digest="wrong")
    far = week(at=MONDAY.replace(year=2062), production_digest="far")
    taken = [Withdrawal(run=run, at=MONDAY, by="Ada", reason="Wrong file") for run in (wrong, far)]

    chart = timeline_chart(weeks, withdrawn=taken)
    specification = json.dumps(chart.to_dict())
    rows = [row for row in values(chart) if row.get("status") == "withdrawn"]

    assert [row["on"][:10] for row in rows] == ["2026-02-16", "2062-01-05"]
    assert {row["at"][:10] for row in rows} == {"2026-02-16"}  # the far one stands at the end
    assert all("agreement" not in row for row in rows)
    assert CROSS in specification
    assert ">withdrawn<" in drawn(chart)
    assert "The record of 2026-02-16 was withdrawn by Ada on 2026-01-05: Wrong file." in chart.to_dict()["description"]
    assert "withdrawn" not in json.dumps(timeline_chart(weeks).to_dict())
