import json

import pytest

from drift_core.comparison.compare import Students, compare
from drift_core.comparison.compare_files import StudentFiles, read_students
from drift_core.comparison.comparison_json import comparison_to_json
from drift_core.errors import InputError
from drift_core.judge_card.document import parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.simulation import retrained_samples
from pages.components.card import card_open
from pages.components.card.card_open import OpenCard
from pages.components.comparison import comparison_open
from tests.drift_core.comparison.two_students import frame
from tests.pages.walk import opened, ran, said


def comparison():
    return opened("comparison", scenario="")


def example():
    page = comparison()
    page.button("comparison_open_scenario").click()
    return ran(page)


def as_csv(pairs):
    return pairs.to_csv(index=False).encode()


def with_files(page, **files):
    for role, content in files.items():
        page.file_uploader(f"comparison_{role}").upload(f"{role}.csv", content, "text/csv")
    page.button("comparison_compare").click()
    return ran(page)


def test_the_page_alone_offers_the_example_and_a_form():
    page = comparison()

    assert page.title[0].value == "Did retraining help?"
    assert "No comparison is open." in said(page)
    assert not page.get("vega_lite_chart")


def test_the_example_tells_the_verdict_first_and_what_got_worse():
    page = example()

    assert page.header[0].value.replace("\\", "").startswith("Worse in surface: voice; the whole rose by 0.")
    assert "Agreement rose from 0.78" in said(page)
    assert "surface: voice" in said(page)
    assert " fresh pairs: The change is -0." in said(page)
    assert "ranker-1 → ranker-2" in said(page)
    assert len(page.get("vega_lite_chart")) == 2
    assert page.button("next_gate")
    assert said(page).count("1 region worse") == 2  # on the page and in the sidebar


def test_cost_and_latency_stand_beside_the_teachers():
    shown = [frame.value for frame in example().dataframe]

    table = next(each for each in shown if "Of the teacher's" in each)
    assert set(table["Of"]) == {"Student", "Student before", "Teacher"}


def test_query_clusters_are_regions_unasked():
    page = example()

    assert any(
        "query clusters: " in str(each.value["Part"].tolist()) for each in page.dataframe if "Part" in each.value
    )


def test_a_region_of_two_samples_is_counted_once_with_what_overlaps_it_in_a_line():
    pairs, more = frame(1800, before=0.4, after=0.4, worse=2.0), frame(1800, seed=2, before=0.4, after=0.4, worse=2.0)
    for each in (pairs, more):
        is_half = each.index // 2 % 2 == 0
        each["also"] = (is_half & (each["region"] != "a")).map({True: "half", False: "rest"})

    told = said(with_files(comparison(), frozen=as_csv(pairs), fresh=as_csv(more)))

    assert told.count("1 region worse") == 2 or "Worse: agreement fell" in told
    assert told.count("**region: c**") == 1
    assert "also: half overlaps region: c, whose pairs made it worse." in told


def test_clusters_that_cannot_be_made_are_asked_for_once(monkeypatch):
    asked = []

    def refused(*_, **__):
        asked.append(1)
        raise InputError("The encoder is not there.")

    monkeypatch.setattr(comparison_open, "query_clusters", refused)
    page = example()
    ran(page)

    assert len(asked) == 1
    assert [each.value for each in page.warning] == ["The encoder is not there\\."]


def test_ones_own_files_are_compared_and_let_go():
    pairs = frame(before=1.0, after=0.3)
    page = with_files(comparison(), frozen=as_csv(pairs), trained_on=as_csv(pairs[["query", "doc"]][:100]))

    assert "Better: agreement rose by" in said(page)
    assert "on 500 frozen pairs." in said(page)
    assert "100 pairs are left out of frozen.csv" in said(page)

    page.button("comparison_close").click()
    assert "No comparison is open." in said(ran(page))


def test_a_tail_set_is_a_part_of_its_own_and_must_be_that_of_the_open_card(monkeypatch):
    tail = as_csv(frame(300, seed=7, before=0.2, after=1.5))
    page = with_files(comparison(), frozen=as_csv(frame()), tail=tail)

    assert "Worse in the tail set" in said(page)
    assert "tail set: agreement 0." in said(page)

    text = b'tail_set: {digest: "%s"}' % (b"0" * 64)
    card = validate_card(parse_card(text, name="judges.yaml"), name="judges.yaml")
    monkeypatch.setattr(card_open, "current", lambda: OpenCard(name="judges.yaml", content=text, card=card, number=1))
    page.button("comparison_close").click()
    refused = with_files(ran(page), frozen=as_csv(frame()), tail=tail)

    assert "tail.csv is not the tail set of the judge card: its 300 pairs have digest" in said(refused)


def test_all_versions_on_the_frozen_set_come_from_the_comparisons_of_each_release():
    page = with_files(comparison(), frozen=as_csv(frame()))
    files = retrained_samples.shipped_retrained_files()
    pairs = read_students(StudentFiles(frozen=files.frozen))
    made = comparison_to_json(compare(pairs.frozen, students=Students(before="ranker-1", after="ranker-2")))

    page.file_uploader("comparison_versions").set_value([("a.json", json.dumps(made).encode(), "application/json")])
    ran(page)
    (table,) = (each.value for each in page.dataframe if "Version" in each.value)
    assert table["Version"].tolist() == ["ranker-1", "ranker-2"]

    page.file_uploader("comparison_versions").set_value([("b.json", b"{}", "application/json")])
    assert "b.json is no comparison." in said(ran(page))


def test_several_files_of_training_pairs_are_left_out_together():
    pairs = frame(before=1.0, after=0.3)
    page = comparison()
    page.file_uploader("comparison_frozen").upload("frozen.csv", as_csv(pairs), "text/csv")
    trained = [("list.csv", pairs[:100]), ("replayed.csv", pairs[200:250])]
    page.file_uploader("comparison_trained_on").set_value(
        [(name, as_csv(part[["query", "doc"]]), "text/csv") for name, part in trained]
    )
    page.button("comparison_compare").click()

    assert "150 pairs are left out of frozen.csv" in said(ran(page))
    assert "(list.csv, replayed.csv)" in said(page)


def test_the_student_before_may_be_in_a_file_of_its_own():
    pairs = frame(before=1.0, after=0.3)
    after = pairs.drop(columns="student_score_before")
    before = after.assign(student_score=pairs["student_score_before"])

    page = with_files(comparison(), fresh=as_csv(after), fresh_before=as_csv(before))

    assert "on 600 fresh pairs" in said(page)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "A comparison needs the frozen set, fresh pairs, or both; found neither."),
        ({"frozen": b"a,b\n1,2\n"}, "has no column for query"),
        ({"frozen": as_csv(frame(60).drop(columns="student_score_before"))}, "has no scores by the student before"),
    ],
)
def test_what_cannot_be_compared_is_one_message(files, message):
    page = with_files(comparison(), **files)

    (error,) = page.error
    assert message in error.value.replace("\\", "")
    assert "No comparison is open." in said(page)


def test_texts_of_a_file_never_become_markup():
    pairs = frame(before=1.0, after=0.3, worse=2.5)
    pairs["region"] = pairs["region"].replace("c", "**:red[c]**")

    page = with_files(comparison(), frozen=as_csv(pairs))

    assert any(r"\*\*\:red\[c\]\*\*" in each.value for each in page.markdown)


def test_the_gate_takes_the_open_comparison():
    page = example()
    gate = opened("gate", scenario="", history="canary")
    assert "No comparison with the student before is open" in said(gate)

    for key in ("kept_comparison",):
        gate.session_state[key] = page.session_state[key]
    ran(gate)

    assert "Before and after, surface: voice, fresh pairs" in said(gate)
    assert "--comparison comparison.json" in gate.code[0].value


def test_students_without_a_name_are_named_on_the_page():
    page = with_files(comparison(), frozen=as_csv(frame(60)))
    assert "The gate needs the names of both students" in said(page)

    before, after = (each for each in page.text_input if each.label in ("Student before", "Student after"))
    before.set_value("ranker-1")
    after.set_value("ranker-2")
    page.button("comparison_name").click()

    assert "ranker-1 → ranker-2" in said(ran(page))
    assert "The gate needs the names of both students" not in said(page)
