"""The kind of score is shown where files come in, and one choice there holds for both files."""

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.pages.uploads import APP, samples_page, upload
from tests.pages.walk import SECONDS, ran, said


def graded(values, n=60):
    return pd.DataFrame(
        {
            "query": [f"question {i % 30}" for i in range(n)],
            "doc": [f"doc {i}" for i in range(n)],
            "teacher": [values[i % len(values)] for i in range(n)],
            "student": [values[(i + i // 7) % len(values)] for i in range(n)],
        }
    )


def test_an_unclear_kind_is_asked_once_and_the_choice_holds_for_the_next_file():
    samples = samples_page()
    upload(samples, "heldout", graded(["A", "B"]))
    assert "Are they grades, or which of two answers is better?" in samples.error[0].value.replace("\\", "")
    assert "--kind" not in said(samples)

    samples.selectbox("kind_heldout").set_value("A or B")
    samples.button("take_kind_heldout").click()
    ran(samples)
    upload(samples, "production", graded(["A", "B", "B"]))

    assert not samples.error
    assert samples.selectbox("kind_production").value == "A or B"
    assert "60 held-out pairs against 60 production pairs" in said(samples)


def test_words_in_place_of_scores_are_told_without_options_of_the_command_line():
    named = graded(["judge-large"]).assign(student=[f"model {i}" for i in range(60)])

    told = said(upload(samples_page(), "heldout", named))

    assert "two labels beside a probability need the kind probability and their names." in told
    assert "--" not in told


def test_an_order_of_grades_is_typed_on_the_start_page():
    start = ran(AppTest.from_file(APP, default_timeout=SECONDS))
    upload(start, "heldout", graded(["low", "middling", "top"]))
    upload(start, "production", graded(["top", "low", "middling"]))

    start.selectbox("kind_heldout").set_value("Grades")
    start.text_input("labels_heldout").set_value("low, middling, top")
    start.button("take_kind_heldout").click()
    ran(start)

    assert not start.error
    assert "Labels, the lowest first: low, middling, top" in said(start)


def test_files_of_different_kinds_are_refused_with_both():
    samples = samples_page()
    upload(samples, "heldout", graded(["yes", "no"]))
    upload(samples, "production", graded(["refund", "delivery", "other"]))

    assert "hold different scores" in samples.error[0].value


def test_labels_are_measured_on_the_spread_page():
    samples = samples_page()
    upload(samples, "heldout", graded(["fail", "pass", "pass"]))
    upload(samples, "production", graded(["pass", "fail", "fail", "pass"]))

    spread = ran(samples.switch_page("pages/spread.py"))

    assert "Student and teacher give different labels to" in said(spread)
    assert "Where it scatters" not in said(spread)
    figures = spread.table[0].value
    assert figures.index.tolist() == ["Different labels", "Kappa", "Gwet's coefficient"]
    assert set(spread.dataframe[1].value["Teacher"]) == {"fail", "pass"}
