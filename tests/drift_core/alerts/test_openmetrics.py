import json
import math
import re
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as as_prometheus_text

from drift_core.alerts.openmetrics import FAMILIES, N_REGIONS, PREFIX, openmetrics
from drift_core.measured import Unmeasured
from tests.drift_core.alerts.weeks import HOSTILE, hostile_alarm, judged, pooled
from tests.drift_core.canary.runs_by_hand import full_week, measured, region

DASHBOARD = Path(__file__).parents[3] / "docs" / "recipes" / "grafana.json"


def told(weeks, **changes):
    return openmetrics(weeks, floor_of=lambda week: 0.85, **changes)


def values(text):
    """Every sample by its name and labels."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {(one.name.removeprefix(f"{PREFIX}_"), tuple(one.labels.items())): one.value for one in samples}


def test_the_state_of_every_student_is_told_with_units_and_help():
    weeks = [
        judged(0, "quiet"),
        judged(1, "alarm", regions=(pooled("returns"),)),
        judged(2, "quiet", student_version=None),
    ]

    text = told(weeks)

    found, by_rank = values(text), (("student", "s1"), ("measure", "Spearman"))
    s1, where = by_rank[:1], (("student", "s1"), ("partition", "cluster"), ("region", "returns"))
    assert found["agreement", by_rank] == 0.75
    assert (found["agreement_low", by_rank], found["agreement_high", by_rank]) == (0.72, 0.77)
    assert (found["agreement_baseline", by_rank], found["agreement_floor", by_rank]) == (0.95, 0.85)
    assert (found["alarm", s1], found["gap", s1]) == (1, 0)
    assert found["alarm_since_timestamp_seconds", s1] == weeks[1].run.at.timestamp()
    assert (found["region_agreement", where], found["region_share_ratio", where]) == (0.88, 0.2)
    assert found["region_alarm", where] == 1
    assert found["alarm", (("student", "without a version"),)] == 0
    families = {each.name: each for each in text_string_to_metric_families(text)}
    assert families[f"{PREFIX}_week_timestamp_seconds"].unit == "seconds"
    assert all(each.documentation and each.type == "gauge" for each in families.values())
    assert text.endswith("\n# EOF\n")


def test_a_gap_keeps_the_state_of_the_week_before_and_says_that_it_is_one():
    found = values(told([judged(0, "alarm"), judged(1, "gap", agreement=Unmeasured(reason="30 pairs"))]))

    assert (found["gap", (("student", "s1"),)], found["alarm", (("student", "s1"),)]) == (1, 1)
    assert values(told([judged(0, "gap")]))["gap", (("student", "s1"),)] == 1


def test_what_was_not_measured_is_left_out():
    found = values(told([judged(0, "quiet", overlap=Unmeasured(reason="labels"))]))

    assert not [name for name, _ in found if name.startswith("overlap")]
    assert not [value for value in found.values() if not math.isfinite(value)]


def test_a_label_is_escaped_bounded_and_unique():
    weeks, _ = hostile_alarm()
    long = [region("x" * 150 + str(number), share=0.1) for number in range(60)]
    weeks = [*weeks, judged(2, "quiet", regions=(pooled("x" * 150 + "59"),), student_version="s1")]
    weeks[-1].run.__dict__["regions"] = tuple(long)

    found = values(told(weeks))

    names = {dict(labels)["region"] for name, labels in found if name == "region_share_ratio"}
    assert max(map(len, names)) <= 110
    assert len(names) == N_REGIONS + 1
    assert max(value for (name, labels), value in found.items() if name == "region_alarm" and "x" in labels[2][1]) == 1
    [student] = {dict(labels)["student"] for name, labels in found if name == "gap"} - {"s1"}
    assert student.startswith(
        "a<!channel> & <https://evil.example|click> *b* _c_ ~d~ `e` [x](http://evil.example) {{DA"
    )
    assert HOSTILE not in student


def test_node_exporter_reads_it_too():
    """Its collector takes Prometheus' text, whose types are fewer, and refuses times of samples."""
    text = told([judged(0, "alarm")])

    assert {each.type for each in as_prometheus_text(text)} == {"gauge"}
    assert not [line for line in text.splitlines() if not line.startswith("#") and not re.search(r"} [-\d.e+]+$", line)]


def test_every_family_of_the_history_occurs():
    text = told([judged(0, "alarm", entropy=full_week(0).entropy, overlap=measured(0.8))])

    lacking = {name for name in FAMILIES if f"# TYPE {PREFIX}_{name} gauge" not in text}
    assert lacking == {"missing_teacher_scores_ratio", "cost_per_call"}  # of a sample that is measured now


def test_the_dashboard_asks_for_metrics_that_there_are():
    board = json.loads(DASHBOARD.read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    asked += [each["query"]["query"] for each in board["templating"]["list"] if each["type"] == "query"]

    named = set(re.findall(rf"{PREFIX}_\w+", " ".join(asked)))
    assert len(named) > 8
    assert named <= {f"{PREFIX}_{name}" for name in FAMILIES}


@pytest.mark.parametrize("panel", json.loads(DASHBOARD.read_text())["panels"], ids=lambda panel: panel["title"])
def test_a_panel_says_its_source_and_place(panel):
    assert panel["datasource"]["uid"] == "${datasource}"
    assert {"h", "w", "x", "y"} == set(panel["gridPos"])
    assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
