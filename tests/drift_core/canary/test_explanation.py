from dataclasses import replace
from datetime import timedelta

from drift_core.canary.alarm import assess
from drift_core.canary.assessment import WeekAssessment, blamed_regions, with_own_regions
from drift_core.canary.decision import Decision
from drift_core.canary.explanation import explain_alarm
from drift_core.canary.figures import ErrorFigure, OwnRegion
from drift_core.canary.status import week_by_itself
from drift_core.regions.named_region import DRAWN
from tests.drift_core.canary.runs_by_hand import measured, region, week


def history(n_low=2, **low):
    quiet = [week(i, agreement=measured(0.95), null_error=0.07) for i in range(6)]
    return quiet + [week(6 + i, agreement=measured(0.80), null_error=0.07, **low) for i in range(n_low)]


def test_without_an_alarm_there_is_nothing_to_explain():
    assert explain_alarm(assess(history(0))) is None


def test_it_says_since_when_and_what_coincides():
    found = explain_alarm(assess(history(teacher_revision="r2")))

    assert found.change.at == week(6).at
    assert [each.kind for each in found.coinciding] == ["teacher_revision"]
    assert "seen first in the week of 2026-02-16, with two weeks of evidence." in found.sentence
    assert "since 2026-02-16." in explain_alarm(assess(history(5))).sentence
    assert "Teacher r1 to r2" in found.sentence


def test_it_names_the_regions_that_drifted_since_the_one_that_carries_most_first():
    born = region("charging", is_new=True, drifted=True, agreement=measured(0.4), agreement_heldout=None)
    small = region("sizes", drifted=True, n_pairs=10, agreement=measured(0.7))
    found = explain_alarm(assess(history(regions=(small, born, region("returns")))))

    assert [each.name for each in found.regions] == ["charging", "sizes"]
    assert found.regions[0].n_weeks == 2
    assert found.regions[0].n_pairs == 80
    assert "Most of it: charging." in found.sentence


def test_regions_that_are_new_in_the_same_week_are_told_together_as_parts_of_one_topic_perhaps():
    born = {"is_new": True, "drifted": True, "agreement_heldout": None}
    visas = region("visas", agreement=measured(0.4), since="2026-02-16", **born)
    passports = region("passports", agreement=measured(0.5), since="2026-02-16", **born)
    older = region("pianos", agreement=measured(0.6), since="2026-01-05", **born)

    told = explain_alarm(assess(history(regions=(passports, older, visas)))).sentence

    assert "Most of it: visas and passports (first seen in the same week; they may be parts of one topic)." in told


def test_a_region_that_a_person_drew_carries_the_fall_and_is_no_event_that_explains_it():
    drawn = region("balcony solar", partition=DRAWN, is_new=True, drifted=True, agreement=measured(0.4))

    found = explain_alarm(assess(history(regions=(drawn,))))

    assert found.coinciding == ()
    assert found.sentence.endswith("Most of it: balcony solar.")


def test_events_far_from_the_change_do_not_coincide():
    runs = history()
    runs[1] = week(1, agreement=measured(0.95), null_error=0.07, teacher_revision="r0")

    assert explain_alarm(assess(runs)).coinciding == ()


def test_what_came_after_the_alarm_or_was_gone_by_then_does_not_coincide():
    runs = [*history(), week(8, agreement=measured(0.95), null_error=0.07, teacher_revision="r2")]
    born = {5: ("gone", "stays"), 6: ("stays", "same week"), 7: ("stays", "same week", "too late"), 8: ("after",)}
    for at, names in born.items():
        runs[at] = replace(runs[at], regions=tuple(region(name, is_new=True) for name in names))
    weeks = assess(runs)

    assert [each.label for each in explain_alarm(weeks, of=weeks[6]).coinciding] == [
        "New region: stays",
        "New region: same week",
    ]
    assert explain_alarm(weeks).coinciding == explain_alarm(weeks, of=weeks[6]).coinciding


def test_a_region_counts_as_much_as_its_share_of_the_traffic_though_more_of_its_pairs_were_drawn():
    drawn_often = region("beta", drifted=True, n_pairs=20, share=0.01, agreement=measured(0.3))
    found = explain_alarm(assess(history(regions=(drawn_often, region("returns", drifted=True)))))

    assert [(each.name, each.share) for each in found.regions] == [("beta", 0.01), ("returns", 0.2)]
    assert [each.n_pairs for each in found.regions] == [40, 80]


def test_an_alarm_that_is_over_is_told_in_the_past_with_its_end():
    back = week(8, agreement=measured(0.95), null_error=0.07)

    stands, over = (explain_alarm(assess([*history(), *after])) for after in ((), (back,)))

    assert stands.ended is None
    assert "is lower by" in stands.sentence
    assert over.ended == back.at
    assert over.reasons[0].startswith("Agreement was 0.80, ")
    assert "alone exceeded" in over.reasons[0] or "together exceeded" in over.reasons[0]
    assert over.reasons[-1] == "It is over: the week of 2026-03-02 was quiet."
    assert over.sentence.startswith("Agreement was lower by 0.149")
    assert " is " not in over.reasons[0] + over.sentence


def test_an_earlier_alarm_is_explained_by_its_own_weeks_and_its_own_end():
    quiet = [week(number, agreement=measured(0.95), null_error=0.07) for number in (8, 9)]
    again = week(10, agreement=measured(0.80), null_error=0.07)
    weeks = assess([*history(), *quiet, again])

    first = explain_alarm(weeks, of=weeks[7])

    assert (first.week, first.ended) == (weeks[7], quiet[0].at)
    assert explain_alarm(weeks).ended is None


def test_without_a_flagged_region_it_says_whether_the_weeks_carry_any():
    of_two = explain_alarm(assess(history(regions=(region("returns"), region("sizes")))))
    of_none = explain_alarm(assess(history(regions=())))

    assert of_two.no_region.startswith("The fall cannot be placed in any of the 2 regions: none was flagged")
    assert of_none.no_region == "The weeks since carry no regions, so where it fell is unknown."
    assert not explain_alarm(
        assess(history(regions=(region("returns", drifted=True, agreement=measured(0.5)),)))
    ).no_region


def test_a_slice_that_fell_no_more_than_the_rest_is_no_place_however_large():
    slices = [
        region(name, partition="country", drifted=True, share=share, n_pairs=int(200 * share), agreement=measured(0.75))
        for name, share in (("DE", 0.5), ("FR", 0.3), ("UK", 0.2))
    ]
    found = explain_alarm(assess(history(4, regions=tuple(slices))))

    assert [each.name for each in found.regions] == ["DE", "FR", "UK"]
    assert found.places == ()
    assert "DE" not in found.sentence
    assert "none fell surely more than the rest, so it fell across all" in found.no_region


def of_country(name, share, level):
    n_pairs = int(200 * share)
    usual, now = (ErrorFigure(level=each, variance=0.5 / n_pairs, third=0.0, degrees=50) for each in (1.0, level))
    figures = {"n_queries": n_pairs // 2, "error_heldout": usual, "error": now, "drifted": True}
    return region(name, partition="country", share=share, n_pairs=n_pairs, agreement=measured(0.8), **figures)


def test_a_new_region_leads_before_the_slices_that_merely_contain_it():
    born = replace(
        of_country("scooters", 0.1, 4.0), partition="cluster", is_new=True, error_heldout=None, agreement_heldout=None
    )
    slices = of_country("DE", 0.5, 1.5), of_country("FR", 0.3, 1.4), of_country("UK", 0.2, 1.5)
    found = explain_alarm(assess(history(4, regions=(*slices, born))))

    assert [each.name for each in found.places] == ["scooters"]
    assert "Most of it: scooters." in found.sentence
    assert 0.5 < found.regions[0].carried <= 1


def test_what_carries_less_than_half_of_a_fall_is_not_called_most_of_it():
    slices = of_country("DE", 0.5, 1.9), of_country("FR", 0.4, 1.9), of_country("UK", 0.1, 4.0)

    assert "It fell most in UK." in explain_alarm(assess(history(4, regions=slices))).sentence


def test_an_alarm_that_ended_because_its_level_was_accepted_says_so():
    runs = [*history(3), week(9, agreement=measured(0.78), null_error=0.07)]
    accepted = Decision(kind="accept_level", at=runs[-1].at, by="Bo", reason="we live with it", run_key=runs[-1].key)

    over = explain_alarm(assess(runs, [accepted]), [accepted])

    assert over.ended == runs[-1].at
    assert "quiet" not in over.reasons[-1]
    assert over.reasons[-1].startswith("The level of the week of 2026-03-09, 0.78 (0.75 to 0.80), was accepted as")


def test_a_sample_that_was_recorded_again_counts_once_in_the_regions_of_the_weeks():
    runs = history(2, regions=(region("returns", drifted=True, agreement=measured(0.5)),))
    again = replace(runs[-1], at=runs[-1].at + timedelta(days=7))
    once, twice = (explain_alarm(assess([*runs, *more])) for more in ((), (again,)))

    assert (twice.regions, twice.change) == (once.regions, once.change)
    assert (twice.regions[0].n_weeks, twice.regions[0].n_pairs) == (2, 80)


def test_the_interval_reaches_back_to_the_week_that_first_showed_the_new_region_that_leads():
    born = {"is_new": True, "drifted": True, "agreement_heldout": None, "agreement": measured(0.4)}
    runs = history(4, regions=(region("scooters", since="2026-01-26", **born),))
    change = explain_alarm(assess(runs)).change

    assert (change.at, change.low) == (week(6).at, week(3).at)


OWN = (OwnRegion(partition="query clusters", name="battery, scooter", share=0.15, is_new=True),)


def test_a_new_region_that_only_the_weeks_own_diagnosis_names_leads_before_known_ones():
    found = explain_alarm(
        assess(history(regions=(of_country("DE", 0.5, 9.0), of_country("FR", 0.5, 1.2)), own_regions=OWN))
    )

    told = "new region “battery, scooter”, 15% of the week's pairs."
    assert found.week.reasons[-1] == f"The diagnosis of this week alone names: {told}"
    assert found.week.past_reasons[-1] == f"The diagnosis of this week alone named: {told}"
    assert f"By the diagnosis of the week of {found.week.run.at:%Y-%m-%d} it lies in the {told}" in found.sentence
    assert "DE" not in found.sentence
    assert week_by_itself(found.week.run).endswith("got worse: DE; FR.")


def test_an_alarm_that_is_over_is_told_of_its_own_week_in_the_past():
    calm = [week(8 + number, agreement=measured(0.95), null_error=0.07, regions=()) for number in range(20)]
    born, known = (
        explain_alarm(assess([*history(regions=(), own_regions=(replace(OWN[0], is_new=is_new),)), *calm]))
        for is_new in (True, False)
    )

    of = "the diagnosis of the week of 2026-02-23"
    assert born.ended is not None
    assert f"By {of} it lay in the new region" in born.sentence
    known = replace(known, fall=replace(known.fall, n_compared=2))
    assert known.no_region.endswith(f" By itself {of} named: “battery, scooter”, 15% of the week's pairs.")


def test_what_the_diagnosis_blames_is_called_as_the_history_calls_it_in_every_sentence():
    kept = region("postage, granny", partition="query clusters", is_new=True, drifted=True, share=0.14)
    found = explain_alarm(assess(history(regions=(kept,), own_regions=OWN)))

    told = " ".join((*found.reasons, found.sentence, week_by_itself(found.week.run)))
    assert "battery, scooter" not in told
    assert "postage, granny" in told
    assert [(each.name, each.share) for each in blamed_regions(found.week.run)] == [("postage, granny", 0.14)]


def test_what_the_alarm_names_is_not_named_twice_and_a_quiet_week_names_none():
    told = "The student errs more on battery, scooter (new, 15% of the traffic)."
    alarm = WeekAssessment(run=week(own_regions=OWN), status="alarm", reasons=(told,), past_reasons=(told,))

    assert with_own_regions(alarm) == alarm
    assert assess([week(0, own_regions=OWN)])[0].reasons == ()
