from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from drift_core.errors import InputError, SettingError, UnmeasurableError
from drift_core.history.history import open_history
from drift_core.history.record_week import RecordSettings, record_week
from drift_core.history.withdraw import withdraw_run
from tests.drift_core.canary.runs_by_hand import week
from tests.drift_core.small_case import small_diagnosis

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def settings(**chosen):
    return RecordSettings(
        at=MONDAY, recorded_at=MONDAY, **{"teacher_revision": " r-1 ", "student_version": "v1"} | chosen
    )


def too_few():
    raise UnmeasurableError("too few pairs", n_pairs=3)


def unreadable():
    raise InputError("no such file")


def test_a_week_is_measured_kept_and_judged_once(tmp_path):
    place = tmp_path / "canary.db"

    first, again = (record_week(place, small_diagnosis, settings=settings(), production_name="w") for _ in range(2))

    assert first.recorded.notes[0] == f"There was no history at {place}; it was made."
    assert (first.recorded.is_new, again.recorded.is_new) == (True, False)
    assert first.week is not None
    assert first.week.run.teacher_revision == "r-1"
    assert first.week.run.regions
    with open_history(place) as history:
        assert len(history.runs()) == 1


def test_a_sample_that_cannot_be_measured_is_a_gap_with_its_reason(tmp_path):
    made = record_week(tmp_path / "c.db", too_few, settings=settings(), production_name="weeks/monday.csv")

    assert made.week is not None
    assert made.week.status == "gap"
    assert "too few pairs" in " ".join(made.week.reasons)
    assert (made.week.run.production_name, made.week.run.n_pairs) == ("monday.csv", 3)


def test_no_history_is_made_for_a_week_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        record_week(tmp_path / "c.db", unreadable, settings=settings(), production_name="w")

    assert not (tmp_path / "c.db").exists()


def test_a_withdrawn_week_is_not_judged_when_it_is_recorded_again(tmp_path):
    place = tmp_path / "c.db"
    first = record_week(place, small_diagnosis, settings=settings(), production_name="w")
    with open_history(place) as history:
        withdraw_run(history, first.recorded.run.key, by="Ada", reason="Wrong file")

    again = record_week(place, small_diagnosis, settings=settings(), production_name="w")

    assert again.week is None
    assert again.recorded.withdrawal is not None


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"teacher_revision": " "}, "needs the revision of the teacher"),
        ({"student_version": ""}, "needs the version of the student"),
    ],
)
def test_a_week_without_a_name_is_refused_before_it_is_measured(chosen, message):
    with pytest.raises(SettingError, match=message):
        settings(**chosen)


def test_a_later_week_has_the_regions_of_the_first_by_their_names_and_first_days(tmp_path):
    place = tmp_path / "c.db"
    later = {"at": MONDAY + timedelta(weeks=1), "recorded_at": MONDAY + timedelta(weeks=1)}

    first = record_week(place, small_diagnosis, settings=settings(), production_name="w")
    second = record_week(place, small_diagnosis, settings=replace(settings(), **later), production_name="w")

    names = [(each.partition, each.name, each.since) for each in first.recorded.run.regions]
    with open_history(place) as history:
        kept = history.run(second.recorded.run.key)
    assert [(each.partition, each.name, each.since) for each in kept.regions] == names
    assert {since for _, _, since in names} == {"2026-06-01"}
    assert {each.centroid is not None for each in kept.regions if each.partition == "query clusters"} == {True}


def test_the_regions_of_the_runs_recorded_last_are_read_alone_where_that_is_enough(tmp_path):
    with open_history(tmp_path / "c.db") as history:
        for number in range(3):
            history.record(week(number))

        assert [len(run.regions) for run in history.runs(with_regions=2)] == [0, 2, 2]


@pytest.mark.parametrize(("ends", "is_old"), [("2026-05-29", False), ("2026-04-30", True)])
def test_a_sample_that_is_older_than_its_week_is_told(tmp_path, ends, is_old):
    made = small_diagnosis()
    times = np.full(len(made.production), np.datetime64(f"{ends}T12:00", "us"))
    dated = replace(made, production=replace(made.production, timestamp=times))

    found = record_week(tmp_path / "c.db", lambda: dated, settings=settings(), production_name="p")

    told = f"The sample ends on {ends}, 31 days before the week that it is recorded for, 2026-06-01."
    assert any(note.startswith(told) for note in found.recorded.notes) == is_old
    with open_history(tmp_path / "c.db") as history:
        assert [run.ends_at for run in history.runs()] == [datetime.fromisoformat(f"{ends}T12:00+00:00")]


def test_a_time_that_is_yet_to_come_does_not_make_a_sample_young(tmp_path):
    made = small_diagnosis()
    times = np.full(len(made.production), np.datetime64("2026-03-01", "us"))
    times[0], times[1] = np.datetime64("2126-03-01", "us"), np.datetime64("NaT")
    dated = replace(made, production=replace(made.production, timestamp=times))

    found = record_week(tmp_path / "c.db", lambda: dated, settings=settings(), production_name="p")

    assert found.recorded.run.data_at == datetime(2026, 3, 1, tzinfo=UTC)
