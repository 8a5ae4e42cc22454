"""Who works with the app without a mouse, beside others, or with a file of their own."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from drift_core.regions.encoding import HashingEncoder
from drift_core.simulation.scenarios import shipped_scenario_paths
from tests.e2e.visitor import Visitor, new_visitor

MANY_TABS = 120
_FOCUSED = "key => !!document.activeElement.closest(`.st-key-${key}`)"
KEPT = "() => [localStorage.kept ?? null, sessionStorage.kept ?? null, document.cookie.includes('kept')]"
OWN_WORD = "zanzibar"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"


def bad_file(kind: str) -> tuple[str, bytes]:
    if kind == "prose":
        return "notes.csv", b"Dear all,\nthe samples will follow next week.\n\nRegards\n"
    if kind == "picture":
        return "scores.png", PNG
    frame = pd.DataFrame({"query": [f"query {i}" for i in range(50)], "teacher_score": 0.5})
    frame["student_score"] = np.linspace(0, 1, 50)
    return "flat.csv", frame.to_csv(index=False).encode()


def test_the_keyboard_alone_reaches_the_next_step(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick()
    visitor.open("spread", scenario="query-drift")

    for _ in range(MANY_TABS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(_FOCUSED, "next_overlap"):
            break
    visitor.page.keyboard.press("Enter")

    expect(visitor.main.locator("h1")).to_have_text("Does it still promote the same pairs?")


def test_on_a_phone_the_step_list_closes_when_a_step_is_chosen(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick(width=390)
    visitor.open("spread", scenario="query-drift")
    sidebar, opener = visitor.page.get_by_test_id("stSidebar"), visitor.page.get_by_test_id("stExpandSidebarButton")

    for step, question in (("Overlap", "Does it still promote"), ("Samples", "What are we comparing?")):
        opener.click()
        expect(sidebar).to_have_attribute("data-collapsed", "false")
        sidebar.get_by_role("link", name=step).first.click()
        expect(visitor.main.locator("h1")).to_contain_text(question)
        expect(sidebar).to_have_attribute("data-collapsed", "true")

    visitor.page.reload()
    visitor.settle()
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    assert visitor.faults == []


def test_the_next_step_opens_at_its_top(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick(width=390)
    visitor.open("spread", scenario="query-drift")
    main, depth = visitor.main, "element => element.scrollTop"
    way_on = main.get_by_role("button", name="Does it still promote the same pairs?")
    way_on.scroll_into_view_if_needed()
    assert main.evaluate(depth) > 0

    way_on.click()
    expect(main.locator("h1")).to_contain_text("Does it still promote")
    visitor.settle()

    assert main.evaluate(depth) == 0
    assert visitor.faults == []


def test_two_visitors_never_see_each_others_data(visit_quick: Callable[..., Visitor], tmp_path: Path) -> None:
    heldout, production = (pd.read_csv(path) for path in shipped_scenario_paths("healthy"))
    production["query"] = f"{OWN_WORD} " + production["query"]
    mine, other = tmp_path / "mine.csv", tmp_path / f"{OWN_WORD}.csv"
    heldout.to_csv(mine, index=False)
    production.to_csv(other, index=False)
    owner, guest = visit_quick(), visit_quick()

    owner.open("samples")
    owner.upload("heldout", mine)
    expect(owner.by_key("remove_heldout")).to_be_visible()
    owner.upload("production", other)
    expect(owner.by_key("next_spread")).to_be_visible()
    guest.page.goto(owner.page.url)
    guest.settle()

    expect(guest.page.get_by_text("No investigation is open.")).to_be_attached()
    assert OWN_WORD not in guest.page.content()

    guest.open("spread", scenario="query-drift")
    owner.go_to("spread")

    expect(owner.page.get_by_test_id("stSidebar").get_by_text("Your files")).to_be_visible()
    assert OWN_WORD in owner.page.content()
    assert OWN_WORD not in guest.page.content()


@pytest.mark.parametrize("kind", ["prose", "picture", "constant"])
def test_a_bad_upload_gives_one_clear_message(visit_quick: Callable[..., Visitor], kind: str) -> None:
    visitor = visit_quick()
    visitor.open("samples")
    name, content = bad_file(kind)

    visitor.upload("heldout", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    expect(visitor.messages).to_have_count(1)
    visitor.settle()

    expect(visitor.messages).to_have_count(1)
    assert name in visitor.messages.inner_text()
    expect(visitor.tracebacks).to_have_count(0)
    expect(visitor.page.get_by_text("Traceback")).to_have_count(0)
    assert visitor.faults == []


def test_a_profile_that_is_used_again_holds_nothing_of_who_was_there_before(chromium: Browser, quick_app: str) -> None:
    first = new_visitor(chromium, quick_app)
    first.open("costs")
    profile = first.page.context
    first.page.evaluate(
        "() => { localStorage.kept = 'mine'; sessionStorage.kept = 'mine'; document.cookie = 'kept=mine' }"
    )
    assert first.page.evaluate(KEPT) == ["mine", "mine", True]

    first.leave()
    second = new_visitor(chromium, quick_app)
    second.open("costs")

    assert second.page.context is profile
    assert second.page.evaluate(KEPT) == [None, None, False]
    second.leave()


def test_own_embeddings_are_brought_by_file_and_used(visit_quick: Callable[..., Visitor], tmp_path: Path) -> None:
    heldout, production = (pd.read_csv(path)["query"].tolist() for path in shipped_scenario_paths("healthy"))
    encoder, short, mine = HashingEncoder(dimension=32), tmp_path / "short.npz", tmp_path / "mine.npz"
    np.savez(short, heldout=encoder.encode(heldout[:-1]), production=encoder.encode(production))
    np.savez(mine, heldout=encoder.encode(heldout), production=encoder.encode(production))
    visitor = visit_quick()
    visitor.open("samples", scenario="healthy")

    visitor.main.get_by_text("Own embeddings", exact=True).click()
    visitor.upload("embeddings", short)
    expect(visitor.messages.last).to_contain_text("short.npz, heldout: expected 1,200 rows")
    visitor.settle()
    visitor.upload("embeddings", mine)
    expect(visitor.main).to_contain_text("In use: mine.npz")
    visitor.settle()

    visitor.go_to("verdict")
    expect(visitor.verdict).to_contain_text("agree")
    expect(visitor.page.get_by_test_id("stSidebar")).to_contain_text("Embeddings: mine.npz")
    written = json.loads(visitor.download("verdict_json").read_text(encoding="utf-8"))
    assert written["encoder"].startswith("mine.npz@")
    assert visitor.faults == []
