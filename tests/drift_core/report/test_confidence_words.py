from dataclasses import replace

import pytest

from drift_core.diagnosis.cause import Verdict
from drift_core.regions.attribution import Attribution
from drift_core.report.confidence_words import confidence_in_words
from tests.drift_core.diagnosis.by_hand import measured

WHOLE = Attribution(total=measured(0.1), mix=measured(0.0), within=measured(0.1), teacher=measured(0.0))
NO_TEACHER = Attribution(
    total=measured(0.1), mix=measured(0.0), within=measured(0.1), teacher=None, teacher_unknown="The docs moved."
)
INFERRED = Attribution(
    total=measured(0.0), mix=measured(0.0), within=measured(0.0), teacher=measured(0.0), teacher_inferred=True
)


@pytest.mark.parametrize(
    ("cause", "inferred", "attribution", "word"),
    [
        ("query_drift", True, INFERRED, "Fair"),
        ("teacher_drift", False, WHOLE, "High"),
        ("inconclusive", True, INFERRED, "Low"),
        ("healthy", False, INFERRED, "High"),
        ("query_drift", False, NO_TEACHER, "Fair"),
    ],
)
def test_the_words_follow_what_the_verdict_rests_on(cause, inferred, attribution, word):
    verdict = Verdict(cause=cause, inferred=inferred, headline="", evidence=())
    said = confidence_in_words(verdict, attribution, "held" if cause == "healthy" else "fell")

    assert said.startswith(f"{word} confidence: ")
    assert ("every part" in said) == (attribution is WHOLE)


def test_nothing_is_surely_healthy_where_the_interval_leaves_open_whether_agreement_fell():
    verdict = Verdict(cause="healthy", inferred=False, headline="", evidence=())

    assert confidence_in_words(verdict, INFERRED, "cannot tell").startswith("Low confidence: nothing is clearly worse")


def test_an_unknown_part_of_the_teacher_is_said_with_its_reason():
    verdict = Verdict(cause="query_drift", inferred=False, headline="", evidence=())

    assert confidence_in_words(verdict, NO_TEACHER, "fell").endswith("the teacher's part is unknown. The docs moved.")


def test_a_part_that_few_pairs_tell_is_said_to_rest_on_them():
    verdict = Verdict(cause="teacher_drift", inferred=False, headline="", evidence=())

    assert "200 of 1,055" in confidence_in_words(verdict, WHOLE, "fell", pinned=(200, 1055))
    assert "every part" in confidence_in_words(verdict, WHOLE, "fell", pinned=(1055, 1055))


def test_the_part_inferred_for_the_teacher_is_told_with_its_figure_where_it_is_no_cause():
    verdict = Verdict(cause="healthy", inferred=False, headline="", evidence=())
    gained = Attribution(
        total=measured(0.0), mix=measured(0.0), within=measured(0.0), teacher=measured(-0.014), teacher_inferred=True
    )

    part = gained.teacher
    told = {
        (part.low, part.high): confidence_in_words(verdict, replace(gained, teacher=part), "held")
        for part in (replace(part, low=-0.05, high=0.02), replace(part, low=-0.02, high=-0.01))
    }
    assert told[-0.05, 0.02].endswith("the teacher's part, inferred at -0.014, is within chance.")
    assert told[-0.02, -0.01].endswith("the teacher's part, inferred at -0.014, is no cause.")
