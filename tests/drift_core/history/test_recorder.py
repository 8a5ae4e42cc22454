from dataclasses import replace

import pytest

from drift_core import open_history
from drift_core.canary.withdrawals import active_runs
from drift_core.history import recorder
from drift_core.history.csv_exchange import export_csv, import_csv
from drift_core.history.withdraw import restore_run, withdraw_run
from tests.drift_core.canary.runs_by_hand import full_week, week

ADA = {"by": "Ada", "reason": "Wrong words"}


@pytest.fixture
def history(place):
    with open_history(place) as opened:
        yield opened


def standing(history):
    return active_runs(history.runs(with_regions=True), history.decisions())


@pytest.fixture
def wrong(history):
    """A record that was withdrawn, because it names a wrong model, K, rule and pinned revision."""
    run = full_week(0)
    history.record(run)
    withdraw_run(history, run.key, **ADA)
    return run


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        (lambda run: {"teacher_model": "judge-small"}, "teacher model"),
        (lambda run: {"k": 5}, "K"),
        (lambda run: {"rule": {"k": 10, "alpha": 0.01}}, "rule"),
        (lambda run: {"bridge": replace(run.bridge, pinned_revision="r0")}, "pinned revision"),
    ],
)
def test_a_run_that_corrects_a_withdrawn_one_counts_in_its_place(history, wrong, changed, word):
    right = replace(wrong, **changed(wrong))

    recorded = history.record(right)

    assert recorded.is_new
    assert recorded.run == replace(right, in_place_of=wrong.key)
    assert recorded.run.key != wrong.key
    assert any(note.endswith(f"This one, with another {word}, counts in its place.") for note in recorded.notes)
    assert standing(history) == (recorded.run,)
    assert len(history.runs()) == 2


def test_a_later_time_version_or_new_key_of_the_rule_does_not_bring_a_run_back(history, wrong):
    again = replace(wrong, recorded_at=week(3).at, version="9.0", rule={**wrong.rule, "new": 1})

    recorded = history.record(again)

    assert not recorded.is_new
    assert recorded.run == wrong
    assert "It stays withdrawn and does not count." in recorded.notes[0]
    assert standing(history) == ()


def test_a_correction_is_recorded_once_and_can_be_withdrawn_and_corrected_too(history, wrong):
    first = history.record(replace(wrong, k=5)).run
    assert not history.record(replace(wrong, k=5)).is_new
    assert not history.record(replace(wrong, k=7)).is_new

    withdraw_run(history, first.key, **ADA)
    assert history.record(replace(wrong, k=5)).withdrawal is not None
    second = history.record(replace(wrong, k=7))

    assert second.is_new
    assert second.run.in_place_of == first.key
    assert standing(history) == (second.run,)
    restore_run(history, wrong.key, by="Bob", reason="It was right")
    assert len(standing(history)) == 2


def test_a_correction_goes_through_a_file_with_what_it_corrects(history, wrong, tmp_path):
    history.record(replace(wrong, k=5))
    path = tmp_path / "weeks.csv"
    path.write_bytes(export_csv(history))

    with open_history(tmp_path / "other.sqlite") as other:
        done = import_csv(path, other)

        assert (done.n_new, done.n_withdrawn) == (2, 1)
        assert standing(other) == standing(history)
        assert import_csv(path, other).n_known == 2


def test_withdrawals_are_read_once_for_all_runs_of_an_import(history, wrong, monkeypatch):
    read = recorder.read_withdrawing
    calls = []
    monkeypatch.setattr(recorder, "read_withdrawing", lambda query: calls.append(1) or read(query))

    history.record_all([wrong, *(week(number) for number in range(1, 6))])

    assert len(calls) == 1
