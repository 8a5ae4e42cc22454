import pytest

from drift_core.charts.theme import DRIFTED_COLOUR
from drift_core.charts.verdict import describe_loss, loss_parts, unknown_parts
from drift_core.regions.attribution import Attribution
from tests.drift_core.charts.by_hand import measured

SPLIT = Attribution(total=measured(0.19), mix=measured(0.02), within=measured(0.12), teacher=measured(0.05))


def rows_of(chart):
    [rows] = [rows for rows in chart.to_dict()["datasets"].values() if rows and rows[0].get("label") and len(rows) == 4]
    return {row["label"]: row for row in rows}


def test_each_part_stands_at_its_own_size_and_they_add_up_to_the_whole():
    rows = list(rows_of(loss_parts(SPLIT)).values())
    assert [row["end"] for row in rows] == pytest.approx([0.02, 0.12, 0.05, 0.19])
    assert sum(row["end"] for row in rows[:3]) == pytest.approx(rows[3]["end"])
    assert (rows[1]["low"], rows[1]["high"]) == (pytest.approx(0.1), pytest.approx(0.14))


def test_a_part_has_the_colour_of_drift_where_its_interval_lies_above_0():
    colours = {label: row["colour"] for label, row in rows_of(loss_parts(SPLIT)).items()}
    assert {label for label, colour in colours.items() if colour == DRIFTED_COLOUR} == {
        "Change inside the regions",
        "The teacher's revision",
        "Whole loss",
    }


def test_a_part_that_is_not_known_says_why():
    chart = loss_parts(Attribution(total=measured(0.1), mix=None, within=None, teacher=None))
    described = chart.to_dict()["description"]
    assert "The teacher's revision: not measured: no pinned scores" in described
    assert "Whole loss: +0.100 (+0.080 to +0.120)" in described


def test_an_inferred_part_says_so_in_words():
    split = Attribution(
        total=measured(0.19), mix=measured(0.02), within=measured(0.12), teacher=measured(0.05), teacher_inferred=True
    )
    assert "The teacher's revision, inferred from familiar traffic" in rows_of(loss_parts(split))


def test_an_unknown_part_says_why():
    split = Attribution(total=measured(0.1), mix=None, within=None, teacher=None, teacher_unknown="The docs moved.")
    assert "The teacher's revision: unknown: the docs moved;" in describe_loss(split)


def test_a_long_reason_stands_beneath_the_chart_and_takes_no_width_from_its_bars():
    why = "No scores of the pinned revision, and familiar traffic is too little to infer the teacher's part from."
    split = Attribution(total=measured(0.1), mix=None, within=None, teacher=None, teacher_unknown=why)
    drawn = str(loss_parts(split).to_dict()["layer"])
    assert '"The teacher\'s revision", "unknown"' in drawn.replace("\\'", "'")
    assert "familiar traffic is too little" not in drawn
    assert "{'expr': 'width - 8'}" in drawn
    assert f"The teacher's revision is unknown: n{why[1:]}" in unknown_parts(split)
    assert unknown_parts(SPLIT) == ""
