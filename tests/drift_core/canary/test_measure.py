import json
from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from drift_core.canary.measure import canary_run
from drift_core.diagnosis.diagnose import diagnose
from drift_core.distributions.pinned_traffic import PinnedTraffic
from drift_core.history.from_json import run_from
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import scores_of
from drift_core.simulation.plan import Plan
from tests.calibration.planted import draw_planted

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def measure(seed=1, *, n_production=200, **plan):
    drawn = draw_planted(
        Plan(n_heldout=500, n_production=n_production, agreement=(0.93,) * 4, with_texts=False, **plan), seed=seed
    )
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return made, canary_run(made, at=NOW, recorded_at=NOW, teacher_revision="r1", student_version="s1")


@pytest.fixture(scope="module")
def stable():
    return measure()


def test_it_holds_the_figures_of_the_diagnosis(stable):
    made, run = stable

    assert run.agreement == made.spread.production
    again = agreement(scores_of(made.heldout, made.production)[1])  # whose queries may be added up in another order
    assert asdict(run.agreement) == pytest.approx(asdict(again))
    assert run.overlap == made.top_k.overlap
    assert run.entropy == made.distributions.entropy
    assert run.entropy.student.estimate > 3
    assert (run.n_pairs, run.cause) == (200, made.verdict.cause)
    assert run.production_digest == made.production.digest
    assert run.heldout.digest == made.heldout.digest


def test_a_stable_week_errs_as_held_out_does(stable):
    error = stable[1].error

    assert abs(error.level - 1) < 4 * (error.variance + stable[1].heldout.error.variance) ** 0.5
    assert stable[1].heldout.error.level == 1.0


def test_it_is_written_and_read_without_loss(stable):
    assert run_from(json.dumps(stable[1].to_json())) == stable[1]


@pytest.mark.parametrize(
    ("is_harder", "words"), [(True, "query drift"), (False, "fall of a familiar region")], ids=["harder", "fell"]
)
def test_a_week_is_called_what_its_diagnosis_calls_it(stable, is_harder, words):
    first, *others = stable[0].regions.regions
    fell = replace(first, drifted=True, is_new=False, is_harder=is_harder)
    verdict = replace(stable[0].verdict, cause="query_drift", inferred=False)
    made = replace(
        stable[0], verdict=verdict, regions=replace(stable[0].regions, regions=(fell, *others)), calibration=None
    )

    run = canary_run(made, at=NOW, recorded_at=NOW, teacher_revision="r1")

    assert made.outcome == run.cause_in_words == words
    assert [(each.name, each.share, each.is_new) for each in run.own_regions] == [
        (first.name, first.share_production, False)
    ]
    assert run_from(json.dumps(run.to_json())) == run


def test_new_traffic_is_found_with_its_error():
    _, run = measure(new_shares=(0.2,), new_agreement=(0.4,))

    assert run.new_traffic.share == pytest.approx(0.2, abs=0.08)
    assert run.new_traffic.error.level > 2
    assert run.new_traffic.p_value < 0.001


def test_new_traffic_as_good_as_the_rest_has_no_small_p_value():
    _, run = measure(new_shares=(0.2,), new_agreement=(0.93,))

    assert run.new_traffic is not None
    assert run.new_traffic.p_value > 0.01


def test_both_revisions_on_the_same_pairs_make_a_bridge():
    _, run = measure(teacher_loss=0.1, with_pinned=True)

    assert isinstance(run.bridge.loss, Measured)
    assert run.bridge.loss.low < 0.1 < run.bridge.loss.high
    assert run.bridge.z_shift > 0
    assert run.bridge.error_shift > 0


def test_a_bridge_on_pairs_that_stand_for_no_traffic_tells_no_loss(stable):
    scores = scores_of(stable[0].heldout, stable[0].production)[1]
    pinned = PinnedTraffic(picked=(scores, scores), why_not="Few", told="Few pairs.")

    run = canary_run(replace(stable[0], pinned=pinned), at=NOW, recorded_at=NOW, teacher_revision="r2")

    assert run.bridge.loss.reason == "Few pairs."
    assert not run.is_bridge
    assert run_from(json.dumps(run.to_json())) == run


def test_without_pinned_scores_there_is_no_bridge(stable):
    assert stable[1].bridge is None


def test_a_week_too_small_to_measure_is_a_run_all_the_same():
    _, run = measure(n_production=4)

    assert isinstance(run.agreement, Unmeasured)
    assert run.error is None
    assert run.n_pairs == 4


def test_weights_that_leave_a_handful_of_queries_leave_no_agreement(stable):
    made, _ = stable
    weights = np.ones(len(made.production))
    weights[:3] = 10_000.0
    production = replace(made.production, weight=weights)
    again = diagnose(made.heldout, production, embeddings=made.embeddings)
    run = canary_run(again, at=NOW, recorded_at=NOW, teacher_revision="r1")

    assert isinstance(run.agreement, Unmeasured)
    assert "3 queries" in run.agreement.reason
