from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.top_k import OverlapCurves, measure_overlap, read_top_k
from drift_core.measures.overlap import OverlapRange
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import TWO_ANSWERS, ScoreKind

K, N_PAIRS = 10, 40


def sentence(share, teacher=None):
    """Of an overlap that is `share` at every K."""
    curve = np.full(N_PAIRS, share)
    at = np.arange(1, N_PAIRS + 1)
    beside = OverlapRange(k=at, low=curve, middle=curve, high=curve, confidence=0.95)
    curves = OverlapCurves(
        production=curve,
        interval=beside,
        normal=beside,
        teacher=np.arange(N_PAIRS, dtype=float) if teacher is None else teacher,
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


def test_of_two_answers_the_size_named_is_the_number_of_passed_pairs():
    two_answers = np.repeat([1.0, 0.0], [31, 9])

    assert sentence(0.3, two_answers).endswith(
        " The boundary cuts through 31 equal teacher scores, so this K means little. K = 31 cuts through none."
    )
    assert "cuts through" not in sentence(0.3)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (TWO_ANSWERS, "the teacher gives two answers; see misses and false passes at a threshold."),
        (
            ScoreKind(name="pairwise", labels=("A", "B", "tie")),
            "labels put no pair before another; see precision and recall of each label.",
        ),
    ],
)
def test_where_there_is_no_top_the_reason_is_told_once(kind, told):
    rng = np.random.default_rng(3)
    sides = {"teacher": rng.integers(2, size=60).astype(float), "student": rng.integers(2, size=60).astype(float)}
    samples = [
        ScoredPairs(name="s", query=np.array([f"q{i}" for i in range(60)], dtype=object), kind=kind, **sides)
        for _ in range(2)
    ]

    test = read_top_k(measure_overlap(*samples, rule=Rule(), rng=rng), K, rule=Rule())

    assert test.sentence == f"Overlap is not measured: {told}"
    assert (test.band, test.reading, test.is_told, test.overlap.reason) == (None, "cannot tell", False, told)


@pytest.mark.parametrize(("share", "reading"), [(0.47, "cannot tell"), (0.85, "held"), (0.3, "fell")])
def test_the_reading_is_open_where_held_out_itself_ranges_from_bad_to_better(share, reading):
    curve, at = np.full(N_PAIRS, share), np.arange(1, N_PAIRS + 1)
    beside = OverlapRange(k=at, low=curve, middle=curve, high=curve, confidence=0.95)
    normal = replace(beside, low=np.full(N_PAIRS, 0.38), high=np.full(N_PAIRS, 0.9))
    curves = OverlapCurves(
        production=curve, interval=beside, normal=normal, teacher=at * 1.0, n_pairs=N_PAIRS, n_queries=N_PAIRS
    )
    test = read_top_k(curves, K, rule=Rule())
    assert test.reading == test.to_json()["reading"] == reading
    assert (test.state is None) is (reading == "cannot tell")
