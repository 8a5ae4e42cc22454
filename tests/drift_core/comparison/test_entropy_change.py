"""The student's entropy before and after, on the same pairs, and in the table of all versions."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.commands.compare import describe_comparison
from drift_core.commands.versions import version_lines
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.comparison_json import comparison_to_json, record_of
from drift_core.comparison.versions import versions_of
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
