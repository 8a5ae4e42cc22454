"""Expected agreement after routing and after retraining, against the truth on a large fresh sample."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.measures.agreement import agreement
from drift_core.measures.score_mapping import on_teachers_scale
from drift_core.measures.scores import scores_of
from drift_core.options.expected_agreement import expect_agreement
from drift_core.simulation.plan import Plan
from tests.calibration.measured import MeasuredTables
from tests.calibration.planted import draw_planted
from tests.drift_core.options.drifted_case import case

PLANS = {
    "one new topic": Plan(
        n_heldout=1000, n_production=1000, new_shares=(0.15,), new_agreement=(0.5,), with_texts=False
    ),
    "two new topics, 300 pairs": Plan(
        n_heldout=600, n_production=300, new_shares=(0.18, 0.16), new_agreement=(0.5, 0.55), with_texts=False
    ),
    "scores 0-3": Plan(
        n_heldout=1000, n_production=800, levels=4, new_shares=(0.2,), new_agreement=(0.45,), with_texts=False
    ),
    "five docs a query": Plan(
        n_heldout=1000,
        n_production=1000,
        docs_per_query=(5, 5),
        new_shares=(0.2,),
        new_agreement=(0.5,),
        with_texts=False,
    ),
    "a weaker student": Plan(
        n_heldout=1000,
        n_production=600,
        agreement=(0.82, 0.80, 0.78),
        new_shares=(0.2,),
        new_agreement=(0.4,),
        with_texts=False,
    ),
}
N_DRAWS = 200  # at a true 95 % their coverage has a standard error of 1.5 %
LOWEST, HIGHEST = 0.905, 0.99  # three standard errors below and above
MOST_BIAS = 0.005  # two to four standard errors of the mean of 200 draws
FIRST_SEED = 91_000
N_FRESH = 200_000


def truth(plan):
    large = replace(plan, n_heldout=10, n_production=N_FRESH)
    drawn = draw_planted(large, seed=5)
    production = scores_of(drawn.heldout, drawn.production)[1]
    mixed = production.teacher.copy()
    mixed[~drawn.drifted] = on_teachers_scale(production.take(~drawn.drifted))
    familiar = tuple(plan.familiar_mean for _ in plan.new_agreement)
    learnt = draw_planted(replace(large, new_agreement=familiar), seed=6)
    return {
        "route": agreement(replace(production, student=mixed)).estimate,
        "retrain": agreement(scores_of(learnt.heldout, learnt.production)[1]).estimate,
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PLANS))
def test_expected_agreement_meets_the_truth_and_its_interval_holds_it(name, tables: MeasuredTables):
    right = truth(PLANS[name])
    found = [expect_agreement(case(PLANS[name], seed=FIRST_SEED + draw)) for draw in range(N_DRAWS)]

    for place, way in enumerate(("route", "retrain"), start=1):
        figures = [each[place].agreement for each in found]
        bias = np.mean([figure.estimate for figure in figures]) - right[way]
        coverage = np.mean([figure.low <= right[way] <= figure.high for figure in figures])
        head = ("kind", "way", "truth", "bias", "coverage")
        row = (name, way, f"{right[way]:.4f}", f"{bias:+.4f}", f"{coverage:.1%}")
        how = f"{N_DRAWS} draws each, seeds from {FIRST_SEED}"
        tables.add("ways", head, row, n_rows=2 * len(PLANS), how=how)
        assert abs(bias) <= MOST_BIAS
        assert LOWEST <= coverage <= HIGHEST
