"""Maps from scores to probabilities: what they recover, what they are chosen by, and their file."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from drift_core.calibration.calibration_map import CalibrationMap
from drift_core.calibration.recalibrate import fit_map, recalibrate
from drift_core.errors import InputError, SettingError
from drift_core.measures.scores import Scores
from tests.drift_core.calibration.answered import draw_answers

N = 6000


def test_a_temperature_that_was_planted_is_found():
    answers = draw_answers(N, np.random.default_rng(1), slope=2)

    found = fit_map(answers, "temperature", is_probability=True)

    assert found.temperature == pytest.approx(2, rel=0.07)
    assert found.words.startswith("temperature ")


def test_platt_finds_slope_and_shift_also_of_scores_that_are_no_probabilities():
    answers = draw_answers(N, np.random.default_rng(2), slope=2, shift=1)
    as_logits = replace(answers, student=10 + 5 * np.log(answers.student / (1 - answers.student)))

    of_probability = fit_map(answers, "platt", is_probability=True)
    of_score = fit_map(as_logits, "platt", is_probability=False)

    assert (of_probability.slope, of_probability.intercept) == pytest.approx((0.5, -0.5), abs=0.08)
    assert of_score.apply(as_logits.student) == pytest.approx(of_probability.apply(answers.student), abs=1e-3)


def test_the_method_is_the_one_of_least_log_loss_on_left_out_queries():
    rng = np.random.default_rng(3)

    as_it_is, tempered, shifted = (
        recalibrate(draw_answers(N, rng, docs=3, **how)) for how in ({}, {"slope": 2}, {"slope": 2, "shift": 1.5})
    )
    bent = draw_answers(N, rng)
    bent = replace(bent, student=np.where(bent.student > 0.5, 0.5 + (bent.student - 0.5) / 50, bent.student / 50))

    assert as_it_is.losses[as_it_is.map.method] <= as_it_is.losses["none"]
    assert tempered.map.method in ("temperature", "platt")
    assert shifted.map.method == "platt"
    assert recalibrate(bent).map.method == "isotonic"


def test_a_pairs_crossfitted_probability_does_not_know_its_query():
    answers = draw_answers(400, np.random.default_rng(4), docs=4)
    own = answers.queries == 7
    turned = replace(answers, teacher=np.where(own, 1 - answers.teacher, answers.teacher))

    first, second = (recalibrate(each, methods=("isotonic",)).crossfitted for each in (answers, turned))

    assert np.array_equal(first[own], second[own])
    assert not np.array_equal(first[~own], second[~own])


def test_an_isotonic_map_survives_its_file_and_never_says_sure():
    answers = draw_answers(300, np.random.default_rng(5))

    made = fit_map(answers, "isotonic", is_probability=True)
    read = CalibrationMap.model_validate_json(made.model_dump_json())

    assert read == made
    chances = read.apply(np.linspace(0, 1, 50))
    assert (np.diff(chances) >= 0).all()
    assert 0 < chances[0] <= chances[-1] < 1


def test_a_map_is_the_formula_that_stands_in_the_docs():
    p = np.array([0.0, 0.02, 0.5, 0.9, 1.0])
    near = np.clip(p, 0.000001, 0.999999)

    platt = CalibrationMap(method="platt", slope=0.4, intercept=-0.3).apply(p)
    raw = CalibrationMap(method="platt", takes_probability=False, slope=2.0, intercept=1.0).apply(10 * p)
    steps = CalibrationMap(method="isotonic", scores=(0.1, 0.5), probabilities=(0.2, 0.4)).apply(np.array([0, 0.3, 1]))

    np.testing.assert_allclose(platt, 1 / (1 + np.exp(-(0.4 * np.log(near / (1 - near)) - 0.3))))
    np.testing.assert_allclose(raw, 1 / (1 + np.exp(-(2.0 * 10 * p + 1.0))))
    np.testing.assert_allclose(steps, [0.2, 0.3, 0.4])


def test_one_answer_and_scores_that_are_no_probabilities_are_told():
    answers = draw_answers(100, np.random.default_rng(6))

    with pytest.raises(InputError, match="gives one answer to every pair"):
        recalibrate(Scores(student=answers.student, teacher=np.ones(100)))
    with pytest.raises(SettingError, match="choose platt or isotonic"):
        recalibrate(replace(answers, student=answers.student * 5), methods=("temperature",))


def test_a_score_that_falls_as_the_teacher_passes_more_is_no_probability():
    answers = draw_answers(400, np.random.default_rng(7), docs=4)

    with pytest.raises(InputError, match="Where it is the chance of the other answer, give 1 minus it"):
        recalibrate(replace(answers, student=1 - answers.student))
    with pytest.raises(InputError, match="All pairs are of one query"):
        recalibrate(replace(answers, queries=np.zeros(400, dtype=np.int64)))


@pytest.mark.parametrize("wrong", [{"probabilities": [0.5, 1.5]}, {"scores": [0.5, float("inf")]}])
def test_a_map_with_a_probability_above_one_or_a_score_without_end_is_refused(wrong):
    with pytest.raises(ValidationError):
        CalibrationMap(**{"method": "isotonic", "scores": [0.1, 0.2], "probabilities": [0.3, 0.4]} | wrong)
