import numpy as np
import pytest

from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.top_k import OverlapCurves, read_top_k
from drift_core.measures.overlap import OverlapRange

K, N_PAIRS = 10, 40


def sentence(share):
    """Of an overlap that is `share` at every K."""
    curve = np.full(N_PAIRS, share)
    at = np.arange(1, N_PAIRS + 1)
    beside = OverlapRange(k=at, low=curve, middle=curve, high=curve, confidence=0.95)
    curves = OverlapCurves(
        production=curve,
        interval=beside,
        normal=beside,
        teacher=np.arange(N_PAIRS, dtype=float),
        n_pairs=N_PAIRS,
        n_queries=N_PAIRS,
    )
    return read_top_k(curves, K, rule=Rule()).sentence


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.03, "promotes fewer than 1 (0.3, ties counted by share) of the teacher's top 10; "),
        (0.35, "promotes 3.5 (ties counted by share) of the teacher's top 10; "),
        (0.3, "promotes 3 of the teacher's top 10; "),
        (0.0, "promotes 0 of the teacher's top 10; "),
    ],
)
def test_a_part_of_a_pair_is_told_with_its_reason_and_a_whole_number_as_it_is(share, told):
    assert told in sentence(share)
