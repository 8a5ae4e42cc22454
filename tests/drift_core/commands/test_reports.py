import re

import pytest

from drift_core.installation import app_folder
from tests.drift_core.command_line import FAST, run, write_samples

RETRAINED = app_folder() / "sample_data" / "retrained"
CANARY = app_folder() / "sample_data" / "canary"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where every command that makes a report has written one, as PDF and as HTML."""
    folder = tmp_path_factory.mktemp("reports")
    files = write_samples(folder)
    history = folder / "canary.db"
    run("diagnose", *files, *FAST, "--report", folder / "diagnose.pdf")
    week = ("canary", CANARY / "heldout.csv", CANARY / "week-41.csv", "--history", history, "--teacher-revision", "r")
    for form in ("pdf", "html"):
        run("compare", "--no-clusters", RETRAINED / "frozen.csv", "--report", folder / f"compare.{form}")
        run(*week, "--student-version", "ranker-1", *FAST, "--report", folder / f"canary.{form}")
        run("gate", "--history", history, "--report", folder / f"gate.{form}")
    return folder


@pytest.mark.parametrize(("name", "most"), [("diagnose", 3), ("compare", 1), ("canary", 1), ("gate", 1)])
def test_a_report_whose_name_ends_in_pdf_is_one_of_few_pages(folder, name, most):
    made = (folder / f"{name}.pdf").read_bytes()

    assert made.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type/Page\b", made)) <= most


@pytest.mark.parametrize(
    ("name", "title"), [("compare", "Before and after"), ("canary", "Weekly canary"), ("gate", "Release gate")]
)
def test_any_other_report_is_one_page_of_html(folder, name, title):
    made = (folder / f"{name}.html").read_text(encoding="utf-8")

    assert made.startswith("<!DOCTYPE html>")
    assert f"<h1>{title}: " in made
    assert "src=" not in made
