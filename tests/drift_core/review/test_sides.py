"""Both sides of a drawn review look alike: the same forms and values, whoever said them and wherever they stand."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.review.draw import draw_review, draw_spot_check
from drift_core.review.exchange import export_review
from drift_core.review.pairs import ReviewSettings
from drift_core.review.review_file import Review
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from tests.drift_core.review.drawn import halves, labelled
from tests.drift_core.review.test_draw import spot_list

N = 600
ANSWERED = ScoreKind(name="probability", labels=("fail", "pass"))
GRADES = tuple(map(str, range(1, 6)))


def scores_of(case, rng):
    """A kind of score with both sides, whose noise is alike but for how finely they are given."""
    truth = rng.random(N)
    teacher, student = (np.clip(truth + rng.normal(0, 0.35, N), 0, 0.999) for _ in range(2))
    whole = {"binary": 2, "nominal": 3, "pairwise": 3, "letters": 5}
    kinds = {
        "binary": ScoreKind(name="binary", labels=("fail", "pass")),
        "nominal": ScoreKind(name="nominal", labels=("billing", "login", "other")),
        "pairwise": ScoreKind(name="pairwise", labels=("A", "B", "tie")),
        "letters": ScoreKind(name="ordinal", labels=("E", "D", "C", "B", "A")),
        "grades": ScoreKind(name="ordinal", labels=GRADES),
        "grades and decimals": ScoreKind(name="ordinal", labels=GRADES),
        "probability": ANSWERED,
    }
    if case in whole:
        teacher, student = (np.floor(side * whole[case]) for side in (teacher, student))
    elif case.startswith("grades"):
        teacher, student = np.floor(teacher * 5) + 1, student * 4 + 1
        student = student if "decimals" in case else np.round(student)
    elif case == "probability":
        teacher = np.floor(teacher * 2)
    elif case == "coarse teacher":
        teacher = np.floor(teacher**3 * 4)
    elif case == "coarse student":
        student = np.floor(student * 3) / 3
    return kinds.get(case, NUMERIC), teacher, student


def sides_of(draw):
    """What the teacher and what the student is shown to say."""
    pairs = [(pair.first, pair.second)[:: 1 if pair.teacher_first else -1] for pair in draw.pairs]
    return tuple(set(side) for side in zip(*pairs, strict=True))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "case",
    [
        *("binary", "nominal", "pairwise", "letters", "grades", "grades and decimals", "probability"),
        *("scores", "coarse teacher", "coarse student"),
    ],
)
def test_of_every_kind_both_sides_show_the_same_values(case, seed):
    kind, teacher, student = scores_of(case, np.random.default_rng(seed))
    sample = replace(labelled(N), teacher=teacher, student=student, kind=kind)

    draw = draw_review(halves(sample), settings=ReviewSettings(n=N, seed=seed))

    by_judge, by_place = sides_of(draw), ({pair.first for pair in draw.pairs}, {pair.second for pair in draw.pairs})
    assert by_judge[0] == by_judge[1] == by_place[0] == by_place[1]
    assert len(by_judge[0]) > 1


@pytest.mark.parametrize("case", ["probability", "scores"])
def test_what_goes_out_is_the_same_whichever_side_is_the_teacher(case, tmp_path):
    kind, teacher, student = scores_of(case, np.random.default_rng(5))
    draw = draw_review(halves(replace(labelled(N), teacher=teacher, student=student, kind=kind)))
    turned = replace(draw, pairs=tuple(replace(pair, teacher_first=not pair.teacher_first) for pair in draw.pairs))

    for form in ("csv", "label-studio", "argilla"):
        assert export_review(Review(tmp_path, draw), form) == export_review(Review(tmp_path, turned), form)


@pytest.mark.parametrize(("threshold", "rows"), [(0.5, {0, 3}), (0.95, {0, 1}), (0.005, {2, 3})])
def test_a_probability_differs_on_the_other_side_of_the_threshold_and_is_shown_as_a_label(threshold, rows):
    teacher, student = np.ones(40), np.full(40, 0.997)
    teacher[2:4], student[:4] = 0, (0.49, 0.9, 0.009, 0.5)
    sample = replace(labelled(40), teacher=teacher, student=student, kind=ANSWERED)

    draw = draw_review(halves(sample), settings=ReviewSettings(threshold=threshold))

    said = {int(pair.doc.split()[1]): pair.first if pair.teacher_first else pair.second for pair in draw.pairs}
    assert said == {row: "fail" if row > 1 else "pass" for row in rows}
    assert all({pair.first, pair.second} == {"fail", "pass"} for pair in draw.pairs)


def test_a_spot_check_of_one_label_alone_shows_the_student_by_its_opposite():
    drawn = draw_spot_check(spot_list(40, teacher_score=["pass"] * 40, student_score=np.arange(40) / 40), share=1)

    of_teacher, of_student = sides_of(drawn)
    assert (of_teacher, of_student) == ({"pass"}, {"fail", "pass"})


@pytest.mark.parametrize(
    ("teacher", "student", "shown"),
    [
        (["no", "no", "yes", "yes"] * 10, np.arange(40) / 40, {"no", "yes"}),
        (["no", "no", "yes", "yes"] * 10, ["Yes", "no "] * 20, {"no", "yes"}),
        ([0, 1] * 20, np.arange(40) / 40, {"0", "1"}),
        ([1, 2, 3, 4] * 10, [4, 1, 2, 3] * 10, {"1", "2", "3", "4"}),
        (["low", "mid", "high", "low"] * 10, np.arange(40) / 40, None),
    ],
)
def test_a_spot_check_shows_both_sides_alike(teacher, student, shown):
    sides = sides_of(draw_spot_check(spot_list(40, teacher_score=teacher, student_score=student), share=1))

    assert sides[0] == sides[1]
    assert shown is None or sides[0] == shown
