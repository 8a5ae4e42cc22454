import json

import numpy as np
import pytest

from drift_core.canary.measure import canary_run
from drift_core.commands.diagnosis_in_words import describe_diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.diagnosis.drawn_region import DrawnPairs
from drift_core.errors import InputError
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import scores_of
from drift_core.options.weigh import weigh_options
from drift_core.regions.picking import Picked, with_words
from drift_core.regions.region_rule import fit_rule
from drift_core.report.pdf import pdf_content
from drift_core.report.render import render_report
from drift_core.report.story import tell_story
from drift_core.retrain_list.manifest import draw_manifest
from drift_core.retrain_list.read_diagnosis import read_drawn
from drift_core.retrain_list.sampling_frame import sampling_frame
from drift_core.retrain_list.settings import ListSettings
from tests.drift_core.canary.runs_by_hand import MONDAY
from tests.drift_core.history.named_weeks import MARK, diagnosed

NAME = "express <b>"


def drawn(*, with_rule=True):
    made = diagnosed(2, has_fallen=True)
    pairs = Picked(heldout=with_words(made.heldout, MARK), production=with_words(made.production, MARK))
    sides = {"heldout": made.heldout, "production": made.production, "embeddings": made.embeddings}
    rule = fit_rule(NAME, pairs, words=MARK, is_by_place=False, **sides) if with_rule else None
    return made.with_drawn([DrawnPairs(name=NAME, pairs=pairs, rule=rule)])


def test_a_region_drawn_by_hand_is_measured_inside_and_elsewhere_on_both_sides():
    made = drawn()
    sides = zip(scores_of(made.heldout, made.production), (made.heldout, made.production), strict=True)
    inside, elsewhere = zip(
        *(
            [agreement(scores.take(mask == part)) for part in (True, False)]
            for scores, mask in ((scores, with_words(pairs, MARK)) for scores, pairs in sides)
        ),
        strict=True,
    )

    (region,) = made.regions.drawn

    assert [region.inside.heldout, region.inside.production] == list(inside)
    assert [region.elsewhere.heldout, region.elsewhere.production] == list(elsewhere)
    assert region.inside.n_production + region.elsewhere.n_production == len(made.production)


def test_what_is_drawn_by_hand_changes_no_finding():
    before, made = diagnosed(2, has_fallen=True), drawn()

    with_it, without = diagnosis_to_json(made), diagnosis_to_json(before)

    changed = {key for key in with_it if with_it[key] != without[key]}
    assert changed == {"drawn", "regions", "partitions"}
    assert with_it["regions"][: len(without["regions"])] == without["regions"]
    assert not any(each["drifted"] for each in with_it["regions"] if each["kind"] == "drawn")
    assert made.with_drawn([]).regions.drawn == ()


def test_every_surface_tells_of_it_and_of_the_choice():
    made = drawn()
    (region,) = made.regions.drawn

    assert "not corrected for that choice, and no part of the verdict" in region.sentence
    assert f"Drawn by hand: {region.sentence}" in describe_diagnosis(made)
    report = render_report(made)
    assert "Drawn by hand: express &lt;b&gt;" in report
    assert "express <b>" not in report
    routes = weigh_options(made)
    paper = json.dumps(pdf_content(made, tell_story(made, routes=routes), routes, None))
    assert "Drawn by hand: express" in paper.replace("\\u200b", "")
    (row,) = made.regions.table.query("Flag == 'drawn by hand'").itertuples()
    assert row.Region == NAME
    assert "Drawn by hand: express &lt;b&gt;" in made._repr_html_()


def test_a_list_can_be_drawn_by_it():
    made = drawn()

    frame = sampling_frame(made, partition=f"{NAME} (drawn by hand)")
    listed = draw_manifest(made, settings=ListSettings(n=60, floor=5), frame=frame)

    regions = [quota.region for quota in listed.quotas]
    assert regions.count(NAME) == 1
    assert set(regions) > {NAME}  # beside the regions of the cut, whose pairs it takes
    assert "elsewhere" not in regions
    inside = np.array([MARK in query for query in listed.pairs["query"]])
    assert (listed.pairs["region"] == NAME).tolist() == inside.tolist()
    assert inside.any()


def test_a_week_records_no_figure_of_the_sample_that_it_was_drawn_in():
    made = drawn()

    run = canary_run(made, at=MONDAY, recorded_at=MONDAY, teacher_revision="r", named=[made.regions.drawn[0].rule])

    assert not any("drawn by hand" in each.partition for each in run.regions)


def test_its_rule_is_read_out_of_the_json(tmp_path):
    made = drawn()
    path = tmp_path / "diagnosis.json"
    path.write_text(json.dumps(diagnosis_to_json(made)))

    assert read_drawn(path, NAME) == made.regions.drawn[0].rule
    with pytest.raises(InputError, match=r"has no region 'other' drawn by hand\. It has: express <b>"):
        read_drawn(path, "other")
    path.write_text(json.dumps(diagnosis_to_json(drawn(with_rule=False))))
    with pytest.raises(InputError, match="was drawn by days alone"):
        read_drawn(path, NAME)
