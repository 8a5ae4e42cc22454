import itertools

import numpy as np
import pytest

from drift_core.errors import SettingError
from drift_core.measured import Measured, Unmeasured
from drift_core.retraining.footprint import Footprint, footprint_of
from drift_core.retraining.student import load_student
from drift_core.retraining.throughput import (
    MOST_CALLS,
    MOST_SECONDS,
    WARM_UP,
    Throughput,
    measure_throughput,
    time_calls,
    timed_batch,
)
from tests.drift_core.retraining.cases import pairs


class Clock:
    """Stands still but for what calls take."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def loaded(student, monkeypatch):
    """A student whose call takes 2 ms and half a millisecond a pair, by a clock of its own."""
    found, clock, sizes = load_student(student, device="cpu"), Clock(), []

    def predict(batch, *, batch_size, show_progress_bar):
        assert (len(batch), show_progress_bar) == (batch_size, False)
        clock.now += 0.002 + 0.0005 * len(batch)
        sizes.append(len(batch))

    monkeypatch.setattr(found.model, "predict", predict)
    return found, clock, sizes


def measured(loaded, budget_ms):
    student, clock, _ = loaded
    table = pairs(30)
    return measure_throughput(student, table["query"], table["doc"], budget_ms=budget_ms, clock=clock)


def test_calls_are_summed_up_by_their_durations():
    seconds = [*[0.010] * 380, *[0.050] * 16, *[0.200] * 4]

    found = timed_batch(8, seconds)

    assert found.pairs_per_second == pytest.approx(8 * 400 / 5.4)
    assert [each.estimate for each in (found.p50, found.p95, found.p99)] == pytest.approx([10, 10, 50])
    assert (found.slowest, found.n_calls) == (200, 400)
    assert found.p95.low <= 10 < found.p95.high == pytest.approx(50)
    assert not found.is_within(49)
    assert found.is_within(51)


def test_few_calls_hold_a_budget_only_where_each_did():
    found = timed_batch(64, [0.1] * 20 + [0.3])

    assert isinstance(found.p99, Unmeasured)
    assert isinstance(found.p95, Unmeasured)
    assert isinstance(found.p50, Measured)
    assert not found.is_within(299)
    assert found.is_within(301)


@pytest.mark.parametrize(("budget", "best", "tried"), [(2.6, 1, 2), (10.5, 16, 6), (500, 512, 10)])
def test_the_largest_throughput_within_the_budget_is_found(loaded, budget, best, tried):
    found = measured(loaded, budget)

    assert [each.batch_size for each in found.tried] == [2**i for i in range(tried)]
    assert found.best.batch_size == best
    assert found.best.pairs_per_second == pytest.approx(best / (0.002 + 0.0005 * best))
    assert found.sentence.startswith(
        f"{found.best.pairs_per_second:,.0f} pairs a second within {budget:g} ms a call on cpu"
    )


def test_a_budget_that_no_call_holds_is_said_with_what_one_takes(loaded):
    found = measured(loaded, 1)

    assert found.best is None
    assert len(found.tried) == 1
    assert found.sentence.startswith("Not within 1 ms a call on cpu: calls of 1 pair take 2.5 ms in the median")
    assert found.to_json()["best"] is None


def test_a_size_that_brings_nothing_twice_is_the_last(loaded, monkeypatch):
    student, clock, _ = loaded

    def predict(batch, **_):
        clock.now += 0.001 * len(batch) ** 1.2

    monkeypatch.setattr(student.model, "predict", predict)

    assert [each.batch_size for each in measured(loaded, 10_000).tried] == [1, 2, 4]


def test_a_size_that_does_not_fit_into_memory_ends_the_search(loaded, monkeypatch):
    student, clock, _ = loaded

    def predict(batch, **_):
        clock.now += 0.001
        if len(batch) > 4:
            raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(student.model, "predict", predict)

    assert [each.batch_size for each in measured(loaded, 100).tried] == [1, 2, 4]


def test_the_first_calls_are_not_counted_and_pairs_come_in_turn():
    clock, seen = Clock(), []

    def call(batch):
        clock.now += 10 if len(seen) < WARM_UP else 1
        seen.append(batch)

    seconds = time_calls(call, itertools.cycle("abcd"), clock=clock)

    assert seconds == [1] * int(MOST_SECONDS)
    assert "".join(seen[:5]) == "abcda"
    assert len(time_calls(lambda _: None, itertools.cycle("a"), clock=clock)) == MOST_CALLS


@pytest.mark.parametrize("budget", [0, -1, float("nan"), float("inf")])
def test_a_budget_must_lie_above_0(loaded, budget):
    with pytest.raises(SettingError, match="must be a number of milliseconds above 0; found"):
        measured(loaded, budget)


def test_without_pairs_nothing_is_timed(loaded):
    with pytest.raises(SettingError, match="no pairs to time"):
        measure_throughput(loaded[0], [], [], budget_ms=1)


def test_the_room_is_that_of_the_files_and_the_weights(student):
    found = footprint_of(load_student(student, device="cpu"))

    assert found.disk_bytes == sum(each.stat().st_size for each in student.rglob("*") if each.is_file())
    assert 0 < found.weight_bytes < found.disk_bytes
    assert found.peak_bytes > found.weight_bytes
    assert found.device_peak_bytes is None


def test_the_room_in_words():
    found = Footprint(disk_bytes=91_400_000, weight_bytes=90_000_000, peak_bytes=None, device_peak_bytes=512_000_000)

    assert found.sentence == ("The student takes 91.4 MB on disk, its weights 90.0 MB, at most 512.0 MB on the GPU.")
    assert np.isfinite(Throughput(budget_ms=5, tried=(timed_batch(1, [0.001]),), device="cpu").best.pairs_per_second)
