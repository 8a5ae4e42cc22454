from types import SimpleNamespace

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.agreement.top_k import TopKTest
from drift_core.report.textbook_reading import read_by_textbook
from tests.drift_core.charts.by_hand import measured, region


def diagnosis(
    *, spread=0.12, reading="fell", overlap=0.9, normal_low=0.6, overlap_reading="held", regions=(), **changes
):
    rule = Rule()
    parts = {
        "spread": SimpleNamespace(
            is_ranked=True,
            is_answered=False,
            heldout=measured(0.9),
            production=measured(0.9 - spread),
            spread=measured(spread, 0.05),
            band=rule.spread_band(spread),
            reading=reading,
        ),
        "top_k": TopKTest(
            k=10,
            overlap=measured(overlap),
            band=rule.overlap_band(overlap),
            reading=overlap_reading,
            normal_low=normal_low,
            normal_middle=0.65,
            normal_high=0.7,
            chance=0.1,
            n_tied=1,
        ),
        "regions": SimpleNamespace(
            regions=regions,
            partitions=(SimpleNamespace(name="query clusters", production=np.zeros(4, dtype=int)),),
            drifted=tuple(each for each in regions if each.drifted),
        ),
        "settings": SimpleNamespace(rule=rule),
        "verdict": SimpleNamespace(cause="inconclusive"),
        "cause_in_words": "inconclusive",
    }
    return SimpleNamespace(**(parts | changes))


def reasons(reading):
    return {line.number.split(",")[0]: line.why_else for line in reading.lines}


def test_some_clusters_below_the_floor_read_as_query_drift_and_all_of_them_as_teacher_drift():
    low, fine = region("low", 0, production=0.5, band="confirmed"), region("fine", 1)
    assert read_by_textbook(diagnosis(regions=(low, fine))).cause == "query_drift"
    assert read_by_textbook(diagnosis(regions=(low,))).cause == "teacher_drift"
    assert read_by_textbook(diagnosis(regions=(fine,))).cause == "inconclusive"


def test_a_healthy_spread_ends_the_strict_reading():
    low = region("low", 0, production=0.5, band="confirmed")
    assert read_by_textbook(diagnosis(spread=0.01, reading="held", regions=(low,))).cause == "healthy"


def test_a_small_region_is_not_counted():
    low = region("low", 0, production=0.5, band="confirmed", share=0.01)
    assert read_by_textbook(diagnosis(regions=(low, region("fine", 1)))).cause == "inconclusive"


def test_it_says_why_the_evidence_reads_a_number_otherwise():
    always_low = region("low", 0, heldout=0.62, production=0.6, band="confirmed")
    reading = read_by_textbook(diagnosis(spread=0.04, reading="cannot tell", overlap=0.65, regions=(always_low,)))
    said = reasons(reading)
    assert "chance explains it" in said["Spread"]
    assert "0.60 to 0.70 at this K: it is normal" in said["Top-10 overlap"]
    assert "It had 0.62 on held-out" in said["Lowest region"]


def test_a_low_region_that_fell_as_all_did_is_not_called_chance():
    low = region("low", 0, heldout=0.9, production=0.6, band="confirmed")
    said = reasons(read_by_textbook(diagnosis(regions=(low,), verdict=SimpleNamespace(cause="teacher_drift"))))
    assert said["Lowest region"] == "It fell as all did. It had 0.90 on held-out."


def test_a_low_region_that_another_explains_names_that_one():
    low = region("low", 0, heldout=0.9, production=0.6, band="confirmed")
    slice_ = region("mobile", 1, production=0.7, share_of_loss=1.0, partition="surface", kind="slice")
    partitions = (
        SimpleNamespace(name="query clusters", production=np.array([0, 0, 0, 1])),
        SimpleNamespace(name="surface", production=np.array([1, 1, 0, 0])),
    )
    regions = SimpleNamespace(regions=(low, slice_), partitions=partitions, drifted=(slice_,))
    made = diagnosis()
    made.regions = regions
    said = reasons(read_by_textbook(made))
    assert said["Lowest region"] == "Region mobile explains its fall. It had 0.90 on held-out."


def test_where_both_agree_nothing_is_said():
    drifted = region("low", 0, production=0.5, band="confirmed", share_of_loss=1.0)
    said = reasons(read_by_textbook(diagnosis(regions=(drifted,))))
    assert set(said.values()) == {""}


def test_an_overlap_that_held_out_itself_ranges_over_is_not_called_normal():
    [why] = [
        line.why_else
        for line in read_by_textbook(diagnosis(overlap=0.45, normal_low=0.38, overlap_reading="cannot tell")).lines
        if "Top" in line.number
    ]
    assert "cannot tell a healthy top from a bad one" in why
    assert "normal" not in why
