import numpy as np
import pytest
from scipy.stats import entropy as scipy_entropy

from drift_core.distributions.measure_entropy import measure_entropy
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.scores import Scores
from drift_core.samples.score_kind import TWO_ANSWERS, ScoreKind

CLASSES = ScoreKind(name="nominal", labels=("a", "b", "c", "d"))


def measured(heldout: Scores, production: Scores, **how) -> OutputEntropy:
    found = measure_entropy(heldout, production, **how)
    assert isinstance(found, OutputEntropy)
    return found


def codes(counts: tuple[int, ...]) -> np.ndarray:
    return np.repeat(np.arange(len(counts), dtype=float), counts)


def test_it_is_scipys_entropy_with_millers_correction():
    given = codes((400, 300, 200, 100))
    answers = Scores(student=given, teacher=given, is_ranked=False)

    found = measured(answers, answers, kind=CLASSES)

    by_scipy = float(scipy_entropy([4, 3, 2, 1], base=2)) + 3 / (2 * 1_000 * np.log(2))
    assert found.student.estimate == pytest.approx(by_scipy, abs=1e-4)
    assert found.teacher == found.student
    assert found.narrower is not None
    assert found.narrower.estimate == pytest.approx(0, abs=1e-12)
    assert (found.n_cells, found.most) == (4, 2)
    assert "bits, 92% of the most over 4 labels; the teacher's 1.85" in found.sentence


def test_the_correction_and_the_interval_count_queries_not_rows():
    given = codes((40, 30, 20, 10))
    alone = Scores(student=given, teacher=given, is_ranked=False)
    fivefold = Scores(
        student=np.repeat(given, 5), teacher=np.repeat(given, 5), queries=np.repeat(np.arange(100), 5), is_ranked=False
    )

    one, five = (measured(each, each, kind=CLASSES).student for each in (alone, fivefold))

    assert (five.estimate, five.low, five.high) == pytest.approx((one.estimate, one.low, one.high))
    assert five.n_pairs == 500


def test_a_student_that_keeps_to_the_middle_is_narrower_than_its_teacher_in_the_teachers_bins():
    rng = np.random.default_rng(1)
    heldout, production = (Scores(student=each, teacher=each) for each in rng.normal(size=(2, 2_000)))
    shrunk = Scores(student=0.4 * production.student, teacher=production.teacher)

    wide, narrow = measured(heldout, production), measured(heldout, shrunk)

    assert wide.student.estimate == pytest.approx(np.log2(10), abs=0.01)
    assert narrow.student.high < wide.student.low
    assert narrow.narrower is not None
    assert narrow.narrower.low > 0.3
    assert "10 equal parts of held-out's teacher scores" in narrow.sentence


def test_probabilities_are_counted_by_tenths_and_one_answer_alone_has_no_entropy():
    rng = np.random.default_rng(2)
    chance = rng.random(500)
    answers = Scores(student=chance, teacher=(rng.random(500) < chance).astype(float))
    sure = Scores(student=np.full(500, 0.97), teacher=answers.teacher)

    wide, none = measured(answers, answers, kind=TWO_ANSWERS), measured(answers, sure, kind=TWO_ANSWERS)

    assert (wide.over, wide.teacher) == ("probabilities", None)
    assert wide.student.estimate > 3.25
    assert (none.student.estimate, none.student.high) == pytest.approx((0, 0))


def test_it_is_not_measured_where_no_other_version_would_share_its_bins():
    rng = np.random.default_rng(3)
    teacher = rng.normal(size=200)
    logits = Scores(student=50 * teacher, teacher=teacher)
    equal = Scores(student=np.zeros(200), teacher=np.zeros(200))

    found, flat = measure_entropy(logits, logits), measure_entropy(equal, equal)

    assert isinstance(found, Unmeasured)
    assert "different scales" in found.reason
    assert isinstance(flat, Unmeasured)
    assert flat.reason == "All of the teacher's scores on held-out are equal."


def test_plain_values_tell_the_share_of_the_most():
    given = codes((50, 50, 50, 50))
    answers = Scores(student=given, teacher=given, is_ranked=False)

    plain = measured(answers, answers, kind=CLASSES).to_json()

    assert plain["share_of_most"] == 1
    assert isinstance(measured(answers, answers, kind=CLASSES).student, Measured)
    assert set(plain) == {"student", "teacher", "narrower", "n_cells", "over", "share_of_most", "sentence"}
