from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.events import find_events
from drift_core.canary.named_regions import followed_regions
from drift_core.diagnosis.diagnose import diagnose
from drift_core.gate.critical_slices import regions_by_name
from drift_core.gate.release import read_gate
from drift_core.history.history import open_history
from drift_core.history.name_region import forget_region, name_region, rename_region
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import scores_of
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.regions.named_region import DRAWN, NamedRegion
from drift_core.regions.picking import Picked, with_words
from drift_core.regions.region_rule import fit_rule
from drift_core.samples.reading import read_pairs
from tests.drift_core.canary.runs_by_hand import MONDAY
from tests.drift_core.history.named_weeks import MARK, WHO, begun, diagnosed, drawn_in, recorded
from tests.sweeps import sweep

WEEK = timedelta(weeks=1)


def figure_of(week, name="express orders"):
    return next((each for each in week.run.regions if (each.partition, each.name) == (DRAWN, name)), None)


def pooled_of(week, name="express orders"):
    return next((each for each in week.regions if (each.partition, each.name) == (DRAWN, name)), None)


def test_a_named_region_that_falls_in_the_next_week_alarms_and_the_gate_blocks(tmp_path):
    place, first = begun(tmp_path)

    second = recorded(place, diagnosed(2, has_fallen=True), 1)

    assert first.week.status == "quiet"
    assert second.week.status == "alarm"
    assert pooled_of(second.week).is_alarm
    assert "The student errs more on express orders (drawn by hand" in " ".join(second.week.reasons)
    found = read_gate(place, now=MONDAY + WEEK)
    assert found.status == "blocked"
    assert "express orders" in " ".join(reason.sentence for reason in found.reasons)
    assert [each.partition for each in regions_by_name(second.week.run)[(DRAWN, "express orders")]] == [DRAWN]


def test_a_named_region_that_holds_is_measured_and_quiet(tmp_path):
    place, _ = begun(tmp_path)
    made = diagnosed(3)

    second = recorded(place, made, 1)

    figure = figure_of(second.week)
    inside = with_words(made.production, MARK)
    expected = agreement(scores_of(made.heldout, made.production)[1].take(inside))
    assert second.week.status == "quiet"
    assert figure.n_pairs == int(inside.sum())
    assert figure.agreement.estimate == pytest.approx(expected.estimate)
    assert not pooled_of(second.week).is_alarm


def test_the_sample_that_it_was_drawn_in_says_nothing_of_it_whenever_it_is_recorded(tmp_path):
    place, made = tmp_path / "canary.db", diagnosed(2, has_fallen=True)
    recorded(place, diagnosed(1), 0)
    with open_history(place) as history:
        name_region(history, drawn_in(made), **WHO)

    week = recorded(place, made, 1).week

    assert figure_of(week) is None
    assert pooled_of(week) is None


def read_again(sample, *, rows=slice(None), slices=()):
    names = ("query", "teacher", "student", "query_id")
    frame = pd.DataFrame({name: getattr(sample, name) for name in names}).assign(surface=[*"ab"] * (len(sample) // 2))
    return read_pairs(frame.iloc[rows], slices=slices, name=sample.name)


@pytest.mark.parametrize(
    "how",
    sweep(
        [
            {"slices": ("surface",)},
            {"rows": slice(0, -1)},
            {"rows": slice(0, 60)},
            {"rows": slice(1, None), "slices": None},
        ],
        {"slices": ("surface",)},
        {"rows": slice(0, 60)},
    ),
)
def test_the_sample_that_it_was_drawn_in_is_known_by_its_rows_whatever_is_read_of_it(tmp_path, how):
    place, made = tmp_path / "canary.db", diagnosed(2, has_fallen=True)
    recorded(place, diagnosed(1), 0)
    with open_history(place) as history:
        name_region(history, replace(drawn_in(made), chosen_rows=made.production.row_sketch), **WHO)
    sides = read_again(made.heldout, slices=how.get("slices", ())), read_again(made.production, **how)
    again = diagnose(*sides, settings=made.settings, embeddings=embed_queries(*sides, encoder=load_encoder("hashing")))
    assert again.production.digest != made.production.digest

    second = recorded(place, again, 1)
    third = recorded(place, diagnosed(3), 2)

    assert figure_of(second.week) is None
    assert any("not measured this week: it was drawn in this sample" in each for each in second.recorded.notes)
    assert figure_of(third.week) is not None


def test_a_region_called_otherwise_keeps_its_weeks_and_one_forgotten_is_measured_no_longer(tmp_path):
    place, _ = begun(tmp_path)
    recorded(place, diagnosed(3), 1)
    with open_history(place) as history:
        rename_region(history, "express orders", "express", **WHO)

    third = recorded(place, diagnosed(4), 2)
    with open_history(place) as history:
        forget_region(history, "express", **WHO)
        assert followed_regions(history.decisions()) == ()
    fourth = recorded(place, diagnosed(5), 3)

    assert [figure_of(week, "express") is not None for week in third.weeks] == [False, True, True]
    assert {figure_of(week) for week in third.weeks} == {None}
    assert figure_of(fourth.week, "express") is None
    with open_history(place) as history:
        events = [each.label for each in find_events(history.runs(), history.decisions())]
    assert f"Region express orders named by Ada: {WHO['reason']}" in events
    assert f"Region express followed no longer by Ada: {WHO['reason']}" in events


def test_a_region_that_another_encoder_cannot_place_is_left_out_with_a_note(tmp_path):
    place, made = tmp_path / "canary.db", diagnosed(1)
    recorded(place, made, 0)
    other = NamedRegion(name="elsewhere", centroid="AAEC", reach=0.5, encoder="another")
    with open_history(place) as history:
        name_region(history, other, **WHO)

    second = recorded(place, diagnosed(3), 1)

    note = "The region elsewhere is not measured this week: it was named with the encoder another"
    assert any(each.startswith(note) for each in second.recorded.notes)
    assert figure_of(second.week, "elsewhere") is None


def test_regions_go_on_when_another_library_runs_the_weights_of_the_encoder(tmp_path):
    place, (before, after) = tmp_path / "canary.db", (diagnosed(1), diagnosed(3))
    before, after = (
        replace(made, embeddings=replace(made.embeddings, encoder=f"m@0123456789ab:{what}"))
        for made, what in ((before, "float32"), (after, "onnx"))
    )
    picked = Picked(heldout=with_words(before.heldout, "battery"), production=with_words(before.production, "battery"))
    sides = {"heldout": before.heldout, "production": before.production, "embeddings": before.embeddings}
    first = recorded(place, before, 0)
    with open_history(place) as history:
        name_region(history, fit_rule("flat phones", picked, is_by_place=True, **sides), **WHO)

    second = recorded(place, after, 1)

    assert not [each for each in second.recorded.notes if "not measured" in each]
    assert figure_of(second.week, "flat phones").n_pairs > 0
    assert second.week.run.region_space == first.week.run.region_space
    assert (second.week.status, second.week.baseline) == ("quiet", first.week.baseline)


def test_a_region_called_otherwise_is_first_seen_when_it_was(tmp_path):
    place, _ = begun(tmp_path)
    recorded(place, diagnosed(3), 1)
    with open_history(place) as history:
        rename_region(history, "express orders", "express", **WHO)

    third = recorded(place, diagnosed(4), 2)

    assert figure_of(third.week, "express").since == f"{MONDAY + WEEK:%Y-%m-%d}"


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_rule_named_again_keeps_the_sample_that_it_was_drawn_in_first(tmp_path, is_forgotten):
    place, made = tmp_path / "canary.db", diagnosed(2, has_fallen=True)
    recorded(place, diagnosed(1), 0)
    first, later = drawn_in(made), drawn_in(diagnosed(3), name="express")
    assert (first.id, first.chosen_in) != (later.id, later.chosen_in)
    with open_history(place) as history:
        name_region(history, first, **WHO)
        if is_forgotten:
            forget_region(history, first.name, **WHO)
        name_region(history, later, **WHO)

    week = recorded(place, made, 1).week

    assert figure_of(week, "express") is None


@pytest.mark.parametrize("seed", sweep(range(4), 0))
def test_the_worst_place_of_a_week_does_not_alarm_later_while_nothing_drifts(tmp_path, seed):
    """Whoever names the cluster that looks worst by chance chose by luck, which the next weeks do not share.

    At 1 % of years for all regions together, four histories of two weeks alarm with a chance of less than 0.4 %.
    """
    place, made = tmp_path / "canary.db", diagnosed(20 + 10 * seed)
    clusters = made.regions.partitions[0]
    scores = scores_of(made.heldout, made.production)[1]
    levels = [agreement(scores.take(clusters.production == each)).estimate for each in range(clusters.n_regions)]
    worst = int(np.argmin(levels))
    picked = Picked(heldout=clusters.heldout == worst, production=clusters.production == worst)
    sides = {"heldout": made.heldout, "production": made.production, "embeddings": made.embeddings}
    recorded(place, made, 0)
    with open_history(place) as history:
        name_region(history, fit_rule("worst", picked, is_by_place=True, **sides), **WHO)

    weeks = [recorded(place, diagnosed(20 + 10 * seed + number), number).week for number in (1, 2)]

    assert [figure_of(week, "worst") is not None for week in weeks] == [True, True]
    assert [week.status for week in weeks] == ["quiet", "quiet"]
