"""The product's main jobs in one go: two files become a verdict and a retrain list; a week alarms and blocks.

On a server as it ships, with the default encoder, which no other browser test needs.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from drift_core.simulation.scenarios import shipped_scenario_paths
from tests.e2e.visitor import Visitor

RENAMED = {"query": "q", "doc": "passage", "teacher_score": "Judge score", "student_score": "student"}
BAD_ROW = 7
N_SHIPPED = 40
REASON = "The new topic is rescored by hand until the retrained student ships."


@pytest.fixture
def own_files(tmp_path: Path) -> dict[str, Path]:
    """Part of the query drift with other column names; one production row has no score, one pair is held-out's."""
    heldout, production = (pd.read_csv(path, dtype=str)[::4] for path in shipped_scenario_paths("query-drift"))
    heldout, production = (part[:n].reset_index(drop=True) for part, n in ((heldout, 250), (production, 350)))
    production.loc[BAD_ROW, "teacher_score"] = "n/a"
    production.loc[BAD_ROW + 1, ["query", "doc"]] = heldout.loc[0, ["query", "doc"]].to_numpy()
    paths = {"heldout": tmp_path / "autumn.csv", "production": tmp_path / "march.csv"}
    for frame, path in zip((heldout, production), paths.values(), strict=True):
        frame.rename(columns=RENAMED).to_csv(path, index=False)
    return paths


def open_own_files(visitor: Visitor, files: dict[str, Path]) -> None:
    visitor.open("samples")
    visitor.upload("heldout", files["heldout"])
    expect(visitor.by_key("remove_heldout")).to_be_visible()
    visitor.upload("production", files["production"])
    expect(visitor.verdict).to_contain_text("250 held-out pairs against 349 production pairs")


def draw_lasso(visitor: Visitor) -> None:
    """Draw an outline around the lower half of the map."""
    ground = visitor.by_key("regions_map").locator("canvas")
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    assert box is not None
    outline = [(0.02, 0.5), (0.5, 0.45), (0.98, 0.5), (0.98, 0.98), (0.02, 0.98), (0.02, 0.55)]
    corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in outline]
    visitor.page.mouse.move(*corners[0])
    visitor.page.mouse.down()
    for corner in corners[1:]:
        visitor.page.mouse.move(*corner, steps=8)
    visitor.page.mouse.up()


def number_in(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    assert found is not None, f"{pattern} is not in: {text}"
    return int(found[1].replace(",", ""))


def test_two_files_become_a_verdict_a_pick_and_a_retrain_list(
    visit: Callable[..., Visitor], own_files: dict[str, Path]
) -> None:
    heldout, production = (pd.read_csv(path) for path in own_files.values())
    visitor = visit()

    # samples: the columns are recognised, the bad row is said and left out
    open_own_files(visitor, own_files)
    expect(visitor.main).to_contain_text("1 row left out")

    # spread: the verdict is the first thing to read
    visitor.go_on("spread")
    expect(visitor.verdict).to_contain_text("Agreement fell")

    # overlap: K answers
    visitor.go_on("overlap")
    expect(visitor.verdict).to_contain_text("At K = 10 ")
    visitor.by_key("field_k_slider").get_by_role("slider").press("ArrowRight")
    expect(visitor.verdict).not_to_contain_text("At K = 10 ")
    k = number_in(r"At K = ([\d,]+)", visitor.verdict.inner_text())
    assert k > 10
    visitor.page.go_back()  # past all places of the slider
    expect(visitor.verdict).to_contain_text("Agreement fell")
    visitor.page.go_forward()
    expect(visitor.verdict).to_contain_text(f"At K = {k} ")
    visitor.settle()

    # regions: what the lasso holds is listed and can be taken along
    visitor.go_on("regions")
    expect(visitor.verdict).to_contain_text("drifted")
    draw_lasso(visitor)
    expect(visitor.main).to_contain_text("Pairs inside the outline")
    visitor.settle()
    n_picked = number_in(r"([\d,]+) production pairs", visitor.main.inner_text())
    picked = pd.read_csv(visitor.download("regions_download"))
    assert 0 < n_picked < len(production)
    assert len(picked) == n_picked == picked["pair_id"].nunique()
    assert set(picked["pair_id"]) <= set(production["pair_id"])
    listed = visitor.by_key("regions_pairs").locator("canvas td").all_inner_texts()
    assert {text for text in listed if re.fullmatch(r"p\d{5}", text)} <= set(picked["pair_id"])

    # verdict: the planted cause
    visitor.go_on("verdict")
    expect(visitor.verdict).to_contain_text("Query drift")
    written = json.loads(visitor.download("verdict_json").read_text(encoding="utf-8"))
    assert written["cause"] == "query_drift"
    assert "autumn" in visitor.download("verdict_html").read_text(encoding="utf-8")

    # retrain list: counts, no held-out pair, probabilities
    visitor.go_on("retrain")
    size = visitor.by_key("field_list_size_main").get_by_role("slider")
    for _ in range(3):  # a tenth of the whole each
        size.press("PageDown")
    chosen = int(visitor.by_key("field_list_size_main").get_by_test_id("stSliderThumbValue").inner_text())
    assert 1 < chosen < len(production)
    expect(visitor.verdict).to_contain_text(f"{chosen:,} pairs from")  # a slider tells its page a moment later
    visitor.settle()
    n_listed = number_in(r"^([\d,]+) pairs from", visitor.verdict.inner_text())
    drawn = pd.read_csv(visitor.download("retrain_csv"))
    manifest = json.loads(visitor.download("retrain_manifest").read_text(encoding="utf-8"))
    parquet = pd.read_parquet(visitor.download("retrain_parquet"))
    check_list(drawn, heldout, production)
    left_out = manifest["left_out"]
    n_near = left_out["near_heldout"] + left_out["near_duplicates"]
    n_drawable = n_that_may_be_drawn(heldout, production) - n_near
    assert (1 / drawn["probability"]).sum() == pytest.approx(n_drawable, rel=0.001)
    assert len(drawn) == len(parquet) == n_listed < len(production)
    assert sum(each["n_drawn"] for each in manifest["regions"]) == n_listed
    expect(visitor.tracebacks).to_have_count(0)
    assert visitor.faults == []


def check_list(drawn: pd.DataFrame, heldout: pd.DataFrame, production: pd.DataFrame) -> None:
    pairs = drawn[["query", "doc"]].apply(tuple, axis=1)
    assert pairs.is_unique
    assert not set(pairs) & set(heldout[["q", "passage"]].apply(tuple, axis=1))
    assert set(drawn["pair_id"]) <= set(production["pair_id"]) - {production.loc[BAD_ROW, "pair_id"]}
    assert drawn["probability"].between(0, 1, inclusive="right").all()
    assert drawn["region"].notna().all()


def n_that_may_be_drawn(heldout: pd.DataFrame, production: pd.DataFrame) -> int:
    scored = production[pd.to_numeric(production["Judge score"], errors="coerce").notna()]
    pairs = set(scored[["q", "passage"]].apply(tuple, axis=1))
    return len(pairs - set(heldout[["q", "passage"]].apply(tuple, axis=1)))


def test_a_recorded_week_alarms_turns_the_gate_and_is_overridden_with_a_reason(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit()
    visitor.open("start")
    visitor.press("open_canary")
    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026")
    visitor.settle()
    expect(visitor.main.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    expect(visitor.main).not_to_contain_text("The textbook's rule would have fired")  # shown on request alone

    visitor.press("canary_take_week")
    expect(visitor.main).to_contain_text("production: week-41, 260 pairs")
    visitor.press("canary_record")
    visitor.settle()  # the first embedding of a server takes long on a loaded machine
    expect(visitor.verdict).to_contain_text("Alarm since 14 June 2026")
    expect(visitor.main).to_contain_text("New region: charger")
    weeks = pd.read_csv(visitor.download("canary_export"))
    assert len(weeks) == N_SHIPPED + 1
    assert weeks["at"].iloc[-1].startswith("2026-06-14")

    visitor.go_on("gate")
    expect(visitor.verdict).to_contain_text("Blocked since 2026-06-14: the canary alarms")
    visitor.press("gate_override")
    expect(visitor.messages).to_contain_text("An override needs a name")
    visitor.fill("gate_by", "Ada")
    visitor.fill("gate_reason", REASON)
    visitor.press("gate_override")
    expect(visitor.verdict).to_have_text("Pass by an override of Ada.")
    expect(visitor.main.get_by_role("listitem").filter(has_text="in force")).to_contain_text("Ada · Override")
    visitor.settle()
    answer = json.loads(visitor.download("gate_json").read_text(encoding="utf-8"))
    assert (answer["status"], answer["exit_code"], answer["override"]["by"]) == ("pass", 0, "Ada")
    assert re.search(rf"Pass by an override of Ada on \d{{4}}-\d\d-\d\d, '{REASON}'", said_by_the_command(visitor))
    expect(visitor.tracebacks).to_have_count(0)
    assert visitor.faults == []


def said_by_the_command(visitor: Visitor) -> str:
    """The first line of the command that the page shows, on the history that it gives out."""
    history = visitor.download("gate_history")
    words = visitor.main.get_by_test_id("stCode").locator("code").inner_text().split()
    words[words.index("--history") + 1] = str(history)
    done = subprocess.run(
        [sys.executable, "-m", "drift_core", *words[1:]], cwd=Path(history).parent, capture_output=True, check=False
    )
    return done.stdout.decode().splitlines()[0]
