"""Broken tables of every kind end in one clear message or in exactly the rows that were written into them.

Each case is made from its seed: rows, a format, and one fault. `make stress` runs 1,200, the suite 40.
"""

import random
import resource
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import DriftError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.two_samples import check_two_samples
from tests.drift_core.command_line import run
from tests.fuzz.table_faults import made
from tests.fuzz.tables import NAMES, Case, planted, stored

MOST_SECONDS, MOST_KIB = 60, 4 << 20


def check_case(seed: int, folder: Path, other: ScoredPairs, several: int) -> str:
    """Read one broken table, one in `several` through the whole command too; gives what came out."""
    fault, case = made(seed)
    where = f"seed {seed}, {fault}, {case.form}"
    path = stored(case, folder)
    begun = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = read_pairs(path)
            check_two_samples(other, found)
        except DriftError as error:
            message = str(error)
            assert case.expected != "right", f"{where}: refused, but readable: {message}"
            assert str(path) in message, f"{where}: {message}"
            assert message.isprintable(), f"{where}: {message!r}"
            assert len(message) < 2_500, f"{where}: {len(message)} characters"
            outcome = "refused"
        else:
            assert case.expected != "refused", f"{where}: read, {found.columns}, {[p.message for p in found.problems]}"
            assert_right(found, case, where)
            outcome = "read"
    assert time.monotonic() - begun < MOST_SECONDS, where
    if seed % several == 0:
        check_command(path, folder, where)
    path.unlink()
    return outcome


def assert_right(found: ScoredPairs, case: Case, where: str) -> None:
    """Every pair is the one that was written in its row, and every other row is said to be left out."""
    assert all(p.message.isprintable() for p in found.problems), f"{where}: {[p.message for p in found.problems]}"
    if case.expected == "any":
        return
    last = int(found.row.max()) if case.expected == "prefix" else len(case.truth)
    assert found.doc is not None, where
    for i, row in enumerate(found.row.tolist()):
        if row == last:
            continue
        query, doc, teacher, student, _ = case.truth[row]
        read = (found.query[i], found.doc[i], found.teacher[i], found.student[i])
        assert read[:2] == (query, doc), f"{where}: row {row}: {read[:2]} instead of {(query, doc)}"
        assert np.allclose(read[2:], (teacher, student), rtol=1e-12, atol=0), f"{where}: row {row}: {read[2:]}"
    n_said = sum(problem.n_rows for problem in found.problems if problem.left_out)
    if case.expected == "prefix":
        assert found.row.tolist() == list(range(last + 1)), where
        assert n_said <= 1, f"{where}: {n_said} said to be left out, though only the last row was cut"
        return
    n_rows = len(case.truth)
    assert len(found) + n_said == n_rows, f"{where}: {len(found)} read, {n_said} said, of {n_rows}"
    if case.expected == "right":
        assert set(range(n_rows)) - set(found.row.tolist()) <= case.lost, where


def check_command(path: Path, folder: Path, where: str) -> None:
    code, shown, said = run("diagnose", folder / "heldout.csv", path, "--embedder", "hashing", "--no-cache")
    assert code in (0, 2, 3), f"{where}: exit code {code}"
    assert "Traceback" not in shown + said, where
    assert code == 2 or "Warning" not in said, f"{where}: {said}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    rows = [[f"held {row[0]}", *row[1:]] for row in planted(random.Random(-1))]
    pd.DataFrame(rows, columns=list(NAMES)).to_csv(folder / "heldout.csv", index=False)
    return folder


def check_seeds(seeds: range, folder: Path, *, several: int) -> None:
    other = read_pairs(folder / "heldout.csv")

    outcomes = Counter(check_case(seed, folder, other, several) for seed in seeds)

    assert set(outcomes) == {"read", "refused"}
    assert sum(outcomes.values()) == len(seeds)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MOST_KIB


def test_broken_tables_end_in_their_own_rows_or_in_one_message(folder: Path) -> None:
    check_seeds(range(40), folder, several=20)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1_000, 2_200, 100))
def test_many_broken_tables_end_in_their_own_rows_or_in_one_message(folder: Path, start: int) -> None:
    check_seeds(range(start, start + 100), folder, several=20)
