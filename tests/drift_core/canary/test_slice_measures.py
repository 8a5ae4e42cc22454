import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.slice_measures import slice_measures
from drift_core.diagnosis.settings import Settings
from drift_core.history.from_json import region_from
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.overlap import overlap_curve
from drift_core.measures.scores import Scores
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from tests.drift_core.gate.weeks import card, decide, measured, region, week, weeks

SETTINGS = Settings()


def ranked(n):
    rng = np.random.default_rng(2)
    teacher = rng.normal(size=n)
    return Scores(student=teacher + rng.normal(size=n), teacher=teacher, queries=np.arange(n) // 2)


def test_overlap_of_a_slice_is_that_of_its_own_top():
    scores = ranked(120)

    found = slice_measures(scores, NUMERIC, settings=SETTINGS)

    assert set(found) == {"overlap"}
    overlap = found["overlap"]
    assert isinstance(overlap, Measured)
    assert overlap.estimate == pytest.approx(overlap_curve(scores.student, scores.teacher)[SETTINGS.rule.k - 1])
    assert overlap.low <= overlap.estimate <= overlap.high
    assert isinstance(slice_measures(ranked(8), NUMERIC, settings=SETTINGS)["overlap"], Unmeasured)


def test_two_labels_have_precision_and_recall_of_the_positive_one_and_kappa():
    table = pd.DataFrame([(1, 1)] * 30 + [(1, 0)] * 10 + [(0, 1)] * 20 + [(0, 0)] * 40, columns=["teacher", "student"])
    scores = Scores(student=table["student"].to_numpy(float), teacher=table["teacher"].to_numpy(float), is_ranked=False)
    kind = ScoreKind(name="binary", labels=("fail", "pass"))

    found = slice_measures(scores, kind, settings=SETTINGS)

    assert {name: round(each.estimate, 3) for name, each in found.items() if isinstance(each, Measured)} == {
        "kappa": 0.4,  # 0.70 observed, 0.5 by chance
        "recall": 0.75,
        "precision": 0.6,
    }


def on_overlap(figures):
    found = [*weeks(2), week(2, regions=(replace(region("DE", measured(0.9)), measures=figures),))]
    wanted = {"partition": "country", "name": "DE", "floor": 0.6, "measure": "overlap"}
    decision = decide(found, card=card(critical_slices=(wanted,)))
    return next(check for check in decision.checks if check.name == "slice")


def test_a_slice_is_held_to_a_floor_on_the_measure_that_the_card_names():
    blocked = on_overlap({"overlap": measured(0.4, 0.3, 0.5)})

    assert (blocked.outcome, blocked.subject) == ("blocked", "country: DE, overlap")
    assert blocked.sentence.startswith("Critical slice country: DE: overlap 0.40 (0.30 to 0.50) lies below the floor")
    assert on_overlap({"overlap": measured(0.8, 0.7, 0.9)}).outcome == "held"
    unknown = on_overlap({})
    assert unknown.outcome == "inconclusive"
    assert "the canary of 2026-03-16 did not record it. Record the next one with --card." in unknown.sentence
    of_labels = on_overlap({"kappa": measured(0.8), "recall": measured(0.9)})
    assert of_labels.outcome == "inconclusive"
    assert "judge's answers have no overlap, only kappa, recall. Change the card's measure." in of_labels.sentence


def test_other_measures_come_back_from_a_history_and_their_absence_leaves_no_trace():
    plain = region("DE", measured(0.9))
    more = replace(plain, measures={"overlap": measured(0.8), "kappa": Unmeasured(reason="One label.")})

    assert "measures" not in plain.to_json()
    assert region_from(json.dumps(more.to_json())) == more
    assert region_from(json.dumps(plain.to_json())) == plain
