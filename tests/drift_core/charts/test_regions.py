from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import vl_convert

from drift_core.charts.dumbbell import OFFSET
from drift_core.charts.regions import (
    MARKS,
    MAX_ROWS,
    regions_chart,
    scores_chart,
)
from drift_core.diagnosis.regions_in_words import order_by_loss, regions_sentence, regions_table
from drift_core.diagnosis.regions_test import RegionsTest
from drift_core.samples.pairs import ScoredPairs
from tests.drift_core.charts.by_hand import UNMEASURED, region


def drawn_texts(chart):
    return vl_convert.vegalite_to_svg(chart.to_dict())


def samples_drawn(chart):
    tables = chart.to_dict()["datasets"].values()
    return sorted(row["what"] for rows in tables for row in rows if "what" in row)


def test_drifted_regions_come_first_and_then_traffic_times_fall():
    small, wide = region("small", 0, production=0.86), region("wide", 1, production=0.86, share=0.6)
    drifted = region("drifted", 2, production=0.5, share=0.05, share_of_loss=1.0)
    unknown = region("unknown", 3, fall=UNMEASURED)

    assert [each.name for each in order_by_loss([small, wide, drifted, unknown])] == [
        "drifted",
        "wide",
        "small",
        "unknown",
    ]


def test_the_chart_names_every_region_with_its_traffic_and_since_when_it_is_there():
    seen = {0: pd.Timestamp("2026-03-05")}
    chart = regions_chart(
        [region("pay, vet", 0, production=0.5, share=0.19, share_of_loss=1.0), region("login", 1)], first_seen=seen
    )

    svg = drawn_texts(chart)
    assert "pay, vet" in svg
    assert "drifted · 25% → 19% of traffic · since Mar 2026" in svg
    assert "25% → 20% of traffic<" in svg


def test_a_hostile_name_is_drawn_as_it_stands():
    svg = drawn_texts(regions_chart([region('a"], alert(1), "<b>', 0)]))
    assert "alert(1), &quot;&lt;b&gt;" in svg or 'alert(1), "&lt;b&gt;' in svg


def test_a_side_that_was_not_measured_is_left_out():
    chart = regions_chart([region("new", 0, production=0.5, share_of_loss=1.0), region("old", 1)])
    one_sided = regions_chart([replace(region("new", 0, share_of_loss=1.0), heldout=UNMEASURED), region("old", 1)])
    assert samples_drawn(chart) == ["held-out", "held-out", "production", "production, drifted"]
    assert samples_drawn(one_sided) == ["held-out", "production", "production, drifted"]


def test_only_the_regions_that_carry_most_are_drawn():
    many = [region(f"name {i:02d}", i, production=0.9 - i / 100) for i in range(MAX_ROWS + 5)]
    svg = drawn_texts(regions_chart(many))
    assert f"name {MAX_ROWS + 4:02d}" in svg
    assert "name 00" not in svg


def test_the_text_alternative_and_the_sentence_state_the_finding():
    drifted = [region("pets", 0, production=0.5, share_of_loss=0.6), region("cars", 1, share_of_loss=0.4)]
    chart = regions_chart([*drifted, region("login", 2)])
    assert chart.to_dict()["description"].startswith("2 of 3 regions drifted. pets: agreement 0.50 from 0.90")
    assert regions_sentence([*drifted, region("login", 2)]) == (
        "2 of 3 regions drifted and hold 40% of today's traffic. Most of their loss, 60%, comes from pets."
    )
    even = [region("a", 0, share_of_loss=0.4), region("b", 1, share_of_loss=0.3), region("c", 2, share_of_loss=0.3)]
    assert regions_sentence(even).endswith("The largest part of their loss, 40%, comes from a.")
    assert regions_sentence([region("login", 2)]).startswith("No region got worse")


def test_the_sentence_names_what_drifted_in_another_cut_where_this_one_hides_it():
    by_cohort = replace(region("food", 0, production=0.2, share_of_loss=1.0), partition="cohort", drifted=True)

    sentence = regions_sentence([region("recipes", 0)], elsewhere=[by_cohort])

    assert sentence == "food got worse, as told by cohort. Cut by query clusters, no region did."


def test_a_single_region_that_drifted_is_one():
    sentence = regions_sentence([region("pets", 0, production=0.5, share_of_loss=1.0), region("login", 1)])

    assert sentence == "1 of 2 regions drifted, pets. It holds 20% of today's traffic."


def test_the_result_speaks_of_the_partition_that_carries_the_loss():
    hidden = region("recipes", 0)
    by_cohort = replace(region("food", 0, production=0.2, share_of_loss=1.0), partition="cohort", drifted=True)
    clusters, cohorts = (SimpleNamespace(name=name) for name in ("query clusters", "cohort"))

    found = RegionsTest(regions=(hidden, by_cohort), partitions=(clusters, cohorts), band=None)

    assert found.leading == (by_cohort,)
    assert found.sentence.startswith("1 of 1 region drifted, food.")
    assert list(found.table["Region"]) == ["food"]


def test_the_table_says_why_nothing_could_be_measured():
    table = regions_table([region("a", 0, fall=UNMEASURED)])
    assert list(table["Region"]) == ["a"]
    assert table["Of drifted regions' loss"][0] == ""


def test_the_scores_of_a_choice_are_drawn_as_ranks_among_all_pairs():
    rng = np.random.default_rng(0)
    teacher = rng.random(50)
    sample = ScoredPairs(name="p", query=np.array(["q"] * 50, dtype=object), teacher=teacher, student=teacher**2)
    chosen = np.arange(50) < 10
    described = scores_chart(sample, chosen).to_dict()["description"]
    assert "10 pairs" in described
    assert "0% of the sample apart" in described


def test_chosen_pairs_of_drifted_regions_have_the_colour_that_they_have_on_the_map():
    n = 60
    scores = np.linspace(0, 1, n)
    sample = type("Sample", (), {"teacher": scores, "student": scores, "__len__": lambda _: n})()

    drawn = scores_chart(sample, np.ones(n, dtype=bool), drifted=np.arange(n) < 20).to_dict()

    kinds = [row["what"] for rows in drawn["datasets"].values() for row in rows if "what" in row]
    assert kinds.count("production, drifted") == 20
    assert MARKS["production, drifted"][0] in str(drawn)


def test_both_ends_of_a_region_lie_on_one_line():
    drawn = regions_chart([region("a", 0), region("b", 1, production=0.5)]).to_dict()

    offsets = {layer["mark"]["yOffset"] for layer in drawn["layer"] if "yOffset" in layer["mark"]}
    assert offsets == {OFFSET}
