"""What was open beside no investigation finds its own after a restart, and students on one held-out have their own."""

import pytest
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from pages.components.session import visitor
from tests.pages.test_history_owner import in_the_sidebar, with_card
from tests.pages.test_recent import OWNER, keys
from tests.pages.uploads import both_samples, frame, samples_page, upload
from tests.pages.walk import PAGES, SECONDS, address, opened, ran


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(visitor, "token", lambda: OWNER)


def after_a_restart(samples):
    """The judge card's page in a new session that goes straight to the investigation of these samples."""
    clear_session_resource_cache("test session id")
    return opened("card", scenario="", investigation=address(samples)["investigation"])


def test_a_card_that_was_open_beside_nothing_comes_straight_into_ones_only_investigation_after_a_restart():
    samples = both_samples(samples_page())
    with_card(ran(AppTest.from_file(PAGES / "card.py", default_timeout=SECONDS)))

    assert "With it: mine.yaml" in in_the_sidebar(after_a_restart(samples))
    assert "With it: mine.yaml" in in_the_sidebar(after_a_restart(samples))


def test_a_card_that_was_open_beside_nothing_is_offered_where_it_may_be_of_another_investigation():
    other = both_samples(samples_page())
    other.button("remove_production").click()
    upload(ran(other), "production", frame(3))
    samples = upload(upload(samples_page(), "heldout", frame(4)), "production", frame(5))
    with_card(ran(AppTest.from_file(PAGES / "card.py", default_timeout=SECONDS)))

    page = after_a_restart(samples)

    assert "mine.yaml" not in in_the_sidebar(page)
    assert keys(page, "reopen_card-")
    assert "mine.yaml" not in in_the_sidebar(opened("card"))  # nor into an example


def test_a_loose_card_takes_not_the_place_of_the_one_that_an_investigation_was_left_with():
    tab = ran(AppTest.from_file(PAGES / "card.py", default_timeout=SECONDS))
    samples = both_samples(samples_page())
    with_card(ran(samples.switch_page("pages/card.py")), b"owner: Ada\n")
    with_card(tab)

    page = after_a_restart(samples)

    assert "Ada" in page.code[0].value


def test_two_students_on_one_held_out_share_no_card():
    page = with_card(ran(both_samples(samples_page()).switch_page("pages/card.py")))
    assert "With it: mine.yaml" in in_the_sidebar(page)
    retrained = frame(1).assign(student=frame(1)["student"][::-1].to_numpy())

    other = upload(upload(samples_page(), "heldout", retrained), "production", frame(2))

    assert "mine.yaml" not in in_the_sidebar(ran(other.switch_page("pages/card.py")))
