"""One query that outweighs all others, and pairs drawn by the student's score: told first, and everywhere alike."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pandas as pd

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.canary.alarm import assess
from drift_core.canary.measure import canary_run
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.diagnosis.what_would_overturn import what_would_overturn
from drift_core.history.from_json import run_from
from drift_core.measured import Measured, Unmeasured
from drift_core.options.next_action import next_action
from drift_core.options.treatment_steps import treatment_steps
from drift_core.options.weigh import weigh_options
from tests.drift_core.diagnosis.test_messy_files import diagnosed, names
from tests.drift_core.distributions.test_comparable_part import USUAL, asked, pairs

AT = datetime(2026, 3, 2, tzinfo=UTC)


@cache
def one_query() -> Diagnosis:
    return diagnosed(USUAL, pd.concat([pairs(2, [5] * 120), asked("pump <b>x</b>", 250)]))


@cache
def one_range() -> Diagnosis:
    full = pairs(2, [5] * 400)
    return diagnosed(USUAL, full[full["student_score"] >= 0.5])


def test_one_query_is_told_before_the_verdict_on_the_rest_with_its_figures_in_the_json() -> None:
    made = one_query()
    details = {each["name"]: each for each in diagnosis_to_json(made)["finding_details"]}

    assert made.verdict.headline.startswith("One query has 29% of production's pairs. Healthy on the rest")
    assert made.findings[[*names(made)].index("one_query")].sentence in made.verdict.reason
    assert {"share", "with estimate", "without low", "inside estimate"} <= set(details["one_query"]["figures"])
    assert len(made.production) == 600


def test_a_week_with_one_heavy_query_is_measured_without_it_and_says_so() -> None:
    run = canary_run(one_query(), at=AT, recorded_at=AT, teacher_revision="r1")

    assert isinstance(run.agreement, Measured)
    assert run.set_aside.startswith(
        "One query has 29% of production's pairs; the figures are without. Agreement inside"
    )
    assert run_from(json.dumps(run.to_json())).inside_aside is not None
    assert replace(run, findings=(), odd_scores=None).set_aside == ""


def test_pairs_of_a_range_of_scores_are_compared_like_with_like_and_the_next_step_is_another_sample() -> None:
    made = one_range()
    options = weigh_options(made)
    action = next_action(made, options)

    assert made.verdict.headline.startswith("Production holds only student scores from 0.5")
    assert "Healthy in that range: nothing" in made.verdict.headline
    assert made.spread.reading != "fell"
    assert next(each for each in made.lookalikes if each.name == "narrow_range").status == "points_to"
    assert "no drift explains" not in options.sentence
    assert (action.title, action.page) == ("Draw a sample of all that the student scored", "samples")
    assert treatment_steps("healthy", findings=names(made))[0].title == action.title


def test_a_week_drawn_by_score_is_a_gap_with_that_reason_and_no_baseline() -> None:
    run = canary_run(one_range(), at=AT, recorded_at=AT, teacher_revision="r1")
    (week,) = assess([run])

    assert isinstance(run.agreement, Unmeasured)
    assert (run.heldout, run.regions, week.status) == (None, (), "gap")
    assert "distillation-drift sample" in week.reasons[0]
    assert "held-out pairs of that range" not in week.reasons[0]


def test_a_healthy_verdict_beside_a_fall_that_was_seen_does_not_say_that_it_would_have_shown() -> None:
    seen = one_query().spread
    assert isinstance(seen.spread, Measured)
    fell: SpreadTest = replace(seen, spread=replace(seen.spread, estimate=0.191, low=0.15, high=0.23))

    (sentence,) = what_would_overturn("healthy", fell, (), one_query().attribution, Rule())

    assert "0.191" in sentence
    assert "would have shown" not in sentence
