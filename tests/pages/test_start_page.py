import json
import os

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from drift_core.agreement.rule import Rule
from drift_core.installation import COLUMNS_VARIABLE, FILES_VARIABLE, KIND_VARIABLE, SPLIT_VARIABLE
from drift_core.simulation.scenarios import SCENARIOS
from pages.components.samples import intake
from pages.components.session import visitor
from tests.drift_core.tables.object_servers import environment, object_server
from tests.pages.uploads import APP, both_samples, frame, upload
from tests.pages.walk import SECONDS, address, ran, said


@pytest.fixture
def app():
    return ran(AppTest.from_file(APP, default_timeout=SECONDS))


def test_the_first_page_takes_two_files_offers_every_scenario_and_says_the_idea(app):
    assert app.title[0].value == "Does the student still agree with its teacher?"
    assert all(app.button(f"open_{name}") for name in SCENARIOS)
    assert app.button("diagnose").disabled
    assert "The idea in a minute" in said(app)
    assert "One file is enough" in said(app)


def test_two_files_and_one_press_lead_to_the_verdict(app):
    both_samples(app)

    assert app.button("diagnose").label == ":violet[Diagnose]"
    app.button("diagnose").click()
    verdict = ran(app)

    assert verdict.title[0].value == "What caused it, and how sure is that?"
    assert "Healthy" in said(verdict)
    back = ran(verdict.switch_page("app.py"))
    assert back.button("diagnose").label == ":violet[Back to the verdict]"


def test_a_file_with_columns_of_other_names_leads_to_where_they_are_named(app):
    upload(app, "heldout", frame(1).rename(columns={"judge": "a", "student": "b"}))

    assert app.button("columns_heldout").label == "Say which column is what"
    assert "no column was recognised for teacher and student." in app.warning[0].value
    [message] = ran(app.switch_page("pages/samples.py")).error
    assert "Choose under Columns below" in message.value
    assert "samples page" not in message.value


def test_a_scenario_opens_on_its_verdict_and_says_its_outcome_before(app):
    assert "Query drift. In March" in said(app)

    app.button("open_query-drift").click()
    verdict = ran(app)

    assert "Agreement went from 0.92 to 0.75" in said(verdict)


def test_the_app_opens_the_files_that_it_was_started_on_once(tmp_path, monkeypatch):
    paths = [tmp_path / "held.csv", tmp_path / "now.csv"]
    for seed, path in enumerate(paths):
        frame(seed).to_csv(path, index=False)
    monkeypatch.setenv(FILES_VARIABLE, "\n".join(map(str, paths)))

    app = ran(AppTest.from_file(APP, default_timeout=SECONDS))

    assert "held.csv: 60 pairs" in said(app)
    assert app.button("diagnose").label == ":violet[Diagnose]"
    for side in ("heldout", "production"):
        app.button(f"remove_{side}").click()
        ran(app)
    assert app.button("diagnose").disabled


def test_the_app_opens_the_addresses_that_it_was_started_on(tmp_path, monkeypatch):
    addresses = [f"s3://ours/{name}.csv" for name in ("held", "now")]
    monkeypatch.setenv(FILES_VARIABLE, "\n".join(addresses))
    with object_server(tmp_path) as store:
        for seed, address in enumerate(addresses):
            store.put(address.removeprefix("s3://"), frame(seed).to_csv(index=False).encode())
        for name, value in environment(store).items():
            monkeypatch.setenv(name, value)

        app = ran(AppTest.from_file(APP, default_timeout=SECONDS))

    assert "held.csv: 60 pairs" in said(app)
    assert "now.csv: 60 pairs" in said(app)


def test_the_app_reads_the_files_that_it_was_started_on_as_kind_and_columns_say(tmp_path, monkeypatch):
    paths = [tmp_path / "held.csv", tmp_path / "now.csv"]
    for seed, path in enumerate(paths):
        sides = frame(seed)
        answers = {
            side: (sides[side] > sides[side].median()).map({True: "good", False: "bad"})
            for side in ("judge", "student")
        }
        sides.assign(**answers).rename(columns={"q": "zz"}).to_csv(path, index=False)
    monkeypatch.setenv(FILES_VARIABLE, "\n".join(map(str, paths)))
    monkeypatch.setenv(KIND_VARIABLE, "binary:bad,good")
    columns = {side: {"query": "zz"} for side in ("heldout", "production")}
    monkeypatch.setenv(COLUMNS_VARIABLE, json.dumps(columns))

    app = ran(AppTest.from_file(APP, default_timeout=SECONDS))

    for side in ("heldout", "production"):
        assert app.selectbox(f"kind_{side}").value == "Pass or fail"
        assert app.text_input(f"labels_{side}").value == "bad, good"
    assert "Labels, the positive one last: bad, good" in said(app)


def one_file():
    """Both samples in one file, by a day and by a batch."""
    both = pd.concat([frame(1).assign(day="2026-01-05", batch="ship"), frame(2).assign(day="2026-03-05", batch="now")])
    return both.sample(frac=1, random_state=0)


def test_one_file_is_split_by_a_day_or_a_value_after_both_sizes_were_shown(app, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(visitor, "token", lambda: "1" * 32)
    upload(app, "heldout", one_file(), name="both.csv")

    assert app.selectbox("split_column").options == ["day", "batch"]
    assert "Held-out 60 rows, production 60 rows." in said(app)
    app.selectbox("split_column").select("batch")
    ran(app)
    app.selectbox("split_value_batch").select("now")
    ran(app)
    app.button("split_file").click()
    ran(app)

    assert "both (batch = now): 60 pairs" in said(app)
    assert "**both (batch = now)** against both (batch other than now)" in said(app)
    assert app.button("diagnose").label == ":violet[Diagnose]"
    again = AppTest.from_file(APP, default_timeout=SECONDS)
    again.query_params["investigation"] = address(app)["investigation"]
    assert "both (batch = now): 60 pairs" in said(ran(again))
    assert not again.error


def test_a_file_that_nothing_splits_is_asked_nothing(app):
    upload(app, "heldout", frame(1))

    assert "hold both?" not in said(app)
    upload(app, "production", one_file())
    assert "hold both?" not in said(app)


def test_the_app_opens_one_file_split_as_it_was_started(tmp_path, monkeypatch):
    one_file().to_csv(tmp_path / "both.csv", index=False)
    monkeypatch.setenv(FILES_VARIABLE, str(tmp_path / "both.csv"))
    monkeypatch.setenv(SPLIT_VARIABLE, "day=2026-02-01")

    app = ran(AppTest.from_file(APP, default_timeout=SECONDS))

    assert "both (before 2026-02-01): 60 pairs" in said(app)
    assert "both (from 2026-02-01): 60 pairs" in said(app)
    assert app.button("diagnose").label == ":violet[Diagnose]"


def test_a_scenario_opens_from_the_sidebar_and_its_state_is_on_the_first_page(app):
    app.button("foot_query-drift").click()
    ran(app)

    assert address(app)["scenario"] == "query-drift"
    assert "Agreement fell" in said(app)
    assert app.button("diagnose").label == ":violet[Diagnose]"


def test_every_page_opens_without_an_investigation_and_leads_to_the_samples(app):
    titles = {
        "spread": "Has agreement fallen?",
        "overlap": "Does it still promote the same pairs?",
        "regions": "Where does it disagree?",
        "verdict": "What caused it, and how sure is that?",
        "retrain": "What should be re-scored?",
    }
    for name, title in titles.items():
        page = ran(app.switch_page(f"pages/{name}.py"))

        assert page.title[0].value == title
        assert "What this is" in {each.label for each in page.expander}
        assert page.button("to_samples"), name
        assert "needs two samples" in said(page), name


def test_opening_a_scenario_where_one_is_needed_shows_the_page(app):
    page = ran(app.switch_page("pages/spread.py"))

    page.button("needed_teacher-drift").click()
    ran(page)

    assert "Where it scatters" in said(page)


def test_the_rule_is_shown_in_its_dialog(app):
    app.button("edit_rule").click()
    ran(app)

    assert app.number_input("rule_spread_confirmed").value == Rule().spread_confirmed


def odd(seed):
    """A sample whose columns nobody recognises."""
    return frame(seed).rename(columns={"q": "frage", "judge": "mark_a", "student": "mark_b"})


def mapped(samples, side, **columns):
    for role, column in ({"query": "frage", "teacher": "mark_a", "student": "mark_b"} | columns).items():
        samples.selectbox(f"column_{side}_{role}").set_value(column)
    samples.button(f"remap_{side}").click()
    return ran(samples)


def test_columns_are_asked_for_once_where_both_files_have_the_same_also_of_one_that_comes_later(app):
    upload(app, "heldout", odd(1), "h.csv")
    upload(app, "production", odd(2), "p.csv")
    assert "was not read: no column was recognised for" in warned(app)

    start = ran(mapped(ran(app.switch_page("pages/samples.py")), "heldout").switch_page("app.py"))

    assert "was not read" not in warned(start)
    assert "p.csv: 60 pairs" in said(start)

    start.button("remove_production").click()
    upload(ran(start), "production", odd(3), "later.csv")
    assert "later.csv: 60 pairs" in said(start)
    assert start.button("diagnose").label == ":violet[Diagnose]"
    assert not start.error


def test_one_of_two_files_with_the_same_columns_can_be_read_otherwise(app):
    for seed, side in enumerate(("heldout", "production")):
        upload(app, side, odd(seed).assign(mark_c=odd(seed)["mark_a"] ** 2))
    samples = mapped(ran(app.switch_page("pages/samples.py")), "heldout")
    assert samples.selectbox("column_production_1_teacher").value == "mark_a"

    samples.checkbox("both_production_1").uncheck()
    mapped(samples, "production_1", teacher="mark_c")

    assert samples.selectbox("column_production_1_teacher").value == "mark_c"
    assert samples.selectbox("column_heldout_teacher").value == "mark_a"
    assert not samples.checkbox("both_heldout_apart").value


def test_what_is_still_wrong_after_columns_were_chosen_is_said(app):
    upload(app, "heldout", odd(1), "h.csv")

    start = ran(mapped(ran(app.switch_page("pages/samples.py")), "heldout", teacher="frage").switch_page("app.py"))

    assert "no column was recognised" not in warned(start)
    assert "Column 'frage' of h.csv is named for query and teacher" in said(start)
    assert start.button("columns_heldout")


def test_no_message_speaks_of_the_command_line(app):
    upload(app, "heldout", odd(1), "h.csv")
    samples = ran(app.switch_page("pages/samples.py"))
    assert "has no column for query, teacher and student" in said(samples)
    assert "Choose under Columns below. Names that are recognised" in said(samples)
    assert "--column" not in said(samples)

    samples.button("remove_heldout").click()
    upload(ran(samples), "heldout", frame(1).assign(weight=[1.0, 2.0] * 30))
    assert "leave it unused under Columns below." in said(samples)
    assert "--column" not in said(samples)


def test_a_path_is_read_beside_an_upload_also_one_that_the_app_was_started_on(app, tmp_path, monkeypatch):
    inside, given = tmp_path / "in", tmp_path / "now.csv"
    inside.mkdir()
    for path in (given, inside / "now.csv"):
        frame(2).to_csv(path, index=False)
    monkeypatch.setenv("DISTILLATION_DRIFT_ROOTS", str(inside))
    upload(app, "heldout", frame(1), "h.csv")
    assert f"in {inside}." in app.text_input("path_production").help.replace("\\", "")

    refused = by_path(app, given)
    assert "start the app on it: distillation-drift app HELDOUT PRODUCTION opens two files" in said(refused)
    assert f"DISTILLATION_DRIFT_ROOTS=/data{os.pathsep}/logs." in said(refused)
    assert by_path(app, inside / "now.csv").button("diagnose").label == ":violet[Diagnose]"
    monkeypatch.setenv(FILES_VARIABLE, f"{tmp_path / 'held.csv'}\n{given}")
    assert intake.allowed_path(str(given)) == given


def by_path(app, path):
    if any(each.key == "remove_production" for each in app.button):
        app.button("remove_production").click()
        ran(app)
    app.text_input("path_production").set_value(str(path))
    app.button("read_production").click()
    return ran(app)


def warned(page):
    return "".join(each.value for each in page.warning).replace("\\", "")
