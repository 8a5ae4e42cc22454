"""Pairs reviewed by keys alone, closed and opened again in between: what was answered is all there."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, expect

from drift_core.regions.encoding import HASHING_ENCODER
from drift_core.review.draw import draw_review
from drift_core.review.pairs import ANSWERS, Answer, ReviewSettings
from drift_core.review.review_file import create_review, open_review
from scripts.running_app import SETTLE_SECONDS, serve
from tests.drift_core.review.drawn import labelled, with_regions
from tests.e2e.visitor import Visitor, new_visitor

N_PAIRS = 12
NOTE = "1 or 4: u and n are only letters here"


def answer_of(place: int) -> Answer:
    return ANSWERS[place * 7 // 3 % 4]


# Looked for whenever the page changes, and in no frame between; once it is drawn its keys are heard.
SEEN = """
([text, patience]) => new Promise((resolve, reject) => {
  const shown = () => document.querySelector('[data-testid="stMain"]')?.textContent ?? "";
  const look = () => {
    if (!shown().includes(text)) return;
    changes.disconnect();
    clearTimeout(timer);
    requestAnimationFrame(() => setTimeout(resolve));
  };
  const changes = new MutationObserver(look);
  const timer = setTimeout(() => reject(new Error(`not shown: ${text}; shown: ${shown().slice(0, 400)}`)), patience);
  changes.observe(document.body, {subtree: true, childList: true, characterData: true});
  look();
})
"""


def see(visitor: Visitor, text: str) -> None:
    visitor.page.evaluate(SEEN, [text, SETTLE_SECONDS * 1000])


def review_on(visitor: Visitor, first: int, last: int) -> None:
    """Press the key of the answer as soon as the pair is there, from one pair to another."""
    for place in range(first, last + 1):
        see(visitor, f"Pair {place} of {N_PAIRS} · {place - 1} answered by Ada")
        visitor.page.keyboard.press(str(ANSWERS.index(answer_of(place)) + 1))
    see(visitor, f" · {last} answered by Ada")
    expect(visitor.page.get_by_test_id("stSidebar")).to_contain_text(f"{last} of {N_PAIRS}")


def take_notes_back_and_forth(visitor: Visitor) -> None:
    """Write a note to the pair before the shown one, answer that one wrongly, and undo it."""
    keys = visitor.page.keyboard
    keys.press("ArrowLeft")
    see(visitor, "Pair 5 of")
    keys.press("n")
    expect(visitor.main.get_by_label("Note, kept with Enter")).to_be_focused()
    keys.type(NOTE)
    keys.press("Enter")
    see(visitor, f"Note: {NOTE}")
    visitor.settle()  # the field has let go of the keys
    keys.press(str((ANSWERS.index(answer_of(5)) + 1) % 4 + 1))
    see(visitor, "Pair 6 of")
    keys.press("u")
    see(visitor, "Pair 5 of")
    keys.press("ArrowRight")


def test_pairs_by_keys_with_a_reload_and_a_restart_lose_nothing(chromium: Browser, tmp_path: Path) -> None:
    drawn = draw_review(
        with_regions(labelled(2 * N_PAIRS), np.arange(2 * N_PAIRS) % 3 > 0), settings=ReviewSettings(n=N_PAIRS)
    )
    made = create_review(drawn, tmp_path / "made.db")

    with serve(tmp_path, encoder=HASHING_ENCODER) as address:
        visitor = new_visitor(chromium, address)
        visitor.open("review")
        visitor.by_key("review_upload").locator("input[type=file]").set_input_files(made.path)
        visitor.settle()
        visitor.press("review_open")
        name = visitor.by_key("review_name").locator("input")
        name.fill("Ada")
        name.press("Enter")
        review_on(visitor, 1, 5)
        take_notes_back_and_forth(visitor)
        review_on(visitor, 6, 7)
        visitor.page.reload()
        visitor.settle()  # the pair is drawn before the buttons whose keys are pressed
        review_on(visitor, 8, 9)
        assert visitor.faults == []
        visitor.page.close()  # the profile keeps its cookie

    with serve(tmp_path, encoder=HASHING_ENCODER) as address:
        again = new_visitor(chromium, address)
        again.open("review")
        review_on(again, 10, N_PAIRS)
        expect(again.verdict).to_contain_text("the student is wrong in")
        assert again.faults == []
        again.leave()

    [kept] = (tmp_path / "distillation-drift").rglob("review.db")
    answers = open_review(kept).answers()
    assert [(each.place, each.reviewer, each.answer) for each in answers] == [
        (place, "Ada", answer_of(place)) for place in range(1, N_PAIRS + 1)
    ]
    assert {each.place: each.note for each in answers if each.note} == {5: NOTE}
