"""Columns that give a probability for each label, in the forms in which classifiers write them."""

import json

import pandas as pd
import pytest

from drift_core import read_pairs
from drift_core.errors import InputError
from drift_core.samples.class_probabilities import chances_by_label

TEACHER = ["refund", "shipping", "other", "refund"] * 6
GIVEN = [
    {"refund": 0.7, "shipping": 0.2, "other": 0.1},
    {"refund": 0.1, "shipping": 0.85, "other": 0.05},
    {"refund": 0.5, "shipping": 0.3, "other": 0.2},
    {"refund": 0.998, "shipping": 0.001, "other": 0.001},
] * 6
MOST_PROBABLE = ["refund", "shipping", "refund", "refund"] * 6
FORMS = {
    "JSON": json.dumps,
    "a data frame's text": str,
    "a classifier's list": lambda given: json.dumps([{"label": name, "score": value} for name, value in given.items()]),
    "its best label": lambda given: json.dumps({"label": max(given, key=given.get), "score": max(given.values())}),
    "a struct": lambda given: given,
}


def sample(student, *, teacher=TEACHER, **more):
    frame = {"query": [f"query {i}" for i in range(len(teacher))], "teacher": teacher, "student": student, **more}
    return pd.DataFrame(frame)


def labels_of(pairs):
    return [pairs.kind.labels[int(code)] for code in pairs.student]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_most_probable_label_is_the_answer(form):
    pairs = read_pairs(sample([form(each) for each in GIVEN]))

    assert pairs.kind.name == "nominal"
    assert labels_of(pairs) == MOST_PROBABLE
    [said] = [each.message for each in pairs.problems if each.name == "class_probabilities"]
    assert said == "Column 'student' gives a probability for each label; it is read as the most probable one."


def test_files_are_read_so_too(tmp_path):
    frame = sample(GIVEN)
    frame.to_parquet(tmp_path / "p.parquet")
    frame.to_json(tmp_path / "p.jsonl", orient="records", lines=True)
    frame.to_csv(tmp_path / "p.csv", index=False)

    for name in ("p.parquet", "p.jsonl", "p.csv"):
        assert labels_of(read_pairs(tmp_path / name)) == MOST_PROBABLE


def test_of_no_and_yes_it_is_the_probability_of_yes():
    given = [{"fail": 0.3, "pass": 0.7}, {"Fail": 0.9, "PASS": 0.1}, {"label": "FAIL", "score": 0.75}] * 8

    pairs = read_pairs(sample(list(map(json.dumps, given)), teacher=["pass", "fail", "fail"] * 8))

    assert (pairs.kind.name, pairs.kind.labels) == ("probability", ("fail", "pass"))
    assert pairs.student[:3] == pytest.approx([0.7, 0.1, 0.25])


def test_words_that_are_read_as_one_label_count_for_it_together():
    given = [{"no": 0.1, "ok": 0.7, "yes": 0.2}, {"no": 0.8, "ok": 0.15, "yes": 0.05}] * 12

    pairs = read_pairs(sample(list(map(json.dumps, given)), teacher=["ok", "yes", "no"] * 8))

    assert pairs.kind.labels == ("no", "ok")
    assert chances_by_label(pairs)[:2].tolist() == [pytest.approx([0.1, 0.9]), pytest.approx([0.8, 0.2])]


def test_a_row_without_probabilities_is_left_out_and_counted():
    texts = list(map(json.dumps, GIVEN))
    texts[3], texts[7] = "error: timeout", None

    pairs = read_pairs(sample(texts))

    assert len(pairs) == len(GIVEN) - 2
    assert sum(each.n_rows for each in pairs.problems if each.left_out) == 2
    assert any(
        "What gives none, such as 'error: timeout', counts as missing." in each.message for each in pairs.problems
    )


def test_bare_lists_need_the_labels_in_their_order():
    lists = [json.dumps(list(each.values())) for each in GIVEN]

    with pytest.raises(InputError, match=r"gives 3 probabilities, one for each label, and it is not said which"):
        read_pairs(sample(lists))
    with pytest.raises(InputError, match=r"and 2 are named. Name the labels in their order, for the kind nominal"):
        read_pairs(sample(lists), kind="nominal", labels=["refund", "other"])
    assert labels_of(read_pairs(sample(lists), kind="nominal", labels=["refund", "shipping", "other"])) == MOST_PROBABLE


@pytest.mark.parametrize(
    "student",
    [
        [json.dumps({"score": 0.9, "confidence": 0.9})] * 24,
        [json.dumps({"score": 0.9, "reason": "It fits."})] * 24,
        ["{not json"] * 24,
        ["[" * 10_000] * 24,
        ["{}"] * 24,
    ],
    ids=["two scores", "a score with a reason", "no JSON", "nested without end", "empty"],
)
def test_what_is_no_probability_of_each_label_is_said_as_before(student):
    with pytest.raises(InputError, match=r"'(teacher|student)'"):
        read_pairs(sample(student))
