from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.simulation.scenarios import shipped_scenario_paths
from pages.components.samples import pinned_panel
from tests.pages.uploads import frame, samples_page, upload
from tests.pages.walk import opened, ran, said


@pytest.fixture
def samples():
    return samples_page()


def test_where_the_verdict_asks_for_pinned_scores_this_page_says_what_to_bring_and_takes_it(samples, monkeypatch):
    pinned = property(lambda made: next((each for each in made.settling if each.aim == "pinned"), None))
    monkeypatch.setattr(Diagnosis, "to_pin", pinned)
    noisy = frame(2, 600)
    noisy["student"] = (noisy["student"] + np.random.default_rng(0).normal(scale=0.08, size=600)).round(3)
    upload(upload(samples, "heldout", frame(1, 600), "our heldout.csv"), "production", noisy)
    assert "Bring pinned scores" not in said(samples)

    verdict = ran(samples.switch_page("pages/verdict.py"))
    draw, again = [each.value for each in verdict.code]  # each once
    assert draw.startswith("distillation-drift sample pairs.csv --n ")
    assert draw.endswith(" --out to_pin.csv")
    named = "--column query=q --column teacher=judge"
    assert again == f"distillation-drift diagnose 'our heldout.csv' to_pin.csv {named} --embedder hashing"

    page = ran(samples.switch_page("pages/samples.py"))
    assert "the file with this column takes the place of production" in said(page)
    drawn = noisy.head(200).assign(teacher_pinned=noisy["judge"])
    upload(page, "production", drawn, "to_pin.csv")
    assert "Pinned scores for 200 of 200 production pairs" in said(page)
    assert "Bring pinned scores" not in said(page)


@pytest.fixture
def asks_to_pin(monkeypatch):
    asked = SimpleNamespace(to_pin=SimpleNamespace(sentence="Score 200 pairs.", commands=()))
    ready = SimpleNamespace(ready_diagnosis=lambda inv: asked if inv.production.teacher_pinned is None else None)
    monkeypatch.setattr(pinned_panel, "cached", ready)


@pytest.mark.usefixtures("asks_to_pin")
def test_a_file_with_pinned_scores_is_read_as_production_was_and_takes_its_place_only_then(samples):
    production = frame(2).rename(columns={"judge": "points"})
    upload(upload(samples, "heldout", frame(1)), "production", production, "week.csv")
    samples.selectbox("column_production_teacher").set_value("points")
    samples.button("remap_production").click()
    page, stays = ran(samples), ("60 held-out pairs against 60 production pairs.", "week.csv", "Bring pinned scores")

    page.text_input("path_production").set_value("typo.csv")
    page.button("read_production").click()
    refused = {"typo.csv": said(ran(page))}
    page.text_input("path_production").set_value("")
    refused["has no column teacher_pinned"] = said(upload(page, "production", production))
    named_otherwise = frame(2).assign(teacher_pinned=0.5)
    refused["'points'"] = said(upload(page, "production", named_otherwise))
    for why, told in refused.items():
        assert all(each in told for each in (why, "Production stays as it is.", *stays)), (why, told)

    drawn = production.head(40).assign(teacher_pinned=production["points"] / 2, weight=[3.0, 1.5] * 20)
    upload(page, "production", drawn, "to_pin.csv")
    assert not page.error
    assert "Pinned scores for 40 of 40 production pairs" in said(page)
    assert page.selectbox("column_production_1_weight").value == "weight"


@pytest.mark.usefixtures("asks_to_pin")
def test_pinned_scores_that_are_brought_to_a_scenario_leave_its_held_out_beside_them():
    production = pd.read_csv(shipped_scenario_paths("query-drift")[1])

    pinned = production.head(200).assign(teacher_pinned=production["teacher_score"] / 2)
    page = upload(opened("samples"), "production", pinned)

    assert "1,200 held-out pairs against 200 production pairs." in said(page)
    assert "scenario" not in page.query_params
