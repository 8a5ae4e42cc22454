from dataclasses import replace

import pytest

from drift_core.alerts.notice import notice_of
from drift_core.canary.alarm import assess
from drift_core.canary.assessment import blamed_regions
from drift_core.canary.events import find_events
from drift_core.canary.explanation import explain_alarm
from drift_core.canary.figures import BetweenFigure, ErrorFigure, HeldoutFigure, OwnRegion
from drift_core.canary.run import CanaryRun
from drift_core.gate.context import GateContext
from drift_core.gate.limits import MEASURED_READINGS
from drift_core.judge_card.settings import GateSettings
from drift_core.measured import Unmeasured
from tests.drift_core.canary.runs_by_hand import measured, region, week

NAMES = ("charging", "returns", "sizes", "visas", "login", "pianos")
VARIANCE = 2.0  # of one pair's error


def error_of(level: float, n: int) -> ErrorFigure:
    return ErrorFigure(level=level, variance=VARIANCE / n, third=8 / n**2, degrees=500)


HELD = HeldoutFigure(
    digest="held", agreement=measured(0.91, n_pairs=1000), z_error=0.03, error=replace(error_of(1.0, 1000), third=0.0)
)


def part(name: str, level: float, *, n: int = 32, **changes: object):
    """A region of one pair a query, which held-out has 160 pairs of unless it is said to lack it."""
    usual = {"error_heldout": error_of(1.0, 160), "agreement_heldout": 0.91, "n_heldout": 160}
    lacking = {"error_heldout": None, "agreement_heldout": None, "is_new": True, "n_heldout": 0}
    values = {"partition": "query clusters", "n_pairs": n, "n_queries": n, "share": n / 200, "since": "2026-01-05"}
    kind = lacking if changes.pop("is_new", False) else usual
    return region(name, **(values | {"error": error_of(level, n)} | kind | changes))


def history(*regions, n_low: int = 3, level: float = 2.6, **changes: object) -> list[CanaryRun]:
    """Three calm weeks, then some in which agreement fell and the regions are these."""
    of_week = {"heldout": HELD, "between_regions": BetweenFigure(variance=0.0225, degrees=8)}
    calm = tuple(part(name, 1.0) for name in NAMES)
    low = {"agreement": measured(0.76), "error": error_of(level, 200), "regions": regions}
    return [
        week(number, **of_week, **(low | changes if number >= 3 else {"error": error_of(1.0, 200), "regions": calm}))
        for number in range(3 + n_low)
    ]


UNIFORM = tuple(part(name, level) for name, level in zip(NAMES, (2.9, 2.6, 2.4, 2.7, 2.5, 2.6), strict=True))


def test_a_fall_of_all_regions_alike_is_told_as_that_by_canary_webhook_history_and_gate():
    weeks = assess(history(*UNIFORM))
    newest, found = weeks[-1], explain_alarm(weeks)
    told = "It fell across all 6 regions, none surely more than the rest; by their traffic: charging; returns; sizes; "

    assert newest.signals == ("agreement", "region")
    assert sum(each.is_alarm for each in newest.regions) > 1
    assert [each.startswith(told) for each in newest.reasons] == [False, True]
    assert not any("errs more" in each for each in newest.reasons)
    assert found.reasons == newest.reasons
    assert (found.where, found.no_region) == ("", "")  # said among the reasons
    notice = notice_of(weeks, explanation=found)
    assert told in notice.sentence
    assert notice.regions == ("across all 6 regions",)
    context = GateContext(
        weeks=weeks, n_recorded=6, others=(), card=None, now=newest.run.at, settings=GateSettings(), clock=newest.run.at
    )
    assert told in MEASURED_READINGS["alarm"](newest, context)[1]


def test_the_regions_of_such_a_fall_stand_in_the_order_of_their_traffic():
    sizes = (20, 50, 30, 40, 32, 28)
    parts = (part(name, 2.6, n=n) for name, n in zip(NAMES, sizes, strict=True))

    assert assess(history(*parts))[-1].reasons[1].endswith("by their traffic: returns; visas; login; and 3 more.")


def test_a_fall_of_one_region_is_told_of_it_first_whatever_else_alarms():
    parts = [part(name, 1.0) for name in NAMES[1:]]
    weeks = assess(history(part("charging", 9.0), *parts, level=2.3))

    assert weeks[-1].reasons[1].startswith("The student errs more on charging (known")
    assert explain_alarm(weeks).where == "Most of it: charging."


def test_a_fall_that_some_regions_do_not_share_is_not_called_one_of_all():
    levels = (2.2, 1.9, 2.2, 2.0, 0.95, 2.1)
    parts = (part(name, level) for name, level in zip(NAMES, levels, strict=True))
    told = explain_alarm(assess(history(*parts, n_low=1))).week.reasons[1]

    assert told == "No region fell surely more than the rest: 5 of 6 regions got worse."


def test_where_few_regions_are_compared_all_must_have_surely_risen():
    two = (part("DE", 2.4, n=100), part("FR", 1.05, n=100))

    assert not any("across all" in each for each in assess(history(*two, n_low=1))[-1].reasons)


def test_a_region_that_held_out_has_a_few_of_is_called_rare_by_its_number_everywhere():
    rare = part("visas", 9.0, is_new=True, error_heldout=error_of(1.0, 10), n_heldout=10, drifted=True)
    own = OwnRegion(partition="query clusters", name="passport, visa", share=0.16, is_new=False)
    weeks = assess(history(*(part(each, 1.0) for each in NAMES[:3]), rare, own_regions=(own,), level=2.3))
    found = explain_alarm(weeks)

    assert "visas (rare before: 10 of held-out's pairs are like it, first seen 2026-01-05" in weeks[-1].reasons[1]
    assert found.places[0].told == "0.88, rare before: 10 of held-out's pairs are like it"
    assert found.places[0].levels[0] == "rare"
    assert "New region: visas" in [each.label for each in find_events([each.run for each in weeks])]
    assert [each.told for each in blamed_regions(weeks[-1].run)] == [
        "region “visas” (rare before: 10 of held-out's pairs are like it), 16% of the week's pairs"
    ]
    assert "new" not in " ".join(weeks[-1].reasons)


@pytest.mark.parametrize(("since", "told"), [("2026-01-26", "charging and visas (new, first"), (None, "charging (new")])
def test_new_regions_of_one_week_are_told_as_parts_with_their_share_together(since, told):
    born = {"is_new": True, "n": 16}
    one, two = part("charging", 9.0, since="2026-01-26", **born), part("visas", 8.0, since=since, **born)
    reason = assess(history(*(part(each, 1.0) for each in NAMES[1:3]), one, two, level=2.3))[-1].reasons[1]

    assert reason.startswith(f"The student errs more on {told}")
    share = "at least 16% of the traffic, in 2 parts that may be one topic" if since else "at least 8% of the traffic)"
    assert share in reason


@pytest.mark.parametrize(("n_new", "told"), [(6, "any"), (2, "2 of them")])
def test_a_fall_across_all_says_of_how_many_regions_held_out_has_too_little(n_new, told):
    born = tuple(part(name, 2.6, is_new=True, since="2026-01-26") for name in NAMES[:n_new])
    weeks = assess(history(*born, *(part(name, 2.6) for name in NAMES[n_new:])))

    assert (
        f"across all 6 regions, none surely more than the rest, and held-out has too little of {told};"
        in (weeks[-1].reasons[1])
    )
    assert notice_of(weeks, explanation=explain_alarm(weeks)).regions == (
        f"across all 6 regions, held-out has too little of {told}",
    )


def test_a_stratum_that_is_drawn_more_often_than_it_is_asked_counts_by_its_traffic():
    often = {"n": 100, "share": 0.1}
    others = [part(name, 1.0, n=20, share=0.18) for name in NAMES[1:]]
    found = explain_alarm(assess(history(part("charging", 4.0, **often), *others)))

    assert found.where == "Most of it: charging."
    alike = assess(
        history(part("charging", 2.6, **often), *(part(each.name, 2.6, n=20, share=0.18) for each in others))
    )
    assert alike[-1].reasons[1].endswith("by their traffic: returns; sizes; visas; and 3 more.")


def test_three_parts_of_one_topic_are_each_taken_as_named():
    parts = [part(f"{name}, kit", 9.0, is_new=True, n=16, since="2026-01-26") for name in NAMES[:3]]
    own = tuple(OwnRegion(partition="query clusters", name=each.name, share=0.08, is_new=True) for each in parts)
    week = assess(history(*parts, *(part(each, 1.0) for each in NAMES[3:]), level=2.3, own_regions=own))[-1]

    assert "more on charging, kit; returns, kit and sizes, kit (new, first seen" in week.reasons[1]
    assert len(week.reasons) == 2


def test_a_known_region_whose_agreement_held_out_does_not_tell_is_not_called_rare():
    parts = (part("charging", 9.0, agreement_heldout=None), *(part(name, 1.0) for name in NAMES[1:]))
    place = explain_alarm(assess(history(*parts, level=2.3))).places[0]

    assert place.told == "0.88, held-out not measured"


def test_a_week_that_could_not_be_judged_does_not_say_where_a_fall_lies():
    runs = history(*UNIFORM)
    odd = (part("charging", 90.0), *(part(name, 1.0) for name in NAMES[1:]))
    runs[4] = replace(runs[4], agreement=Unmeasured(reason="half of the scores are missing"), regions=odd)
    weeks = assess(runs)

    assert [each.status for each in weeks[3:]] == ["alarm", "gap", "alarm"]
    assert "It fell across all 6 regions" in weeks[-1].reasons[1]


def test_reasons_that_go_on_after_the_place_of_a_fall_are_not_said_twice():
    levels = (3.4, 3.3, 3.4, 3.0, 0.95, 3.1)
    found = explain_alarm(assess(history(*(part(name, level) for name, level in zip(NAMES, levels, strict=True)))))

    assert found.reasons[1].startswith(
        "No region fell surely more than the rest: 5 of 6 regions got worse. The student"
    )
    assert found.no_region == ""


def test_where_one_region_is_all_traffic_nothing_is_held_against_a_rest():
    found = explain_alarm(assess(history(part("charging", 2.6, n=200, is_new=True, since="2026-01-26"))))

    assert found.no_region == (
        "Only one region is measured in these weeks, so no part of the traffic can be held against the rest."
    )
    assert "(new, first seen 2026-01-26, 100% of the traffic)" in found.reasons[1]


def test_a_new_region_of_the_diagnosis_is_the_rare_one_that_the_history_cuts():
    rare = part("visas", 9.0, is_new=True, error_heldout=error_of(1.0, 10), n_heldout=3, drifted=True)
    own = OwnRegion(partition="query clusters", name="passport, visa", share=0.16, is_new=True)
    week = assess(history(*(part(each, 1.0) for each in NAMES[:3]), rare, own_regions=(own,), level=2.3))[-1]

    assert [each.name for each in blamed_regions(week.run)] == ["visas"]
    assert not any("passport" in each for each in week.reasons)
