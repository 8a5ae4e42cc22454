from contextlib import contextmanager
from threading import Thread

import altair as alt
import pandas as pd
import pytest

from drift_core.charts.idea import idea_picture
from drift_core.charts.specification import specified
from drift_core.charts.theme import styled
from drift_core.report.pictures import Picture, drawing

TABLE = pd.DataFrame({"word": ["mine", "mine too"], "share": [0.25, 0.75]})
OTHERS = {
    "a transformer": lambda: alt.data_transformers.enable("others"),
    "a limit of rows": lambda: alt.data_transformers.enable("default", max_rows=1),
    "a transformer that writes files": lambda: alt.data_transformers.enable("json"),
    "another engine": lambda: alt.data_transformers.enable("vegafusion"),
    "data left where it is": lambda: alt.data_transformers.enable("default", consolidate_datasets=False),
    "a theme": lambda: alt.theme.enable("dark"),
}


def chart():
    bars = alt.Chart(TABLE).mark_bar().encode(x="share:Q", y="word:N")
    rule = alt.Chart(pd.DataFrame({"share": [0.5]})).mark_rule().encode(x="share:Q")
    return styled(alt.vconcat(alt.layer(bars, rule), bars), description="Two words.")


@contextmanager
def set_by_another_thread(change, taken):
    """What another thread has set holds for the whole process, until it is put back."""

    def transform(data):
        taken.append(data)
        return {"name": "of-another"}

    before = alt.data_transformers._get_state(), alt.theme.active
    alt.data_transformers.register("others", transform)
    thread = Thread(target=change)
    thread.start()
    thread.join()
    try:
        yield
    finally:
        alt.data_transformers._set_state(before[0])
        alt.theme.enable(before[1])


def drawn_rows(specification):
    """All rows that a specification draws; a data set that it names and lacks is an error."""

    def of(part):
        data = part.get("data")
        own = [] if data is None else data["values"] if "values" in data else specification["datasets"][data["name"]]
        return own + [row for name in ("layer", "vconcat") for each in part.get(name, []) for row in of(each)]

    return of(specification)


@pytest.mark.parametrize("other", OTHERS)
def test_a_chart_holds_its_own_rows_whatever_another_thread_has_set(other, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    alone, taken = specified(chart()), []

    with set_by_another_thread(OTHERS[other], taken):
        beside = specified(chart())

    assert drawn_rows(beside) == drawn_rows(alone)
    assert {row.get("word") for row in drawn_rows(alone)} == {"mine", "mine too", None}
    assert beside.keys() == alone.keys()
    assert beside["config"] == alone["config"]
    assert taken == []
    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_the_report_is_the_same_whatever_another_thread_has_set():
    alone, taken = drawing(Picture(chart=chart(), caption="Two words"), width=300), []

    with set_by_another_thread(OTHERS["a transformer"], taken):
        beside = drawing(Picture(chart=chart(), caption="Two words"), width=300)

    assert beside == alone
    assert "mine too" in beside.svg
    assert taken == []


def test_a_specification_is_the_chart_as_altair_writes_it():
    for each in (chart(), idea_picture()):
        assert specified(each) == each.to_dict()


def test_writing_a_specification_changes_neither_the_chart_nor_what_altair_does():
    drawn, before = chart(), (alt.data_transformers._get_state(), alt.theme.active)

    specified(drawn)

    assert drawn.to_dict() == chart().to_dict()
    assert (alt.data_transformers._get_state(), alt.theme.active) == before
