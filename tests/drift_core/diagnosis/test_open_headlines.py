"""What an open headline says, and what it asks for first."""

from dataclasses import replace

import pytest

from drift_core.diagnosis.findings import Finding
from drift_core.distributions.both_orders import STUDENT_LEANS
from drift_core.distributions.narrowed_range import NarrowedRange
from drift_core.measures.selection import Selection
from drift_core.regions.attribution import Attribution
from tests.drift_core.diagnosis.by_hand import FELL, HEALTHY, decided, measured, rise
from tests.drift_core.diagnosis.test_what_would_settle import of, settle, spread_of

FALL = replace(spread_of(of(0.9, 0.01), of(0.7, 0.01)), reading="fell")
LEFT = {"unexplained": measured(0.05), "shared": rise(0.0, 0.5)}
MEASURED = replace(HEALTHY.attribution, teacher=measured(0.0))


@pytest.mark.parametrize(
    ("facts", "asks", "headline"),
    [
        ({"shared": FELL, "selection": Selection(student_moved=True)}, "student", "the student's scores moved"),
        ({"shared": FELL, "is_pairwise": True}, "student", "as a revision or closer calls make it"),
        (LEFT, "student", "no test tells why"),
        (
            {"shared": FELL, "selection": Selection(along="yes", student_moved=True, left=measured(0.05))},
            "pairs",
            "look chosen by a score",
        ),
    ],
)
def test_an_open_headline_says_what_it_asks_for(facts: dict, asks: str, headline: str) -> None:
    made = decided(**facts)

    assert headline in made.headline
    assert made.asks == asks


def test_another_student_is_asked_for_before_any_score_is_paid() -> None:
    aims = [each.aim for each in settle("inconclusive", FALL, asks="student")]

    assert aims[:4] == ["drawing", "student", "spread", "pinned"]


def test_where_the_teacher_is_measured_another_student_or_an_easier_held_out_is_left() -> None:
    measured_teacher = Attribution(total=None, mix=None, within=None, teacher=of(0.0, 0.001))
    found = settle("inconclusive", FALL, asks="student", attribution=measured_teacher)

    assert "pinned" not in " ".join(each.sentence for each in found)
    assert "held-out was easier" in found[1].sentence


def test_of_pairs_chosen_by_a_score_no_more_are_asked_for_but_others() -> None:
    [asked] = [each for each in settle("inconclusive", FALL, asks="pairs") if each.aim == "spread"]

    assert "drawn at random from all traffic and by no score" in asked.sentence
    assert "of this size" not in asked.sentence


def test_a_student_that_leans_is_asked_again_before_how_samples_were_drawn() -> None:
    leans = {STUDENT_LEANS: Finding(name=STUDENT_LEANS, sentence="S.")}

    assert "drawing" not in [each.aim for each in settle("inconclusive", FALL, told=leans, asks="student")]


def test_a_teacher_that_is_measured_to_cost_nothing_is_none_of_what_is_left() -> None:
    free = decided(**LEFT, attribution=MEASURED, revision=rise(0.0, 0.5))
    labels = decided(**LEFT, spread=replace(HEALTHY.spread, is_ranked=False))

    assert "no test tells whether the student or how both samples were drawn does" in free.reason
    assert "the teacher, the student or" in labels.reason
    assert "range of its scores" in free.reason
    assert "range" not in labels.reason


def test_pinned_scores_that_are_there_are_not_asked_to_tell() -> None:
    part = replace(HEALTHY.attribution, teacher=measured(0.02, 0.03))
    made = decided(is_pairwise=True, attribution=part, revision=rise(0.2, 0.02), shared=FELL)

    assert "closer calls make it" in made.headline
    assert "pinned scores that are there leave open whether it is the teacher" in made.reason


@pytest.mark.parametrize(
    ("is_selected", "why"),
    [(False, "production's scores cover a narrower range"), (True, "production's pairs look chosen by a score")],
)
def test_a_fall_that_a_range_of_scores_explains_is_named_beside_healthy(is_selected: bool, why: str) -> None:
    narrowed = NarrowedRange(part=measured(0.05), left=0.5, is_selected=is_selected)
    made = decided(attribution=replace(HEALTHY.attribution, score_range=narrowed))

    assert made.headline == f"Healthy, but {why} (agreement from 0.90 to 0.85)."
