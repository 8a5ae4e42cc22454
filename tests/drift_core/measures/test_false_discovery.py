import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from drift_core.measures.false_discovery import adjust_p_values


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_p_values_equal_scipys(p_values: list[float]) -> None:
    array = np.array(p_values)

    assert adjust_p_values(array) == pytest.approx(stats.false_discovery_control(array))


def test_no_tests_give_no_p_values() -> None:
    assert len(adjust_p_values(np.empty(0))) == 0
