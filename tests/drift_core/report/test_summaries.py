import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html import unescape

import pytest

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.decision import Decision
from drift_core.canary.events import find_events
from drift_core.canary.explanation import explain_alarm
from drift_core.canary.status import week_by_itself
from drift_core.comparison.compare import Students
from drift_core.comparison.compare_files import StudentFiles, compare_files
from drift_core.gate.headline import gate_headline
from drift_core.gate.release import read_gate
from drift_core.history.csv_exchange import import_csv
from drift_core.history.history import open_history
from drift_core.installation import app_folder
from drift_core.report.one_page import page_as_html, page_as_pdf
from drift_core.report.summaries import canary_page, comparison_page, gate_page
from drift_core.simulation.canary_year import shipped_canary_files

RETRAINED = app_folder() / "sample_data" / "retrained"
HOSTILE = '</script><script>alert(1)</script> #eval("1") 判断 \u0000 ' + "w" * 5_000


@cache
def comparison():
    files = StudentFiles(frozen=str(RETRAINED / "frozen.csv"), fresh=str(RETRAINED / "fresh.csv"))
    return compare_files(files, embedding=None, students=Students(before="ranker-1", after="ranker-2"))


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    place = tmp_path_factory.mktemp("year") / "canary.db"
    with open_history(place) as history:
        import_csv(shipped_canary_files().history, history)
    return place


@pytest.fixture(scope="module")
def pages(year):
    with open_history(year, is_created=False) as history:
        runs, decisions = history.runs(with_regions=True), history.decisions()
    weeks = assess(runs, decisions, rule=Rule())
    explanation = explain_alarm(weeks, decisions, rule=Rule())
    decision = read_gate(year, now=datetime(2026, 6, 8, tzinfo=UTC))
    return {
        "comparison": comparison_page(comparison()),
        "gate": gate_page(decision),
        "canary": canary_page(
            weeks, name="year", explanation=explanation, events=find_events(runs, decisions), floor=0.85
        ),
        "weeks": weeks,
        "decision": decision,
    }


def figures(page):
    return {part.name: f"{part.figure} {part.interval}".strip() for part in page.parts}


def test_the_figures_of_a_comparison_are_those_of_the_sample_that_decides(pages):
    whole = comparison().fresh.whole

    shown = figures(pages["comparison"])

    assert pages["comparison"].headline == comparison().headline
    assert shown["before"] == str(whole.order.before)
    assert shown["after"] == str(whole.order.after)
    assert shown["change"] == f"{whole.change:+.3f}"
    assert shown["regions"] == str(sum(part.outcome == "worse" for part in comparison().fresh.regions))


def test_the_answer_of_a_gate_is_its_own_with_every_check_that_was_made(pages):
    page, decision = pages["gate"], pages["decision"]

    assert page.headline == gate_headline(decision)
    assert figures(page)["agreement"] == str(decision.measured.agreement)
    assert set(page.table["Finding"]) == {each.sentence for each in decision.checks if each.outcome != "skipped"}
    assert page.table["Outcome"].iloc[0] == "inconclusive"


def test_what_is_overridden_is_not_said_to_hold(pages):
    decision = pages["decision"]
    checks = tuple(
        replace(each, outcome="overridden") if each.outcome == "inconclusive" else each for each in decision.checks
    )
    by = Decision(kind="override", by="Ada", reason="known", at=decision.now, run_key=None)

    page = gate_page(replace(decision, status="pass", checks=checks, overrides=(by,)))

    assert page.parts[0].sentence == "1 check does not hold and is overridden."


def test_the_newest_week_of_a_canary_is_told_with_what_it_is_held_against(pages):
    page, newest = pages["canary"], pages["weeks"][-1]

    assert "at a lower level" in page.headline
    assert page.headline.endswith("; the floor of a release is 0.85.")
    assert figures(page)["agreement"] == str(newest.run.agreement)
    assert figures(page)["baseline"] == str(newest.baseline.agreement)
    assert figures(page)["alarms"] == str(sum(week.status == "alarm" for week in pages["weeks"]))


def test_an_alarm_says_what_to_do_and_what_that_week_found(pages):
    place = max(place for place, week in enumerate(pages["weeks"]) if week.status == "alarm")
    week = pages["weeks"][place]
    page = canary_page(pages["weeks"][: place + 1], name="year")

    assert page.parts[-1].sentence == week.next_step
    told = replace(page, lines=("Diagnose it: distillation-drift diagnose HELDOUT 'a b.csv'",))
    assert "<pre><code>distillation-drift diagnose HELDOUT &#39;a b.csv&#39;</code></pre>" in page_as_html(told)
    assert week_by_itself(week.run) in page.lines


@pytest.mark.parametrize("name", ["comparison", "gate", "canary"])
def test_a_page_is_one_sheet_and_one_file_that_loads_nothing(pages, name):
    page = pages[name]

    sheet, shown = page_as_pdf(page), page_as_html(page)

    assert len(re.findall(rb"/Type/Page\b", sheet)) == 1
    assert page_as_pdf(page) == sheet
    assert page.headline in unescape(shown)
    assert all(part.figure in shown for part in page.parts)
    assert not re.search(r"<(script|link|iframe|img)\b|@import|src=|url\((?!#)", shown)


@pytest.mark.parametrize("name", ["comparison", "gate", "canary"])
def test_texts_of_a_user_stay_texts_on_a_page(pages, name):
    page = pages[name]
    hostile = replace(
        page, title=HOSTILE, headline=HOSTILE, lines=(HOSTILE,) * 20, table=page.table.map(lambda _: HOSTILE)
    )

    assert "<script>" not in page_as_html(hostile)
    assert page_as_pdf(hostile).startswith(b"%PDF-")
