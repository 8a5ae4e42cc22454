import re
from pathlib import Path

import pytest

from tests.calibration.measured import MeasuredTables, marked

PAGE = "Before.\n\n<!-- measured: a -->\nold\n<!-- end -->\n\nBetween.\n\n<!-- measured: b -->\nold\n<!-- end -->\n"


def test_a_table_takes_the_place_of_the_one_before_and_leaves_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    tables = MeasuredTables()

    tables.put("b", "new")
    tables.write(page)

    assert page.read_text() == PAGE.replace("b -->\nold\n", "b -->\n\nnew\n\n")


def test_a_table_is_written_once_all_its_rows_are_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    tables = MeasuredTables()

    for name, n_rows in (("a", 1), ("b", 2)):
        tables.add(name, ("kind", "rate"), ("one", "5 %"), n_rows=n_rows, how="seeds from 1")
    tables.write(page)

    assert ", seeds from 1:\n\n| kind | rate |\n| --- | --- |\n| one | 5 % |\n" in page.read_text()
    assert page.read_text().count("old") == 1


def test_a_table_without_a_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    tables = MeasuredTables()
    tables.put("c", "new")

    with pytest.raises(ValueError, match="no marks for c"):
        tables.write(page)


def test_the_page_has_a_place_for_every_table_that_is_measured() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_[!m]*.py"))

    assert set(re.findall(r'tables\.(?:put|add)\(\s*"([\w ]+)"', code)) == marked()
