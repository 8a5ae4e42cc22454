"""What a server does once for all visitors, and what it keeps for one."""

import gc
import time
import weakref

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

from drift_core.regions.encoding import HASHING_ENCODER
from pages.components.session import cached

SECONDS = 60


class Ring:
    def __init__(self):
        self.own = self


def test_what_is_imported_is_left_out_of_the_collection_after_every_run():
    gc.unfreeze()
    cached._warm_up_once.clear()
    ring = weakref.ref(Ring())

    cached.warm_up_server(HASHING_ENCODER)

    deadline = time.monotonic() + SECONDS
    while not gc.get_freeze_count() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gc.get_freeze_count() > len(gc.get_objects())
    assert ring() is None  # what is garbage is not kept for good


def drawn_of(scores, *, colour):
    st.session_state["n_drawn"] = st.session_state.get("n_drawn", 0) + 1
    return alt.Chart(pd.DataFrame({"x": scores})).mark_point(color=colour).encode(x="x:Q")


def page_of_a_chart():
    import numpy as np
    import pandas as pd
    import streamlit as st

    from drift_core import read_pairs
    from pages.components.frame import results
    from pages.components.session import cached
    from tests.pages.test_cached import drawn_of, of_sample

    scores = np.arange(20.0)
    scores[3] = st.session_state.get("third", 3.0)
    results.chart(cached.drawn(drawn_of, scores, colour=st.session_state.get("colour", "red")))
    pairs = {"query": ["q"] * 20, "doc": list("abcdefghijklmnopqrst"), "teacher_score": scores, "student_score": scores}
    results.chart(cached.drawn(of_sample, read_pairs(pd.DataFrame(pairs), name="sample")))


def of_sample(sample):
    return drawn_of(sample.teacher, colour="blue")


def test_a_chart_is_drawn_once_until_what_it_shows_is_another():
    page = AppTest.from_function(page_of_a_chart)
    seen = []
    for third, colour in ((3.0, "red"), (3.0, "green"), (9.0, "green"), (3.0, "red")):
        page.session_state["third"], page.session_state["colour"] = third, colour
        page.run(timeout=60)
        assert not page.exception
        seen.append((page.session_state["n_drawn"], [each.proto.spec for each in page.get("vega_lite_chart")]))

    # Another colour draws one anew, another score both; what was there before is there again.
    assert [n for n, _ in seen] == [2, 3, 5, 5]
    assert seen[0][1] == seen[3][1] != seen[1][1]
