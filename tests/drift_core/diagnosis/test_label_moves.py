"""Moved shares of labels as findings, and what they leave open; how often is in tests/calibration."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.label_moves import LabelMoves, find_label_moves
from drift_core.measures.scores import Scores
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.samples.reading import read_pairs
from tests.drift_core.diagnosis.test_cause import FAMILIAR, FELL, NEW, decided, pinned

LABELS = ("fail", "pass")
TOPICS = (("parcel", "late", "tracking"), ("password", "login", "reset"), ("invoice", "refund", "billing"))


def labels(n_fail: int, n: int, wrong: tuple[int, int]) -> Scores:
    """`n_fail` of n pairs that the teacher fails; the student gives the other label to so many of each kind."""
    teacher = np.repeat([0.0, 1.0], [n_fail, n - n_fail])
    student = teacher.copy()
    student[: wrong[0]] = 1.0
    student[n - wrong[1] :] = 0.0
    return Scores(student=student, teacher=teacher, is_ranked=False)


def moves(heldout: Scores, production: Scores) -> LabelMoves:
    fall = float((heldout.student == heldout.teacher).mean() - (production.student == production.teacher).mean())
    both = heldout, production
    return find_label_moves(*both, at_mix=both, fall=fall, labels=LABELS, rule=Rule())


def test_moved_shares_are_told_with_what_they_explain() -> None:
    found = moves(labels(100, 500, (20, 4)), labels(300, 500, (60, 2)))

    (finding,) = found.findings
    assert finding.name == "label_shares_moved"
    assert finding.sentence.startswith("The teacher gives 'fail' to 60% of production, 20% of held-out: ")
    assert finding.sentence.endswith("that explains 8 points of the fall.")
    assert found.cost == pytest.approx(0.075, abs=0.005)
    assert found.is_material


def test_moved_shares_that_cost_nothing_are_told_and_leave_nothing_open() -> None:
    found = moves(labels(100, 500, (5, 20)), labels(300, 500, (15, 10)))

    assert "changes agreement by less than 1 point" in found.findings[0].sentence
    assert not found.is_material


def test_moved_shares_may_raise_agreement() -> None:
    assert (
        "raises agreement by 8 points"
        in moves(labels(300, 500, (60, 2)), labels(100, 500, (20, 4))).findings[0].sentence
    )


@pytest.mark.parametrize("n", [20, 500])
def test_shares_that_chance_moves_are_not_told(n: int) -> None:
    assert moves(labels(n // 5, n, (n // 25, 0)), labels(n // 5 + n // 50, n, (n // 25, 0))) == LabelMoves()


def test_scores_that_rank_have_no_labels() -> None:
    ranked = [Scores(student=np.arange(n) * 1.0, teacher=np.arange(n) * 1.0) for n in (40, 60)]

    assert find_label_moves(*ranked, at_mix=(ranked[0], ranked[1]), fall=0.1, labels=(), rule=Rule()) == LabelMoves()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            (34, 4),
            "Of 100 pairs to which the teacher gives 'fail', the student gives 34 'pass', where it was 6 on held-",
        ),
        (
            (6, 80),
            "Of 100 pairs to which the teacher gives 'pass', the student gives 20 'fail', where it was 1 on held-",
        ),
        ((60, 80), "Of 100 pairs to which the teacher gives 'fail', the student gives 60 'pass'"),  # the larger fall
        ((9, 4), ""),  # chance
        ((2, 0), ""),  # rose
    ],
)
def test_a_label_that_the_student_gives_back_less_often_is_told(wrong: tuple[int, int], told: str) -> None:
    recall = moves(labels(100, 500, (6, 4)), labels(100, 500, wrong)).recall

    assert recall.startswith(told)
    assert bool(recall) == bool(told)


def test_the_summary_of_labels_says_what_fell_beside_agreement() -> None:
    made = diagnosed(sample(150, 360, 6), sample(150, 360, 60))

    assert made.verdict.summary.endswith(
        "Of 100 pairs to which the teacher gives 'fail', the student gives 40 'pass', where it was 4 on held-out."
    )


def test_a_student_that_gives_one_label_alone_is_told() -> None:
    found = moves(labels(150, 500, (10, 10)), labels(150, 500, (150, 0)))

    (finding,) = found.findings
    assert finding.name == "student_gives_one_label"
    assert "gives 'pass' to every production pair; on held-out it gives 2 labels, this one to 70%" in finding.sentence
    assert found.student.startswith("the student gives 'pass'")


@pytest.mark.parametrize(
    ("heldout", "production"),
    [
        (labels(150, 500, (10, 10)), labels(2, 500, (2, 0))),  # nothing is left to fail
        (labels(25, 500, (25, 0)), labels(150, 500, (150, 0))),  # it always did
        (labels(2, 30, (0, 0)), labels(2, 30, (2, 0))),  # chance
    ],
)
def test_a_student_that_has_little_else_to_give_is_not_said_to_give_one_label(
    heldout: Scores, production: Scores
) -> None:
    assert "student_gives_one_label" not in [each.name for each in moves(heldout, production).findings]


def sample(n_fail: int, n: int, missed: int, *, pinned_fail: int | None = None) -> pd.DataFrame:
    """Pairs of three topics; of those that the teacher fails the student passes so many."""
    rng = np.random.default_rng([n_fail, missed])
    order = rng.permutation(n)
    failed = order < n_fail
    passed = order < missed
    queries = [" ".join([*rng.permutation(TOPICS[i % 3]), f"case {rng.integers(10**9)}"]) for i in range(n)]
    frame = pd.DataFrame({"query": queries, "teacher_score": np.where(failed, "fail", "pass")})
    frame["student_score"] = np.where(failed & ~passed, "fail", "pass")
    if pinned_fail is not None:
        frame["teacher_score_pinned"] = np.where(order < pinned_fail, "fail", "pass")
    return frame


def diagnosed(heldout: pd.DataFrame, production: pd.DataFrame) -> Diagnosis:
    before, after = (read_pairs(each, kind="binary", labels=LABELS) for each in (heldout, production))
    embeddings = EmbeddingSource(encoder="hashing", is_cached=False).loaded().embed(before, after)
    return diagnose(before, after, embeddings=embeddings)


ALWAYS_PASS = sample(18, 360, 18)


def test_a_stricter_teacher_of_a_student_that_always_passes_is_not_called_healthy() -> None:
    verdict = diagnosed(ALWAYS_PASS, sample(108, 360, 108)).verdict

    assert verdict.cause == "inconclusive"
    assert "'fail' to 30% of production, 5% of held-out; with labels this cannot be told from" in verdict.summary


@pytest.mark.parametrize(("pinned_fail", "cause"), [(18, "teacher_drift"), (108, "healthy")])
def test_pinned_scores_tell_a_stricter_teacher_from_worse_answers(pinned_fail: int, cause: str) -> None:
    verdict = diagnosed(ALWAYS_PASS, sample(108, 360, 108, pinned_fail=pinned_fail)).verdict

    assert verdict.cause == cause
    assert ("Healthy, but the teacher gives 'fail'" in verdict.summary) == (cause == "healthy")


def test_a_student_that_collapsed_to_one_label_is_no_teacher_drift() -> None:
    verdict = diagnosed(sample(108, 360, 12), sample(109, 360, 109)).verdict

    assert verdict.cause == "inconclusive"
    assert "No revision of the teacher does that" in verdict.summary


STRICTER = LabelMoves(teacher="the teacher gives 'fail' to 30%", cost=0.05, is_material=True)
COLLAPSED = LabelMoves(student="the student gives 'pass' to every production pair")


def test_labels_that_moved_at_a_material_cost_are_not_healthy_unless_pinned_scores_show_no_loss() -> None:
    verdict = decided(labels=STRICTER)

    assert verdict.cause == "inconclusive"
    assert "gives 'fail' to 30%; with labels this cannot be told from a stricter teacher" in verdict.summary
    assert decided(labels=replace(STRICTER, is_material=False)).cause == "healthy"
    assert decided(labels=STRICTER, **pinned(0.0, 0.5)).cause == "healthy"
    assert decided(labels=STRICTER, **pinned(0.0, 0.5, reach=0.04)).cause == "inconclusive"
    assert decided(labels=STRICTER, shared=FELL).cause == "teacher_drift"


def test_a_student_that_gives_one_label_is_no_doing_of_the_teacher_unless_pinned_scores_say_so() -> None:
    assert decided(labels=COLLAPSED, shared=FELL).cause == "inconclusive"
    assert decided(labels=COLLAPSED, shared=FELL, regions=(NEW,)).cause == "query_drift"
    assert decided(labels=COLLAPSED, regions=(FAMILIAR,)).cause == "inconclusive"
    assert decided(labels=COLLAPSED).cause == "inconclusive"
    assert COLLAPSED.student in decided(labels=COLLAPSED).summary
    assert decided(labels=COLLAPSED, **pinned(0.05, 0.0001)).cause == "teacher_drift"


def both_orders(seed: int, *, student: float = 0.0, teacher: float = 0.0) -> pd.DataFrame:
    """Comparisons in both orders; student and teacher give so many to the answer shown first, whatever it is."""
    rng, n = np.random.default_rng(seed), 300
    topic = rng.choice([" ".join(each) for each in TOPICS], n)
    better = rng.random(n) < 0.5
    rows = []
    for order in (0, 1):
        a, b = (np.where(order, "second", "first"), np.where(order, "first", "second"))
        texts = [[f"{each} text {at}" for at in range(n)] for each in (str(a), str(b))]
        sides = {}
        for who, bias in (("teacher", teacher), ("student", student)):
            wins = (better != (rng.random(n) < 0.05)) == (order == 0)
            sides[who] = np.where(wins | (rng.random(n) < bias), "A>B", "B>A")
        query = [f"{topic[at]} {at}" for at in range(n)]
        rows.append(pd.DataFrame({"query": query, "answer_a": texts[0], "answer_b": texts[1], **sides}))
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(("student", "teacher"), [(0.4, 0.0), (0.0, 0.4)])
def test_a_student_that_alone_leans_to_a_place_is_told_and_no_teacher_is_named(student: float, teacher: float) -> None:
    heldout, production = (
        read_pairs(each) for each in (both_orders(1), both_orders(2, student=student, teacher=teacher))
    )

    made = diagnose(
        heldout, production, embeddings=EmbeddingSource(encoder="hashing", is_cached=False).embed(heldout, production)
    )

    is_told = made.verdict.headline.startswith("Inconclusive: the student leans to the answer shown first, the teacher")
    assert is_told == (student > teacher)
    if is_told:
        assert made.settling[0].sentence.startswith("Score production again with the student itself")
        assert "pinned" not in " ".join(each.sentence for each in made.settling)
