"""Answers with reasons are read by one clear rule, or asked for."""

import json

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs

N = 60
WORDS = ("fail", "pass", "pass")


def read(teacher: list[object], student: list[object] | None = None, **options: object) -> ScoredPairs:
    sides = {"teacher": teacher, "student": student or [*teacher[1:], teacher[0]]}
    texts = {"query": [f"query {row}" for row in range(N)], "doc": "doc"}
    return read_pairs(pd.DataFrame(texts | sides), **options)  # type: ignore[arg-type]


def written(template: str, words: tuple[str, ...] = WORDS) -> list[object]:
    """With another reason in each row."""
    return [template.replace("ANSWER", words[row % len(words)]).replace("WHY", f"reason {row}") for row in range(N)]


@pytest.mark.parametrize(
    "template",
    [
        '{"verdict": "ANSWER", "reason": "WHY"}',
        '{"reason": "WHY", "final_answer": "ANSWER", "confidence": 0.9}',
        '{"response": "WHY", "verdict": "ANSWER"}',
        '{"is_it": "ANSWER", "reason": "WHY"}',
        '```json\n{"verdict": "ANSWER", "reason": "WHY"}\n```',
        *(
            "ANSWER, because WHY",
            "ANSWER. WHY",
            "Verdict: ANSWER\nReason: WHY",
            "**ANSWER** - WHY",
            "ANSWER because WHY",
        ),
        *("WHY.\n\nVerdict: ANSWER", "First WHY. So: [[ANSWER]]"),
    ],
)
def test_an_answer_is_read_without_its_reason_which_is_said(template: str) -> None:
    found = read(written(template), student=[WORDS[row % 3] for row in range(N)])

    assert (found.kind.name, found.teacher[:3].tolist(), found.student[:3].tolist()) == ("binary", [0, 1, 1], [0, 1, 1])
    [said] = [each.message for each in found.problems if each.name == "answers_read"]
    assert "'teacher' gives reasons too" in said


@pytest.mark.parametrize(
    ("template", "kind", "codes"),
    [
        ('{"score": ANSWER, "reason": "WHY"}', "ordinal", [4, 2, 5]),
        ("Score: ANSWER. WHY", "ordinal", [4, 2, 5]),
        ("Score: ANSWER/5, as WHY", "ordinal", [4, 2, 5]),
        ("Score: ANSWER.5, as WHY", "numeric", [4.5, 2.5, 5.5]),
    ],
)
def test_a_number_is_read_without_its_reason(template: str, kind: str, codes: list[float]) -> None:
    found = read(written(template, ("4", "2", "5")))

    assert (found.kind.name, found.teacher[:3].tolist()) == (kind, codes)


def test_records_are_read_as_objects_are() -> None:
    found = read([json.loads(str(each)) for each in written('{"verdict": "ANSWER", "reason": "WHY"}')])

    assert (found.kind.name, found.teacher[:3].tolist()) == ("binary", [0, 1, 1])


def test_the_better_of_two_answers_is_read_where_a_long_text_ends() -> None:
    found = read(written("x " * 150 + "WHY. [[ANSWER]]", ("A", "B", "C")))

    assert (found.kind.name, found.teacher[:3].tolist()) == ("pairwise", [0, 1, 2])


def test_several_answers_in_an_object_are_asked_for() -> None:
    with pytest.raises(InputError, match=r"'score' and 'verdict' may each be the answer\. Write the one that counts"):
        read(written('{"score": 4, "verdict": "ANSWER", "reason": "WHY"}'))


def test_reasons_that_repeat_may_be_classes_and_are_asked_for() -> None:
    given: list[object] = [("Yes, fully", "Yes, partly", "No")[row % 3] for row in range(N)]

    with pytest.raises(InputError, match=r"'Yes, fully'. Are they 'Yes' and the like with a reason, or classes\?"):
        read(given)

    assert read(given, kind="nominal").kind.labels == ("No", "Yes, fully", "Yes, partly")
    assert read(given, kind="binary").teacher[:3].tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (('{"action": "a", "x": 1}', '{"action": "b", "x": 2}'), "nominal"),
        (('{"label": "pass", "score": 0.9}', '{"label": "fail", "score": 0.8}'), "probability"),
        (("no entry: full", "entry: free"), "nominal"),
        (("note: late", "note: early"), "nominal"),
    ],
)
def test_what_holds_no_answer_beside_a_reason_stays_as_it_is(words: tuple[str, ...], kind: str) -> None:
    found = read([words[row % len(words)] for row in range(N)])

    assert found.kind.name == kind
    assert not [each for each in found.problems if each.name == "answers_read"]


@pytest.mark.parametrize("first", ["Yes, it names WHY.", "No, not at first: WHY."])
def test_a_verdict_named_at_the_end_counts_before_the_word_that_the_text_begins_with(first: str) -> None:
    found = read(
        written(f"{first}\nFinal answer: ANSWER", ("no", "yes", "yes")), student=["yes", "no", "yes"] * (N // 3)
    )

    assert found.teacher[:3].tolist() == [0, 1, 1]
