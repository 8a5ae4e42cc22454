"""Every sentence of the docs on privacy, safety and loss is on docs/promises.md, beside the tests that hold it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "promises.md"
# A sentence with one of these words promises something, unless it is among the others.
PROMISING = re.compile(
    r"never|nobody|nothing|lost|loses|refuse[sd]?|secrets?|password|the key|other hosts?|no code|localhost"
    r"|byte for byte|your machine|visitors?|untouched|deleted|closed|stays as it",
    re.IGNORECASE,
)
# Beginnings of sentences that speak of statistics, figures or the reader.
OTHERS = (
    "To diagnose, plan, watch",
    "Then the loop is closed",
    "From then on the pin",
    "**Trifles** never alarm",
    "**By cluster**",
    "`teacher_score` is the new score",
    "**Retries** on 429",
    "A refused `max_tokens`",
    "A narrow range of scores",
    "Overlap is never held to more",
    "It comes in closed form",
    "Without pinned scores the teacher",
    "A rise that comes to less",
    "Without drift:",
    "Give a `postgresql://` address",
    "What visitors share",
    "Run it as a user",
)


def documents():
    """Text of the README, the page on security and every page of the docs, by name."""
    pages = [*(ROOT / name for name in ("README.md", "SECURITY.md")), *sorted(ROOT.glob("docs/**/*.md"))]
    return {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in pages if page != PAGE}


def plain(text):
    return " ".join(text.split())


def sentences(text):
    """Sentences of the prose of a page, lists included; no blocks of code, no measured tables."""
    prose = re.sub(r"^```.*?^```$|^<!-- measured.*?^<!-- end -->$", "", text, flags=re.MULTILINE | re.DOTALL)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-#|]|\d+\.))", prose)
    return [each for part in parts for each in re.split(r"(?<=[.:])\s+(?=[A-Z*`])", plain(part).lstrip("-# "))]


def promises():
    """Sentence, page and tests of every row."""
    rows = [line.strip("|").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if " | " in line]
    return [tuple(cell.strip() for cell in row) for row in rows if "::" in row[-1]]


def holding(cell):
    return re.findall(r"`([^`]+\.py)::(\w+)`", cell)


def test_every_promise_stands_word_for_word_on_its_page():
    texts = {name: plain(text) for name, text in documents().items()}

    missing = [promise for promise, page, _ in promises() if promise not in texts[page]]

    assert promises()
    assert missing == []


@pytest.mark.parametrize("file", sorted({file for *_, cell in promises() for file, _ in holding(cell)}))
def test_every_test_that_holds_a_promise_is_there(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    named = {test for *_, cell in promises() for path, test in holding(cell) if path == file}

    assert named - defined == set()


def test_every_promise_names_a_test():
    assert [promise for promise, _, cell in promises() if not holding(cell)] == []


def test_no_promise_of_the_documentation_is_missing():
    told = [promise for promise, *_ in promises()]

    missing = [
        f"{page}: {sentence}"
        for page, text in documents().items()
        for sentence in sentences(text)
        if PROMISING.search(sentence)
        and not any(promise in sentence or sentence in promise for promise in told)
        and not sentence.startswith(OTHERS)
    ]

    assert missing == []
