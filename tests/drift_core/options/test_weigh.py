import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.options.costs import Prices
from drift_core.options.weigh import weigh_options
from drift_core.simulation.plan import Plan
from tests.drift_core.options.drifted_case import case

PRICES = Prices(
    teacher_per_pair=0.002, student_per_1000=0.02, calls_a_week=1_000_000, canary_pairs=300, retrain_pairs=250
)


def weighed(made=None, **settings):
    return weigh_options(made or case(), **settings)


def test_the_amounts_follow_from_the_prices_and_the_share_of_drifted_pairs():
    made = case()

    nothing, route, retrain = weighed(made, prices=PRICES).options

    share = made.drifted.mean()
    assert (nothing.once, nothing.a_year, nothing.teacher_share) == (0, 0, 0)
    assert route.teacher_share == pytest.approx(share)
    assert (route.once, route.a_year) == (0, pytest.approx(52 * share * 1_000_000 * (0.002 - 0.00002)))
    assert (retrain.once, retrain.a_year, retrain.teacher_share) == (0.5, 0, 0)


def test_retraining_is_cheaper_after_as_many_weeks_as_its_price_buys_of_routing():
    found = weighed(prices=PRICES)

    week = found.options[1].a_year / 52
    assert found.break_even_weeks == pytest.approx(0.5 / week)


def test_no_more_pairs_are_priced_than_production_has_and_held_out_lacks():
    made, rows = case(), np.arange(600)
    same = rows % 500  # the last hundred pairs are the first hundred again
    scores = {name: getattr(made.production, name)[same] for name in ("teacher", "student")}
    asked = np.array([f"query {row}" for row in same], dtype=object)
    others = np.array([f"other {row}" for row in rows], dtype=object)
    made.production = replace(made.production, query=asked, query_id=None, doc=None, **scores)
    made.heldout = replace(made.heldout, query=np.where(rows < 40, asked, others), query_id=None, doc=None, **scores)

    found = weighed(made, prices=replace(PRICES, retrain_pairs=5_000))

    note = "your sample has 460 pairs that held-out lacks; draw more for 5,000."
    assert found.options[2].once == pytest.approx(460 * 0.002)
    assert found.notes == (f"Retraining is priced for what can be drawn: {note}",)
    assert found.to_json()["choices"][2]["note"] == found.notes[0]
    assert weighed(made, prices=PRICES).notes == ()
    assert weighed(made, prices=replace(PRICES, retrain_pairs=5_000), n_drawable=20).options[2].once == pytest.approx(
        0.04
    )


def test_where_held_out_has_all_pairs_retraining_has_no_price():
    found = weighed(prices=PRICES, n_drawable=0)

    assert isinstance(found.options[2].once, Unmeasured)
    assert "none to retrain on" in found.options[2].once.reason
    assert found.notes == (found.options[2].once.reason,)
    assert found.cheapest != "retrain"


@pytest.mark.parametrize(
    ("n_drawable", "asked", "reason"),
    [
        (0, 5_000, "Held-out, or a file left out, has every production pair, so there is none to retrain on."),
        (0, 0, "Held-out, or a file left out, has every production pair, so there is none to retrain on."),
        (1, 5_000, "Your sample has 1 pair that held-out lacks, and a retraining needs at least 20."),
        (19, 5_000, "Your sample has 19 pairs that held-out lacks, and a retraining needs at least 20."),
        (600, 0, "A retraining needs at least 20 pairs. The retrain list is entered with 0 of them; enter more."),
        (600, 19, "A retraining needs at least 20 pairs. The retrain list is entered with 19 of them; enter more."),
    ],
)
@pytest.mark.parametrize("plan", [None, Plan(n_heldout=400, n_production=400, teacher_loss=0.12, with_texts=False)])
def test_retraining_without_pairs_enough_is_not_recommended(plan, n_drawable, asked, reason):
    made = case() if plan is None else case(plan)

    found = weighed(made, prices=replace(PRICES, retrain_pairs=asked), n_drawable=n_drawable)

    assert isinstance(found.options[2].once, Unmeasured)
    assert found.options[2].once.reason.startswith(reason)
    assert found.notes == (found.options[2].once.reason,)
    assert found.cheapest == (None if plan else "route")
    assert f"Retraining: {reason}" in found.sentence
    assert "Only retraining" not in found.sentence
    assert "Both ways" not in found.sentence
    assert found.sentence.startswith(
        "Open: agreement is below" if plan else "Routing alone is open, and expected to reach"
    )


def test_without_prices_too_retraining_without_pairs_is_not_recommended():
    found = weighed(n_drawable=0)

    assert found.cheapest == "route"
    assert not found.options[2].is_open


def test_a_retraining_whose_agreement_is_unknown_has_no_note_on_its_price():
    made = case()
    made.drifted = np.ones(len(made.production), dtype=bool)

    found = weighed(made, prices=replace(PRICES, retrain_pairs=5_000), n_drawable=300)

    assert isinstance(found.options[2].once, Unmeasured)
    assert found.notes == ()


def test_the_share_counts_weights():
    plain = case()
    weight = plain.drifted * 2.0 + 1.0

    found = weighed(case(weight=weight))

    assert found.options[1].teacher_share == pytest.approx(weight[plain.drifted].sum() / weight.sum())


def test_without_prices_shares_and_agreements_stand_and_amounts_say_what_to_enter():
    found = weighed()

    assert isinstance(found.options[1].agreement, Measured)
    for amount in (found.options[1].a_year, found.options[2].once, found.break_even_weeks):
        assert isinstance(amount, Unmeasured)
        assert "Enter the teacher's price" in amount.reason
    assert found.cheapest is None
    assert "Prices decide which is cheaper" in found.sentence


def test_the_cheapest_that_reaches_the_floor_is_named():
    found = weighed(prices=PRICES)

    assert found.cheapest == "retrain"
    assert found.sentence.startswith(
        "Retraining is the cheaper way to the floor of 0.85 in the first year: 0.50 against"
    )
    assert "Leaving it keeps 0." in found.sentence


def test_few_calls_make_routing_the_cheaper_way():
    few = Prices(teacher_per_pair=0.002, student_per_1000=0, calls_a_week=1, canary_pairs=300, retrain_pairs=250)

    found = weighed(prices=few)

    assert found.cheapest == "route"
    assert found.break_even_weeks > 52


def test_a_floor_that_is_kept_already_needs_nothing():
    found = weighed(prices=PRICES, floor=0.5)

    assert found.cheapest == "nothing"
    assert "keeps the floor of 0.50: agreement is" in found.sentence


@pytest.mark.parametrize(("agreement", "under"), [(0.62, ", under the 0.70 of a region"), (0.74, "")])
def test_leaving_it_says_which_region_stays_broken(agreement, under):
    made, at = case(), {"confidence": 0.95, "standard_error": 0.02, "n_pairs": 120, "n_queries": 40}
    found = Measured(estimate=agreement, low=agreement - 0.04, high=agreement + 0.04, **at)
    region = SimpleNamespace(label="“ich, brauche, trotz”", share_production=0.13, production=found, is_harder=False)
    better = SimpleNamespace(
        label="other", share_production=0.2, production=replace(found, estimate=0.79), is_harder=False
    )
    made.regions = SimpleNamespace(drifted=(better, region))

    sentence = weighed(made, prices=PRICES, floor=0.5).sentence

    told = f"but “ich, brauche, trotz” (13% of traffic) stays drifted at {agreement:.2f}{under}; so does 1 more."
    assert "keeps the floor of 0.50 as a whole: agreement is" in sentence
    assert told in sentence


@pytest.mark.parametrize("is_harder", [True, False])
def test_noise_that_cannot_be_learnt_is_said_where_held_out_agreed_less_too(is_harder):
    made = case()
    found = made.spread.production
    night = SimpleNamespace(label="night", share_production=0.7, production=found, is_harder=is_harder)
    made.regions = SimpleNamespace(drifted=(night,))

    assert ("held-out agreed less there too" in weighed(made, prices=PRICES).sentence) is is_harder


def test_a_floor_that_nothing_reaches_is_said():
    found = weighed(prices=PRICES, floor=0.99)

    assert found.cheapest is None
    assert found.sentence.startswith("Nothing is expected to reach the floor of 0.99. Routing is expected to give 0.9")


def test_where_every_pair_drifted_the_teacher_answers_all_calls_and_no_scales_are_matched():
    made = case()
    made.drifted = np.ones(len(made.production), dtype=bool)

    _, route, retrain = weighed(made, prices=PRICES).options

    assert (route.teacher_share, route.agreement.estimate) == (1.0, pytest.approx(1.0))
    assert route.a_year == pytest.approx(52 * 1_000_000 * (0.002 - 0.00002))
    assert "0 pairs" in retrain.agreement.reason


def test_where_neither_way_can_be_estimated_it_stays_open():
    made = case()
    made.drifted = np.arange(len(made.production)) >= 5

    found = weighed(made, prices=PRICES)

    assert found.cheapest is None
    assert found.sentence.startswith("Open: agreement is below the floor of 0.85. Routing: Under 20 pairs")


def test_a_revised_teacher_leaves_retraining_alone():
    made = case(Plan(n_heldout=400, n_production=400, teacher_loss=0.12, with_texts=False))

    found = weighed(made, prices=PRICES)

    assert found.cheapest == "retrain"
    assert "none to route" in found.sentence
    assert "Only retraining is expected to reach the floor of 0.85: 0.9" in found.sentence
    assert "for 0.50 in the first year" in found.sentence
    assert isinstance(found.break_even_weeks, Unmeasured)


def test_without_drift_nothing_needs_paying():
    healthy = case(Plan(n_heldout=300, n_production=300, with_texts=False))

    assert weighed(healthy).sentence.startswith("Nothing needs paying")
    assert weighed(healthy).cheapest == "nothing"
    assert "no drift explains that" in said_below(healthy, heldout=0.995)
    already = said_below(healthy, heldout=0.9)
    assert already.endswith("It is below the floor of 0.99, as it was on held-out already, at 0.90.")


def said_below(made, *, heldout):
    before = replace(made.spread.heldout, estimate=heldout)
    return weighed(
        SimpleNamespace(**vars(made) | {"spread": replace(made.spread, heldout=before)}), floor=0.99
    ).sentence


def test_figures_that_read_as_the_floor_are_told_in_the_digits_that_tell_them_apart():
    healthy = case(Plan(n_heldout=300, n_production=300, with_texts=False))
    now = healthy.spread.production.estimate
    floor = round(now, 2) + (0.004 if now > round(now, 2) else 0.0)

    sentence = weighed(healthy, floor=floor).sentence

    assert f"agreement is {now:.3f}. It is below the floor of {floor:.3f}" in sentence


def test_an_open_cause_is_paid_for_by_neither():
    made = case(cause="inconclusive")

    assert weighed(made).cheapest is None
    assert weighed(made).sentence.startswith("Open: the cause is not settled")


def test_a_student_no_cheaper_than_its_teacher_has_no_break_even():
    dear = Prices(teacher_per_pair=0.002, student_per_1000=5.0, calls_a_week=1000, canary_pairs=300, retrain_pairs=20)

    found = weighed(prices=dear)

    assert isinstance(found.break_even_weeks, Unmeasured)
    assert "costs no less" in found.break_even_weeks.reason


def test_the_json_is_plain_and_nulls_what_is_unmeasured():
    document = json.loads(json.dumps(weighed().to_json()))

    assert [each["way"] for each in document["choices"]] == ["nothing", "route", "retrain"]
    assert document["choices"][1]["a_year"] is None
    assert document["choices"][1]["agreement"]["estimate"] > document["choices"][0]["agreement"]["estimate"]
    assert document["break_even_weeks"] is None


@pytest.mark.parametrize("cause", ["healthy", "query_drift"])
def test_no_figure_of_a_part_of_the_range_of_scores_is_held_to_a_floor(cause):
    made = case(cause=cause)
    made.findings = (SimpleNamespace(name="student_range_cut"),)

    found = weighed(made, floor=0.1)
    assert found.cheapest is None
    assert "floor of" not in found.sentence
    assert "a floor is for all that the student scores" in found.sentence.lower()
    assert weighed(case(cause="query_drift"), floor=0.1).cheapest == "nothing"


def test_a_floor_that_held_out_never_met_is_said_to_be_so():
    made = case()
    before = made.spread.heldout.estimate
    assert "never met that floor" not in weighed(made, floor=before - 0.005).sentence
    told = weighed(made, floor=before + 0.005).sentence
    assert f"The student never met that floor: on held-out it had {before:.3f}" in told
