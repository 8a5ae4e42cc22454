from datetime import date

import pytest

from pages.components.frame import file_names
from tests.pages.walk import opened


@pytest.fixture(autouse=True)
def on_a_day(monkeypatch):
    monkeypatch.setattr(file_names, "today", lambda: date(2026, 11, 28))


def test_a_file_is_named_by_what_is_investigated_the_day_and_what_it_is():
    assert file_names.of("food", "report", "html") == "food-2026-11-28-report.html"
    assert file_names.of("food", "pairs", "csv", part="new: süß/sauer") == "food-2026-11-28-pairs-new-süß-sauer.csv"
    assert file_names.of("हिन्दी डेटा", "report", "pdf") == "हिन्दी-डेटा-2026-11-28-report.pdf"
    assert file_names.of_history("gate", "json", name="ranker 1.db") == "ranker-1-2026-11-28-gate.json"


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"b\nc', "", "." * 9, "x" * 300, "\u202e"])
def test_no_name_leads_elsewhere_or_is_too_long(name):
    made = file_names.of(name, "report", "pdf", part=name)

    assert "/" not in made.strip()
    assert ".." not in made
    assert made.isprintable()
    assert len(made) < 130


@pytest.mark.parametrize("step", ["verdict", "retrain", "regions"])
def test_the_downloads_of_an_investigation_carry_its_name(step, monkeypatch):
    made = []
    monkeypatch.setattr(file_names, "of", lambda *what, **more: made.append(what) or "a.csv")

    opened(step, n_clusters=6, region="0")

    assert {what[0] for what in made} == {"query-drift"}
    assert len({what[1:] for what in made}) == len(made)
