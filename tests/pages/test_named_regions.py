"""A selection on the map gets a name, is a region of every page, and goes into the history with the week."""

import pytest
from streamlit.testing.v1 import AppTest

from drift_core import read_pairs, shipped_scenario_paths
from drift_core.canary.named_regions import followed_regions
from drift_core.history.history import open_history
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import scores_of
from drift_core.regions.picking import with_words
from pages.components.session import visitor
from tests.pages.uploads import APP
from tests.pages.walk import SECONDS, ran, said

WORDS = "ev"
CUT = "ev traffic (drawn by hand)"


def regions_page():
    app = AppTest.from_file(APP, default_timeout=SECONDS)
    app.query_params["scenario"] = "query-drift"
    return ran(ran(app).switch_page("pages/regions.py"))


def named(page, name="ev traffic", *, words=WORDS):
    page.text_input("regions_words_").set_value(words)
    ran(page)
    page.text_input("regions_name_0").set_value(name)
    page.button("regions_name_it").click()
    return ran(page)


def test_a_named_selection_is_a_region_of_regions_verdict_list_and_json():
    page = named(regions_page())
    heldout, production = (read_pairs(path) for path in shipped_scenario_paths("query-drift"))
    inside = with_words(production, WORDS)
    scores = scores_of(heldout, production)[1]

    assert page.selectbox("field_partition_main").value == CUT
    told = said(page)
    for part in (inside, ~inside):
        assert str(agreement(scores.take(part))) in told
    assert "no part of the verdict" in told
    assert "it is followed from the next week on" in told
    assert CUT in page.selectbox("field_partition_main").options

    verdict = ran(page.switch_page("pages/verdict.py"))
    assert verdict.title[0].value == "What caused it, and how sure is that?"
    assert "Drawn by hand" in said(verdict)
    assert "Query drift" in said(verdict)
    retrain = ran(verdict.switch_page("pages/retrain.py"))
    assert retrain.title[0].value == "What should be re-scored?"
    n = int(inside.sum())
    assert f"Drawn by hand: **ev traffic**, {n} pairs." in said(retrain)
    assert retrain.selectbox("field_partition_list").value == CUT
    assert "from 2 regions" not in retrain.header[0].value
    assert retrain.slider("field_list_floor_main").value > 0
    retrain.button("retrain_named_0").click()
    assert f"{n} pairs; {n} are among the pairs added by hand." in said(ran(retrain))
    retrain.query_params["partition"] = CUT
    assert "ev traffic" in said(ran(retrain))


def test_a_named_region_is_called_otherwise_and_deleted():
    page = named(regions_page())

    page.text_input("named_text_0_ev traffic").set_value("cars")
    page.button("named_rename_0").click()
    ran(page)
    assert page.selectbox("field_partition_main").value == "cars (drawn by hand)"
    assert not page.error

    page.button("named_delete_0").click()
    ran(page)
    assert "cars" not in said(page)
    assert page.selectbox("field_partition_main").value != "cars (drawn by hand)"


@pytest.mark.parametrize(
    ("name", "message"), [(" ", "A region needs a name"), ("ev traffic", "called ev traffic already")]
)
def test_a_name_that_cannot_be_is_said(name, message):
    page = named(regions_page())

    page.button("regions_close").click()
    ran(page)
    page.text_input("regions_words_").set_value("charger")
    ran(page)
    page.text_input("regions_name_1").set_value(name)
    page.button("regions_name_it").click()
    ran(page)

    assert message in " ".join(str(each.value) for each in (*page.warning, *page.info, *page.error)) + said(page)


def test_a_named_region_is_there_again_after_a_reload(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(visitor, "token", lambda: "c" * 32)
    page = named(regions_page())
    token = page.query_params["investigation"]

    again = AppTest.from_file(APP, default_timeout=SECONDS)
    again.query_params["investigation"] = token if isinstance(token, str) else token[0]
    again = ran(ran(again).switch_page("pages/regions.py"))

    assert CUT in again.selectbox("field_partition_main").options


def test_a_named_region_goes_into_the_history_with_the_week(tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(tmp_path))
    open_history(tmp_path / "canary.db").close()
    page = named(regions_page())
    canary = ran(page.switch_page("pages/canary.py"))
    canary.text_input("canary_path").set_value(str(tmp_path / "canary.db"))
    canary.button("canary_open_path").click()
    ran(canary)
    sent = canary.button("canary_record")
    sent.click()
    ran(canary)
    assert "nobody is named" in " ".join(str(each.value) for each in canary.error)

    field = next(each for each in canary.text_input if str(each.key).startswith("canary_named_by_"))
    field.set_value("Ada")
    canary.button("canary_record").click()
    ran(canary)

    with open_history(tmp_path / "canary.db") as history:
        (region,) = followed_regions(history.decisions())
        (run,) = history.runs(with_regions=True)
    assert (region.name, region.words) == ("ev traffic", WORDS)
    assert region.chosen_rows == read_pairs(shipped_scenario_paths("query-drift")[1], slices=()).row_sketch
    assert not any("hand" in each.partition for each in run.regions)
    assert "Named regions (1)" in " ".join(each.label for each in canary.expander)

    card = ran(canary.switch_page("pages/card.py"))
    card.button("card_begin").click()
    ran(card)
    assert "Named regions without a floor" in said(card)
    card.button("card_critical_0").click()
    ran(card)
    assert "Named regions without a floor" not in said(card)
    written = card.code[0].value
    assert 'partition: "drawn by hand"' in written
    assert 'name: "ev traffic"' in written
