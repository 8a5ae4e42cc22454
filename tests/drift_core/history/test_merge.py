from dataclasses import replace
from datetime import timedelta

import pytest

from drift_core import open_history
from drift_core.canary.alarm import assess
from drift_core.canary.decision import Decision
from drift_core.canary.withdrawals import active_runs
from drift_core.errors import SettingError
from drift_core.gate.context import GateContext
from drift_core.gate.overrides import overrides_in_force
from drift_core.history.name_region import name_region
from drift_core.history.withdraw import restore_run, withdraw_run
from drift_core.judge_card.settings import GateSettings
from drift_core.regions.named_region import NamedRegion
from tests.drift_core.canary.runs_by_hand import full_week, week

NOW = week(2).at + timedelta(days=1)
ADA = {"by": "Ada", "reason": "Wrong words"}


@pytest.fixture
def kept(place):
    """A history with one week."""
    with open_history(place) as opened:
        opened.record(week(0))
        yield opened


@pytest.fixture
def other(tmp_path):
    """A copy of it, to which somebody else writes."""
    with open_history(tmp_path / "other.sqlite") as opened:
        opened.record(week(0))
        yield opened


def in_order(history):
    return sorted(history.runs(with_regions=True), key=lambda run: run.number)


def test_what_two_writers_recorded_is_there_once_whole_and_in_order(kept, other):
    kept.record(week(1))
    for run in (week(1), full_week(3), week(2)):
        other.record(run)

    added = kept.merge(other)

    assert [each.run.key for each in added] == [full_week(3).key, week(2).key]
    assert [(run.key, run.number) for run in in_order(kept)] == [
        (run.key, number) for number, run in enumerate((week(0), week(1), full_week(3), week(2)), start=1)
    ]
    assert replace(kept.run(full_week(3).key), number=None) == replace(full_week(3), number=None)
    assert kept.merge(other) == ()


def test_decisions_come_along_and_the_last_about_a_run_decides(kept, other):
    other.record(week(1))
    withdraw_run(other, week(1).key, **ADA)
    withdraw_run(kept, week(0).key, **ADA)
    withdraw_run(other, week(0).key, by="Bo", reason="Wrong too")
    restore_run(other, week(0).key, by="Bo", reason="It was right")

    kept.merge(other)

    assert [run.key for run in active_runs(kept.runs(), kept.decisions())] == [week(0).key]
    assert set(other.decisions()) < set(kept.decisions())
    assert len(kept.decisions()) == 4


def test_a_second_run_of_a_week_is_noted(kept, other):
    other.record(week(0, production_digest="another sample"))

    [added] = kept.merge(other)

    assert added.notes == ("Week 2 of 2026 has another run, of 2026-01-05.",)


def test_one_name_for_two_regions_is_refused_before_anything_is_written(kept, other):
    other.record(week(1))
    for history, words in ((kept, "gift cards"), (other, "vouchers")):
        name_region(history, NamedRegion(name="gifts", words=words), **ADA)

    with pytest.raises(
        SettingError, match=r"Both histories have a region called gifts, by .* and by .*\. Its weeks stand"
    ):
        kept.merge(other)

    assert len(kept.runs()) == 1
    assert [type(each) for each in kept.decisions()] == [Decision]


OTHER_K = {"k": 5, "rule": {"k": 5, "alpha": 0.05}}


def test_a_run_that_the_other_recorded_with_another_k_stays_and_is_named(kept, other):
    other.record(week(1, **OTHER_K))
    kept.record(week(1))

    [told] = kept.merge(other)

    assert not told.is_new
    assert "was recorded before with another K and rule, and that record stays" in told.notes[0]
    assert [run.k for run in kept.runs()] == [10, 10]


def counted(history):
    return [(run.at, run.k) for run in active_runs(history.runs(), history.decisions())]


def test_a_record_that_counts_stays_beside_one_of_the_same_sample_that_was_withdrawn(tmp_path):
    for place, is_into_it in enumerate((True, False)):
        with (
            open_history(tmp_path / f"one {place}.sqlite") as wrong,
            open_history(tmp_path / f"two {place}.sqlite") as right,
        ):
            wrong.record(week(0))
            withdraw_run(wrong, week(0).key, **ADA)
            right.record(week(0, **OTHER_K))
            into, taken = (wrong, right) if is_into_it else (right, wrong)

            told = into.merge(taken)

            assert counted(into) == [(week(0).at, 5)]
            assert "counts in its place" in told[-1].notes[0]
            assert into.merge(taken) == ()
            assert counted(into) == [(week(0).at, 5)]


def override_of(history, run):
    """The release that ships although the gate blocks, with the student's last run as the gate counts it."""
    last = max(each.number for each in history.runs() if each.student_version == run.student_version)
    history.decide(Decision(kind="override", at=NOW, run_key=run.key, reasons=("alarm",), last_number=last, **ADA))


def in_force(history):
    runs = [each for each in history.runs() if each.student_version == "s1"]
    context = GateContext(
        weeks=assess(runs, history.decisions()),
        n_recorded=len(runs),
        others=(),
        card=None,
        now=NOW,
        settings=GateSettings(),
        decisions=history.decisions(),
        clock=NOW,
    )
    return len(overrides_in_force(context))


def test_an_override_holds_by_the_runs_that_its_student_has_not_by_their_places(kept, other):
    kept.record(week(1, student_version="s2"))
    other.record(week(2))
    override_of(other, week(2))

    kept.merge(other)
    kept.merge(other)

    assert in_force(kept) == in_force(other) == 1
    assert len(kept.decisions()) == 1
    kept.record(week(1))
    assert in_force(kept) == 0
    kept.merge(other)
    assert in_force(kept) == 0


def test_no_override_covers_a_run_that_it_was_made_without(kept, other):
    kept.record(week(1))
    other.record(week(2, student_version="s2"))
    other.record(week(2))
    override_of(other, week(2))

    kept.merge(other)
    other.merge(kept)

    assert in_force(kept) == in_force(other) == 0
