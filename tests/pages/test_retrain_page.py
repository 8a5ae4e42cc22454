import pytest

from tests.pages.walk import opened, ran, said


@pytest.fixture(autouse=True)
def quick_encoder(monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "hashing")


def test_the_list_follows_its_controls_and_can_be_taken_away():
    page = opened("retrain", n_clusters=6, list_size=300, list_floor=20, list_price=10)
    assert "300 pairs from" in said(page)
    assert "costs **3.00**" in said(page)

    page.slider("field_list_size_main").set_value(200)
    ran(page)
    assert "200 pairs from" in said(page)
    assert page.query_params["list_size"] == ["200"] or page.query_params["list_size"] == "200"

    labels = [each.label for each in page.get("download_button")]
    assert labels == ["List (Parquet)", "List (CSV)", "List (JSON lines)", "Manifest (JSON)"]


def test_a_list_longer_than_what_there_is_holds_all_there_is():
    page = opened("retrain", n_clusters=6, list_size=90_000)
    assert page.slider("field_list_size_main").value <= 1_500
