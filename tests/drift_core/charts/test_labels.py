import numpy as np
import pandas as pd
import pytest

from drift_core.charts.labels import confusion_chart
from drift_core.distributions.label_measures import measure_labels
from drift_core.samples.reading import read_pairs


@pytest.mark.parametrize("n_labels", [2, 20])
def test_every_pair_is_in_one_cell_and_the_commonest_difference_is_said(n_labels):
    rows = np.arange(40 * n_labels)
    teacher = np.array([f"class {n:02}" for n in range(n_labels)])[rows % n_labels]
    frame = pd.DataFrame({"query": [f"q{n}" for n in rows], "teacher": teacher, "student": teacher})
    other = frame.assign(student=np.where(rows % (2 * n_labels) == 0, "class 01", teacher))

    chart = confusion_chart(measure_labels(read_pairs(frame), read_pairs(other)).production, name="production")
    drawn = chart.to_dict()

    (cells,) = drawn["datasets"].values()
    assert len(cells) == n_labels**2
    assert sum(cell["share"] for cell in cells) == pytest.approx(1)
    wrong = 1 / (2 * n_labels)
    assert f"{1 - wrong:.1%} of pairs agree. Most often 'class 00' became 'class 01': {wrong:.1%}." in chart.description
