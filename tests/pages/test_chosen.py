"""What is kept beside the files: what was chosen by hand in one tab or two, embeddings, the re-scoring."""

import pytest

from drift_core.simulation.scenarios import shipped_scenario_paths
from pages.components.session import investigation_store, visitor
from tests.pages.test_own_embeddings import bring_embeddings, vectors_of
from tests.pages.test_recent import OWNER, keys, other_production, start_page
from tests.pages.uploads import both_samples, frame, samples_page
from tests.pages.walk import address, opened, ran, said


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)


@pytest.mark.parametrize("way", ["upload", "path"])
def test_own_embeddings_and_an_open_re_scoring_are_there_again(tmp_path, monkeypatch, way):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    samples, vectors = both_samples(samples_page()), vectors_of(frame(1), frame(2))
    if way == "upload":
        bring_embeddings(samples, vectors)
    else:
        (tmp_path / "mine.parquet").write_bytes(vectors)
        samples.text_input("path_embeddings").set_value(str(tmp_path / "mine.parquet"))
        samples.button("read_embeddings").click()
        ran(samples)
    samples.session_state["kept_rescore"] = "r" * 32
    token = address(ran(samples))["investigation"]

    again = start_page(investigation=token)

    assert "Embeddings: mine.parquet" in said(again)
    assert again.session_state["kept_rescore"] == "r" * 32
    assert not again.error
    if way == "path":
        (tmp_path / "mine.parquet").write_bytes(vectors_of(frame(1), frame(2), n_numbers=8))
        [message] = start_page(investigation=token).error
        assert "have changed and are not used" in message.value


def test_embeddings_that_are_too_large_to_be_kept_are_said_and_the_rest_is_kept(monkeypatch):
    samples, vectors = both_samples(samples_page()), vectors_of(frame(1), frame(2))
    monkeypatch.setattr(investigation_store, "MOST_BYTES_OF_VISITOR", len(vectors))

    bring_embeddings(samples, vectors)

    assert [each.value for each in samples.error if "cannot be kept" in each.value]
    assert not ran(samples).error
    assert not start_page(investigation=address(samples)["investigation"]).error


def test_what_was_chosen_in_an_example_is_there_after_a_reload_too():
    page = opened("regions", n_clusters=6)
    assert "investigation" not in address(page)
    page.text_input("regions_words_").set_value("battery")
    ran(page)
    page.button("regions_add").click()
    ran(page)

    again = opened("retrain", **address(page))

    assert "Added by hand" in said(again)


def added(page):
    """How many pairs a page has on the list by hand."""
    return len(page.session_state["kept_added_pairs"][1])


def add(page, words):
    [box] = [each for each in page.text_input if each.key.startswith("regions_words_")]
    box.set_value(words)
    ran(page)
    page.button("regions_add").click()
    return ran(page)


def reopened(start, token):
    """The start page after a click on Open."""
    start.button(f"reopen_{token}").click()
    return ran(start)


def test_two_tabs_of_one_investigation_each_add_what_they_change():
    first = add(opened("regions", n_clusters=6), "battery")
    second = opened("regions", **address(first))

    add(second, "charger")
    first.query_params["k"] = "7"
    ran(first)
    again = opened("retrain", **{name: value for name, value in address(second).items() if name != "k"})

    assert added(second) > added(first) > 0
    assert added(again) == added(second)


def test_a_tab_that_reads_the_files_otherwise_takes_nothing_from_the_other():
    first = both_samples(samples_page())
    token = address(first)["investigation"]
    second = ran(start_page(investigation=token).switch_page("pages/samples.py"))

    second.multiselect("slices_production").set_value(["q"])
    second.button("remap_production").click()
    ran(second)
    first.text_input("revision_current_input").set_value("judge-2")
    ran(first)

    assert address(second)["investigation"] == token != address(first)["investigation"]
    assert len(keys(start_page(), "reopen_")) == 2


def test_a_re_scoring_belongs_to_the_samples_that_it_was_begun_beside():
    samples = both_samples(samples_page())
    samples.session_state["kept_rescore"] = "r" * 32
    first = address(ran(samples))["investigation"]

    other_production(samples)
    second = address(ran(samples))["investigation"]

    assert samples.session_state["kept_rescore"] == ""
    assert not start_page(investigation=second).session_state.get("kept_rescore", "")
    page = start_page(investigation=first)
    assert page.session_state["kept_rescore"] == "r" * 32
    assert "rescore" not in address(reopened(page, second))
    assert page.session_state["kept_rescore"] == ""
    reopened(ran(page.switch_page("app.py")), first)
    assert page.session_state["kept_rescore"] == "r" * 32


def test_open_in_the_list_leads_to_the_verdict_with_selection_added_pairs_and_list_settings():
    left = add(opened("regions", n_clusters=6, k=7, list_size=40, list_seed=3), "battery")
    token = address(left)["investigation"]

    page = reopened(start_page(), token)

    assert not page.error
    assert page.title[0].value == "What caused it, and how sure is that?"
    assert page.tabs
    assert {"investigation": token, "list_size": "40", "list_seed": "3", "k": "7"}.items() <= address(page).items()
    assert added(page) == added(left) > 0
    ran(page.switch_page("pages/regions.py"))
    assert [each.value for each in page.text_input if each.key.startswith("regions_words_")] == ["battery"]


def test_a_re_scoring_stays_where_its_files_are_read_with_other_columns_and_with_an_example():
    samples = both_samples(samples_page())
    samples.session_state["kept_rescore"] = "r" * 32
    token = address(ran(samples))["investigation"]
    samples.multiselect("slices_production").set_value(["q"])
    samples.button("remap_production").click()
    ran(samples)
    example = opened("samples")
    example.session_state["kept_rescore"] = "e" * 32

    kept = address(ran(example))["investigation"]

    assert start_page(investigation=token).session_state["kept_rescore"] == "r" * 32
    assert start_page(investigation=kept).session_state["kept_rescore"] == "e" * 32


def test_what_is_kept_beside_a_pick_is_there_again_and_stops_nothing():
    page = add(opened("regions", n_clusters=6), "battery")
    samples_key, pick = page.session_state["kept_pick"]
    page.session_state["kept_pick"] = (samples_key, dict(pick) | {"map": "umap"})
    ran(page)

    again = opened("regions", **address(page))

    assert again.session_state["kept_pick"] == (samples_key, dict(pick) | {"map": "umap"})


def test_canary_weeks_kept_off_the_list_are_there_after_a_reload_too():
    page = opened("retrain", n_clusters=6)
    week = ("week.csv", shipped_scenario_paths("healthy")[1].read_bytes())
    page.file_uploader("list_excluded_files").set_value([(*week, "text/csv")])
    page.button("list_excluded_now").click()
    ran(page)
    [left_out] = [each for each in said(page).split("\n") if "of them left out" in each]

    again = opened("retrain", **address(page))

    assert left_out in said(again)


def test_the_settings_of_the_list_stand_in_the_address_and_a_usual_size_does_not():
    page = opened("retrain", n_clusters=6)
    assert not {"list_size", "list_floor"} & address(page).keys()
    usual = page.slider("field_list_size_main").value

    page.slider("field_list_size_main").set_value(usual - 10)
    ran(page)

    assert address(page)["list_size"] == str(usual - 10)


def test_a_size_chosen_for_one_data_set_is_not_that_of_the_next():
    page = opened("retrain", n_clusters=6, list_size=100, list_floor=7)
    assert page.slider("field_list_size_main").value == 100

    page.button("foot_teacher-drift").click()
    ran(page)

    assert page.slider("field_list_size_main").value > 100
    assert page.slider("field_list_floor_main").value > 7
    assert not {"list_size", "list_floor"} & address(page).keys()
