import numpy as np
import pandas as pd
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.charts.spread import agreement_intervals, rank_cells, rank_density, side_changes
from drift_core.measures.scores import Scores
from drift_core.measures.threshold_crossings import measure_side_changes
from tests.drift_core.charts.by_hand import UNMEASURED, measured

RNG = np.random.default_rng(3)
TEACHER = RNG.normal(size=300)
SCORES = Scores(student=TEACHER + 0.3 * RNG.normal(size=300), teacher=TEACHER)


def spread(heldout, production):
    return SpreadTest(heldout=heldout, production=production, spread=measured(0.2), band="confirmed", reading="fell")


def test_the_intervals_are_said_in_words_and_the_axis_holds_them_and_all_bands():
    chart = agreement_intervals(spread(measured(0.93), measured(0.4)), bands=Rule()).to_dict()

    assert "held-out 0.93 (0.91 to 0.95); production 0.40 (0.38 to 0.42)" in chart["description"]
    left, right = chart["layer"][0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert left < 0.38
    assert right == 1.0


def test_a_sample_that_could_not_be_measured_is_left_out_of_the_picture():
    chart = agreement_intervals(spread(measured(0.93), UNMEASURED), bands=Rule()).to_dict()

    assert "production" not in chart["description"]


def test_every_pair_is_in_one_cell_of_the_density():
    chart = rank_density(SCORES, name="production").to_dict()

    cells = max(chart["datasets"].values(), key=len)
    assert sum(cell["density"] for cell in cells) / 24**2 == pytest.approx(1.0)
    assert "on production" in chart["description"]


def test_the_cells_that_can_be_clicked_hold_the_pairs_that_they_say():
    chart = rank_density(SCORES, name="production", is_clickable=True).to_dict()

    drawn = max(chart["datasets"].values(), key=len)
    counted = pd.Series(rank_cells(SCORES)).value_counts().to_dict()
    assert {each["cell"]: each["pairs"] for each in drawn} == counted
    assert [each["name"] for each in chart["params"]] == ["cell"]


def test_perfect_agreement_lies_on_the_diagonal():
    chart = rank_density(Scores(student=TEACHER, teacher=TEACHER), name="held-out").to_dict()

    cells = max(chart["datasets"].values(), key=len)
    assert all(cell["x"] == cell["y"] for cell in cells)


def test_the_shares_at_the_chosen_threshold_are_said_in_words():
    changes = measure_side_changes(SCORES, SCORES)
    threshold = float(changes.thresholds[40])

    chart = side_changes(changes, threshold=threshold).to_dict()

    assert f"production {changes.production[40]:.0%}" in chart["description"]
