import json
from dataclasses import replace

import pytest

from drift_core.errors import InputError, ReleaseBlocked
from drift_core.treatment.comparison.record import ComparisonRecord, WorsePart
from drift_core.treatment.release.gate import decide_gate, make_override
from drift_core.treatment.release.gate_files import gate_to_code_quality, gate_to_json, gate_to_junit
from drift_core.treatment.release.release import gate_release, read_gate
from tests.drift_core.treatment.release.judged import judge_by_summary, record
from tests.drift_core.treatment.release.weeks import after, card, run, week, weeks

BETTER = ComparisonRecord(
    student_before="ranker-1",
    student_after="ranker-7",
    outcome="better",
    sentence="Better: agreement rose from 0.74 to 0.91.",
    worse=(),
    is_measured=True,
)
VOICE = WorsePart(title="surface: voice, fresh pairs", sentence="surface: voice, fresh pairs: fell by 0.19.")
WORSE = replace(BETTER, worse=(VOICE, WorsePart(title="country: DE, fresh pairs", sentence="It fell.")))


def decided(comparison, **fields):
    return decide_gate(weeks(3), now=after(2), comparison=comparison, **fields)


def before_after(decision):
    return [check for check in decision.checks if check.name == "before_after"]


def of_student(version):
    """Weeks and card of one student."""
    return [week(place, student_version=version) for place in range(3)], card(student={"version": version})


def test_without_a_comparison_nothing_is_checked_and_the_json_says_so():
    decision = decided(None)

    assert not before_after(decision)
    assert gate_to_json(decision)["comparison"] is None
    assert decision.status == "pass"


def test_a_comparison_in_which_nothing_got_worse_is_held():
    decision = decided(BETTER)

    (check,) = before_after(decision)
    assert (check.outcome, check.sentence) == ("held", BETTER.sentence)
    assert gate_to_json(decision)["comparison"] == {
        "student_before": "ranker-1",
        "student_after": "ranker-7",
        "outcome": "better",
        "sentence": BETTER.sentence,
        "worse": [],
    }


def test_each_part_that_got_worse_blocks_and_is_named():
    decision = decided(WORSE)

    assert decision.status == "blocked"
    assert decision.exit_code == 1
    assert [check.subject for check in decision.reasons] == [part.title for part in WORSE.worse]
    assert "surface: voice, fresh pairs: fell by 0.19." in decision.sentence
    assert b"before_after surface: voice" in gate_to_junit(decision)
    assert len({each["fingerprint"] for each in json.loads(gate_to_code_quality(decision, path="x"))}) == 2


def test_what_could_not_be_measured_is_inconclusive():
    decision = decided(replace(BETTER, is_measured=False, outcome="cannot tell", sentence="Cannot tell: too few."))

    assert decision.status == "inconclusive"
    assert before_after(decision)[0].sentence.startswith("Cannot tell: too few. Compare again with")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("ranker-3", "The comparison is of student ranker-3; the card's is ranker-9."),
        (None, "does not name its student"),
    ],
)
def test_a_comparison_of_another_student_is_inconclusive_even_where_it_is_worse(named, told):
    found, of_team = of_student("ranker-9")

    decision = decide_gate(found, now=after(2), card=of_team, comparison=replace(WORSE, student_after=named))

    (check,) = before_after(decision)
    assert check.outcome == "inconclusive"
    assert told in check.sentence


def test_without_a_card_the_newest_run_says_which_student_it_must_be():
    stranger = {"student_after": "ranker-3"}

    (check,) = before_after(decided(replace(BETTER, **stranger)))
    assert check.outcome == "inconclusive"
    assert "of student ranker-3; the newest run's is ranker-7." in check.sentence
    assert decided(replace(WORSE, **stranger)).status == "blocked"
    assert decided(replace(BETTER, student_after=None)).status == "pass"


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("ranker-0", "The comparison is with student ranker-0; the card's parent is ranker-1."),
        (None, "does not name the student before; the card's parent is ranker-1."),
    ],
)
def test_a_comparison_with_another_student_than_the_parent_is_inconclusive(before, told):
    found = [week(place) for place in range(3)]
    of_team = card(student={"version": "ranker-7", "parent": "ranker-1"})

    decision = decide_gate(found, now=after(2), card=of_team, comparison=replace(BETTER, student_before=before))

    (check,) = before_after(decision)
    assert check.outcome == "inconclusive"
    assert told in check.sentence
    assert decide_gate(found, now=after(2), card=of_team, comparison=BETTER).status == "pass"


def test_the_cards_own_student_is_held_to_its_comparison():
    found, of_team = of_student("ranker-7")

    assert decide_gate(found, now=after(2), card=of_team, comparison=WORSE).status == "blocked"
    assert decide_gate(found, now=after(2), card=of_team, comparison=BETTER).status == "pass"


def test_an_override_covers_it():
    made = make_override(decided(WORSE), by="Ada", reason="Voice is switched off.")

    decision = decided(WORSE, decisions=[made])

    assert made.reasons == ("before_after",)
    assert decision.status == "pass"
    assert {check.outcome for check in before_after(decision)} == {"overridden"}
    assert "covers: before_after" in decision.sentence


def test_the_release_is_gated_by_a_comparison_or_its_file(tmp_path, monkeypatch):
    judge_by_summary(monkeypatch)
    place = tmp_path / "canary.db"
    record(place, run(0), run(1), run(2))

    with pytest.raises(ReleaseBlocked, match="surface: voice"):
        gate_release(place, now=after(2), comparison=WORSE)
    assert read_gate(place, now=after(2), comparison=BETTER).status == "pass"
    with pytest.raises(InputError, match="cannot be read"):
        read_gate(place, now=after(2), comparison=tmp_path / "none.json")
