import numpy as np

from drift_core import installation, read_pairs, shipped_scenario_paths
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.regions import projection
from tests.pages.walk import opened, ran, said


def test_regions_are_compared_chosen_picked_and_added_to_the_list():
    page = opened("regions", n_clusters=6)
    assert "regions drifted" in said(page)
    assert "Choose a region, click the map" in said(page)

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

    page.button(key="FormSubmitter:regions_pick_box-Pick the box").click()
    ran(page)
    assert "1,500 production pairs" in said(page)

    assert "elsewhere" not in said(page)

    page.button("regions_close").click()
    ran(page)
    assert "Choose a region, click the map" in said(page)
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

    production = read_pairs(shipped_scenario_paths("query-drift")[1])
    texts = [f"{query} {doc}".casefold() for query, doc in zip(production.query, production.doc, strict=True)]
    chosen = np.array(["charger" in text for text in texts])
    codes = np.unique(production.query, return_inverse=True)[1]
    scores = Scores(student=production.student, teacher=production.teacher, queries=codes)
    inside, outside = agreement(scores.take(chosen)), agreement(scores.take(~chosen))
    assert f"**{chosen.sum():,} pairs** · {chosen.mean():.0%} of production" in text
    assert f"agreement **{inside}** against {outside} elsewhere" in text


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
    assert "Choose a region, click the map" in said(page)
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
