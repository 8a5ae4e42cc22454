"""A simulated retraining: the same pairs scored by the student before and the one after, frozen and fresh.

Holds the story and draws its samples from a seed; comparing the two is `comparison`'s work.
"""

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.installation import app_folder
from drift_core.simulation.plan import Plan
from drift_core.simulation.simulate import simulate

NAME = "retrained"
TITLE = "The student was retrained"
STORY = (
    "The student was retrained on a list drawn for two new topics, re-scored by today's teacher.",
    "The frozen set is from before they came, the fresh pairs are from the weeks after.",
)
TEACHES = "How a retraining that helps overall can still make one slice worse, which the total does not show."
STUDENT_BEFORE, STUDENT_AFTER = "ranker-1", "ranker-2"
FROZEN_FILE, FRESH_FILE, DESCRIPTION_FILE = "frozen.csv", "fresh.csv", "scenario.json"
SEED = 3  # of the seeds tried, one in which only the planted slice gets worse

_BEFORE = Plan(
    n_heldout=800,
    n_production=1400,
    agreement=(0.92, 0.91, 0.90, 0.89),
    shares_heldout=(0.34, 0.27, 0.22, 0.17),
    new_shares=(0.17, 0.15),
    new_agreement=(0.50, 0.54),
    cohort_share=0.15,
    cohort_agreement=0.88,
    topics=("delivery", "laptops", "recipes", "login", "charging", "pets"),
)
# The list held no pair of the voice assistant, and the retrained student has forgotten how to judge them.
_AFTER = replace(_BEFORE, agreement=(0.935, 0.925, 0.915, 0.905), new_agreement=(0.90, 0.89), cohort_agreement=0.60)
_OWN_NOISE = 0.03  # of the student after, in its score
_TEACHER_COST, _STUDENT_COST = 0.0021, 0.00003  # of a call of usual length
_LATENCIES = {"teacher_latency_ms": 820.0, "student_latency_ms": 14.0, "student_before_latency_ms": 14.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainedFiles:
    """Files of the shipped retraining."""

    frozen: Path
    fresh: Path


def retrained_samples(*, seed: int = SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the frozen and the fresh pairs; the same seed gives the same samples."""
    before, after = simulate(_BEFORE, seed=seed), simulate(_AFTER, seed=seed)
    topics = np.array(before.truth.topics, dtype=object)
    rng = np.random.default_rng([seed, 3])
    frozen = _joined(before.heldout, after.heldout, topics[before.truth.heldout.topic], rng)
    fresh = _joined(before.production, after.production, topics[before.truth.production.topic], rng)
    return frozen, fresh.assign(**_operations(fresh, rng))


def _joined(before: pd.DataFrame, after: pd.DataFrame, region: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    noise = rng.standard_normal(len(after)) * _OWN_NOISE
    joined = after.assign(region=region, student_score=np.round(np.clip(after["student_score"] + noise, 0, 1), 4))
    joined.insert(list(joined).index("student_score") + 1, "student_score_before", before["student_score"])
    return joined


def _operations(pairs: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Costs that follow the length of the texts, latencies with a long upper tail."""
    length = (pairs["query"].str.len() + pairs["doc"].str.len()).to_numpy()
    relative = length / length.mean()
    found = {
        "teacher_cost": np.round(_TEACHER_COST * (0.6 + 0.4 * relative), 6),
        "student_cost": np.round(_STUDENT_COST * relative, 8),
    }
    for name, usual in _LATENCIES.items():
        found[name] = np.round(usual * (0.85 + 0.3 * rng.standard_normal(len(pairs)) ** 2), 1)
    return found


def shipped_retrained_files() -> RetrainedFiles:
    """Return the paths of the shipped retraining.

    Raises
    ------
    InputError
        When the files are not where this installation has them.
    """
    folder = app_folder() / "sample_data" / NAME
    files = RetrainedFiles(frozen=folder / FROZEN_FILE, fresh=folder / FRESH_FILE)
    if not (files.frozen.is_file() and files.fresh.is_file()):
        raise InputError(
            f"The files of scenario {NAME} were expected in {folder} and are not there. "
            f"Make them with: distillation-drift simulate {NAME} --out DIR"
        )
    return files


def retrained_contents(*, seed: int = SEED) -> dict[str, bytes]:
    """The scenario's files by name; the same seed gives the same bytes."""
    samples = dict(zip((FROZEN_FILE, FRESH_FILE), map(_as_csv, retrained_samples(seed=seed)), strict=True))
    described = {
        "scenario": NAME,
        "seed": seed,
        "title": TITLE,
        "student_before": STUDENT_BEFORE,
        "student_after": STUDENT_AFTER,
        "worse": "surface: voice",
        "sha256": {file: sha256(content).hexdigest() for file, content in samples.items()},
    }
    return samples | {DESCRIPTION_FILE: (json.dumps(described, indent=2) + "\n").encode()}


def _as_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, float_format="%.10g", lineterminator="\n").encode()
