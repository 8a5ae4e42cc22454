"""Words that may stand for no answer are labels where the judges use them as such, and else a missing score."""

import json

import numpy as np
import pandas as pd
import pytest

from drift_core.samples.label_words import tells_failure
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import ScoreKind

N = 200


def judged(labels: list[str], *, wrong: float = 0.2, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    teacher = rng.choice(labels, N)
    student = np.where(rng.random(N) < wrong, rng.choice(labels, N), teacher)
    texts = {"query": [f"query {row}" for row in range(N)], "doc": "doc"}
    return pd.DataFrame(texts | {"teacher": teacher, "student": student})


@pytest.mark.parametrize("word", ["none", "None", "null", "n/a", "na"])
def test_a_class_called_none_is_one_where_both_judges_give_it_or_it_is_named(tmp_path, word):
    frame = judged(["refund", "exchange", word])
    frame.to_csv(tmp_path / "a.csv", index=False)
    named = {"kind": "nominal", "labels": ("refund", "exchange", word)}

    for source, options in ((frame, {}), (tmp_path / "a.csv", {}), (frame, named), (tmp_path / "a.csv", named)):
        found = read_pairs(source, **options)

        assert len(found) == N
        assert {label.casefold() for label in found.kind.labels} == {"refund", "exchange", word.casefold()}
        assert (found.teacher == found.student).mean() == (frame.teacher == frame.student).mean()


def test_a_key_of_probabilities_is_a_label_whatever_it_is_called():
    frame = judged(["refund", "exchange", "none"])
    chances = [
        {label: 0.8 if label == said else 0.1 for label in ("refund", "exchange", "none")} for said in frame.student
    ]
    frame["student"] = [json.dumps(each) for each in chances]

    found = read_pairs(frame)

    assert len(found) == N
    assert found.kind.labels == ("exchange", "none", "refund")
    assert found.chances is not None


@pytest.mark.parametrize(
    "word", ["none", "NaN", "", "error", "parse_error", "JSONDecodeError", "Timed out", "failed", "invalid"]
)
@pytest.mark.parametrize("share", [0.03, 0.3])
def test_what_one_judge_alone_gives_for_no_answer_is_a_missing_score_at_any_share(word, share):
    frame = judged(["refund", "exchange", "other"])
    lost = np.random.default_rng(1).random(N) < share
    kept = frame[~lost]
    frame.loc[lost, "teacher"] = word

    found = read_pairs(frame)

    assert found.kind.labels == ("exchange", "other", "refund")
    assert (found.teacher == found.student).mean() == (kept.teacher == kept.student).mean()
    assert found.unscored is not None
    assert len(found.unscored) == lost.sum()


def test_failed_calls_are_counted_and_a_name_makes_them_a_label():
    frame = judged(["pass", "fail"])
    frame.loc[frame.index % 10 == 0, "teacher"] = "parse_error"

    found = read_pairs(frame)
    named = read_pairs(frame, kind="nominal", labels=("fail", "pass", "parse_error"))

    assert found.kind == ScoreKind(name="binary", labels=("fail", "pass"))
    (told,) = (each.message for each in found.problems if each.name == "failed_calls")
    assert told == (
        "'parse_error' (20 of 200 rows) is taken for what a failed call left, so for a missing score. If it is a "
        "label, name it with the others (--labels)."
    )
    assert (len(named), named.kind.labels[2]) == (N, "parse_error")


def test_beside_yes_and_no_a_few_rows_that_neither_judge_answered_are_no_third_answer():
    frame = judged(["pass", "fail"])
    frame.loc[[4, 9, 40], ["teacher", "student"]] = "None"

    found = read_pairs(frame)

    assert (found.kind.name, len(found)) == ("binary", N - 3)


@pytest.mark.parametrize(
    "word", ["spelling error", "billing error", "failed in transit", "terror", "connection", "out of stock"]
)
def test_a_class_that_has_such_a_word_in_its_name_is_no_failed_call(word):
    assert not tells_failure(word)
    frame = judged(["refund", "exchange", "other"])
    frame.loc[frame.index % 10 == 0, "teacher"] = word

    assert word in read_pairs(frame).kind.labels


def test_failed_is_an_answer_beside_pass():
    frame = judged(["pass", "fail"])
    frame["teacher"] = frame.teacher.replace("fail", "failed")

    assert len(read_pairs(frame)) == N
