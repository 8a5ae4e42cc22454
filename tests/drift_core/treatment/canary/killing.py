"""Writers are killed while they record, and what is in the history afterwards is held against what they were told."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import drift_core
from drift_core import open_history

ROOT = Path(drift_core.__file__).parent.parent
SCRIPT = "tests.drift_core.treatment.canary.killed_writers"


def check_nothing_is_lost(place, *, n_writers, n_records, pause, seed):
    """Every record that was acknowledged is there once, with all its regions; prints what it took."""
    sizes = {"--writers": n_writers, "--records": n_records, "--pause": pause, "--seed": seed}
    words = [str(word) for option in sizes.items() for word in option]
    done = subprocess.run(
        [sys.executable, "-m", SCRIPT, str(place), *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with open_history(place, is_created=False) as history:
        runs = history.runs(with_regions=True)
    print(f"{len(runs):,} records, {told['n_killed']} kills, {told['seconds']:.0f} s")

    assert told["n_failures"] == 0
    assert told["n_killed"] > 0
    assert len(told["acknowledged"]) == n_writers * n_records
    assert Counter(run.key for run in runs) == Counter(told["acknowledged"])
    assert all(len(run.regions) == 2 for run in runs)
