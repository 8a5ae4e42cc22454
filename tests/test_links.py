"""No link in README, docs and their neighbours is dead: files are there, and so are the headings that anchors name.

Links to other hosts are not followed.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def links(text):
    """Where each link of a page leads, other hosts left out."""
    return [each for each in LINK.findall(BLOCK.sub("", text)) if not re.match(r"\w+:", each)]


def anchors(text):
    """What the headings of a page are called in an address."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def dead(page):
    """Links of a page that lead nowhere."""
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            yield link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_is_dead(path):
    assert list(dead(path)) == []


def test_a_dead_link_is_found(tmp_path):
    (tmp_path / "there.md").write_text("# A heading: with, signs\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md#a-heading-with-signs) [b](there.md#gone) [c](gone.md) [d](https://a.example) [e](#own)"
    )

    assert list(dead(page)) == ["there.md#gone", "gone.md", "#own"]


def test_the_readme_leads_to_every_page():
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    paths = [path.relative_to(ROOT).as_posix() for path in PAGES if path.name != "index.md"]

    assert [path for path in paths if path != "README.md" and f"({path})" not in told] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8")) <= 9_000
