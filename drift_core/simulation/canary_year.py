"""The year of weekly samples, measured: 40 canary runs as a history in CSV, beside held-out and the fresh week.

Drawing the samples is `canary_year_samples`'s work.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from drift_core.canary.measure import canary_run
from drift_core.canary.registry import registry_of
from drift_core.canary.run import CanaryRun
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.settings import Settings
from drift_core.errors import InputError
from drift_core.history.csv_exchange import export_csv
from drift_core.history.from_json import run_from
from drift_core.history.history import open_history
from drift_core.installation import app_folder
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, Progress, load_encoder
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.simulation import canary_year_samples
from drift_core.simulation.canary_year_samples import WeeklySample, weekly_sample
from drift_core.simulation.scenarios import HELDOUT_FILE
from drift_core.tables.writing import check_folder, replace_files

HISTORY_FILE, WEEK_FILE, DESCRIPTION_FILE = "history.csv", "week-41.csv", "scenario.json"
N_CLUSTERS = 4
DIGITS = 6  # more of them differ between processors


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryFiles:
    """Files of the shipped year: the history, held-out of the present student, the fresh week's sample."""

    history: Path
    heldout: Path
    week: Path


def shipped_canary_files() -> CanaryFiles:
    """Return the paths of the shipped year.

    Raises
    ------
    InputError
        When the files are not where this installation has them.
    """
    folder = app_folder() / "sample_data" / canary_year_samples.NAME
    files = _files(folder)
    if not all(path.is_file() for path in (files.history, files.heldout, files.week)):
        raise InputError(
            f"The files of scenario {canary_year_samples.NAME} were expected in {folder} and are not there. "
            f"Make them with: distillation-drift simulate {canary_year_samples.NAME} --out DIR"
        )
    return files


def measure_week(sample: WeeklySample, earlier: Sequence[CanaryRun] = ()) -> CanaryRun:
    """Diagnose a week against held-out, words hashed so that no model is needed, and turn it into a canary run.

    Regions have the names that they have in the `earlier` runs.
    """
    heldout, production = _as_read(as_csv(sample.heldout), HELDOUT_FILE), _as_read(as_csv(sample.production), "week")
    made = diagnose(
        heldout,
        production,
        settings=Settings(n_clusters=N_CLUSTERS),
        embeddings=embed_queries(heldout, production, encoder=load_encoder(HASHING_ENCODER)),
    )
    run = canary_run(
        made,
        at=sample.at,
        recorded_at=sample.at,
        teacher_revision=sample.teacher_revision,
        student_version=sample.student_version,
        known=registry_of(earlier, made.embeddings),
    )
    drawn = replace(run, production_name=None, command=None)  # there is no file
    return run_from(json.dumps(_rounded(drawn.to_json())))


def write_canary_year(
    out_dir: str | Path, *, seed: int = canary_year_samples.SEED, progress: Progress | None = None
) -> tuple[Path, ...]:
    """Write the year to a folder of `out_dir` called like the scenario; the same seed gives the same bytes.

    Parameters
    ----------
    progress
        Called as ``progress("weeks", done, total)``; a week takes seconds.
    """
    folder = Path(out_dir) / canary_year_samples.NAME
    check_folder(folder)
    files = _files(folder)
    runs: list[CanaryRun] = []
    for week in range(1, canary_year_samples.N_WEEKS + 1):
        runs.append(replace(measure_week(weekly_sample(week, seed=seed), runs), number=week))
        if progress:
            progress("weeks", week, canary_year_samples.N_WEEKS)
    fresh = weekly_sample(canary_year_samples.N_WEEKS + 1, seed=seed)
    contents = {
        files.history: history_csv(runs),
        files.heldout: as_csv(fresh.heldout),
        files.week: as_csv(fresh.production),
    }
    described = {
        "scenario": canary_year_samples.NAME,
        "seed": seed,
        "title": canary_year_samples.TITLE,
        "student_version": fresh.student_version,
        "teacher_revision": fresh.teacher_revision,
        "week_at": fresh.at.date().isoformat(),
        "sha256": {path.name: sha256(content).hexdigest() for path, content in contents.items()},
    }
    named = {path.name: content for path, content in contents.items()}
    named[DESCRIPTION_FILE] = (json.dumps(described, indent=2) + "\n").encode()
    return replace_files(folder, named, record=DESCRIPTION_FILE)


def history_csv(runs: Sequence[CanaryRun]) -> bytes:
    """Write runs as the CSV that `history import` reads without loss."""
    with TemporaryDirectory() as folder, open_history(Path(folder) / "history.db") as history:
        history.record_all(runs)
        return export_csv(history)


def _files(folder: Path) -> CanaryFiles:
    return CanaryFiles(history=folder / HISTORY_FILE, heldout=folder / HELDOUT_FILE, week=folder / WEEK_FILE)


def as_csv(frame: pd.DataFrame) -> bytes:
    """A sample as its file holds it."""
    return frame.to_csv(index=False, float_format="%.4f", lineterminator="\n").encode()


@cache
def _as_read(content: bytes, name: str) -> ScoredPairs:
    """A sample as everybody reads it from the file, so that its digest is that of the file's rows."""
    file = io.BytesIO(content)
    file.name = f"{name}.csv"
    return read_pairs(file)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
