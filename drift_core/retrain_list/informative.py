"""What a pair is worth to a retraining: where student and teacher disagree, a region lost, or little else is near.

How it turns into probabilities is in `draw`.
"""

from collections.abc import Mapping

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.measured import Unmeasured
from drift_core.measures.ranks import mid_ranks
from drift_core.retrain_list.sampling_frame import SEED_OF_TIES, content_hash

N_REFERENCES = 2_000  # pairs that stand for all when the neighbours of one are counted
KERNEL_WIDTH = 0.1  # of one minus the cosine; a pair at cosine 0.9 counts as a third of a neighbour (ours)
ROWS_A_BLOCK = 4_096


def worth_of_pairs(diagnosis: Diagnosis) -> Mapping[str, np.ndarray]:
    """Measure what each production pair is worth, in three ways of which none depends on the order of the rows.

    Returns
    -------
    mapping
        disagreement, the distance of student's and teacher's rank as a fraction of the sample [1]_; region_loss, the
        largest fall of agreement among the regions that the pair is in; diversity, one over the number of pairs
        around its query, itself included [2]_. Arrays of 0 or more, shape (n_production,).

    References
    ----------
    .. [1] Seung, H. S., Opper, M. and Sompolinsky, H. (1992). Query by committee. COLT 5.
    .. [2] Palmer, C. R. and Faloutsos, C. (2000). Density biased sampling. SIGMOD, section 3.
    """
    production = diagnosis.production
    ranks = (mid_ranks(production.student), mid_ranks(production.teacher))
    return {
        "disagreement": np.abs(ranks[0] - ranks[1]) / len(production),
        "region_loss": _region_loss(diagnosis),
        "diversity": _diversity(diagnosis),
    }


def _region_loss(diagnosis: Diagnosis) -> np.ndarray:
    labels = {partition.name: partition.production for partition in diagnosis.regions.partitions}
    loss = np.zeros(len(diagnosis.production))
    for region in diagnosis.regions.regions:
        if not isinstance(region.fall, Unmeasured):
            inside = labels[region.partition] == region.index
            loss[inside] = np.maximum(loss[inside], region.fall.estimate)
    return loss


def _diversity(diagnosis: Diagnosis) -> np.ndarray:
    codes, vectors = diagnosis.embeddings.production, diagnosis.embeddings.vectors
    by_content = np.argsort(content_hash(diagnosis.production, seed=SEED_OF_TIES), kind="stable")
    references = by_content[:N_REFERENCES]
    each_counts = len(codes) / len(references)
    around = np.empty(len(codes))
    for start in range(0, len(codes), ROWS_A_BLOCK):
        rows = by_content[start : start + ROWS_A_BLOCK]  # so that rounding does not depend on the order of the rows
        cosine = np.minimum(vectors[codes[rows]] @ vectors[codes[references]].T, 1.0)
        around[rows] = np.exp((cosine - 1) / KERNEL_WIDTH).sum(axis=1, dtype=np.float64) * each_counts
    return 1 / np.maximum(around, 1.0)
