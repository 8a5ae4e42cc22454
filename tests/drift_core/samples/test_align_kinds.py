"""Two samples are read so that a code means one label in both, or are refused."""

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.parts import Split
from drift_core.samples.reading import read_pairs
from drift_core.samples.sample_files import SampleFiles, read_samples
from drift_core.samples.split import read_split
from tests.drift_core.samples.test_recognition import frame


def said(sample, scores):
    """What the codes say; numbers say themselves."""
    codes = [int(code) for code in scores]
    return [sample.kind.labels[code] if sample.kind.is_coded else str(code) for code in codes]


@pytest.mark.parametrize(
    ("heldout", "production", "kind", "labels"),
    [
        (["b c", "a"], ["a", "c d", "b c"], "nominal", ("a", "b c", "c d")),
        (["yes", "no"], ["yes", "no", "unsure"], "nominal", ("no", "unsure", "yes")),
        (["yes", "no"], [1, 0], "binary", ("no", "yes")),
        ([1, 0], ["pass", "fail"], "binary", ("fail", "pass")),
        (["A", "D"], ["A", "B", "F"], "ordinal", ("F", "D", "B", "A")),
        (["low", "high"], ["low", "medium"], "ordinal", ("low", "medium", "high")),
        ([1, 0], [2, 1, 0], "ordinal", ("0", "1", "2")),
        ([1, 2], [4, 1, 2], "ordinal", ("1", "2", "3", "4")),
        ([1, 2, 3], [1.5, 2.5, 3], "numeric", ()),
        ([0, 1], [0.25, 0.75], "numeric", ()),
    ],
)
def test_samples_get_one_kind_with_the_labels_of_both(heldout, production, kind, labels):
    one, two = read_pairs(frame(heldout)), read_pairs(frame(production))

    first, second = align_kinds(one, two)

    assert first.kind == second.kind
    assert (first.kind.name, first.kind.labels) == (kind, labels)
    for sample, before in ((first, one), (second, two)):
        if kind in ("nominal", "ordinal"):
            assert said(sample, sample.teacher) == said(before, before.teacher)
            assert said(sample, sample.student) == said(before, before.student)
        assert sample.digest == before.digest
    assert align_kinds(first, second) == (first, second)


@pytest.mark.parametrize(
    ("heldout", "production"),
    [
        (["yes", "no"], [0.25, 0.5, 0.75]),
        (["A", "D"], [1, 2, 3]),
        (["red", "green"], ["cat", "dog"]),
        (["yes", "no"], ["red", "green"]),
        (["[[A]]", "[[B]]"], ["A", "D"]),
    ],
)
def test_different_kinds_are_refused_with_both(heldout, production):
    with pytest.raises(InputError, match=r"hold different scores: .*; .*--kind, --labels"):
        align_kinds(read_pairs(frame(heldout)), read_pairs(frame(production)))


def test_grades_are_not_compared_with_answers_beside_a_probability():
    with pytest.raises(InputError, match=r"hold different scores: Grades.*; Pass or fail, with a probability"):
        align_kinds(read_pairs(frame([1, 2, 3])), read_pairs(frame([0, 1], [0.25, 0.75])))


def test_pinned_scores_labels_and_repeats_move_with_the_codes():
    extra = {"teacher_pinned": ["b", "c"], "label": ["c", None], "teacher_score_2": ["c", "b"]}
    given = frame(["b", "c"], **extra).rename(columns={"teacher": "teacher_score"})
    sample = read_pairs(given, kind="nominal")

    aligned, _ = align_kinds(sample, read_pairs(frame(["a", "b", "c"]), kind="nominal"))

    assert aligned.teacher[:2].tolist() == [1, 2]
    for name, expected in (("teacher_pinned", [1, 2]), ("label", [2, np.nan]), ("teacher_repeats", [[2], [1]])):
        np.testing.assert_array_equal(getattr(aligned, name)[:2], expected)


def test_files_and_one_file_that_is_split_are_read_with_one_kind(tmp_path):
    one, two = frame(["x1", "y1"]), frame(["x1", "z1"])
    paths = [tmp_path / "heldout.csv", tmp_path / "production.csv"]
    for each, path in zip((one, two), paths, strict=True):
        each.to_csv(path, index=False)
    both = pd.concat([one.assign(part="old"), two.assign(part="new")])

    read = read_samples(SampleFiles(heldout=paths[0], production=paths[1]))
    split = read_split(both, Split(column="part", at="new"))
    asked = read_samples(SampleFiles(heldout=paths[0], production=paths[1], kind="nominal", labels=("z1", "y1", "x1")))

    for heldout, production in (read, split):
        assert heldout.kind.labels == production.kind.labels == ("x1", "y1", "z1")
    assert asked[0].teacher[:2].tolist() == [2, 1]


def test_a_digest_follows_the_labels_and_not_their_codes():
    sample, other = frame(["x1", "y1", "z1"]), frame(["x1", "y1", "z2"])

    read = [read_pairs(each, kind="nominal").digest for each in (sample, other)]
    again = read_pairs(sample, kind="nominal", labels=("z1", "y1", "x1")).digest

    assert read[0] == again != read[1]


@pytest.mark.parametrize("labels", [("fail", "pass"), (0, 1), ("x1", "y1", "z1")])
def test_a_week_of_one_label_is_read_by_those_of_held_out(tmp_path, labels):
    paths = [tmp_path / "heldout.csv", tmp_path / "production.csv"]
    for values, path in zip((labels, labels[1:2]), paths, strict=True):
        frame(list(values)).to_csv(path, index=False)

    heldout, production = read_samples(SampleFiles(heldout=paths[0], production=paths[1]))

    assert heldout.kind == production.kind
    assert set(production.teacher) == set(production.student) == {1}


def test_what_is_no_label_of_held_out_keeps_its_own_message(tmp_path):
    paths = [tmp_path / "heldout.csv", tmp_path / "production.csv"]
    for values, path in zip((["fail", "pass"], [7]), paths, strict=True):
        frame(values).to_csv(path, index=False)

    with pytest.raises(InputError, match=r"every teacher score .* is 7, so pairs cannot be ranked"):
        read_samples(SampleFiles(heldout=paths[0], production=paths[1]))


@pytest.mark.parametrize(
    ("teacher", "student", "kind"),
    [(["pass", "fail"], [0.3, 0.8], "probability"), ([0.5, 0.25], [0.3, 0.8], "numeric"), ([1, 0], [1, 0], "numeric")],
)
def test_an_answer_with_a_probability_stays_so_beside_another_alone(teacher, student, kind):
    heldout, production = read_pairs(frame([1, 0], [0.9, 0.1])), read_pairs(frame(teacher, student))

    aligned = align_kinds(heldout, production)

    assert [each.kind.name for each in aligned] == [kind, kind]
    assert aligned[1].teacher.tolist() == production.teacher.tolist()
