import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.scores import Scores
from drift_core.retraining.capacity import measure_capacity
from drift_core.retraining.held_back import HeldBack, rows_to_hold_back
from drift_core.retraining.loss_curve import LossCurve
from drift_core.retraining.scored_texts import read_scored_list
from tests.drift_core.retraining.cases import list_file, pairs


def curve(levels, *, n=60, scatter=0.1, seed=0):
    """A loss that goes through these levels, a third of the windows each."""
    rng = np.random.default_rng(seed)
    means = np.repeat(levels, n // 3)
    return LossCurve(steps=tuple(range(1, n + 1)), losses=tuple(means * (1 + scatter * rng.normal(size=n))))


PLATEAU, UNMOVED, FALLING = curve([1, 0.5, 0.5]), curve([0.5, 0.5, 0.5]), curve([1, 0.7, 0.4])


@pytest.mark.parametrize(
    ("found", "trend", "said"),
    [
        (PLATEAU, "plateau", "The loss has reached a plateau"),
        (UNMOVED, "unmoved", "The loss did not fall in this training."),
        (FALLING, "falling", "The loss was still falling"),
        (curve([1, 0.5, 0.5], scatter=1.5), "unknown", "Whether the loss still falls cannot be told"),
        (curve([1, 0.5, 0.5], n=27), "unknown", "27 steps are too few to see a trend"),
        (LossCurve(), "unknown", "too few"),
        (curve([0, 0, 0]), "unknown", "the loss is not a number above 0"),
    ],
)
def test_a_plateau_is_said_only_where_it_is_sure(found, trend, said):
    assert found.trend == trend
    assert said in found.sentence


def test_a_flat_loss_is_rarely_taken_for_a_falling_one():
    trends = [curve([1, 0.5, 0.5], scatter=0.3, seed=seed).trend for seed in range(200)]

    assert trends.count("falling") / 200 < 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5


def held(n=400, *, noise=0.0, n_runs=1, levels=None, seed=0):
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=n)
    runs = quality[:, None] + noise * rng.normal(size=(n, n_runs))
    if levels is not None:
        runs = np.floor(levels * (np.argsort(np.argsort(runs, axis=0), axis=0)) / n)
    texts = np.array([f"q {i}" for i in range(n)], dtype=object)
    return quality, HeldBack(query=texts, doc=texts, label=runs[:, 0], runs=runs, queries_of_runs=np.arange(n))


def judged(quality, back, error, seed=1):
    """The student's scores of held-back pairs, and the same of trained ones."""
    student = quality + error * np.random.default_rng(seed).normal(size=len(quality))
    return student, Scores(student=student, teacher=back.label)


@pytest.mark.parametrize(
    ("error", "found", "is_reached", "said"),
    [
        (0.8, PLATEAU, True, "Take a larger student, or distil stepwise"),
        (0.8, UNMOVED, False, "Raise --learning-rate or --epochs first"),
        (0.8, FALLING, False, "Train longer first"),
        (0.8, LossCurve(), False, "Train longer first"),
        (0.1, PLATEAU, False, "within 10 points, so its size is enough"),
        (0.6, PLATEAU, False, "cannot be told from so few"),
    ],
)
def test_a_larger_student_is_advised_far_under_the_teacher_on_a_plateau_alone(error, found, is_reached, said):
    quality, back = held()
    student, trained = judged(quality, back, error)

    capacity = measure_capacity(back, student=student, trained=trained, curve=found)

    assert capacity.is_reached is is_reached
    assert said in capacity.sentence
    assert capacity.sentence.startswith("On 400 held-back pairs of the list the new student stays ")
    assert "under what a judge of usual noise lets a student reach" in capacity.sentence
    assert capacity.to_json()["gap"]["n_queries"] == 400


def test_a_student_that_fits_what_it_was_trained_on_needs_pairs_and_not_size():
    quality, back = held()
    student, _ = judged(quality, back, 0.8)

    capacity = measure_capacity(back, student=student, trained=judged(quality, back, 0.05)[1], curve=PLATEAU)

    assert not capacity.is_reached
    assert "a longer list helps" in capacity.sentence


def test_a_noisy_teacher_lowers_what_a_student_is_held_to():
    quality, back = held(noise=0.7, n_runs=2)
    student, trained = judged(quality, back, 0.0)

    capacity = measure_capacity(back, student=student, trained=trained, curve=PLATEAU)

    assert capacity.agreement.estimate < 0.86
    assert not capacity.is_assumed
    assert capacity.gap.low < 0 < capacity.gap.high
    assert "under what this teacher lets a student reach" in capacity.sentence


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_a_perfect_student_of_a_coarse_teacher_is_not_far_under_it(levels):
    quality, back = held(levels=levels)

    capacity = measure_capacity(
        back, student=back.label + 0.01 * quality, trained=judged(quality, back, 0.0)[1], curve=PLATEAU
    )

    assert isinstance(capacity.gap, Measured)
    assert capacity.gap.estimate < 0
    assert capacity.agreement.estimate == pytest.approx(1 if levels == 2 else capacity.agreement.estimate)


def test_labels_are_compared_by_their_share_of_equal_ones():
    quality, back = held(levels=2)
    wrong = np.arange(400) % 5 == 0

    student = np.where(wrong, 1 - back.label, back.label) + 0.01 * quality
    capacity = measure_capacity(
        back, student=student, trained=Scores(student=student, teacher=back.label), curve=PLATEAU
    )

    assert capacity.agreement.estimate == pytest.approx(0.8)
    assert capacity.is_reached


def test_without_held_back_pairs_nothing_is_said_of_the_gap():
    capacity = measure_capacity(
        None, student=np.empty(0), trained=Scores(student=np.ones(3), teacher=np.ones(3)), curve=PLATEAU
    )

    assert isinstance(capacity.gap, Unmeasured)
    assert not capacity.is_far
    assert "is not known: no pairs of the list were held back" in capacity.sentence


def listed(tmp_path, table):
    return read_scored_list(list_file(table, tmp_path / "list.parquet"))


def test_whole_queries_are_held_back_and_none_with_a_synthetic_pair(tmp_path):
    table = pairs(1200)
    table["query"] = [f"query {i // 4}" for i in range(1200)]
    table["synthetic"] = np.arange(1200) < 400
    read = listed(tmp_path, table)

    rows = rows_to_hold_back(read, 0.1, np.random.default_rng(0))

    assert rows.sum() == 120
    assert not set(read.query[rows]) & set(read.query[~rows])
    assert not rows[:400].any()


@pytest.mark.parametrize(("n", "share", "n_held"), [(499, 0.1, 0), (500, 0.1, 50), (500, 0, 0), (1500, 0.5, 500)])
def test_too_few_pairs_are_not_held_back_and_no_more_than_enough(tmp_path, n, share, n_held):
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state

    assert rows_to_hold_back(listed(tmp_path, pairs(n)), share, rng).sum() == n_held
    assert (rng.bit_generator.state == before) is (n_held == 0)
