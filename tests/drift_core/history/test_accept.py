from datetime import UTC, datetime

import pytest

from drift_core import InputError, SettingError, Unmeasured, open_history
from drift_core.canary.alarm import assess
from drift_core.history.accept import accept_level
from tests.drift_core.canary.runs_by_hand import measured, week

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "canary.db") as opened:
        yield opened


def test_the_newest_level_is_the_baseline_from_then_on(history):
    history.record_all([week(0, agreement=measured(0.95)), week(1, agreement=measured(0.6))])

    accepted = accept_level(history, by="Ada", reason="Known cohort.", at=NOW)
    history.record(week(2, agreement=measured(0.6)))

    weeks = assess(history.runs(), history.decisions())
    assert accepted == week(1, agreement=measured(0.6), regions=())
    assert [each.status for each in weeks] == ["quiet", "quiet", "quiet"]
    assert [each.baseline.source for each in weeks] == ["heldout", "accepted", "accepted"]


def test_nothing_is_accepted_without_a_name_and_a_reason(history):
    history.record(week())

    with pytest.raises(SettingError, match="needs a reason"):
        accept_level(history, by="Ada", reason=" ", at=NOW)
    assert history.decisions() == ()


def test_of_several_students_the_named_one_s_newest_run_is_accepted(history):
    history.record_all([week(0), week(1, student_version="s2"), week(2, student_version=None)])

    with pytest.raises(SettingError, match="several students: s1, s2, without a version"):
        accept_level(history, by="Ada", reason="Known.", at=NOW)
    with pytest.raises(InputError, match="no run of student s3"):
        accept_level(history, by="Ada", reason="Known.", at=NOW, student_version="s3")

    assert accept_level(history, by="Ada", reason="Known.", at=NOW, student_version="s1").student_version == "s1"
    assert accept_level(history, by="Ada", reason="Known.", at=NOW, student_version="").student_version is None


@pytest.mark.parametrize("runs", [[], [week(agreement=Unmeasured(reason="3 pairs"))]])
def test_there_must_be_a_level_to_accept(history, runs):
    history.record_all(runs)

    with pytest.raises(InputError, match=r"There is no run|is a gap"):
        accept_level(history, by="Ada", reason="Known.", at=NOW)
