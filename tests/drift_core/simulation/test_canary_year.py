import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from drift_core import InputError, open_history
from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.events import find_events
from drift_core.canary.explanation import explain_alarm
from drift_core.history.csv_exchange import import_csv
from drift_core.simulation import canary_year
from drift_core.simulation.canary_year import shipped_canary_files
from drift_core.simulation.canary_year_samples import N_WEEKS, weekly_sample
from tests.sweeps import sweep

FOLDER = Path(canary_year.__file__).parents[2] / "sample_data" / "canary"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with open_history(tmp_path_factory.mktemp("year") / "canary.db") as history:
        import_csv(shipped_canary_files().history, history)
        return history.runs(with_regions=True)


@cache
def fresh():
    return weekly_sample(N_WEEKS + 1)


@pytest.mark.parametrize("week", sweep((9, 18, 36), 18))
def test_a_shipped_week_is_measured_again_from_its_seed(runs, week):
    made = canary_year.measure_week(weekly_sample(week), runs[: week - 1]).to_json()
    shipped = runs[week - 1].to_json()

    shipped["rule"] = Rule().to_json() | dict(shipped["rule"])  # a key that joined later has its default
    other = {"version": ""}  # by which it was measured
    assert made | other == shipped | other
    assert made.get("command") is None  # there is no file of that week


def test_the_fresh_week_and_held_out_are_made_again_bit_for_bit():
    assert canary_year.as_csv(fresh().heldout) == (FOLDER / "heldout.csv").read_bytes()
    assert canary_year.as_csv(fresh().production) == (FOLDER / "week-41.csv").read_bytes()


def test_the_description_holds_the_digests_of_the_files():
    described = json.loads((FOLDER / canary_year.DESCRIPTION_FILE).read_text())

    assert described["sha256"] == {
        name: sha256((FOLDER / name).read_bytes()).hexdigest() for name in ("history.csv", "heldout.csv", "week-41.csv")
    }
    assert described["student_version"] == fresh().student_version


def test_the_files_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000


def test_the_year_is_quiet_until_the_cohort_and_alarms_within_two_weeks_of_each_change(runs):
    marks = "".join({"quiet": ".", "alarm": "A", "gap": "_"}[week.status] for week in assess(runs))

    assert len(marks) == N_WEEKS
    assert "A" not in marks[:17]
    assert marks[8] == "_"
    assert "A" in marks[17:19]
    assert "A" not in marks[22:31]
    assert "A" in marks[31:33]
    assert marks[36:] == "...."


def test_the_alarm_of_the_cohort_is_explained_by_it(runs):
    weeks = assess(runs)

    found = explain_alarm(weeks[:22])

    assert found is not None
    assert found.regions[0].name == "voice"
    assert [event.label for event in found.coinciding] == ["New region: voice"]


def test_what_happened_is_on_the_time_line(runs):
    kinds = {event.kind for event in find_events(runs)}

    assert kinds >= {"new_region", "student_release", "teacher_revision", "bridge"}


def test_writing_the_year_gives_files_that_a_history_takes(tmp_path, monkeypatch):
    monkeypatch.setattr(canary_year.canary_year_samples, "N_WEEKS", 2)
    monkeypatch.setattr(
        canary_year, "weekly_sample", lambda week, seed: weekly_sample({1: 9, 2: 10}.get(week, 41), seed=seed)
    )
    monkeypatch.setattr(canary_year, "measure_week", lambda sample, earlier: runs_by_week(sample.week))
    seen = []

    paths = canary_year.write_canary_year(tmp_path, progress=lambda *report: seen.append(report))

    assert [path.name for path in paths] == ["history.csv", "heldout.csv", "week-41.csv", "scenario.json"]
    assert seen == [("weeks", 1, 2), ("weeks", 2, 2)]
    with open_history(tmp_path / "canary.db") as history:
        assert import_csv(paths[0], history).n_new == 2


def runs_by_week(week):
    from tests.drift_core.canary.runs_by_hand import full_week

    return full_week(week)


def test_an_installation_without_the_files_says_how_to_make_them(monkeypatch):
    monkeypatch.setattr(canary_year, "app_folder", lambda: Path("/nowhere"))

    with pytest.raises(InputError, match="distillation-drift simulate canary --out DIR"):
        shipped_canary_files()
