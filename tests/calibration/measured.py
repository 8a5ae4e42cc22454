"""The measured tables of docs/guarantees.md: what the slow simulations found is put between the marks of its name.

A table whose simulations have not all run stays as it is.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"


class MeasuredTables:
    """Tables by name, filled while the simulations run."""

    def __init__(self) -> None:
        self._rows: dict[str, list[str]] = {}
        self._whole: dict[str, str] = {}

    def put(self, name: str, text: str) -> None:
        """Take a whole table, and print it."""
        self._whole[name] = text
        print(text)

    def add(self, name: str, head: Sequence[str], row: Sequence[str], *, n_rows: int, how: str) -> None:
        """Take a row, and print it; after `n_rows` of them the table is whole. `how` tells seeds and draws."""
        rows = self._rows.setdefault(name, [])
        rows.append(as_row(row))
        print(rows[-1])
        if len(rows) == n_rows:
            today = f"{datetime.now(UTC):%Y-%m-%d}, {how}:"
            self._whole[name] = "\n".join((today, "", as_row(head), as_row(["---"] * len(head)), *rows))

    def write(self, page: Path = PAGE) -> None:
        """Put every whole table into the page."""
        text = page.read_text(encoding="utf-8")
        for name, table in self._whole.items():
            begin, _, rest = text.partition(f"<!-- measured: {name} -->\n")
            _, end, after = rest.partition("<!-- end -->")
            if not end:
                raise ValueError(f"{page.name} has no marks for {name}.")
            text = f"{begin}<!-- measured: {name} -->\n\n{table}\n\n{end}{after}"
        page.write_text(text, encoding="utf-8")


def as_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def marked(page: Path = PAGE) -> set[str]:
    """Names of the tables that a page has a place for."""
    return set(re.findall(r"^<!-- measured: (.+) -->$", page.read_text(encoding="utf-8"), flags=re.MULTILINE))
