"""The pattern of collapse over versions by hand: told where entropy falls twice without a gain, and only there."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from drift_core.canary.alarm import assess
from drift_core.canary.collapse import collapse_note, entropy_by_version, find_collapse
from drift_core.canary.status import newest_sentence
from drift_core.canary.textbook_rule import textbook_alarms
from drift_core.canary.week_json import explanation_to_json
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.gate.gate import decide_gate
from drift_core.history.from_json import run_from
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, week


def entropy(bits: float, *, teacher: float | None = 3.3, error: float = 0.03, n_cells: int = 10) -> OutputEntropy:
    student = replace(measured(bits), standard_error=error)
    return OutputEntropy(
        student=student,
        n_cells=n_cells,
        over="scores",
        teacher=None if teacher is None else replace(student, estimate=teacher),
        narrower=None if teacher is None else replace(student, estimate=teacher - bits),
    )


def versions(*levels: OutputEntropy | None, agreements: tuple[float, ...] = (), n_weeks: int = 2):
    """Weeks of versions s0, s1, ... in a row, each with its entropy and its agreement."""
    agreements = agreements or (0.91,) * len(levels)
    weeks = [
        week(
            n_weeks * place + number,
            student_version=f"s{place}",
            entropy=each,
            agreement=measured(agreements[place]),
        )
        for place, each in enumerate(levels)
        for number in range(n_weeks)
    ]
    return assess(weeks)


def test_two_falls_in_a_row_without_a_gain_are_told_with_their_figures():
    weeks = versions(entropy(3.3), entropy(3.0), entropy(2.6))

    assert [each.version for each in find_collapse(entropy_by_version(weeks))] == ["s0", "s1", "s2"]
    note = collapse_note(weeks)
    assert "(s0 3.30, s1 3.00, s2 2.60 bits) without a gain in agreement (0.91 to 0.91)" in note
    assert "no alarm by itself" in note
    assert newest_sentence(weeks).endswith(note)


def test_the_gate_notes_it_for_the_newest_version_and_blocks_nothing_for_it():
    weeks = versions(entropy(3.3), entropy(3.0), entropy(2.6))
    now = weeks[-1].run.at

    decision = decide_gate(weeks, now=now)

    assert [note for note in decision.notes if "may be collapsing" in note] == [collapse_note(weeks)]
    assert decision.status == decide_gate(versions(*[entropy(3.3)] * 3), now=now).status
    assert not any("may be collapsing" in note for note in decide_gate(weeks[:4], now=weeks[3].run.at).notes)


def test_the_gate_notes_it_for_the_version_whose_outputs_collapse_alone():
    weeks = versions(entropy(3.3), entropy(3.0), entropy(2.6))
    back = week(len(weeks), student_version="s0", entropy=entropy(3.3), agreement=measured(0.91))
    rolled_back = assess([*(each.run for each in weeks), back])

    decision = decide_gate(rolled_back, now=rolled_back[-1].run.at)

    assert not any("may be collapsing" in note for note in decision.notes)


@pytest.mark.parametrize(
    ("weeks", "why"),
    [
        (versions(entropy(3.3), entropy(2.6)), "one fall"),
        (versions(entropy(3.3), entropy(2.9), entropy(2.9)), "the last version did not fall"),
        (versions(entropy(2.6), entropy(3.0), entropy(3.3)), "it rises"),
        (versions(entropy(3.3), entropy(3.28), entropy(3.26)), "less than 2 % of the most a step"),
        (versions(entropy(3.3, error=0.3), entropy(3.0, error=0.3), entropy(2.6, error=0.3)), "chance"),
        (versions(entropy(3.3), entropy(3.0), entropy(2.6), agreements=(0.85, 0.9, 0.94)), "agreement gained"),
        (versions(entropy(3.3), entropy(3.0, teacher=3.0), entropy(2.6, teacher=2.6)), "the teacher's fell alike"),
        (versions(entropy(3.3), entropy(3.0, n_cells=9), entropy(2.6, n_cells=8)), "other bins"),
        (versions(entropy(3.3), None, entropy(3.0)), "a version without the figure"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_told(weeks, why):
    assert collapse_note(weeks) == "", why


def test_probabilities_have_no_teacher_beside_them_and_a_longer_fall_is_told_whole():
    weeks = versions(*(entropy(bits, teacher=None) for bits in (2.9, 3.2, 2.8, 2.4, 2.0)))

    assert [each.version for each in find_collapse(entropy_by_version(weeks))] == ["s1", "s2", "s3", "s4"]


def test_weeks_that_scatter_more_than_their_samples_widen_the_level_and_gaps_tell_nothing():
    calm = assess([week(number, entropy=entropy(3.0)) for number in range(4)])
    rough = assess([week(number, entropy=entropy(3.0 + 0.2 * (-1) ** number)) for number in range(4)])
    gap = assess([week(0, entropy=entropy(3.0)), week(1, entropy=entropy(1.0), n_pairs=5)])

    assert entropy_by_version(rough)[0].student.error > 5 * entropy_by_version(calm)[0].student.error
    found = entropy_by_version(gap)[0]
    assert (found.n_weeks, found.student.mean) == (1, 3.0)
    assert found.sentence == "s1: 3.00 (2.94 to 3.06) bits, 90%, 0.30 under the teacher's; 1 week"
    assert entropy_by_version(assess([week()])) == ()


def test_it_stands_in_the_explanation_and_a_record_without_it_still_reads():
    weeks = versions(entropy(3.3), entropy(3.0), entropy(2.6))

    told = explanation_to_json(weeks, None, events=(), strict=textbook_alarms(weeks))

    assert told["collapse"] == ["s0", "s1", "s2"]
    assert [each["entropy"] for each in told["entropy"]] == pytest.approx([3.3, 3.0, 2.6])
    old = week(at=MONDAY + timedelta(weeks=2))
    assert "entropy" not in old.to_json()
    for run in (old, replace(old, entropy=entropy(3.1)), replace(old, entropy=entropy(3.1, teacher=None))):
        assert run_from(json.dumps(run.to_json())) == run
