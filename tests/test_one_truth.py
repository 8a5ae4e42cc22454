"""One truth: verdict, regions and list are told alike by JSON, command line, pages, report and retrain list."""

import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core import (
    Split,
    diagnose,
    diagnosis_to_json,
    draw_manifest,
    read_pairs,
    read_split,
    shipped_scenario_paths,
)
from drift_core.commands.diagnosis_in_words import describe_diagnosis
from drift_core.diagnosis.drawn_region import DrawnPairs
from drift_core.diagnosis.regions_in_words import order_by_loss
from drift_core.installation import FILES_VARIABLE
from drift_core.measures.rank_gaps import rank_gaps
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.regions.picking import Picked
from drift_core.report import pictures
from drift_core.report.nowhere import everywhere
from drift_core.report.render import render_report
from drift_core.retrain_list.settings import ListSettings
from drift_core.samples.parts import SIDES
from drift_core.simulation.scenarios import SCENARIOS
from drift_core.simulation.simulate import simulate
from pages.components.frame.steps import regions_state, spread_state, verdict_state
from tests.pages.walk import PAGES, ran, said
from tests.sweeps import sweep

CASES = Path(__file__).parents[2] / "shared" / "realdata"
TOLD = ("alpacaeval-new-topic-food", "wildbench-gpt4turbo-to-gpt4o")  # drifted, and the longest
REAL = sorted(each.name for each in CASES.iterdir() if each.is_dir()) if CASES.is_dir() else []


@pytest.fixture(autouse=True)
def reports_without_drawings(monkeypatch):
    """Only what a report says is read here; a picture stands as its words, which are the chart's own."""

    def worded(picture, *, width):
        return pictures.Drawing(svg="", description=picture.chart.description, caption=picture.caption)

    monkeypatch.setattr(pictures, "drawing", worded)


def sides_of(name):
    if name in SCENARIOS:
        return shipped_scenario_paths(name)
    return tuple(CASES / name / f"{side}.parquet" for side in ("heldout", "production"))


def drifted_of(made):
    return {(each.partition, each.name) for each in made.regions.regions if each.drifted}


def shortened_as_shown(name, at_most):
    return name if len(name) <= at_most else name[: at_most - 1] + "…"


def by_command_line(text):
    """Names that carry the mark of a drifted region, as the command line shortens them."""
    rows = [re.split(r"\s{2,}", line) for line in text.splitlines()]
    return {cells[0] for cells in rows if "drifted" in cells[-1].split(", ") and len(cells) > 3}


def in_report(html):
    """Region and flag of every row of the report's table of regions."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, flags=re.DOTALL)
    cells = [[unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.DOTALL)] for row in rows]
    return {row[0] for row in cells if len(row) > 2 and "drifted" in row[1:3]}


def tell_the_same(made):
    """Compare what each surface says with the diagnosis itself."""
    drifted, leading = drifted_of(made), {each.name for each in made.regions.leading if each.drifted}
    cause, record = made.verdict.cause, diagnosis_to_json(made)
    assert {(each["partition"], each["name"]) for each in record["regions"] if each["drifted"]} == drifted
    assert (record["cause"], record["summary"]) == (cause, made.verdict.summary)

    told = describe_diagnosis(made)
    names = {name if kind == "query" else f"{cut}: {name}" for kind, cut, name in kinds_of(made)}
    assert by_command_line(told) == {shortened_as_shown(name, 48) for name in names}
    assert told.startswith(f"{made.verdict.headline}\n{made.verdict.reason}\n")

    if everywhere(made):  # the cause is told of all traffic, so no region stands out
        assert (cause, drifted, regions_state(made).figure) == ("teacher_drift", set(), "everywhere")
    else:
        assert regions_state(made).figure == (f"{len(drifted)} drifted" if drifted else "none drifted")
    alone = "to check" if made.moved_calibration else "held"
    assert verdict_state(made).state == {"healthy": alone, "inconclusive": "cannot tell"}.get(cause, "fell")
    assert spread_state(made.spread).state == made.spread.reading

    report = render_report(made)
    assert len(in_report(report)) == len({name for _, name in drifted})
    assert unescape(re.search(r"<h1>(.*?)</h1>", report, flags=re.DOTALL)[1]).strip()
    assert made.verdict.headline in unescape(report)
    assert made.verdict.reason in unescape(report)
    if made.moved_calibration:
        change = made.calibration.change
        assert made.verdict.summary.startswith(f"Healthy, but {change}. ")
        assert f"No drift was found by rank. Yet {change}: " in unescape(report)
        assert "nothing beyond chance" not in unescape(report)

    taken = draw_manifest(made, settings=ListSettings(n=200))
    assert {each.region for each in taken.quotas if each.drifted} == leading
    assert bool(drifted) == bool(leading)


def kinds_of(made):
    return {(each.kind, each.partition, each.name) for each in made.regions.regions if each.drifted}


@pytest.mark.parametrize("name", [*sweep(SCENARIOS, "query-drift", "calibration-moved"), *sweep(REAL, *TOLD)])
def test_every_surface_names_the_same_cause_and_the_same_drifted_regions(name, diagnosis_of):
    tell_the_same(diagnosis_of(*sides_of(name)))


@pytest.mark.parametrize("seed", sweep(range(4), 2))
def test_random_worlds_are_told_alike(seed):
    rng = np.random.default_rng(9_100 + seed)
    drawn = simulate(list(SCENARIOS)[seed % len(SCENARIOS)], seed=int(rng.integers(1 << 30)))
    samples = read_pairs(drawn.heldout), read_pairs(drawn.production)
    tell_the_same(diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder("hashing"))))


def test_a_file_that_is_split_is_told_as_its_halves_are(tmp_path, diagnosis_of):
    halves = [pd.read_csv(side).assign(half=name) for name, side in zip(SIDES, sides_of("query-drift"), strict=True)]
    pd.concat(halves).sample(frac=1, random_state=4).to_csv(tmp_path / "both.csv", index=False)

    samples = read_split(tmp_path / "both.csv", Split(column="half", at="production"))
    made = diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder("hashing")))

    tell_the_same(made)
    assert made.verdict.summary == diagnosis_of(*sides_of("query-drift")).verdict.summary


def test_a_region_drawn_by_hand_is_told_beside_and_changes_nothing_else(diagnosis_of):
    made = diagnosis_of(*sides_of("query-drift"))
    gaps = np.abs(rank_gaps(made.production.student, made.production.teacher).gap)
    worst = Picked(heldout=np.zeros(len(made.heldout), dtype=bool), production=gaps > np.quantile(gaps, 0.8))

    drawn = made.with_drawn([DrawnPairs(name="the worst", pairs=worst)])

    tell_the_same(drawn)
    assert drifted_of(drawn) == drifted_of(made)
    assert "Drawn by hand: the worst" in describe_diagnosis(drawn)


def page_of(name, side):
    from streamlit.testing.v1 import AppTest

    return said(ran(AppTest.from_file(PAGES / f"{side}.py", default_timeout=400)))


@pytest.mark.parametrize(
    "name",
    sweep(
        ("alpacaeval-new-topic-food", "stsb-captions-to-news-forum", "wildbench-rerelease-no-change"),
        "alpacaeval-new-topic-food",
    ),
)
def test_pages_open_on_the_cut_that_carries_the_drift_and_say_the_verdicts_words(name, monkeypatch, diagnosis_of):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "hashing")
    monkeypatch.setenv(FILES_VARIABLE, "\n".join(map(str, sides_of(name))))
    made = diagnosis_of(*sides_of(name))

    regions, verdict = page_of(name, "regions"), page_of(name, "verdict")

    leading = [each for each in order_by_loss(made.regions.leading) if each.drifted]
    for each in leading[:1]:
        assert shortened_as_shown(each.name, 40) in regions.splitlines()[1]
    assert ("no region got worse" in regions.lower()) == (not leading)
    assert made.verdict.headline in verdict
    assert made.verdict.reason in verdict
    assert made.outcome in verdict.lower()
