from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.simulation.scenarios import SCENARIOS
from pages.components.frame import steps
from tests.pages.uploads import frame, samples_page, upload
from tests.pages.walk import opened, ran, said
from tests.sweeps import sweep

ACTIONS = {
    "healthy": "Watch it week by week",
    "query-drift": "Draw the retrain list",
    "teacher-drift": "Draw the retrain list",
    "traffic-moved": "Watch it week by week",
    "calibration-moved": "See the calibration",
    "pass-or-fail": "Draw the retrain list",
}


@pytest.mark.parametrize("scenario", sweep(SCENARIOS, "healthy", "query-drift", "calibration-moved"))
def test_the_verdict_stands_with_its_figure_one_action_and_what_it_rests_on(scenario):
    page = opened("verdict", scenario=scenario, n_clusters=6)

    text = said(page)
    assert "Loss of agreement" in text
    for heading in (
        "What to do next",
        "What would change the verdict",
        "What it is easily taken for",
        "What to do, in this order",
        "Retrain, route or leave",
        "How high could it be",
        "Task quality",
        "The textbook's reading",
    ):
        assert heading in text
    assert ("Where the loss comes from" in text) is not ("The difference and its parts" in text)
    assert ("The difference and its parts" in text) or scenario != "healthy"
    assert [each.label for each in page.tabs] == ["Evidence", "Look-alikes", "Costs", "All steps", "Textbook"]
    downloads = [each.label for each in page.get("download_button")]
    assert sorted(downloads) == ["Diagnosis (JSON)", "Report (HTML)", "Report (PDF)"]
    assert page.button("to_present").label == "Present"
    [action] = [each.label for each in page.button if each.key.startswith("next_")]
    assert ACTIONS[scenario] in action
    assert ("Of 100 pairs to which the teacher gives " in text) is (scenario == "pass-or-fail")
    assert text.count("recommended next") == 1
    beside = [each.value for each in page.markdown if each.value.startswith("**Also found**")]
    assert ("- The student expects 53" in str(beside)) is (scenario == "calibration-moved")
    assert "alibration moved" not in str(beside)  # the headline says it


def test_an_open_cause_leads_to_more_pairs_and_says_which():
    noisy = frame(2)
    noisy["student"] += np.random.default_rng(0).normal(scale=0.1, size=len(noisy))
    page = upload(upload(samples_page(), "heldout", frame(1)), "production", noisy)

    verdict = ran(page.switch_page("pages/verdict.py"))

    assert "Inconclusive" in said(verdict)
    assert "Settle it first" in said(verdict)
    assert "A fresh production sample of this size" in said(verdict)
    assert verdict.button("next_samples").label

    listed = ran(verdict.switch_page("pages/retrain.py"))
    assert listed.header[0].value.startswith("The cause is open")
    assert all(listed.button(key).label for key in ("retrain_settle", "next_verdict"))
    assert "Ask how both samples were drawn" in said(listed)
    is_open = SimpleNamespace(verdict=SimpleNamespace(cause="inconclusive"), to_pin=None, to_score_again=None)
    assert steps.retrain_state(is_open).state == "cannot tell"
    both = SimpleNamespace(verdict=SimpleNamespace(cause="query_drift"), to_pin="pin", to_score_again="again")
    assert steps.retrain_state(both).figure == "score again first"  # as the verdict's own order


def test_cost_latency_and_failures_of_calls_stand_beside_the_evidence_with_what_they_say():
    timed = frame(2).assign(student_cost=1, teacher_cost=1, student_latency_ms=5, teacher_latency_ms=50)
    timed["student_timeout"] = ["yes", "no"] * 30
    page = upload(upload(samples_page(), "heldout", frame(1)), "production", timed)

    verdict = ran(page.switch_page("pages/verdict.py"))

    assert "The student answers faster than the teacher" in said(verdict)
    [table] = [each.value for each in verdict.dataframe if "Figure" in each.value and "Calls" in each.value]
    assert table.set_index("Figure").loc["Calls that timed out", "Value"].startswith("50.0% (")


def test_outputs_that_lost_their_structure_are_told_with_both_models_shares():
    whole = frame(1).assign(teacher_output='{"score": 1}', student_output='{"score": 1}')
    broken = frame(2).assign(teacher_output='{"score": 1}', student_output=['{"score": 1}', "<b>none</b>"] * 30)
    page = upload(upload(samples_page(), "heldout", whole), "production", broken)

    verdict = ran(page.switch_page("pages/verdict.py"))

    assert "of the student's outputs keep fields and types in production" in said(verdict)
    assert "Structure of the outputs" in said(verdict)
    [table] = [each.value for each in verdict.dataframe if "Outputs of" in each.value]
    assert set(table["Outputs of"]) == {"Teacher", "Student"}


def test_outputs_are_held_against_a_schema_that_a_visitor_brings_until_it_is_let_go():
    whole, after = (frame(seed).assign(teacher_output='{"score": 1}', student_output='{"score": 1}') for seed in (1, 2))
    page = upload(upload(samples_page(), "heldout", whole), "production", after)

    def brought(content):
        page.file_uploader("upload_schema").set_value(("<i>s.json", content, "application/json"))
        return said(ran(page))

    assert "holds patterns, which the app does not run" in brought(b'{"properties": {"a": {"pattern": "a*"}}}')
    assert "is no valid JSON Schema" in brought(b'{"type": 3}')
    assert "Outputs are held against" in brought(b'{"required": ["reason"]}')
    verdict = said(ran(page.switch_page("pages/verdict.py")))
    assert "and 0% (0% to " in verdict
    assert "of the student's outputs keep fields and types, by the schema given" in verdict

    ran(page.switch_page("pages/samples.py")).button("remove_schema").click()
    ran(page)
    assert "as the teacher's outputs in held-out do" in said(ran(page.switch_page("pages/verdict.py")))


def test_a_history_of_other_samples_is_said_and_no_step_counts_as_done_by_it():
    page = opened("verdict", n_clusters=6, history="canary")

    text = said(page)
    assert "The open history, A year of canaries (student ranker-2, teacher " in text
    assert "has no week that was measured on heldout or production." in text
    assert "A year of canaries · student ranker-2, teacher " in text
    assert "▲ not of these samples" in text
    assert "**Make a weekly measurement block releases**  \n" in text
    assert "Make a weekly measurement block releases** · :green" not in text


def test_the_price_of_the_action_is_that_of_the_retrain_list_at_the_same_price_a_pair():
    unpriced = said(opened("verdict", n_clusters=6))
    assert "Its price: enter the teacher's under Costs." in unpriced
    assert "costs at most" not in unpriced
    assert "Enter your price, and what re-scoring 747 pairs costs" in said(opened("retrain", n_clusters=6))

    entered = {"n_clusters": 6, "cost_pair": 0.002, "cost_calls": 1_000_000}
    assert "Re-scoring 747 pairs costs at most 1.49" in said(opened("verdict", **entered))
    listed = said(opened("retrain", **entered))
    assert "Re-scoring 747 pairs costs **1.49**, at the 0.002 a pair of the page Cost" in listed


def test_a_teacher_that_was_revised_is_told_by_name():
    text = said(opened("verdict", scenario="teacher-drift", n_clusters=6))
    assert "judge-large-2025-08" in text
    assert "The teacher was revised" in text


def test_prices_on_the_page_give_the_options_their_amounts():
    bare = opened("verdict", n_clusters=6)
    assert "| Retrain | 0.92 (0.91 to 0.93) | 0% | – |" in said(bare)

    prices = {"cost_pair": 0.002, "cost_student": 0.02, "cost_calls": 1_000_000, "list_size": 5000}
    priced = opened("verdict", n_clusters=6, **prices)

    assert "| Retrain | 0.92 (0.91 to 0.93) | 0% | 2.99 once |" in said(priced)
    assert "your sample has 1,495 pairs that held-out lacks; draw more for 5,000." in said(priced)
    assert "Retraining is priced for 1,495 pairs on the list." in said(priced)
    assert "in the first year" in said(priced)
    assert [each.value for each in priced.number_input if each.label == "Calls a week"] == [1_000_000]


def test_the_tab_of_costs_denies_no_price_that_the_verdict_tells():
    page = opened("verdict", scenario="teacher-drift", n_clusters=6, list_price=5)

    assert "the price that you entered" in said(page)
    assert "No prices are entered" not in said(page)
    assert "priced once you enter the teacher's price of a pair and the calls a week." in said(page)
