import numpy as np
from streamlit.testing.v1 import AppTest

from drift_core import read_pairs, shipped_scenario_paths
from drift_core.charts.spread import rank_cells
from drift_core.measures.scores import Scores
from pages.components.session import session
from tests.drift_core.calibration.test_calibrate_classes import frame
from tests.pages.uploads import samples_page, upload
from tests.pages.walk import PAGES, SECONDS, address, opened, ran, said


def test_the_verdict_its_band_and_the_way_on_are_said():
    page = opened("spread")

    assert page.header[0].value.startswith("Agreement fell from")
    assert "◆ fell" in said(page)
    assert "textbook" not in said(page)
    page.toggle("field_textbook_main").set_value(True)
    assert "textbook band: :red[◆ confirmed]" in said(ran(page))
    assert page.button("next_overlap")


def test_why_held_out_is_green_speaks_from_the_verdict_and_names_no_cause_before_it():
    page = AppTest.from_file(PAGES.parent / "app.py", default_timeout=SECONDS)
    page.query_params["scenario"] = "teacher-drift"
    page = ran(ran(page).switch_page("pages/spread.py"))
    assert "What changed since is not in them. So its check stays green. The verdict says what that is." in said(page)

    ran(page.switch_page("pages/verdict.py"))

    told = said(ran(page.switch_page("pages/spread.py")))
    assert "They hold the scores of the teacher of before" in told
    assert "topic" not in told


def test_cells_that_are_chosen_list_their_pairs_and_otherwise_those_furthest_apart(monkeypatch):
    production = Scores.of(read_pairs(shipped_scenario_paths("query-drift")[1]))
    cells, counts = np.unique(rank_cells(production), return_counts=True)
    assert "200 of 1,500 are listed" in said(opened("spread"))

    chosen = {"selection": {"cell": [{"cell": int(cells[1])}, {"cell": int(cells[-2])}]}}
    monkeypatch.setattr(session, "event", lambda key: chosen if key.startswith("spread_cells_") else {})
    page = opened("spread")

    n_pairs = int(counts[1] + counts[-2])
    assert f"{n_pairs} of {n_pairs} are listed" in said(page)
    assert "Pairs of the chosen cells, in production" in [each.value for each in page.subheader]
    assert n_pairs in [len(each.value) for each in page.dataframe]


def test_a_healthy_scenario_says_so():
    assert "Agreement held" in said(opened("spread", scenario="healthy"))


def test_calibration_that_moved_is_shown_with_what_to_do():
    page = opened("spread", scenario="calibration-moved")

    text = said(page)
    assert "Agreement is the area under the ROC curve" in text
    assert "Whether probabilities mean what they say" in text
    assert "Calibration moved, ranks held: the student expects 53% of production to pass" in text
    assert "**Next:** Recalibrate and set thresholds again" in text
    figures = next(each.value for each in page.table if "Calibration error" in each.value.index)
    assert list(figures.columns) == ["production", "held-out"]
    assert "What fits held-out does not hold on production. Calibrated on production by " in text
    page.number_input("calibration_misses").set_value(10.0)
    page.text_input("calibration_student").set_value("ranker-7")
    assert "on the student's own score keeps misses at 10.0% or less, sure to 95%" in said(ran(page))
    assert ", which held-out would have set, " in said(page)
    page.number_input("calibration_threshold").set_value(0.4)
    assert "; at 0.4, the threshold in use, " in said(ran(page))
    assert "Why the held-out check cannot see this" not in said(page)
    assert "Whether probabilities mean what they say" not in said(opened("spread", scenario="healthy"))


def test_calibration_of_the_probabilities_of_labels_is_shown_without_thresholds():
    page = upload(samples_page(), "heldout", frame(1))
    page = upload(page, "production", frame(2, slope=2.5))

    page = ran(page.switch_page("pages/spread.py"))

    text = said(page)
    assert "Calibration moved, labels held: the student is on average" in text
    assert "Calibrated on production by " in text
    figures = next(each.value for each in page.table if "Calibration error" in each.value.index)
    assert {"Sure of its answer", "Right"} <= set(figures.index)
    assert page.text_input("calibration_student")
    assert not [each for each in page.number_input if each.key == "calibration_misses"]


def test_how_outputs_are_spread_is_said_drawn_and_listed():
    page = opened("spread", scenario="calibration-moved")

    text = said(page)
    assert "How outputs are spread" in text
    assert "The student's alone moved; no cause by itself" in text
    in_front = "\n".join(each.value for each in page.main.children.values() if each.type == "markdown")
    assert "no cause by itself" in in_front
    assert not any(word in in_front for word in ("Jensen", "Wasserstein", "bits"))
    assert "not compared: The teacher gives one of two answers" in text
    figures = next(each.value for each in page.dataframe if "Jensen-Shannon" in each.value.columns)
    assert list(figures["Outputs"]) == ["Student", "Teacher"]
    assert "usual up to" in figures["Jensen-Shannon"][0]


def test_how_outputs_are_spread_is_drawn_once_it_is_opened():
    page = opened("spread", scenario="calibration-moved")
    before = len(page.get("vega_lite_chart"))

    page.session_state["spread_outputs"] = True
    ran(page)

    assert len(page.get("vega_lite_chart")) == before + 2


def test_the_threshold_moves_the_share_of_pairs_that_changed_side_and_stays_in_the_address():
    page = opened("spread")
    slider = page.select_slider("field_threshold_main")
    before = next(line for line in said(page).splitlines() if line.startswith("At a threshold"))

    slider.set_value(slider.options[10])
    ran(page)

    after = next(line for line in said(page).splitlines() if line.startswith("At a threshold"))
    assert after != before
    assert address(page)["threshold"] == slider.options[10]


def test_the_pairs_that_disagree_most_are_listed_by_their_gap():
    listed = opened("spread").dataframe[0].value

    gaps = (listed["Teacher's rank"] - listed["Student's rank"]).abs()
    assert len(listed) == 200
    assert gaps.is_monotonic_decreasing
