"""Writers are killed while they record, and what is in the history afterwards is held against what they were told."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import drift_core
from drift_core import InputError, open_history

ROOT = Path(drift_core.__file__).parent.parent
SCRIPT = "tests.drift_core.history.killed_writers"


def run_writers(place, **sizes):
    """Run the script and give what it tells."""
    words = [str(word) for name, value in sizes.items() for word in (f"--{name}", value)]
    done = subprocess.run(
        [sys.executable, "-m", SCRIPT, str(place), *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_copies(place, *, n_writers, n_rounds, pause, seed):
    """The one file alone has every record that was acknowledged, or is refused as copied in the midst of a write."""
    told = run_writers(place, writers=n_writers, records=0, rounds=n_rounds, pause=pause, seed=seed)
    torn = 0
    for number, acknowledged in enumerate(told["copies"]):
        try:
            with open_history(f"{place}.{number}", is_created=False) as copy:
                kept = {run.key for run in copy.runs(with_regions=True)}
        except InputError:
            torn += 1
            continue
        assert set(acknowledged) <= kept
    print(f"{len(told['copies'])} copies, {torn} refused, {len(told['copies'][-1]):,} records")

    assert all(told["copies"])
    assert torn <= n_rounds // 2


def check_nothing_is_lost(place, *, n_writers, n_records, pause, seed):
    """Every record that was acknowledged is there once, with all its regions; prints what it took."""
    told = run_writers(place, writers=n_writers, records=n_records, pause=pause, seed=seed)
    with open_history(place, is_created=False) as history:
        runs = history.runs(with_regions=True)
    print(f"{len(runs):,} records, {told['n_killed']} kills, {told['seconds']:.0f} s")

    assert told["n_failures"] == 0
    assert told["n_killed"] > 0
    assert len(told["acknowledged"]) == n_writers * n_records
    assert Counter(run.key for run in runs) == Counter(told["acknowledged"])
    assert all(len(run.regions) == 2 for run in runs)
