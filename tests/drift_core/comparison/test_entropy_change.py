"""The student's entropy before and after, on the same pairs, and in the table of all versions."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.commands.compare import describe_comparison
from drift_core.commands.versions import version_lines
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.comparison_json import comparison_to_json, record_of
from drift_core.comparison.versions import versions_of
from drift_core.samples.score_kind import ScoreKind
from tests.drift_core.comparison.two_students import sample


def test_a_student_that_keeps_to_the_middle_uses_its_answers_less_evenly():
    pairs = sample(600, before=0.3, after=0.3)
    narrow = replace(pairs, student=0.5 * pairs.student)

    made = compare(narrow, students=Students(before="s1", after="s2"))

    (change,) = made.entropy
    assert change.change.high < 0
    assert change.change.estimate == pytest.approx(change.after - change.before)
    assert change.most == pytest.approx(np.log2(10))
    assert change.teacher == pytest.approx(change.most, abs=0.01)
    assert "less evenly" in change.sentence
    assert change.sentence in describe_comparison(made)
    assert change.sentence in made.lines
    assert comparison_to_json(made)["entropy"] == [change.to_json()]
    first, second = versions_of({"a": record_of(made)}).versions
    assert (first.entropy, second.entropy) == (change.before, change.after)
    assert f"{change.after:.2f} of 3.32 bits" in version_lines(versions_of({"a": record_of(made)}))[2]


def test_students_alike_show_no_clear_change_and_one_on_a_scale_of_its_own_has_no_figure():
    pairs = sample(600, before=0.3, after=0.3)

    (same,) = compare(pairs).entropy

    assert same.sentence.endswith("no clear change.")
    assert compare(replace(pairs, student=90 * pairs.student)).entropy == ()


def change_of(pairs, *, before, after):
    (change,) = compare(replace(pairs, student=after, student_before=before)).entropy
    return change


def test_evenness_is_judged_by_its_distance_to_the_teachers():
    pairs = sample(600, before=0.3, after=0.3)
    narrow = replace(pairs, teacher=0.5 * pairs.teacher)  # a teacher that keeps to few of its answers
    near, far = 0.5 * pairs.teacher, np.random.default_rng(2).random(600) * 0.5
    wide = np.where(np.arange(600) % 5 == 0, far, near)
    few = np.where(near > 0.1, 0.3, near)

    better, worse, fallen = (
        change_of(narrow, before=before, after=after) for before, after in ((few, near), (near, few), (wide, few))
    )

    assert better.sentence.endswith("nearer to the teacher's.")
    assert not better.is_collapsing
    assert worse.is_collapsing
    assert "outputs collapse" in worse.sentence
    assert fallen.is_collapsing


def test_a_student_whose_answers_fall_to_the_teachers_is_no_collapse():
    answers = np.random.default_rng(4).random(900)
    teacher = np.where(answers < 0.2, 0.0, 1.0)
    off = np.where(answers > 0.9, 0.0, teacher)  # gives the rarer answer too often
    kind = ScoreKind(name="binary", labels=("fail", "pass"))
    pairs = replace(sample(900, before=0.3, after=0.3), teacher=teacher, kind=kind)

    better, worse = (change_of(pairs, before=b, after=a) for b, a in ((off, teacher), (teacher, off)))

    assert better.change.high < 0
    assert not better.is_collapsing
    assert better.sentence.endswith("nearer to the teacher's.")
    assert worse.sentence.endswith("farther from the teacher's.")
