import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.top_k import OverlapCurves, read_top_k
from drift_core.charts.overlap import overlap_curve_chart, query_overlaps
from drift_core.measures.overlap import overlap_curve, overlap_range
from drift_core.measures.scores import Scores
from drift_core.measures.top_k_chances import overlap_by_query


@pytest.fixture(scope="module")
def scores():
    rng = np.random.default_rng(8)
    teacher = rng.normal(size=240)
    return Scores(student=teacher + rng.normal(size=240), teacher=teacher, queries=np.repeat(np.arange(30), 8))


@pytest.fixture(scope="module")
def curves(scores):
    drawn = overlap_range(scores, n_pairs=240, confidence=0.95, rng=np.random.default_rng(1))
    return OverlapCurves(
        production=overlap_curve(scores.student, scores.teacher),
        interval=drawn,
        normal=drawn,
        teacher=scores.teacher,
        n_pairs=240,
        n_queries=30,
    )


def test_the_curve_says_what_holds_at_the_chosen_k(curves):
    chart = overlap_curve_chart(curves, k=12, rule=Rule()).to_dict()

    assert read_top_k(curves, 12, rule=Rule()).sentence in chart["description"]
    assert any(rows == [{"k": 12}] for rows in chart["datasets"].values())


def test_the_interval_always_holds_the_curve(curves):
    chart = overlap_curve_chart(curves, k=12, rule=Rule()).to_dict()

    rows = max(chart["datasets"].values(), key=len)
    own = [row for row in rows if row["sample"] == "production"]
    assert all(row["low"] <= row["overlap"] <= row["high"] for row in own)


def test_overlap_inside_queries_shows_both_samples_only_at_the_same_k(scores):
    four, two = (overlap_by_query(scores, k, confidence=0.95) for k in (4, 2))
    assert four is not None

    both = query_overlaps(four, four).to_dict()
    alone = query_overlaps(two, four).to_dict()

    assert "held-out mean" in both["description"]
    assert "held-out" not in alone["description"]
    shares = [row["share"] for rows in alone["datasets"].values() for row in rows]
    assert sum(shares) == pytest.approx(1.0)
