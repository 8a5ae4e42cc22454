from html.parser import HTMLParser

import pytest

import drift_core as dc
from tests.drift_core.small_case import small_diagnosis


class Page(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def results():
    diagnosis = small_diagnosis()
    manifest = dc.draw_manifest(diagnosis, settings=dc.ListSettings(n=50, floor=5))
    return {
        "samples": (diagnosis.production, "<i>production: 240 pairs"),
        "spread": (diagnosis.spread, diagnosis.spread.sentence),
        "overlap": (diagnosis.top_k, diagnosis.top_k.sentence),
        "regions": (diagnosis.regions, "regions"),
        "diagnosis": (diagnosis, diagnosis.verdict.summary),
        "ceiling": (diagnosis.ceiling, "one teacher score a pair"),
        "quality": (diagnosis.quality, "no human labels"),
        "manifest": (manifest, manifest.sentence),
    }


@pytest.mark.parametrize(
    "name", ["samples", "spread", "overlap", "regions", "diagnosis", "ceiling", "quality", "manifest"]
)
def test_a_result_shows_its_verdict_and_a_table_in_a_notebook(name):
    result, verdict = results()[name]

    page = Page(result._repr_html_())

    assert verdict in page.text
    assert "table" in page.tags
    assert not {"script", "b", "i"} & set(page.tags)
    assert " object at 0x" not in page.text


def test_the_tests_stand_in_order_with_band_and_evidence_in_words():
    table = small_diagnosis().tests_table

    assert table["Test"].tolist() == ["Spread", "Overlap", "Regions"]
    assert set(table["Evidence"]) <= {"fell", "held", "cannot tell"}
    assert table["Textbook band"].str.contains("healthy|suspect|confirmed|not run").all()
