"""Marks and words of charts can be read on both themes (Web Content Accessibility Guidelines 2.2, 2023)."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import altair as alt
import pandas as pd
import pytest

from drift_core.charts.costs import costs_chart
from drift_core.charts.retrain import quotas_chart
from drift_core.charts.theme import (
    BLUE,
    DRIFTED_COLOUR,
    GREEN,
    HELDOUT_GREY,
    ON_DARK,
    ON_EITHER,
    PINK,
    REST_COLOUR,
    SAMPLE_COLOURS,
    SKY,
    recoloured,
    styled,
)
from drift_core.options.costs import Prices, canary_costs

THEME = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text())["theme"]
MARKS = {*SAMPLE_COLOURS.values(), DRIFTED_COLOUR, REST_COLOUR, GREEN, PINK}


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(*colours):
    low, high = sorted(luminance(colour) for colour in colours)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_marks_and_words_stand_out_from_the_ground(name):
    theme = THEME[name]
    assert {mark: contrast(mark, theme["backgroundColor"]) >= 3 for mark in MARKS} == dict.fromkeys(MARKS, True)
    words = [
        colour for key, colour in theme.items() if key.endswith(("textColor", "TextColor")) and "violet" not in key
    ]
    assert min(contrast(colour, theme["backgroundColor"]) for colour in words) >= 4.5
    assert contrast(theme["violetTextColor"], theme["primaryColor"]) >= 4.5


def test_no_words_of_a_chart_stand_on_end():
    chart = alt.Chart(pd.DataFrame({"x": [1], "y": [2]})).mark_point().encode(x="x:Q", y="y:Q")
    config = styled(chart, description="").to_dict()["config"]
    assert config["axisYQuantitative"]["titleAngle"] == config["axisYDiscrete"]["titleAngle"] == 0


def test_on_a_dark_ground_blue_and_sky_change_places_wherever_they_stand():
    drawn = {"mark": {"color": BLUE}, "range": [SKY, GREEN], "datasets": {"rows": [{"colour": BLUE, "n": 1}]}}

    assert recoloured(drawn, ON_DARK) == {
        "mark": {"color": SKY},
        "range": [BLUE, GREEN],
        "datasets": {"rows": [{"colour": SKY, "n": 1}]},
    }
    either = recoloured(drawn, ON_EITHER)
    assert either["mark"]["color"] == f"light-dark({BLUE}, {SKY})"
    assert either["range"] == [f"light-dark({SKY}, {BLUE})", GREEN]
    assert contrast(SKY, THEME["dark"]["backgroundColor"]) > 2 * contrast(BLUE, THEME["dark"]["backgroundColor"])


def test_the_grey_of_held_out_stands_for_nothing_else_on_the_charts_of_costs_and_of_the_list():
    costs = canary_costs(
        Prices(teacher_per_pair=0.01, student_per_1000=0.1, calls_a_week=1000, canary_pairs=300, drifted_share=0.2)
    )
    quota = SimpleNamespace(
        region="a", drifted=False, traffic_share=1.0, list_share=1.0, n_available=9, n_drawn=5, floor=1
    )

    for drawn in (costs_chart(costs), quotas_chart([quota])):
        assert HELDOUT_GREY not in str(drawn.to_dict())
