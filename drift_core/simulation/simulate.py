"""Simulated samples: held-out and production pairs drawn from a plan, with the truth about what was planted.

Settings are in `plan`, the shipped stories in `scenarios`, embeddings without an encoder in `embeddings`.
"""

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.simulation.drawing import Origins, draw_labels, draw_origins, draw_scores
from drift_core.simulation.plan import PLANS, Plan
from drift_core.simulation.planting import PlantedLoss, Sample, parts_of, planted_loss, revised_parts
from drift_core.simulation.scenarios import (
    HELDOUT_FILE,
    PRODUCTION_FILE,
    SCENARIOS,
    SHIPPED_SEED,
    Scenario,
    scenario_named,
    shipped_scenario_paths,
)
from drift_core.simulation.texts import write_texts
from drift_core.simulation.vocabulary import TOPICS
from drift_core.tables.paths import make_folder, reason_of

__all__ = [
    "PLANS",
    "SCENARIOS",
    "SHIPPED_SEED",
    "Origins",
    "Plan",
    "PlantedLoss",
    "Scenario",
    "Simulation",
    "Truth",
    "shipped_scenario_paths",
    "simulate",
    "write_scenario",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What was planted.

    Attributes
    ----------
    cause, findings
        What a diagnosis should say.
    drifted
        Production pairs that the student was not made for: of a new topic, cohort or document style on which it is
        clearly worse. A revision of the teacher marks none. Bool, shape (n_production,).
    topics, n_familiar
        Names of the topics, familiar ones first.
    loss
        The loss of agreement in the population, and its parts.
    """

    cause: str
    findings: tuple[str, ...]
    drifted: np.ndarray
    topics: tuple[str, ...]
    n_familiar: int
    heldout: Origins
    production: Origins
    loss: PlantedLoss


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """Two samples as a user would bring them, and the truth about them."""

    heldout: pd.DataFrame
    production: pd.DataFrame
    truth: Truth


def simulate(scenario: str | Plan, *, seed: int = SHIPPED_SEED) -> Simulation:
    """Draw the held-out and the production sample of a scenario or plan.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, or a plan.
    seed
        The same seed gives the same samples.

    Notes
    -----
    Within a part of the traffic both scores are jointly normal before a monotone map to the 0-1 scale; docs of one
    query share a part of their relevance and of the student's error. The plan's agreements are population values.

    Examples
    --------
    >>> simulate(Plan(n_heldout=100, n_production=120, with_texts=False), seed=1).production.shape
    (120, 10)
    """
    plan = scenario if isinstance(scenario, Plan) else scenario_named(scenario).plan
    names = topic_names(plan)
    heldout, heldout_origins = _draw_sample(plan, "heldout", names, seed)
    production, origins = _draw_sample(plan, "production", names, seed)
    drifted = np.array(plan.drifted_topics)[origins.topic] | origins.is_cohort | origins.is_new_style
    truth = Truth(
        cause=plan.cause,
        findings=plan.findings,
        drifted=drifted,
        topics=names,
        n_familiar=plan.n_familiar,
        heldout=heldout_origins,
        production=origins,
        loss=planted_loss(plan),
    )
    return Simulation(heldout=heldout, production=production, truth=truth)


def topic_names(plan: Plan) -> tuple[str, ...]:
    """Return the names of a plan's topics, checked against the vocabulary when texts are wanted."""
    if not plan.with_texts:
        return plan.topics or tuple(f"topic {i + 1}" for i in range(plan.n_topics))
    names = plan.topics or tuple(TOPICS)[: plan.n_topics]
    unknown = [name for name in names if name not in TOPICS]
    if unknown or len(names) != plan.n_topics:
        raise SettingError(
            f"A plan with texts needs {plan.n_topics} topics out of {', '.join(TOPICS)}; found {', '.join(names)}."
        )
    return names


def _draw_sample(plan: Plan, sample: Sample, names: tuple[str, ...], seed: int) -> tuple[pd.DataFrame, Origins]:
    scores_rng, labels_rng, texts_rng = (
        np.random.default_rng([seed, stream, int(sample == "production")]) for stream in range(3)
    )
    parts = revised_parts(plan) if sample == "production" else parts_of(plan, sample)
    origins, part = draw_origins(plan, sample, parts, scores_rng)
    scores, relevance = draw_scores(plan, sample, parts, part, origins, scores_rng)
    time, slices = draw_labels(origins, sample, plan.n_familiar, labels_rng)
    if plan.with_texts:
        texts = write_texts(origins, relevance, [TOPICS[name] for name in names], texts_rng)
    else:
        texts = {"query": [f"query {q}" for q in origins.query], "doc": [f"doc {i}" for i in range(len(part))]}
    order = np.argsort(time, kind="stable")
    frame = pd.DataFrame(texts | scores | {"timestamp": time} | slices).iloc[order].reset_index(drop=True)
    query = pd.factorize(origins.query[order])[0]
    letter = sample[0]
    frame["timestamp"] = frame["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    frame.insert(0, "query_id", [f"{letter}q{code + 1:05d}" for code in query])
    frame.insert(0, "pair_id", [f"{letter}{i + 1:05d}" for i in range(len(frame))])
    return frame, origins.in_order(order, query)


def write_scenario(name: str, out_dir: str | Path, *, seed: int = SHIPPED_SEED) -> tuple[Path, Path, Path]:
    """Write a scenario's two samples and its description; the same seed gives the same bytes.

    Returns
    -------
    tuple of Path
        ``heldout.csv``, ``production.csv`` and ``scenario.json`` in a folder of `out_dir` called like the scenario.
    """
    scenario = scenario_named(name)
    drawn = simulate(name, seed=seed)
    samples = {HELDOUT_FILE: _as_csv(drawn.heldout), PRODUCTION_FILE: _as_csv(drawn.production)}
    described = {
        "scenario": name,
        "seed": seed,
        "title": scenario.title,
        "pinned_revision": scenario.pinned_revision,
        "current_revision": scenario.current_revision,
        "cause": drawn.truth.cause,
        "findings": list(drawn.truth.findings),
        "planted_loss": {part: round(value, 4) + 0.0 for part, value in asdict(drawn.truth.loss).items()},
        "sha256": {file: sha256(content).hexdigest() for file, content in samples.items()},
    }
    folder = make_folder(Path(out_dir) / name)
    contents = samples | {"scenario.json": (json.dumps(described, indent=2) + "\n").encode()}
    heldout, production, description = (_write(folder / file, content) for file, content in contents.items())
    return heldout, production, description


def _as_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, float_format="%.4f", lineterminator="\n").encode()


def _write(path: Path, content: bytes) -> Path:
    """Write beside and rename, so that a reader never sees half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        return beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {reason_of(error)}. Choose another place.") from error
