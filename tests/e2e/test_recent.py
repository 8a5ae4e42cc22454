"""An investigation is there after a reload and a restart of the server, for its visitor alone, until it is deleted."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, FilePayload, expect

from drift_core.regions.encoding import HASHING_ENCODER
from scripts.running_app import serve
from tests.e2e.visitor import Visitor, new_visitor

TOPICS = ("refund order", "broken screen", "late parcel", "gift card", "new tariff")
WORD = "tariff"  # of the topic that production alone has
OWN_NAME = "frage"  # of the column of queries


def own_sample(path: Path, seed: int, *, is_new: bool) -> Path:
    """A sample whose column of queries has a name that nobody recognises."""
    rng = np.random.default_rng(seed)
    topic = rng.integers(len(TOPICS) if is_new else len(TOPICS) - 1, size=400)
    teacher = rng.uniform(size=400).round(3)
    noise = np.where(topic == len(TOPICS) - 1, 0.8, 0.05)
    texts = [f"{TOPICS[each]} {i // 3}" for i, each in enumerate(topic)]
    scores = {"judge": teacher, "student": (teacher + rng.normal(size=400) * noise).round(3)}
    pd.DataFrame({OWN_NAME: texts, "doc": [f"answer {i}" for i in range(400)], **scores}).to_csv(path, index=False)
    return path


def bring_own(visitor: Visitor, folder: Path) -> None:
    """Upload two files with the same columns, and say of the first which is what."""
    visitor.open("samples")
    for seed, side in enumerate(("heldout", "production")):
        visitor.upload(side, own_sample(folder / f"{side}.csv", seed, is_new=side == "production"))
        if side == "heldout":
            expect(visitor.by_key(f"remap_{side}")).to_be_visible()
            visitor.settle()
            choose(visitor, f"column_{side}_query", OWN_NAME)
            visitor.press(f"remap_{side}")
        expect(visitor.main.get_by_text(f"File: {side}.csv")).to_be_visible()
        visitor.settle()
    expect(visitor.by_key("next_spread")).to_be_visible()


def choose(visitor: Visitor, key: str, option: str) -> None:
    box, options = visitor.by_key(key).locator("input"), visitor.page.get_by_role("option")
    box.focus()
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    box.fill(option)
    expect(options).to_have_text([option])
    box.press("Enter")
    expect(box).to_have_value(option)
    visitor.settle()


def add_by_words(visitor: Visitor) -> None:
    """Search on the map, and add what is found to the retrain list."""
    visitor.go_to("regions")
    search = visitor.main.get_by_label("Search", exact=True)
    search.fill(WORD)
    search.press("Enter")
    visitor.settle()
    visitor.press("regions_add")
    visitor.settle()


def change_list(visitor: Visitor) -> str:
    """Set size and seed of the list; gives what the page says of it then."""
    visitor.go_to("retrain")
    for _ in range(3):
        visitor.by_key("field_list_size_main").get_by_role("slider").press("ArrowLeft")
    seed = visitor.by_key("field_list_seed_main").locator("input")
    seed.fill("7")
    seed.press("Enter")
    visitor.settle()
    expect(visitor.page).to_have_url(re.compile("list_seed=7"))
    return list_as_shown(visitor)


def list_as_shown(visitor: Visitor) -> str:
    by_hand = visitor.main.get_by_text("Added by hand, and before all others").inner_text()
    return f"{visitor.verdict.inner_text()} {by_hand}"


def test_what_a_visitor_opened_is_there_after_a_reload_and_a_restart_for_them_alone_until_they_delete_it(
    chromium: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path, encoder=HASHING_ENCODER) as address:
        visitor = new_visitor(chromium, address)
        bring_own(visitor, tmp_path)
        add_by_words(visitor)
        shown = change_list(visitor)
        visitor.page.reload()
        visitor.settle()
        assert list_as_shown(visitor) == shown
        left = urlsplit(visitor.page.url)

        bring_documents(visitor)
        documents = documents_as_shown(visitor)
        assert visitor.faults == []
        visitor.page.close()  # the profile keeps its cookie

    with serve(tmp_path, encoder=HASHING_ENCODER) as address:
        visitor, guest = new_visitor(chromium, address), new_visitor(chromium, address)
        visitor.page.goto(f"{address}{left.path}?{left.query}")
        visitor.settle()
        assert list_as_shown(visitor) == shown
        assert "list_size=" in left.query
        assert urlsplit(visitor.page.url).query == left.query

        visitor.go_to("regions")
        expect(visitor.main.get_by_label("Search", exact=True)).to_have_value(WORD)
        visitor.go_to("samples")
        for side in ("heldout", "production"):
            expect(visitor.main.get_by_text(f"File: {side}.csv")).to_be_visible()
        assert documents_as_shown(visitor) == documents
        guest.open("card")
        expect(guest.verdict).to_have_text("No judge card is open.")

        token = left.query.partition("investigation=")[2].partition("&")[0]
        opened = f"{address}/verdict?investigation={token}"
        guest.page.goto(opened)
        guest.settle()
        expect(guest.messages).to_contain_text("is not kept for this browser")
        guest.open("start")
        assert "Recent investigations" not in guest.page.content()
        assert "production.csv" not in guest.page.content()
        open_again_and_delete(visitor, token)
        visitor.page.goto(opened)
        visitor.settle()
        expect(visitor.messages).to_contain_text("is not kept for this browser")
        assert visitor.faults == guest.faults == []
        visitor.leave()
        guest.leave()


def open_again_and_delete(visitor: Visitor, token: str) -> None:
    """Open an investigation from the list of the start page, and delete it there."""
    visitor.open("start")
    visitor.press(f"reopen_{token}")
    visitor.page.wait_for_url(re.compile(rf"/verdict\?(.*&)?investigation={token}"))
    expect(visitor.by_key("next_retrain")).to_be_visible()
    visitor.settle()
    visitor.open("start")
    visitor.press(f"ask_delete_{token}")
    visitor.press(f"delete_{token}")
    expect(visitor.by_key(f"delete_{token}")).to_have_count(0)
    visitor.settle()


def bring_documents(visitor: Visitor) -> None:
    """Upload a canary history, a judge card and a comparison in the investigation that is open."""
    pairs = pd.DataFrame({"query": [f"question {i // 3}" for i in range(60)], "teacher_score": np.arange(60) / 60})
    scores = {"student_score": pairs["teacher_score"] ** 2, "student_score_before": 1 - pairs["teacher_score"]}
    weeks = "at,teacher_revision,n_pairs,agreement\n2026-01-05,judge-1,300,0.93\n2026-01-12,judge-1,300,0.92\n"
    given = {
        "canary_upload": ("weeks.csv", weeks),
        "card_upload": ("judges.yaml", "owner: Grace\n"),
        "comparison_frozen": ("frozen.csv", pairs.assign(**scores).to_csv(index=False)),
    }
    for key, (name, text) in given.items():
        visitor.go_to(key.partition("_")[0])
        file = FilePayload(name=name, mimeType="text/plain", buffer=text.encode())
        visitor.by_key(key).locator("input[type=file]").set_input_files(file)
        visitor.settle()
    visitor.press("comparison_compare")
    expect(visitor.by_key("comparison_close")).to_be_visible()
    visitor.settle()


def documents_as_shown(visitor: Visitor) -> list[str]:
    """What the three pages say first."""
    said = []
    for name in ("canary", "card", "comparison"):
        visitor.go_to(name)
        said.append(visitor.verdict.inner_text())
    assert not [each for each in said if "is open." in each]
    return said
