import re

import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.pages.walk import PAGES, SECONDS, address, opened, ran, said


def costs(**settings):
    return opened("costs", **{"scenario": ""} | settings)


def test_nothing_is_computed_before_prices_are_entered():
    page = costs()

    assert "Enter the teacher's price and the calls a week." in said(page)
    assert not page.get("vega_lite_chart")


def test_the_costs_follow_the_prices_and_stand_in_the_address():
    page = costs(cost_pair=0.002, cost_calls=1_000_000)
    page.number_input("field_cost_student_main").set_value(0.02)
    ran(page)

    assert "The canary costs 31.20 a year: 0.030% of what the student saves." in said(page)
    assert "No drifted share is entered" in said(page)
    assert address(page)["cost_student"] == "0.02"


def test_a_price_by_tokens_is_a_price_by_pair():
    page = costs(cost_by="token", cost_million=2.5, cost_tokens=800, cost_calls=1_000_000, cost_student=0.02)

    assert "The canary costs 31.20 a year" in said(page)


def test_a_student_as_dear_as_its_teacher_saves_nothing():
    page = costs(cost_pair=0.002, cost_calls=10, cost_student=2)

    assert "so the student saves nothing." in said(page)


def test_a_typed_share_and_list_replace_what_is_open():
    page = costs(cost_pair=0.01, cost_calls=1000)
    assert page.number_input("field_cost_retrain_main").value == 5000

    page.number_input("field_cost_retrain_main").set_value(200)
    page.number_input("field_cost_drifted_main").set_value(25.0)
    ran(page)

    assert "Scoring a retrain list once costs **2.00**" in said(page)
    assert "the drifted 25% of the calls back to the teacher costs **130.00** a year more" in said(page)
    assert address(page) | {"cost_retrain": "200", "cost_drifted": "25"} == address(page)


def test_what_an_address_says_that_is_no_price_is_left_out():
    page = costs(cost_by="barrel", cost_pair="much", cost_calls=-4, cost_drifted="nan", cost_retrain="1e300")

    assert "Enter the teacher's price" in said(page)
    assert page.number_input("field_cost_retrain_main").value == 5000


def test_a_typed_nothing_stays_nothing():
    page = costs(cost_pair=0.01, cost_calls=1000, cost_drifted=20)

    page.number_input("field_cost_drifted_main").set_value(0.0)
    page.number_input("field_cost_retrain_main").set_value(0)
    ran(page)

    assert "No drifted share is entered" in said(page)
    assert address(page)["cost_retrain"] == "0"


def test_the_drifted_share_follows_the_open_investigation():
    st.cache_resource.clear()  # another test may have compared the regions of this scenario already
    app = AppTest.from_file(PAGES.parent / "app.py", default_timeout=SECONDS)
    for name, value in {
        "scenario": "query-drift",
        "n_clusters": "6",
        "cost_pair": "0.01",
        "cost_calls": "1000",
    }.items():
        app.query_params[name] = value
    ran(app)
    page = ran(app.switch_page("pages/costs.py"))
    assert page.number_input("field_cost_drifted_main").value is None
    assert "The drifted share of the calls is not known" in said(page)
    assert "fallback is needed" not in said(page)
    assert "Fallback for" not in str(page.get("vega_lite_chart")[0].proto)
    assert page.number_input("field_cost_retrain_main").value == 747
    page.number_input("field_cost_retrain_main").set_value(5000)
    ran(page)
    assert page.number_input("field_cost_retrain_main").value == 5000
    assert "has 1,495 pairs that held-out lacks; draw more for 5,000." in said(page)
    assert "Priced are 1,495, on the verdict page too." in said(page)
    assert "Scoring a retrain list once costs **14.95**" in said(page)
    assert "once its regions are compared" in said(page)

    ran(app.switch_page("pages/verdict.py"))
    page = ran(app.switch_page("pages/costs.py"))

    share = page.number_input("field_cost_drifted_main").value
    assert 5 < share < 60
    assert "Fallback for" in str(page.get("vega_lite_chart")[0].proto)
    assert f"{share:.3g}% of the production pairs lie in drifted regions" in said(page)
    fallback = re.search(r"calls back to the teacher costs \*\*([\d.,]+)\*\* a year more", said(page))[1]
    assert f"| {fallback} a year |" in said(ran(app.switch_page("pages/verdict.py")))
