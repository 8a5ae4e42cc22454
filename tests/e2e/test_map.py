"""The map: by keyboard alone and by hand, its figures those of the library, its view kept through every answer."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
from playwright.sync_api import expect

from drift_core import read_pairs, shipped_scenario_paths
from drift_core.charts.spread import rank_cells
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from tests.e2e.visitor import Visitor

GROUND = b"distillation_drift_map_ground"  # in a message that holds what stays of the map, not where it is named again
# Points of the picture in sky, which reads on a dark ground, and in blue, which reads on a light one.
BLUE_PIXELS = """
canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height), n = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    n[0] += data[at] === 86 && data[at + 1] === 180 && data[at + 2] === 233;
    n[1] += data[at] === 0 && data[at + 1] === 114 && data[at + 2] === 178;
  }
  return n;
}
"""


def agreement_of(pair_ids: set[str]) -> str:
    """Agreement of these production pairs as the library measures it."""
    production = read_pairs(shipped_scenario_paths("query-drift")[1])
    codes = np.unique(production.query, return_inverse=True)[1]
    scores = Scores(student=production.student, teacher=production.teacher, queries=codes)
    return str(agreement(scores.take(np.isin(production.pair_id, list(pair_ids)))))


def test_what_is_in_view_is_chosen_by_keyboard_the_view_stays_and_what_stays_is_sent_once(
    visit_quick: Callable[..., Visitor],
) -> None:
    visitor = visit_quick()
    sent: list[bytes] = []

    def hear(frame: str | bytes) -> None:
        sent.append(frame if isinstance(frame, bytes) else frame.encode())

    visitor.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    visitor.open("regions", scenario="query-drift")
    ground, legend = (visitor.by_key("regions_map").locator(each) for each in ("canvas", ".legend li"))
    expect(legend.first).to_be_visible()

    ground.focus()
    for key in ("+", "+", "ArrowLeft", "ArrowDown", "Enter"):
        ground.press(key)
    expect(visitor.main).to_contain_text("Pairs inside the outline")
    visitor.settle()
    chosen = pd.read_csv(visitor.download("regions_download"))
    said = visitor.main.inner_text()
    assert 0 < len(chosen) < 1_500
    assert f"{len(chosen):,} pairs" in said
    assert f"agreement {agreement_of(set(chosen['pair_id']))}" in said

    ground.press("Escape")
    expect(visitor.main).not_to_contain_text("Pairs inside the outline")
    visitor.settle()
    expect(legend.first).to_be_visible()
    ground.press("Enter")
    expect(visitor.main).to_contain_text("Pairs inside the outline")
    visitor.settle()
    again = pd.read_csv(visitor.download("regions_download"))
    assert set(again["pair_id"]) == set(chosen["pair_id"])
    assert sum(GROUND in each for each in sent) == 1
    assert [b'"texts"' in each for each in sent if b'"texts"' in each or GROUND in each] == [True]

    visitor.page.reload()
    visitor.settle()
    expect(legend.first).to_be_visible()
    assert sum(GROUND in each for each in sent) == 2
    assert visitor.faults == []


def test_a_click_opens_the_pair_and_those_most_like_it(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick()
    visitor.open("regions", scenario="query-drift")
    stage = visitor.by_key("regions_map").locator("canvas")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None

    tip = visitor.by_key("regions_map").locator(".tip")
    for step in range(200):  # along a line over the map, until a pair is met
        place = box["x"] + box["width"] * (0.1 + 0.004 * step), box["y"] + box["height"] * 0.55
        visitor.page.mouse.move(*place)
        if tip.is_visible():
            break
    visitor.page.mouse.click(*place)

    expect(visitor.main).to_contain_text("the teacher ranks it")
    visitor.settle()
    query = re.search(r"Query\s+(.+)", visitor.main.inner_text())
    assert query is not None
    visitor.press("regions_of_pair")
    expect(visitor.main).to_contain_text("Region: ")
    assert visitor.faults == []


def test_its_points_take_the_colours_of_the_other_theme_when_the_reader_turns_to_it(
    visit_quick: Callable[..., Visitor],
) -> None:
    visitor = visit_quick()
    visitor.open("regions", scenario="query-drift")
    production = visitor.by_key("regions_map").locator(".legend li .circle")

    seen = []
    for scheme in ("dark", "light"):
        visitor.turn(scheme)
        expect(production).to_have_css("color", {"light": "rgb(0, 114, 178)", "dark": "rgb(86, 180, 233)"}[scheme])
        seen.append(visitor.by_key("regions_map").locator("canvas").evaluate(BLUE_PIXELS))

    (sky, blue_on_dark), (sky_on_light, blue) = seen
    assert (sky > 0, blue_on_dark, sky_on_light, blue > 0) == (True, 0, 0, True)
    assert visitor.faults == []


def test_cells_of_ranks_that_are_clicked_list_their_pairs_until_they_are_let_go_or_the_samples_change(
    visit_quick: Callable[..., Visitor],
) -> None:
    visitor = visit_quick()
    visitor.open("spread", scenario="query-drift")
    production = Scores.of(read_pairs(shipped_scenario_paths("query-drift")[1]))
    n_pairs = int(np.unique(rank_cells(production), return_counts=True)[1][1])
    cell = visitor.page.locator("[class*=st-key-spread_cells] .mark-rect path").nth(
        1
    )  # the first is under the diagonal

    cell.click()
    expect(visitor.main).to_contain_text("Pairs of the chosen cells, in production")
    expect(visitor.main).to_contain_text(f"{n_pairs} of {n_pairs} are listed")
    cell.click()
    expect(visitor.main).to_contain_text("Pairs that disagree most, in production")

    cell.click()
    expect(visitor.main).to_contain_text("Pairs of the chosen cells, in production")
    visitor.page.get_by_text("Sample scenarios").click()
    visitor.press("foot_teacher-drift")
    expect(visitor.main).to_contain_text("Pairs that disagree most, in production")
    assert visitor.faults == []
