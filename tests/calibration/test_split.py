"""Coverage of the parts of the loss: the split alone on planted topics, and the whole diagnostic on found clusters."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.measures.scores import pinned_scores_of, scores_of
from drift_core.regions.attribution import Attribution, split_loss
from drift_core.regions.inferred_loss import Familiar
from drift_core.regions.partitions import Partition
from drift_core.simulation.planting import PlantedLoss
from tests.calibration.planted import Planted, draw_plan, draw_planted
from tests.calibration.rates import Rate, fewest

PARTS = ("total", "mix", "within", "teacher")
KINDS = ("none", "mix", "new_but_good", "weak", "query", "cohort", "teacher", "both")
N_DRAWS = 100  # of each kind; 800 draws at a true 95 % have a standard error of 0.8 %, and the promise is 93 to 97 %
N_WHOLE = 12  # of each kind with found clusters: at a true 93 %, 96 draws cover fewer than 80 once in 1,000 runs
LOWEST = 0.93  # promised coverage
FIRST_SEED = 30_000
TINY = 1e-6  # a part that is exactly 0 by construction meets a planted 0 that was integrated numerically


def by_planted_topics(drawn: Planted) -> Attribution:
    names = tuple(map(str, range(drawn.n_topics)))
    partition = Partition(
        name="planted topics",
        kind="query",
        regions=names,
        terms=tuple((name,) for name in names),
        heldout=drawn.topics[0],
        production=drawn.topics[1],
        reason="",
    )
    scores = scores_of(drawn.heldout, drawn.production)
    return split_loss(
        *scores,
        partition=partition,
        pinned=pinned_scores_of(drawn.production, scores[1].queries),
        familiar=Familiar(known=~drawn.drifted, is_new=np.arange(drawn.n_topics) >= drawn.n_familiar),
        confidence=0.95,
    )


def by_found_clusters(drawn: Planted) -> Attribution:
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return made.attribution


def covered(made: Attribution, planted: PlantedLoss) -> dict[str, bool]:
    """Whether the interval of each part that is told holds what was planted; a part known to be 0 is left out."""
    found = {name: getattr(made, name) for name in PARTS}
    return {
        name: part.low - TINY <= getattr(planted, name) <= part.high + TINY
        for name, part in found.items()
        if part and part.standard_error > TINY
    }


def coverage(split: Callable[[Planted], Attribution], *, with_pinned: bool, n_draws: int) -> dict[str, Rate]:
    hits: dict[str, list[bool]] = defaultdict(list)
    for kind in KINDS:
        for seed in range(FIRST_SEED, FIRST_SEED + n_draws):
            drawn = draw_planted(draw_plan(kind, is_hard=False, with_pinned=with_pinned, seed=seed), seed=seed)
            for name, hit in covered(split(drawn), drawn.loss).items():
                hits[name].append(hit)
    rates = {name: Rate(count=sum(hits[name]), n=len(hits[name])) for name in PARTS}
    print(f"pinned {with_pinned!s:>5}: " + ", ".join(f"{name} {rate}" for name, rate in rates.items()))
    return rates


@pytest.mark.slow
@pytest.mark.parametrize("with_pinned", [True, False])
def test_each_part_covers_what_was_planted(with_pinned: bool) -> None:
    rates = coverage(by_planted_topics, with_pinned=with_pinned, n_draws=N_DRAWS)

    # Beside an inferred teacher's part, change within is 0 by assumption where all is familiar: never missed there.
    highest = {name: 1.0 if name == "within" and not with_pinned else 0.985 for name in PARTS}
    assert all(0.925 <= rate.estimate <= highest[name] for name, rate in rates.items())


@pytest.mark.slow
@pytest.mark.parametrize("with_pinned", [True, False])
def test_parts_over_found_clusters_cover_nearly_as_well(with_pinned: bool) -> None:
    rates = coverage(by_found_clusters, with_pinned=with_pinned, n_draws=N_WHOLE)

    assert all(rate.count >= fewest(rate.n, LOWEST) for rate in rates.values())
