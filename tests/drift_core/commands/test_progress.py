import io
import sys
import threading

import pytest

from drift_core.commands.progress import progress_bar, rescoring_progress, stage_progress
from drift_core.rescoring.progress import RescoreProgress


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock():
    return Clock()


def progress(n_done, seconds):
    return RescoreProgress(
        n_pairs=1000,
        n_done=n_done,
        calls=n_done,
        spent=0.5,
        in_flight=8,
        seconds=seconds,
        seconds_left=9 * seconds,
        cost_left=4.5,
    )


def test_a_re_scoring_is_told_at_its_start_and_then_every_half_minute(clock, capsys):
    with rescoring_progress("judge", "http://a/v1", 1000, clock=clock) as report:
        report(progress(0, 1))
        assert capsys.readouterr().err == "Re-scoring with judge: 0 of 1,000 done, 1,000 to ask, at http://a/v1.\n"
        for second in range(1, 70):
            clock.now += 1
            report(progress(second, second))

    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "30 of 1,000 pairs. 30 calls, 0.5 spent. About 4 minutes and 4.50 more left.",
        "60 of 1,000 pairs. 60 calls, 0.5 spent. About 9 minutes and 4.50 more left.",
    ]
    assert out == ""


def test_a_stage_is_told_with_the_time_left_at_its_own_pace(clock, capsys):
    with stage_progress("Scoring 500 pairs with ranker-1.", clock=clock) as report:
        clock.now += 600  # of loading, which says nothing of the pace
        report("scoring", 100, 500)
        clock.now += 29
        report("scoring", 150, 500)
        clock.now += 11
        report("scoring", 200, 500)
        clock.now += 30
        report("scoring", 500, 500)

    assert capsys.readouterr().err.splitlines() == [
        "Scoring 500 pairs with ranker-1.",
        "Scoring: 100 of 500.",
        "Scoring: 200 of 500. About 2 minutes left.",
        "Scoring: 500 of 500.",
    ]


def test_a_stage_that_says_nothing_for_long_is_told_all_the_same(monkeypatch, capsys):
    monkeypatch.setattr("drift_core.commands.progress.SECONDS_BETWEEN", 0.01)
    told = threading.Event()
    monkeypatch.setattr("drift_core.commands.progress.typer.echo", lambda line, err: (lines.append(line), told.set()))
    lines = []

    with progress_bar():
        assert told.wait(60)

    assert lines[0].startswith("Working, ")


def test_a_terminal_shows_a_bar_and_no_lines(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())

    with stage_progress("Scoring.", clock=clock) as report:
        report("scoring", 1, 2)
    with rescoring_progress("judge", "http://a/v1", 1000, clock=clock) as report:
        report(progress(3, 1))

    shown = sys.stderr.getvalue()
    assert "Scoring.\n" not in shown
    assert "Re-scoring" not in shown
    assert "3 of 1,000 pairs." in shown
