import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import drift_core as dc
from drift_core.diagnosis.findings import Finding
from drift_core.options.costs import Prices
from drift_core.options.next_action import next_action
from drift_core.options.weigh import weigh_options
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.report.pdf import pdf_content
from drift_core.report.story import agreements, tell_story
from drift_core.report.story_times import NO_TIMES
from drift_core.simulation.plan import PLANS
from tests.drift_core.small_case import small_diagnosis
from tests.sweeps import sweep

NEED_DOCS = ("document", "query", "mix")  # plans whose cause is told by them too
TOLD = ("none", "query", "mix", "both")  # of every step and state
NAMES = ["promised", "happened", "where", "since", "why", "next"]
CAUSES = {
    "none": ("held", "No drift was found: nothing beyond chance"),
    "query": ("fell", "The traffic changed: this part is new"),
    "document": ("fell", "The docs changed"),
    "teacher": ("fell", "Either the teacher was revised, these scores are not those of the student"),
    "both": ("fell", "The traffic changed, and all of it lost. Either the teacher was revised, these scores"),
    "mix": ("held", "Nothing is broken: more of the traffic is of kinds on which the student always was weaker."),
    "narrow_range": ("held", "No drift was found: new traffic no weaker than usual, or a narrower range"),
}


def diagnosed(heldout, production, *, with_docs=False):
    """The diagnosis; of docs only where asked, as they take half of its time."""
    sides = {"heldout": heldout, "production": production}
    frames = sides if with_docs else {name: frame.drop(columns="doc") for name, frame in sides.items()}
    samples = [dc.read_pairs(frame, name=name) for name, frame in frames.items()]
    embeddings = embed_queries(*samples, encoder=load_encoder("hashing"))
    return dc.diagnose(*samples, settings=dc.Settings(n_clusters=6), embeddings=embeddings)


@cache
def planted(name):
    drawn = dc.simulate(PLANS[name], seed=3)
    return diagnosed(drawn.heldout, drawn.production, with_docs=name in NEED_DOCS)


def told(diagnosis, **more):
    return tell_story(diagnosis, routes=weigh_options(diagnosis), **more)


def parts(diagnosis, **more):
    return {part.name: part for part in told(diagnosis, **more).parts}


def numbers(part):
    """The estimate and the ends of the interval, as they are shown."""
    return [float(each) for each in re.findall(r"[-+]?\d\.\d+", f"{part.figure} {part.interval}")]


@pytest.mark.parametrize("name", sweep(PLANS, *TOLD))
def test_every_figure_of_the_story_is_the_one_of_the_json(name):
    diagnosis = planted(name)
    written = json.loads(json.dumps(dc.diagnosis_to_json(diagnosis)))
    spread, _, _ = written["tests"]
    routes = weigh_options(diagnosis)
    chosen = {"retrain": "retrain", "costs": "route"}.get(next_action(diagnosis, routes).page, "nothing")
    [option] = [each for each in routes.to_json()["choices"] if each["way"] == chosen]

    story = told(diagnosis)

    shown = {part.name: part for part in story.parts}
    assert list(shown) == NAMES
    expected = {"promised": spread["heldout"], "happened": spread["production"], "next": option["agreement"]}
    drifted = [each for each in written["regions"] if each["drifted"]]
    if shown["where"].figure:
        expected["where"] = next(each for each in drifted if each["name"] in shown["where"].label) | {"name": ""}
        expected["where"]["estimate"] = expected["where"]["spearman"]
    for part, figures in expected.items():
        ends = [figures[end] for end in ("estimate", "low", "high")]
        assert numbers(shown[part]) == pytest.approx(ends, abs=0.0051)
    lost = [each for each in written["attribution"].values() if each]
    assert any(numbers(shown["why"]) == pytest.approx([e["estimate"], e["low"], e["high"]], abs=0.0051) for e in lost)
    assert f"{story.headline} {story.reason}" == written["summary"]


@pytest.mark.parametrize("name", sweep(PLANS, *TOLD))
def test_where_names_a_region_exactly_where_one_drifted(name):
    diagnosis = planted(name)

    where = parts(diagnosis)["where"]

    drifted = [each.name for each in diagnosis.regions.leading if each.drifted]
    assert any(each in where.sentence for each in drifted) == bool(drifted) == bool(where.figure)
    assert where.lines[0] == diagnosis.regions.sentence if drifted else where.lines[0].startswith("Compared: ")


@pytest.mark.parametrize("name", sweep(CAUSES, *TOLD))
def test_the_cause_is_said_in_plain_words(name):
    state, why = CAUSES[name]

    story = told(planted(name))

    assert story.state == state
    assert story.parts[4].sentence.startswith(why)


def test_a_teacher_whose_part_is_measured_is_not_called_inferred_and_its_revisions_are_named():
    drawn = dc.simulate(replace(PLANS["teacher"], with_pinned=True), seed=3)
    diagnosis = diagnosed(drawn.heldout, drawn.production)

    shown = parts(diagnosis, revisions=("judge-1", "judge-2"))

    assert diagnosis.verdict.cause == "teacher_drift"
    assert "inferred" not in shown["why"].sentence
    assert shown["where"].sentence.startswith("Everywhere, under today's teacher: by the teacher it was")
    assert "The student was trained against judge-1; today judge-2 scores." in shown["since"].lines


def test_what_is_wrong_with_the_scores_or_moved_besides_is_told_where_it_belongs():
    weak, moved = parts(planted("weak_student")), parts(planted("teacher_scale"))

    assert "only in part" in weak["promised"].sentence
    assert any("a weak student" in line for line in weak["promised"].lines)
    assert any("scale of the teacher moved" in line for line in moved["happened"].lines)


def test_scores_that_are_missing_or_set_aside_are_said_first_and_nothing_is_called_well():
    drawn = dc.simulate(PLANS["none"], seed=3)
    odd = drawn.production.copy()
    odd.loc[:100, "teacher_score"] = -1

    story = told(diagnosed(drawn.heldout, odd))

    shown = {part.name: part for part in story.parts}
    assert story.state == "open"
    assert "have the teacher score -1" in story.reason
    assert shown["happened"].sentence.startswith("On the pairs that have scores")
    assert shown["why"].sentence == "These samples do not tell the cause."
    assert shown["next"].sentence == "Settle it first."


def test_since_when_is_the_day_on_which_a_new_region_came_up():
    diagnosis = planted("cohort")
    production = diagnosis.production

    since = parts(diagnosis)["since"]

    came = np.sort(production.timestamp[np.array(production.slices["surface"]) == "voice"])
    assert since.sentence == f"Since {since.figure}, when surface voice came up."
    assert came[0] <= np.datetime64(f"{2026}-03-{int(since.figure.split()[0]):02d}T23:59") <= came[len(came) // 8]


def test_since_when_is_open_without_times_and_where_both_samples_span_the_same():
    made = planted("query")
    heldout, production = made.heldout, made.production
    times = np.random.default_rng(0).choice(heldout.timestamp, len(production))
    same = replace(made, production=replace(production, timestamp=times))
    without = replace(made, heldout=replace(heldout, timestamp=None), production=replace(production, timestamp=None))

    assert parts(without)["since"].sentence == NO_TIMES
    assert "overlap in time" in parts(same)["since"].sentence
    assert parts(planted("none"))["since"].sentence == "No drift was found, so there is nothing to date."


def test_what_it_costs_is_the_price_of_the_options_or_said_to_be_open():
    diagnosis = planted("query")
    prices = Prices(
        teacher_per_pair=0.002, student_per_1000=0.01, calls_a_week=1e6, canary_pairs=300, retrain_pairs=1000
    )
    routes = weigh_options(diagnosis, prices=prices)

    entered, unknown = tell_story(diagnosis, routes=routes), told(diagnosis)

    assert any(option.price in entered.cost for option in routes.options if option.way != "nothing")
    assert unknown.cost.startswith("The price is open until")
    assert told(planted("none")).cost == "It costs nothing but the weekly canary."


def test_the_printed_pages_say_the_same_story_and_the_same_tables():
    diagnosis = planted("query")
    routes = weigh_options(diagnosis)
    story = tell_story(diagnosis, routes=routes)

    content = pdf_content(diagnosis, story, routes, None)

    assert [part["figure"] for part in content["parts"]] == [part.figure for part in story.parts]
    assert [row[1] for row in content["options"]["rows"]] == [str(option.agreement) for option in routes.options]
    by_name = {region.name: region for region in diagnosis.regions.leading}
    for name, _, production, _, _ in content["regions"]["rows"]:
        assert production == str(by_name[name.removesuffix(" · drifted")].production)


def test_the_scale_of_agreement_shows_both_samples_and_the_region_that_carries_most():
    rows = agreements(small_diagnosis())

    assert list(rows)[:2] == ["held-out", "production"]
    assert len(rows) == 2 + any(each.drifted for each in small_diagnosis().regions.leading)


def test_a_long_reason_ends_with_a_sentence_and_goes_on_in_the_evidence():
    made = planted("both")
    reasons = " ".join(f"Reason {number} that is told in so many words." for number in range(20))
    long = replace(made, verdict=replace(made.verdict, reason=reasons))

    story = told(long)

    assert len(story.reason) <= 600
    assert story.reason.endswith("words.")
    assert f"{story.reason} {story.more}" == long.verdict.reason
    assert pdf_content(long, story, weigh_options(long), None)["evidence"][0] == story.more


def test_pairs_that_change_side_at_a_threshold_are_told_on_the_first_screen():
    healthy = planted("none")
    figures = {"n_crossing": 449, "share_crossing": 0.49}
    moved = Finding(name="teacher_scale_moved", sentence="The scale of the teacher moved.", figures=figures)

    told_so = parts(replace(healthy, findings=(moved,)))["happened"].sentence

    assert f"At a fixed threshold 449 of {len(healthy.production):,} pairs change side." in told_so
    assert "threshold" not in parts(replace(healthy, findings=()))["happened"].sentence


def test_where_both_changed_the_larger_part_is_told():
    made = planted("both")
    parts_of = made.attribution
    larger = replace(parts_of, teacher=replace(parts_of.within, estimate=parts_of.within.estimate + 0.1))
    smaller = replace(parts_of, teacher=replace(parts_of.within, estimate=parts_of.within.estimate - 0.01))

    assert "the larger part" in parts(replace(made, attribution=larger))["why"].label
    assert parts(replace(made, attribution=smaller))["why"].label == "agreement lost inside regions"
