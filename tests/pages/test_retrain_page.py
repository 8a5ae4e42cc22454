import re
from hashlib import sha256
from unittest.mock import Mock

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.judge_card.document import parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.retrain_list.exclusions import exclude_sample
from drift_core.samples.reading import read_pairs
from drift_core.simulation.scenarios import shipped_scenario_paths
from pages.components.card import card_open
from pages.components.card.card_open import OpenCard
from pages.components.frame import progress
from pages.components.retrain import list_panel
from pages.components.session import excluded_files
from tests.pages.walk import opened, ran, said


def test_the_list_follows_its_controls_and_can_be_taken_away():
    page = opened("retrain", n_clusters=6, list_size=300, list_floor=20, list_price=10)
    assert "300 pairs from" in said(page)
    assert "costs **3.00**" in said(page)

    page.slider("field_list_size_main").set_value(200)
    ran(page)
    assert "200 pairs from" in said(page)
    assert page.query_params["list_size"] == ["200"] or page.query_params["list_size"] == "200"

    labels = [each.label for each in page.get("download_button")]
    assert labels[:4] == ["List (Parquet)", "List (CSV)", "List (JSON lines)", "Manifest (JSON)"]
    assert labels[4:] == ["Hugging Face (zip)", "Label Studio (zip)", "Croissant (zip)"]


def test_while_near_duplicates_are_looked_for_size_and_price_are_told_as_they_will_be(monkeypatch):
    told, places = [], [Mock(), Mock()]
    announced = list_panel.announced
    monkeypatch.setattr(list_panel, "announced", lambda: told.append(announced()) or told[-1])

    page = opened("retrain", n_clusters=6, list_price=5)
    size = page.slider("field_list_size_main").value
    monkeypatch.setattr(progress.st, "empty", iter(places).__next__)
    with progress.shown("Looking", meanwhile=told[0]) as report:
        places[0].markdown.assert_not_called()  # what is there already flashes nothing
        report("embedding", 1, 3)
        report("embedding", 2, 3)

    assert told[0].startswith(f"Up to {size} pairs, which cost at most {size * 5 / 1000:.2f}.")
    assert f"costs **{size * 5 / 1000:.2f}**" in said(page)
    places[0].markdown.assert_called_once_with(told[0])
    places[0].empty.assert_called_once_with()


def test_a_list_longer_than_what_there_is_holds_all_there_is():
    page = opened("retrain", n_clusters=6, list_size=90_000)
    assert page.slider("field_list_size_main").value <= 1_500


def test_by_default_the_list_is_small_enough_to_favour_drifted_regions():
    page = opened("retrain", n_clusters=6)

    size = page.slider("field_list_size_main")
    assert size.value < 0.6 * size.max
    assert f"{size.value:,} pairs from" in said(page)
    of = re.search(r"Half of the ([\d,]+) different pairs that held-out lacks", said(page))
    assert int(of[1].replace(",", "")) // 2 == size.value
    priced = re.search(r"Re-scoring ([\d,]+) pairs costs at most", said(opened("verdict", n_clusters=6, list_price=5)))
    assert int(priced[1].replace(",", "")) == size.value


def test_where_pinned_scores_come_first_the_list_waits_for_them_as_the_verdict_does(monkeypatch):
    pinned = property(lambda made: next(each for each in made.settling if each.aim == "pinned"))
    monkeypatch.setattr(Diagnosis, "to_pin", pinned)

    page = opened("retrain", n_clusters=6)

    assert "Score with the pinned revision first." in said(page)
    assert "again with the pinned revision" in said(page)
    assert "Retraining reaches" not in said(page)
    assert {"retrain_settle", "next_verdict"} <= {each.key for each in page.button}
    assert any("pin first" in each.value for each in page.sidebar.markdown)


def test_by_default_the_list_holds_its_own_floors():
    page = opened("retrain", n_clusters=6)

    floor = page.slider("field_list_floor_main")
    assert 0 < floor.value < 200
    assert "All floors together are more than the list holds" not in said(page)

    floor.set_value(0)
    ran(page)

    assert page.slider("field_list_floor_main").value == 0


def test_the_size_of_a_list_is_forgotten_when_another_investigation_is_opened():
    page = opened("retrain", n_clusters=6, list_size=40)

    page.button("foot_teacher-drift").click()
    ran(page)

    assert page.slider("field_list_size_main").value > 500


def test_a_healthy_student_needs_no_list_unless_one_asks_for_it():
    page = opened("retrain", scenario="healthy", n_clusters=6)
    assert "Nothing to re-score: no drift was found." in said(page)
    assert not page.get("download_button")
    assert [each.key for each in page.button if each.key.startswith("next_")] == ["next_canary"]

    page.toggle("retrain_anyway").set_value(True)
    ran(page)

    assert "pairs from" in said(page)
    assert page.get("download_button")
    ran(page.switch_page("rescore.py"))
    assert "pairs from" in said(ran(page.switch_page("retrain.py")))


def test_files_that_are_left_out_make_the_list_and_its_price_smaller_on_both_pages_alike(monkeypatch):
    shipped = read_pairs(shipped_scenario_paths("query-drift")[1])
    half = shipped.without(np.arange(len(shipped)) >= 700, unscored=np.zeros(len(shipped), dtype=bool), problems=())
    for left_out, told in ((half, "Re-scoring 500 pairs"), (shipped, "so there is none to retrain on")):
        monkeypatch.setattr(excluded_files, "given", lambda left_out=left_out: (exclude_sample(left_out),))

        verdict, page = (opened(name, n_clusters=6, list_price=5) for name in ("verdict", "retrain"))

        assert told in said(verdict)
        assert ("500 pairs from" in said(page)) == (left_out is half)
    assert "Nothing to re-score: no new pair is left." in said(page)
    assert "list_excluded_clear" in [each.key for each in page.button]  # so that one can take the file back
    assert not page.get("download_button")
    assert [each.key for each in page.button if each.key.startswith("next_")] == ["next_samples"]


def test_what_is_left_out_is_said_with_its_reason():
    page = opened("retrain", n_clusters=6)

    assert "Left out: 0 that held-out has, 0 of canary weeks or the tail set, " in said(page)
    assert "Nearly the same: cosine of 0.98 or more" in said(page)
    assert not page.warning


def test_the_tail_set_of_the_open_card_is_asked_for(monkeypatch):
    text = f"tail_set:\n  digest: {sha256(b'tail').hexdigest()}\n".encode()
    card = validate_card(parse_card(text, name="judges.yaml"), name="judges.yaml")
    monkeypatch.setattr(card_open, "current", lambda: OpenCard(name="judges.yaml", content=text, card=card, number=1))

    [warned] = opened("retrain", n_clusters=6).warning

    assert warned.value.startswith("The judge card has a tail set. Bring its file below")


def test_floors_that_were_cut_are_named():
    page = opened("retrain", n_clusters=6, list_size=300, list_floor=200)

    assert "All floors together are more than the list holds. They are " in said(page)
    assert "in place of the 200 asked for." in said(page)
