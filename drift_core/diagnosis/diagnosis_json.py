"""The record of a diagnosis: plain JSON for machines, and one row a production pair.

The shape of the JSON is a contract: keys may join, none leaves.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_test import RegionsTest
from drift_core.samples.only_given import only_diagnosis
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.written_labels import write_labels
from drift_core.traffic.frozen_regions import freeze

if TYPE_CHECKING:
    from drift_core.regions.projection import MapLayout

SCHEMA = 1


def diagnosis_to_json(diagnosis: Diagnosis) -> dict[str, object]:
    """Turn a diagnosis into plain JSON values."""
    only_diagnosis(diagnosis)
    verdict = diagnosis.verdict
    return {
        "schema": SCHEMA,
        "version": diagnosis.version,
        "cause": verdict.cause,
        "inferred": verdict.inferred,
        "or_student": verdict.or_student,
        "headline": verdict.headline,
        "reason": verdict.reason,
        "summary": verdict.summary,
        "findings": [finding.name for finding in diagnosis.findings],
        "finding_details": [
            {"name": f.name, "sentence": f.sentence, "figures": dict(f.figures)} for f in diagnosis.findings
        ],
        "evidence": [line.to_json() for line in verdict.evidence],
        "would_change": [each.sentence for each in diagnosis.settling],
        "settling": [each.to_json() for each in diagnosis.settling],
        "lookalikes": [each.to_json() for each in diagnosis.lookalikes],
        "tests": [diagnosis.spread.to_json(), diagnosis.top_k.to_json(), _regions_test(diagnosis.regions)],
        "regions": [region.to_json() for region in diagnosis.regions.all_regions],
        "drawn": [each.to_json() for each in diagnosis.regions.drawn],
        "partitions": [
            {"name": p.name, "kind": p.kind, "n_regions": p.n_regions, "reason": p.reason}
            | {"regions": list(p.regions), "pairs": write_labels(p.production, diagnosis.production)}
            for p in diagnosis.regions.all_partitions
        ],
        "revised": [
            {**each.to_json(), "rescore_first": each in diagnosis.rescored_first} for each in diagnosis.revised
        ],
        "attribution": diagnosis.attribution.to_json(),
        "part": None if diagnosis.part is None else diagnosis.part.to_json(),
        "labels": None if diagnosis.labels is None else diagnosis.labels.to_json(),
        "calibration": None if diagnosis.calibration is None else diagnosis.calibration.to_json(),
        "distributions": diagnosis.distributions.to_json(),
        "ceiling": diagnosis.ceiling.to_json(),
        "quality": diagnosis.quality.to_json(),
        "outputs": diagnosis.outputs.to_json(),
        "operations": diagnosis.operations.to_json(),
        "operating_findings": list(diagnosis.operations.findings),
        "rule": diagnosis.settings.rule.to_json(),
        "seed": diagnosis.settings.seed,
        "settings": {
            "n_clusters": diagnosis.settings.n_clusters,
            "slices": None if diagnosis.settings.slices is None else list(diagnosis.settings.slices),
            "price_per_pair": diagnosis.settings.price_per_pair,
        },
        "inputs": {"heldout": _input(diagnosis.heldout), "production": _input(diagnosis.production)},
        "problems": [problem.message for problem in diagnosis.problems],
        "encoder": diagnosis.embeddings.encoder,
        "frozen": freeze(diagnosis.regions.partitions[0], diagnosis.embeddings).to_json(),
    }


def pairs_table(diagnosis: Diagnosis, layout: "MapLayout | None" = None) -> pd.DataFrame:
    """One row a production pair in input order: row (counted from 0), cluster, drifted, x, y and the slice columns.

    A slice column that has one of these names is written as ``slice_`` and its name.
    """
    production, clusters = diagnosis.production, diagnosis.regions.partitions[0]
    xy = np.full((len(production), 2), np.nan) if layout is None else layout.production
    table = {
        "row": production.row,
        "cluster": np.array(clusters.regions, dtype=object)[clusters.production],
        "drifted": diagnosis.drifted,
        "x": xy[:, 0],
        "y": xy[:, 1],
    }
    slices = {f"slice_{name}" if name in table else name: values for name, values in production.slices.items()}
    return pd.DataFrame(table | slices).sort_values("row", ignore_index=True)


def _regions_test(test: RegionsTest) -> dict[str, object]:
    worst = min(
        (r for r in test.regions if r.production.to_json()["estimate"] is not None),
        key=lambda r: r.production.to_json()["estimate"],  # type: ignore[arg-type,return-value]
        default=None,
    )
    figures = worst.production.to_json() if worst else {"estimate": None, "low": None, "high": None}
    return {
        "name": "regions",
        "band": test.band,
        "reading": test.reading,
        "n_regions": len(test.regions),
        "n_drifted": len(test.drifted),
        "worst": worst.name if worst else None,
        **figures,
    }


def _input(sample: ScoredPairs) -> dict[str, object]:
    sampling = sample.sampling
    return {
        "path": sample.source,
        "name": sample.name,
        "digest": sample.digest,
        "n_pairs": sample.n_pairs,
        "n_queries": sample.n_queries,
        "columns": dict(sample.columns),
        "slices": [name for name in sample.slices if name not in sample.constants],  # as they are read
        "kind": sample.kind.name,
        "labels": list(sample.kind.labels),
        "problems": [problem.message for problem in sample.problems],
        "part": None if sample.part is None else sample.part.to_json(),
        "sampling": None
        if sampling is None
        else {
            "n_pairs_before": sampling.n_pairs_before,
            "n_queries_before": sampling.n_queries_before,
            "seed": sampling.seed,
            "reason": sampling.reason,
            "max_rows": sampling.max_rows,
            "max_bytes": sampling.max_bytes,
        },
    }
