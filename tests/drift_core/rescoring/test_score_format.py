import time

import pytest

from drift_core import SettingError
from drift_core.rescoring.score_format import ScoreFormat, Unparsed

ZERO_TO_THREE = ScoreFormat(low=0, high=3)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('{"score": 2}', 2.0),
        ('  {"score": 0}\n', 0.0),
        ('{"score": "2.5"}', 2.5),
        ('{"reason": "fits {well}", "score": 3}', 3.0),
        ('Here it is:\n```json\n{"score": 1.5}\n```', 1.5),
        ('{broken {"score": 1}', 1.0),
        ('{"a": 1} {"score": 2}', 2.0),
    ],
)
def test_a_score_is_read_from_json_wherever_it_stands(text, score):
    assert ZERO_TO_THREE.read(text) == score


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        '{"score": null}',
        '{"score": true}',
        '{"score": [2]}',
        '{"score": NaN}',
        '{"score": Infinity}',
        '{"score": 1e999}',
        '{"score": "two"}',
        '{"score": ' + "9" * 5000,
        "{" * 4000,
        '[{"score"',
        '{"a":' * 2000,
    ],
)
def test_what_is_no_score_is_unread(text):
    assert isinstance(ZERO_TO_THREE.read(text), Unparsed)


@pytest.mark.parametrize("score", [-0.1, 3.01, 10])
def test_a_score_outside_the_range_is_unread(score):
    assert "lies outside [0, 3]" in ZERO_TO_THREE.read(f'{{"score": {score}}}').reason


def test_a_pattern_reads_its_one_group():
    form = ScoreFormat(low=0, high=3, regex=r"(?:Score|Mark):\s*(-?[\d.,]+)")

    assert form.schema is None
    assert form.read("Mark: 2,5 of 3") == 2.5
    assert form.read("none").reason == "The regular expression found nothing."
    assert "is no number: '...'" in form.read("Mark: ...").reason


@pytest.mark.parametrize(
    ("regex", "words"),
    [("(", "cannot be read"), ("Score", "found 0"), (r"(\d)(\d)", "found 2"), (r"(?P<a>x)|(y)", "found 2")],
)
def test_a_pattern_that_cannot_work_is_refused_up_front(regex, words):
    with pytest.raises(SettingError, match=words):
        ScoreFormat(regex=regex)


def test_a_pattern_that_runs_away_is_cut_off():
    form = ScoreFormat(regex=r"((?:a|aa)+)$")
    began = time.process_time()

    found = form.read("a" * 3000 + "b")

    assert isinstance(found, Unparsed)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (float("nan"), 1), (0, float("inf"))])
def test_a_range_needs_two_numbers_in_order(low, high):
    with pytest.raises(SettingError, match="the lower first"):
        ScoreFormat(low=low, high=high)


def test_two_scores_in_one_answer_are_none():
    answer = ScoreFormat()

    assert answer.read('{"score": 0.1} or {"score": 0.9}') == Unparsed(reason="The answer gives 2 different scores.")
    assert answer.read('{"score": 0.1} as said: {"score": 0.10}') == 0.1
    assert answer.read('{"by": {"score": 0.3}, "score": 0.7}') == 0.7


def test_what_a_model_thinks_before_its_answer_is_no_score():
    answer = ScoreFormat()

    assert answer.read('<think>{"score": 0.9}? No.</think>{"score": 0.1}') == 0.1
    assert answer.read('<think>{"score": 0.9}?') == Unparsed(reason="The answer ends within a thought.")


def test_a_score_at_the_end_of_a_long_answer_is_found():
    assert ScoreFormat().read(r"so $\frac{1}{2}$. " * 2000 + '{"score": 0.4}') == 0.4


@pytest.mark.parametrize("text", ["1,000", "-12,500,000", "1_0"])
def test_a_number_that_may_be_read_in_two_ways_is_none(text):
    assert isinstance(ScoreFormat(low=-1e9, high=1e9).read(f'{{"score": "{text}"}}'), Unparsed)


@pytest.mark.parametrize("text", ['{"a":' * 10_000, "{" * 50_000, '{"a":[' * 8_000])
def test_braces_without_end_take_no_time(text):
    began = time.process_time()

    assert isinstance(ScoreFormat().read(text), Unparsed)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "score"),
    [('{"Score": 2}', 2.0), ('{"rating": 2}', 2.0), ('```json\n{"relevance_score": 1.5}\n```', 1.5)],
)
def test_a_lone_number_that_calls_itself_a_score_is_one(text, score):
    assert ZERO_TO_THREE.read(text) == score


@pytest.mark.parametrize(
    "text",
    [
        '{"confidence": 0.9}',
        '{"rating": 2, "confidence": 0.9}',
        '{"rating": 2, "why": "It fits."}',
        '{"rating": "2"}',
        '{"rating": true}',
        '{"rating": 2} {"rating": 1}',
        '{"SCORE": 1, "Score": 2}',
        "2/3",
    ],
)
def test_what_may_be_meant_otherwise_is_unread(text):
    assert isinstance(ZERO_TO_THREE.read(text), Unparsed)


def test_another_key_is_asked_for_and_read_when_it_is_named():
    form = ScoreFormat(key="rating")

    assert form.read('{"rating": 0.5, "score": 0.1}') == 0.5
    assert form.read('{"score": 0.1}') == Unparsed(reason="No JSON with a number as rating was found.")
    assert list(form.schema["json_schema"]["schema"]["properties"]) == ["rating"]
    with pytest.raises(SettingError, match="key of the score is empty"):
        ScoreFormat(key=" ")


def test_a_pattern_reads_what_is_said_and_not_what_is_thought():
    text = "<think>Score: 0.9? No.</think>Score: 0.1"

    assert ScoreFormat(regex=r"Score: ([\d.]+)").read(text) == 0.1
    assert ScoreFormat(regex=r"<think>Score: ([\d.]+)").read(text) == 0.9
    assert isinstance(ScoreFormat(regex=r"Score: ([\d.]+)").read("<think>Score: 0.9?"), Unparsed)


def test_a_number_that_may_go_on_behind_the_cut_is_none():
    form = ScoreFormat(high=100, regex=r"Score: ([\d.]+)")

    assert form.read("Score: 10", is_cut=True) == Unparsed(reason="The answer was cut at its most tokens.")
    assert form.read("Score: 10, as", is_cut=True) == 10
