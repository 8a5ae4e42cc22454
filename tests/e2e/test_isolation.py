"""Many visitors of one server at the same time: nobody is sent anything of another, and every chart holds its data."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import numpy as np
import pandas as pd
import pytest
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart

from scripts.running_app import PAGES
from tests.e2e.wire import WireVisitor, charts_of, is_blank, wire_visitor

MARKER = re.compile(rb"zq\d{4}x")
TOPICS = ("refund order", "broken screen", "late parcel", "gift card", "invoice copy", "new tariff")
PRICES = "cost_pair=0.01&cost_calls=100000"
# Charts of one visitor on each page that has any; the map is no Vega-Lite chart.
CHARTS = {
    "start": 1,
    "samples": 2,
    "spread": 4,
    "overlap": 1,
    "regions": 1,
    "verdict": 1,
    "retrain": 1,
    "comparison": 2,
    "canary": 2,
    "costs": 1,
}
N_PAIRS = 80


def marked_sample(marker: str, seed: int, *, is_new: bool = False) -> bytes:
    """A sample whose every text holds the marker; a production sample has a topic that held-out lacks."""
    rng = np.random.default_rng(seed)
    n_topics = len(TOPICS) if is_new else len(TOPICS) - 1
    topic = rng.integers(n_topics, size=N_PAIRS)
    teacher = rng.uniform(size=N_PAIRS).round(3)
    noise = np.where(is_new & (topic > 2), 0.6, 0.05)
    words = [[f"{word}{marker}" for word in TOPICS[each].split()] for each in topic]
    return (
        pd.DataFrame(
            {
                "query": [f"{' '.join(pair)} {i // 4}{marker}" for i, pair in enumerate(words)],
                "doc": [f"answer{marker} {i} {pair[0]}" for i, pair in enumerate(words)],
                "pair_id": [f"{marker}-{i}" for i in range(N_PAIRS)],
                "teacher_score": teacher,
                "student_score": (teacher + rng.normal(size=N_PAIRS) * noise).round(3),
                "student_score_before": (teacher + rng.normal(scale=0.3, size=N_PAIRS)).round(3),
                f"team{marker}": [f"{'red' if each % 2 else 'blue'}{marker}" for each in topic],
            }
        )
        .to_csv(index=False)
        .encode()
    )


def bring(visitor: WireVisitor, marker: str, seed: int) -> None:
    """Bring samples of their own, the same as a comparison of two students, weeks of the canary and a judge card."""
    held, fresh = marked_sample(marker, seed), marked_sample(marker, seed + 1, is_new=True)
    compared = {"comparison_frozen": (f"frozen-{marker}.csv", held), "comparison_fresh": (f"fresh-{marker}.csv", fresh)}
    visitor.open("samples", PRICES)
    visitor.upload("samples", {"upload_heldout": (f"heldout-{marker}.csv", held)})
    visitor.upload("samples", {"upload_production": (f"production-{marker}.csv", fresh)})
    visitor.open("comparison")
    visitor.upload("comparison", compared, then_press="comparison_compare")
    rows = "".join(f"2026-05-{day},newer-{marker},200,0.83\n" for day in (16, 23, 30))
    weeks = f"at,teacher_revision,n_pairs,agreement\n{rows}".encode()
    visitor.open("canary")
    visitor.press("canary", "canary_begin")
    visitor.upload("canary", {"canary_import": (f"weeks-{marker}.csv", weeks)}, then_press="canary_import_now")
    assert marker in str(visitor.elements)
    visitor.open("card")
    visitor.upload("card", {"card_upload": (f"card-{marker}.yaml", f"teacher: {{revision: {marker}}}\n".encode())})
    assert f"trained against {marker}" in str(visitor.open("gate"))


def faults_of(visitor: WireVisitor, name: str) -> list[str]:
    elements = visitor.open(name)
    charts = charts_of(elements)
    visitor.fetch()
    lacking = CHARTS.get(name, 0) - len(charts)
    return [
        *(f"{name}: {each.exception.type}" for each in elements if each.HasField("exception")),
        *(f"{name}: {each.alert.body}" for each in elements if each.HasField("alert") and each.alert.format == 1),
        *(f"{name}: a blank chart" for chart in charts if is_blank(chart)),
        *([f"{name}: {lacking} charts too few"] if lacking > 0 else []),
    ]


def foreign(received: list[bytes], marker: str) -> list[str]:
    """Markers of others in what a visitor was sent; a visitor who was sent none of their own is a fault, too."""
    found = {each.decode() for frame in received for each in MARKER.findall(frame)}
    return [f"foreign marker {each}" for each in sorted(found - {marker})] + (
        ["own marker absent"] * (marker not in found)
    )


def visit_together(address: str, n_visitors: int, *, n_rounds: int) -> list[str]:
    """Everything that is wrong in what so many visitors were sent, who see every page at the same time each round."""
    together = Barrier(n_visitors)

    def visit(number: int) -> list[str]:
        marker, faults = f"zq{number:04d}x", []
        try:
            with wire_visitor(address) as visitor:
                bring(visitor, marker, 2 * number)
                for turn in range(n_rounds):
                    together.wait()
                    found = [fault for name in PAGES for fault in faults_of(visitor, name)]
                    found += foreign(visitor.received, marker)
                    visitor.received.clear()
                    faults += [f"round {turn + 1}, visitor {marker}: {fault}" for fault in found]
        except BrokenBarrierError:
            return []  # who broke it says why
        except BaseException:
            together.abort()  # nobody waits for who does not come
            raise
        return faults

    with ThreadPoolExecutor(n_visitors) as pool:
        return [fault for faults in pool.map(visit, range(n_visitors)) for fault in faults]


def test_two_visitors_at_once_are_sent_their_own_data_alone(quick_app: str) -> None:
    assert visit_together(quick_app, 2, n_rounds=1) == []


@pytest.mark.slow
def test_twenty_visitors_at_once_are_sent_their_own_data_alone(quick_app: str) -> None:
    assert visit_together(quick_app, 20, n_rounds=10) == []


def held(*names: str) -> VegaLiteChart:
    chart = VegaLiteChart(spec='{"layer": [{"data": {"name": "a"}}, {"data": {"name": "b"}}]}')
    for name in names:
        chart.datasets.add(name=name, has_name=True).data.data = b"rows"
    return chart


def test_a_chart_that_lacks_its_data_and_a_marker_of_another_are_found() -> None:
    assert is_blank(VegaLiteChart(spec='{"mark": "bar"}'))
    assert is_blank(held("a"))
    assert not is_blank(held("a", "b"))
    assert foreign([b"..zq0001x..zq0002x"], "zq0001x") == ["foreign marker zq0002x"]
    assert foreign([b"nothing"], "zq0001x") == ["own marker absent"]
