import pytest

from drift_core.simulation.scenarios import SCENARIOS
from tests.pages.walk import opened, said


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_the_verdict_stands_with_its_figure_what_it_rests_on_and_what_to_do(scenario):
    page = opened("verdict", scenario=scenario, n_clusters=6)
    text = said(page)
    assert "Loss of agreement" in text
    for heading in (
        "What it rests on",
        "What would change the verdict",
        "What it is easily taken for",
        "What to do",
        "Retrain, route or leave",
        "How high could it be",
        "Task quality",
        "The textbook's reading",
    ):
        assert heading in text
    assert [each.label for each in page.get("download_button")] == ["Diagnosis (JSON)", "Report (HTML)"]


def test_a_teacher_that_was_revised_is_told_by_name():
    text = said(opened("verdict", scenario="teacher-drift", n_clusters=6))
    assert "judge-large-2025-08" in text
    assert "The teacher was revised" in text


def test_prices_on_the_page_give_the_options_their_amounts():
    bare = opened("verdict", n_clusters=6)
    assert "| Retrain | 0.92 (0.91 to 0.93) | 0.0% | – |" in said(bare)

    priced = opened("verdict", n_clusters=6, cost_pair=0.002, cost_student=0.02, cost_calls=1_000_000)

    assert "| Retrain | 0.92 (0.91 to 0.93) | 0.0% | 2.99 once |" in said(priced)
    assert "your sample has 1,495 pairs that held-out lacks; draw more for 5,000." in said(priced)
    assert "Retraining is priced for 1,495 pairs on the list." in said(priced)
    assert "in the first year" in said(priced)
    assert [each.value for each in priced.number_input if each.label == "Calls a week"] == [1_000_000]
