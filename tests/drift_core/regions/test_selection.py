import numpy as np
from hypothesis import strategies as st

from drift_core.regions.selection import points_in_polygon

POINTS = np.array([[0.5, 0.5], [1.5, 0.5], [0.1, 0.9], [-1.0, 0.0]])
NUMBERS = st.floats(-10, 10)


def test_a_square_selects_what_lies_in_it() -> None:
    chosen = points_in_polygon(POINTS, [(0, 0), (1, 0), (1, 1), (0, 1)])

    assert chosen.tolist() == [True, False, True, False]


def test_both_loops_of_a_lasso_that_crosses_itself_count() -> None:
    bow_tie = [(0, 0), (2, 2), (2, 0), (0, 2)]
    points = np.array([[0.2, 1.0], [1.8, 1.0], [1.0, 1.8], [1.0, 0.2]])

    assert points_in_polygon(points, bow_tie).tolist() == [True, True, False, False]


def test_fewer_than_three_corners_select_nothing() -> None:
    assert not points_in_polygon(POINTS, [(0, 0), (1, 1)]).any()
    assert not points_in_polygon(POINTS, []).any()


def test_corners_on_one_line_select_nothing() -> None:
    assert not points_in_polygon(POINTS, [(0, 0), (1, 0), (2, 0)]).any()


def test_no_points_give_no_selection() -> None:
    assert points_in_polygon(np.empty((0, 2)), [(0, 0), (1, 0), (1, 1)]).shape == (0,)
