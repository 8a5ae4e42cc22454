import pytest

from drift_core.simulation import canary_year, canary_year_samples
from tests.drift_core.canary.runs_by_hand import full_week
from tests.drift_core.command_line import run


@pytest.fixture
def quick_weeks(monkeypatch):
    """Two weeks whose figures are by hand, because measuring forty takes minutes."""
    monkeypatch.setattr(canary_year_samples, "N_WEEKS", 2)
    monkeypatch.setattr(canary_year, "measure_week", lambda sample, before: full_week(sample.week))


def test_the_year_of_canaries_is_written_like_a_scenario(quick_weeks, tmp_path):
    code, shown, said = run("simulate", "canary", "--out", tmp_path)

    assert (code, said) == (0, "")
    assert [line.rpartition("/")[2] for line in shown.splitlines()] == [
        "history.csv",
        "heldout.csv",
        "week-41.csv",
        "scenario.json",
    ]


def test_another_seed_makes_another_year(quick_weeks, tmp_path):
    for seed in (1, 2):
        run("simulate", "canary", "--out", tmp_path / str(seed), "--seed", seed)

    first, second = ((tmp_path / str(seed) / "canary" / "heldout.csv").read_bytes() for seed in (1, 2))
    assert first != second


def test_a_folder_that_cannot_be_is_said_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")

    code, _, said = run("simulate", "canary", "--out", tmp_path / "file")

    assert code == 2
    assert "cannot be made" in said
