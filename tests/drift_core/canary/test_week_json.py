import json

import pytest

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.explanation import explain_alarm
from drift_core.canary.textbook_rule import textbook_alarms
from drift_core.canary.week_json import week_to_json
from tests.drift_core.canary.runs_by_hand import full_week, measured, week


def written(*runs):
    weeks = assess(runs)
    return json.loads(json.dumps(week_to_json(weeks[-1], rule=Rule(), strict=textbook_alarms(weeks))))


def test_it_holds_what_machines_read():
    record = written(week(0), full_week(1, agreement=measured(0.94)))

    assert record["alarm"] is False
    assert record["reasons"] == []
    assert record["budget"] == 0.05
    assert record["spearman"]["estimate"] == 0.94
    assert record["overlap"] | {"k": 10} == record["overlap"]
    assert record["baseline"]["estimate"] == 0.95
    assert record["textbook"]["alarm"] is False


def test_an_alarm_comes_with_its_reasons():
    low = week(1, agreement=measured(0.6), null_error=0.07)
    record = written(week(0, agreement=measured(0.95), null_error=0.07), low)

    assert record["alarm"] is True
    assert record["signals"] == ["agreement"]
    assert record["textbook"]["alarm"] is True


def test_a_gap_is_no_alarm_and_says_why():
    record = written(week(0, n_pairs=10))

    assert (record["status"], record["alarm"]) == ("gap", False)
    assert record["score"] is None
    assert "10 pairs" in record["reasons"][0]


def test_new_traffic_and_the_bridge_are_told_with_their_figures():
    record = written(week(0), full_week(1, teacher_revision="r2"))

    assert record["new_traffic"]["names"] == ["gift cards"]
    assert record["new_traffic"]["p_value"] == 0.004
    assert record["bridge"]["loss"]["estimate"] == 0.02
    assert record["bridge"]["refused"] is None
    assert written(week(0))["new_traffic"] is None


@pytest.mark.parametrize(("n_low", "has_interval"), [(1, False), (4, True)])
def test_an_alarm_tells_since_when_and_why_there_is_no_interval(n_low, has_interval):
    runs = [week(i, agreement=measured(0.95 if i < 6 else 0.80), null_error=0.07) for i in range(6 + n_low)]
    weeks = assess(runs)

    told = week_to_json(weeks[-1], rule=Rule(), change=explain_alarm(weeks).change)["since"]

    assert told["at"] == week(6).at.isoformat()
    assert (told["low"] is not None, told["reason"] is None) == (has_interval, has_interval)
    assert week_to_json(weeks[0], rule=Rule(), change=explain_alarm(weeks).change)["since"] is None
