"""What an address says that nobody can use: every page says so, shows no fault of the program, and goes on."""

from dataclasses import fields

import pytest
from streamlit.testing.v1 import AppTest

from drift_core.agreement.rule import Rule
from pages.components.session.address import CHOICES, RANGES, View, address_of, read_address
from scripts.running_app import BESIDE_THE_STEPS
from scripts.running_app import PAGES as STEPS
from tests.pages.uploads import APP
from tests.pages.walk import PAGES, SECONDS, address, opened, ran, said
from tests.sweeps import sweep

ADDRESSES = {**STEPS, **BESIDE_THE_STEPS}
FOR_ALL = ("start", "regions", "canary", "card")  # with samples and without
ANYTHING = "~nonsense~"
# One value that cannot be used of every setting that a page can tell before it knows the samples.
UNUSABLE = {
    "scenario": ANYTHING,
    "k": "0",
    "n_clusters": "61",
    "heldout_on_map": ANYTHING,
    "todays_teacher": ANYTHING,
    "textbook": ANYTHING,
    "map_engine": ANYTHING,
    "threshold": "1e400",
    "seed": "-1",
    "max_rows": "1",
    "max_megabytes": "0",
    "list_size": "-1",
    "list_floor": "many",
    "list_weight": "11",
    "list_seed": "1e3",
    "list_price": "nan",
    "cost_by": ANYTHING,
    "cost_pair": "-0.1",
    "cost_million": "1e9",
    "cost_tokens": "0.5",
    "cost_student": "inf",
    "cost_calls": "1000000000",
    "cost_canary": "",
    "cost_retrain": "a few",
    "cost_drifted": "101",
    "history": ANYTHING,
    "screen": "7",
    "rule": "alpha:high",
    "no_such_setting": "1",
}
# Of these, only the page that reads them can tell.
BY_THE_SAMPLES = {
    "regions": {"partition": ANYTHING, "region": "999", "colour": ANYTHING},
    "retrain": {"partition": ANYTHING, "list_size": "999999", "list_floor": "999998"},
    "overlap": {"k": "999999"},
    "spread": {"threshold": "12345"},
    "verdict": {"tab": ANYTHING},
}
RULES = {
    "no_such_number:1": "The rule has no number 'no_such_number'",
    "k:5": "The rule has no number 'k'",
    "alpha:high": "The rule's alpha must be a number; found 'high'",
    "alpha": "The rule's alpha must be a number; found ''",
    "alpha:2": "The rule's alpha must be a number in (0, 1)",
    "few_queries:0": "The rule's few_queries must be a whole number from 1 up",
    "spread_suspect:0.5": "must not be above its spread_confirmed",
}


@pytest.mark.parametrize("threshold", ["inf", "-inf", "nan", "1e400", "-1e400", "1e101", "-1e101"])
def test_a_threshold_that_no_score_can_reach_is_left_out(threshold):
    read = read_address({"threshold": threshold})

    assert read.settings == View()
    assert read.faults == (
        f"The address says threshold={threshold}. Expected: a number. It is left out: choose on the page, or correct "
        "the address.",
    )


def test_every_setting_of_an_address_is_tried():
    tried = {*UNUSABLE, *(name for each in BY_THE_SAMPLES.values() for name in each)}

    assert tried == {field.name for field in fields(View)} | {"no_such_setting"}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_value_that_cannot_be_used_is_left_out_and_told(name):
    read = read_address({"k": "25", "scenario": "healthy"} | {name: UNUSABLE[name]})

    [fault] = read.faults
    assert fault.startswith(f"The address says {name}={UNUSABLE[name]}. ")
    assert fault.endswith("It is left out: choose on the page, or correct the address.")
    assert name not in address_of(read.settings)
    assert {"k": "25", "scenario": "healthy"}.items() - {(name, "25"), (name, "healthy")} <= address_of(
        read.settings
    ).items()


@pytest.mark.parametrize("text", RULES)
def test_a_rule_that_cannot_be_used_is_left_out_whole_and_told(text):
    read = read_address({"rule": f"confidence:0.9,{text}"})

    [fault] = read.faults
    assert RULES[text] in fault
    assert read.settings == View()


def test_what_an_address_may_say_is_read_back_as_it_was_written():
    for name, allowed in RANGES.items():
        default = getattr(View(), name)
        for value in (allowed.low, allowed.high):
            settings = View(**{name: f"{value}" if isinstance(default, str) else value})
            assert read_address(address_of(settings)).settings == settings
    for name, choices in CHOICES.items():
        for choice in choices:
            assert getattr(read_address({name: choice}).settings, name) == choice
    ruled = View(rule="alpha:0.1,few_queries:40", heldout_on_map=True, k=Rule().k + 1)
    assert read_address(address_of(ruled)).settings == ruled


@pytest.mark.parametrize("name", sweep(ADDRESSES, *FOR_ALL))
def test_every_page_tells_each_value_that_it_cannot_use_once_and_goes_on(name):
    """All of them at once, over an open scenario: any that slips through meets the page's own fields."""
    given = {key: value for key, value in UNUSABLE.items() if key != "scenario"}

    page = opened("../app" if name == "start" else name, **given)

    told = said(page)
    assert [key for key, value in given.items() if f"The address says {key}={value}." not in told] == []
    assert not set(address(page)) & set(given)
    assert "The address says" not in said(ran(page))


@pytest.mark.parametrize("name", sweep(ADDRESSES, *FOR_ALL))
def test_every_page_tells_a_scenario_that_there_is_not(name):
    page = opened("../app" if name == "start" else name, scenario="query-drfit")

    assert "The address says scenario=query-drfit. Expected: healthy, query-drift, " in said(page)
    assert "scenario" not in address(page)


@pytest.mark.parametrize("name", BY_THE_SAMPLES)
def test_a_page_tells_what_the_open_samples_do_not_have(name):
    page = opened(name, **BY_THE_SAMPLES[name])

    told = said(page)
    for key in BY_THE_SAMPLES[name]:
        assert f"What is open has no {key.replace('_', ' ')} " in told or f"so {key.replace('_', ' ')} is not" in told
    again = ran(page)
    assert "What is open" not in said(again)
    assert not {*BY_THE_SAMPLES[name].values()} & {*address(again).values()}


def test_every_page_has_an_address():
    off_the_list = {"present"}  # reached from the verdict alone
    assert {"start", *(path.stem for path in PAGES.glob("[!_]*.py"))} == set(ADDRESSES) | off_the_list


def test_what_the_map_shows_stands_in_the_address_of_its_own_page_and_is_there_again():
    app = AppTest.from_file(APP, default_timeout=SECONDS)
    for name, value in {"scenario": "query-drift", "k": "25"}.items():
        app.query_params[name] = value
    page = ran(ran(app).switch_page("pages/regions.py"))
    page.toggle("field_heldout_on_map_main").set_value(True)
    assert address(ran(page))["heldout_on_map"] == "True"

    verdict = ran(page.switch_page("pages/verdict.py"))
    assert address(verdict).keys() == {"scenario", "k"}
    again = ran(verdict.switch_page("pages/regions.py"))
    assert again.toggle("field_heldout_on_map_main").value


def changed_rule():
    import streamlit as st

    from pages.components.session import session

    session.start("start")
    session.change_rule(spread_confirmed=0.2)
    st.write(session.rule().spread_confirmed)
    try:
        session.change_rule(spread_suspect=0.5)
    except ValueError as error:
        st.write(str(error))
    session.start("start")


def test_a_changed_rule_stays_in_the_address_and_one_that_contradicts_itself_is_refused():
    page = ran(AppTest.from_function(changed_rule))

    assert page.markdown[0].value == "`0.2`"
    assert "must not be above" in page.markdown[1].value
    assert address(page)["rule"] == "spread_confirmed:0.2"


def followed_a_link(of):
    """Settings of the verdict once a price was typed in a fragment of the list and a link drawn before was followed."""

    def script(of):
        import streamlit as st

        from pages.components.session import session

        session.start("retrain")
        drawn = session.address("verdict")
        session.change(list_price=5.0)
        session.write_address()
        st.query_params.from_dict(drawn | of)
        session.start("verdict")
        st.text(f"{session.view().list_price:g} {session.view().k} {session.address('retrain').get('list_price')}")

    page = AppTest.from_function(script, default_timeout=SECONDS, kwargs={"of": of})
    page.query_params["k"] = "30"
    return ran(page).text[0].value


def test_what_was_typed_in_a_part_of_a_page_stays_where_a_link_was_drawn_before():
    assert followed_a_link({}) == "5 30 5.0"


def test_another_address_than_that_of_a_link_is_taken_over():
    assert followed_a_link({"k": "40"}) == "0 40 None"
