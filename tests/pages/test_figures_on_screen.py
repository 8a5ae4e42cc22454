"""How figures and states stand on screen: as many digits down a column as it takes, one colour a state."""

import numpy as np
import pytest

from drift_core.distributions.output_distances import Distance
from drift_core.measured import Measured
from drift_core.operations.operating_figures import OperatingFigure
from pages.components.frame import results
from pages.components.frame.steps import StepState


@pytest.mark.parametrize(
    ("scores", "written"),
    [([0.7, 0.825, 1.0], "%.3f"), ([0.7, 0.9], "%.1f"), ([1, 7, 10], "%.0f"), ([3.25, 9.5], "%.2f"), ([0.0], "%.0f")],
)
def test_scores_of_a_column_have_the_same_decimals(scores: list[float], written: str) -> None:
    columns = results.score_columns({"Teacher": np.array(scores), "Query": np.array(["a"])})

    assert list(columns) == ["Teacher"]
    assert columns["Teacher"]["type_config"]["format"] == written


def test_labels_have_no_decimals() -> None:
    assert results.score_columns({"Teacher": np.array(["pass", "fail"], dtype=object)}) == {}


def test_what_has_not_begun_has_one_colour_on_the_first_page() -> None:
    steps = (StepState(state="not yet"), StepState(state="not yet", figure="not yet", figure_is_enough=True))

    assert {results.state_line(each) for each in steps} == {results.mark("not yet")}


def test_a_distance_and_what_is_usual_keep_their_zeros() -> None:
    assert Distance(estimate=0.01, usual=0.02, usual_high=0.04).written(".3f") == "0.010 (usual up to 0.040)"


@pytest.mark.parametrize(
    ("estimate", "low", "high", "written"),
    [(0.03, 0.02971, 0.03029, "0.0300 (0.0297 to 0.0303)"), (13.7, 13.5, 14.0, "13.7 (13.5 to 14.0)"),
     (1622.0, 1558.2, 1726.0, "1,622 (1,558 to 1,726)")],
)  # fmt: skip
def test_the_ends_of_an_interval_have_the_decimals_of_its_figure(
    estimate: float, low: float, high: float, written: str
) -> None:
    value = Measured(
        estimate=estimate, low=low, high=high, confidence=0.95, n_pairs=10, n_queries=5, standard_error=1.0
    )

    assert OperatingFigure(figure="P50 latency (ms)", who="student", value=value).text == written
