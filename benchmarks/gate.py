"""The release gate on 1,000 weeks of history, each answer from a process of its own: seconds with the start-up."""

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from drift_core.canary.figures import HeldoutFigure, RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.history.history import open_history
from drift_core.judge_card.file import init_card
from drift_core.measured import Measured

N_WEEKS, N_REGIONS, REPEATS = 1_000, 8, 7
NEWEST = datetime(2026, 11, 16, 6, tzinfo=UTC)
MOST_SECONDS = 1.0


def main() -> None:
    """Print the fastest and the median of some answers, without a card and with one."""
    with tempfile.TemporaryDirectory() as folder:
        history, card = Path(folder) / "canary.db", Path(folder) / "judges.yaml"
        with open_history(history) as opened:
            opened.record_all(_weeks())
        init_card(card, teacher_model="large", teacher_revision="2026-01", student_version="ranker-7")
        ask = ["gate", "--history", str(history), "--now", "2026-11-18"]
        _show("without card", ask)
        _show(
            "with card, JSON and JUnit",
            [*ask, "--card", str(card), "--json", f"{folder}/g.json", "--junit", f"{folder}/g.xml"],
        )
        _show("only --help", ["gate", "--help"])


def _show(name: str, arguments: list[str]) -> None:
    seconds, before = [], _cpu()
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "drift_core", *arguments], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    cpu = (_cpu() - before) / REPEATS
    verdict = "" if name == "only --help" else f", at most {MOST_SECONDS:g} wanted"
    print(f"{name}: {min(seconds):.2f} s fastest, {np.median(seconds):.2f} s median, {cpu:.2f} s of CPU each{verdict}")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _weeks() -> list[CanaryRun]:
    rng = np.random.default_rng(0)
    return [_week(number, rng.normal(1.7, 0.03)) for number in range(N_WEEKS)]


def _week(number: int, z: float) -> CanaryRun:
    agreement = _measured(z)
    at = NEWEST - timedelta(days=7 * (N_WEEKS - 1 - number))
    return CanaryRun(
        at=at,
        recorded_at=at,
        teacher_model="large",
        teacher_revision="2026-01",
        student_version="ranker-7",
        n_pairs=200,
        n_queries=120,
        agreement=agreement,
        overlap=replace(agreement, estimate=0.8, low=0.6, high=0.92),
        overlap_normal_low=0.6,
        overlap_normal_high=0.95,
        k=10,
        heldout=HeldoutFigure(digest="heldout", agreement=_measured(1.7), z_error=0.03),
        null_error=0.08,
        regions=tuple(_region(f"region {place}", agreement) for place in range(N_REGIONS)),
        production_digest=f"week {number}",
    )


def _measured(z: float) -> Measured:
    low, estimate, high = (float(np.tanh(z + shift)) for shift in (-0.16, 0.0, 0.16))
    return Measured(
        estimate=estimate, low=low, high=high, confidence=0.95, standard_error=0.01, n_pairs=200, n_queries=120
    )


def _region(name: str, agreement: Measured) -> RegionFigure:
    return RegionFigure(
        partition="query",
        name=name,
        n_pairs=25,
        share=1 / N_REGIONS,
        agreement=agreement,
        agreement_heldout=0.9,
        is_new=False,
        drifted=False,
    )


if __name__ == "__main__":
    main()
