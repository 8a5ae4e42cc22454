from dataclasses import replace
from datetime import timedelta

import pytest

from drift_core.gate import headline
from drift_core.gate.gate import decide_gate
from drift_core.gate.headline import gate_headline, gate_lines
from drift_core.gate.limits import MEASURED_READINGS, NEWEST_READINGS
from tests.drift_core.gate.cases import CASES
from tests.drift_core.gate.test_comparison_check import WORSE
from tests.drift_core.gate.weeks import after, weeks

MOST_WORDS = 15


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("passing", "Pass since 2026-03-02: the newest canary is quiet."),
        ("blocked", "Blocked since 2026-03-16: the canary alarms, and 5 more reasons."),
        ("inconclusive", "Inconclusive: agreement may be below its floor."),
        ("passed_by_choice", "Inconclusive: agreement may be below its floor."),
        ("overridden", "Pass by an override of Ada <ada@example.org>."),
        ("no_run", "Inconclusive: there is no canary run."),
    ],
)
def test_each_answer_has_a_short_headline(case, expected):
    decision, _ = CASES[case]()

    assert gate_headline(decision) == expected


def test_the_date_is_that_of_the_reason_beside_it():
    decision, _ = CASES["blocked"]()
    first, *others = decision.reasons
    earlier = replace(decision, checks=(first, *(replace(each, since=first.since - timedelta(28)) for each in others)))
    later = replace(earlier, since=first.since - timedelta(28))

    assert gate_headline(later) == gate_headline(decision)


def test_no_headline_is_longer_than_fifteen_words():
    longest = [f"Blocked since 2026-03-16: {each}, and 12 more reasons." for each in headline.BLOCKED.values()]
    longest += [f"Inconclusive: {each}, and 12 more reasons." for each in headline.OPEN.values()]

    assert max(len(each.split()) for each in longest) <= MOST_WORDS + 1


def test_every_check_that_reads_a_week_has_its_words():
    assert {*MEASURED_READINGS, "revision", "slice", "before_after", "calibration", "stale"} == headline.BLOCKED.keys()
    assert {*NEWEST_READINGS} <= headline.BLOCKED.keys() | headline.OPEN.keys()


def test_a_part_that_got_worse_is_said():
    decision = decide_gate(weeks(3), now=after(2), comparison=WORSE)

    assert gate_headline(decision) == "Blocked: worse in 2 parts of the traffic."
    one = replace(decision, checks=tuple(each for each in decision.checks if each.subject != WORSE.worse[1].title))
    assert gate_headline(one) == "Blocked: worse in surface: voice, fresh pairs."
    assert gate_lines(decision) == ()


def test_what_a_pass_rests_on_stands_in_lines_of_its_own():
    decision = decide_gate(weeks(3), now=after(2))

    assert gate_lines(decision) == (
        "The canary of 2026-03-16, 1 day old, is quiet: agreement 0.93 (0.90 to 0.96), top-10 overlap 0.82 "
        "(0.62 to 0.93).",
        "No judge card was given, so no revision was checked.",
    )


def test_an_override_and_the_cards_choice_are_told_below():
    assert gate_lines(CASES["overridden"]()[0]) == (
        "Ada <ada@example.org> on 2026-03-17, 'The teacher judges that region.'",
        "It holds until the next canary run or until one is overdue, and covers: alarm of the canary.",
    )
    assert gate_lines(CASES["passed_by_choice"]()[0]) == ("The judge card lets a release pass here.",)
    assert gate_lines(CASES["inconclusive"]()[0]) == ()
