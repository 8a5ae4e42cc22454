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


def sample(rng, *, n, name, scramble_from=None, docs=1, noise=0.12):
    """Of one student, who gives scores from `scramble_from` of the teacher's ranks up no order at all."""
    teacher = rng.permutation(np.linspace(0, 1, n))
    student = teacher + rng.normal(scale=noise, size=n)
    top = teacher >= (2 if scramble_from is None else scramble_from)
    student[top] = rng.choice(student[~top], size=top.sum())
    query = np.array([f"{name} {i // docs}" for i in range(n)], dtype=object)
    return ScoredPairs(name=name, query=query, teacher=teacher, student=student)


def test_a_larger_k_is_offered_that_tells_where_the_top_alone_is_lost():
    rng = np.random.default_rng(5)
    heldout = sample(rng, n=600, name="h")

    lost, kept = (
        read_top_k(measure_overlap(heldout, production, rule=Rule(), rng=rng), K, rule=Rule())
        for production in (sample(rng, n=600, name="p", scramble_from=0.92), sample(rng, n=600, name="p"))
    )

    assert lost.larger is not None
    assert lost.larger.k > K
    assert lost.larger.is_clear_fall
    assert lost.sentence.startswith(f"At K = {lost.larger.k} the student promotes ")
    assert f"K = {K} alone cannot tell: " in lost.sentence
    assert (lost.reading, lost.state) == ("cannot tell", "confirmed")
    assert lost.fall.startswith(f"The top fell: at K = {lost.larger.k} the student promotes ")
    assert lost.to_json()["larger_k"]["k"] == lost.larger.k
    assert kept.fall == ""


def test_two_like_samples_hardly_ever_show_a_clear_fall():
    rng = np.random.default_rng(11)
    falls = 0
    for _ in range(40):
        both = sample(rng, n=400, name="h", docs=2), sample(rng, n=400, name="p", docs=2)
        falls += bool(read_top_k(measure_overlap(*both, rule=Rule(), rng=rng), K, rule=Rule()).fall)

    assert falls <= 1  # each of two looks errs in about 0.3%


@pytest.mark.parametrize(("docs", "high"), [(1, 1 - 0.025 ** (1 / 10)), (5, 1 - 0.025 ** (1 / 2))])
def test_none_of_the_top_has_the_exact_interval_of_as_many_queries(docs, high):
    n = 200
    teacher = np.arange(n)[::-1] * 1.0  # the top lies in the first queries
    query = np.array([f"q{i // docs}" for i in range(n)], dtype=object)
    one = ScoredPairs(name="p", query=query, teacher=teacher, student=-teacher)

    test = read_top_k(measure_overlap(one, one, rule=Rule(), rng=np.random.default_rng(1)), K, rule=Rule())

    assert (test.overlap.estimate, test.overlap.low) == (0, 0)
    assert test.overlap.high == pytest.approx(high)
    assert test.overlap.standard_error > 0


def test_all_of_the_top_has_the_mirrored_interval_and_the_whole_sample_is_certain():
    teacher = np.arange(200) * 1.0
    query = np.array([f"q{i}" for i in range(200)], dtype=object)
    one = ScoredPairs(name="p", query=query, teacher=teacher, student=teacher)
    curves = measure_overlap(one, one, rule=Rule(), rng=np.random.default_rng(1))

    top, whole = (read_top_k(curves, k, rule=Rule()).overlap for k in (K, 200))

    assert (top.low, top.high) == (pytest.approx(0.025 ** (1 / 10)), 1)
    assert (whole.low, whole.high) == (1, 1)


@pytest.mark.parametrize(("low", "reading"), [(0.0, "cannot tell"), (0.1, "cannot tell"), (0.2, "held")])
def test_nothing_is_as_when_it_shipped_where_half_of_the_top_could_be_lost_unseen(low, reading):
    at = np.arange(1, N_PAIRS + 1)
    share = np.full(N_PAIRS, 0.2)
    own = OverlapRange(k=at, low=share, middle=share, high=share, confidence=0.95)
    normal = replace(own, low=share * 0 + low, middle=share * 0 + 0.3, high=share * 0 + 0.5)
    curves = OverlapCurves(
        production=share, interval=own, normal=normal, teacher=at * 1.0, n_pairs=N_PAIRS * 5, n_queries=N_PAIRS
    )
    assert read_top_k(curves, K, rule=Rule()).reading == reading


def test_a_larger_k_that_cannot_tell_either_does_not_lead():
    n, at = 400, np.arange(1, 401)
    is_large = at > 40
    low, high = np.where(is_large, 0.59, 0.1), np.where(is_large, 0.88, 0.95)
    flat = np.full(n, 0.7)
    normal = OverlapRange(k=at, low=low, middle=np.where(is_large, 0.75, 0.5), high=high, confidence=0.95)
    own = OverlapRange(k=at, low=flat - 0.1, middle=flat, high=flat + 0.1, confidence=0.95)
    order = np.arange(n, dtype=float)
    curves = OverlapCurves(production=flat, interval=own, normal=normal, teacher=order, n_pairs=n, n_queries=n)
    found = read_top_k(curves, K, rule=Rule())

    assert found.larger is not None
    assert (found.larger.reading, found.state, found.at_best) == ("cannot tell", None, found)
    assert "alone cannot tell" not in found.sentence
