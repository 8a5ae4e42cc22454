"""Tables of the docs that the code says are what it says now."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
CONF = runpy.run_path(str(DOCS / "conf.py"))


@pytest.mark.parametrize("page", CONF["TABLES"])
def test_a_table_in_a_page_is_what_the_code_says(page):
    text = (DOCS / page).read_text(encoding="utf-8")

    assert text.count("\n|") > 10
    assert CONF["with_tables"](page, text) == text, "Write the tables anew with: python docs/conf.py"
