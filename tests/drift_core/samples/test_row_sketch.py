import numpy as np
import pandas as pd
import pytest

from drift_core.samples.pairs import SKETCHED
from drift_core.samples.reading import read_pairs


def test_a_sketch_tells_the_share_of_rows_that_are_in_another_sample():
    rng = np.random.default_rng(0)
    n = 4_000
    frame = pd.DataFrame(
        {"query": [f"q {i}" for i in range(n)], "teacher": rng.random(n), "student": rng.random(n), "surface": "web"}
    )
    known = read_pairs(frame[:2_000], slices=())

    def share(rows, **how):
        return read_pairs(rows, **how).share_in(known.row_sketch)

    assert len(known.row_sketch) == 16 * SKETCHED
    assert share(frame[:2_000].sample(frac=1, random_state=1), slices=("surface",)) == 1
    assert share(frame[:500]) == 1  # a part of it
    assert share(frame[2_000:]) == 0
    assert share(frame[:2_000].assign(student=rng.random(2_000))) == 0  # scored again
    assert share(frame[1_000:3_000]) == pytest.approx(0.5, abs=0.15)  # 3.4 standard errors of 128 rows
    few = read_pairs(frame[:60])
    assert read_pairs(frame[30:90]).share_in(few.row_sketch) == 0.5
    assert few.share_in("") == 0
