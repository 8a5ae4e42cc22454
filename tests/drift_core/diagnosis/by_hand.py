"""Measured numbers, regions and facts made by hand, and what is decided of them."""

from dataclasses import replace

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.diagnosis.cause import Verdict, decide_cause
from drift_core.diagnosis.facts import Facts
from drift_core.diagnosis.region import Region
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.level_ratios import Rise
from drift_core.regions.attribution import Attribution


def measured(estimate: float, reach: float = 0.01, *, n_pairs: int = 400, n_queries: int = 200) -> Measured:
    return Measured(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        confidence=0.95,
        standard_error=reach / 2,
        n_pairs=n_pairs,
        n_queries=n_queries,
    )


def new_region(name: str = "new", **changed: object) -> Region:
    """A drifted new region that holds a fifth of 400 production pairs."""
    plain: dict[str, object] = {
        "partition": "query clusters",
        "kind": "query",
        "name": name,
        "index": 0,
        "terms": (name,),
        "n_heldout": 0,
        "n_production": 80,
        "share_heldout": 0.0,
        "share_production": 0.2,
        "heldout": Unmeasured(reason="no pairs"),
        "production": measured(0.8),
        "fall": measured(0.1),
        "error_rise": measured(0.5),
        "p_value": 0.001,
        "adjusted": 0.002,
        "is_new": True,
        "drifted": True,
        "band": "healthy",
        "reason": "by hand",
    }
    return Region(**(plain | changed))  # type: ignore[arg-type]


def rise(estimate: float, p_value: float) -> Rise:
    return Rise(estimate=estimate, standard_error=0.1, degrees=50, p_value=p_value, n_pairs=400, n_queries=200)


HEALTHY = Facts(
    spread=SpreadTest(
        heldout=measured(0.9), production=measured(0.85), spread=measured(0.05), band="suspect", reading="fell"
    ),
    regions=(),
    shared=rise(0.0, 0.5),
    attribution=Attribution(total=measured(0.05), mix=None, within=None, teacher=None),
    docs=None,
    is_pinned=False,
    drifted_share=0.2,
)
INFERRED = replace(HEALTHY.attribution, teacher=measured(0.05), teacher_inferred=True)
FELL = rise(0.4, 0.0001)  # from 0.9 it comes to a loss of 0.05
FAMILIAR = new_region("familiar", is_new=False, heldout=measured(0.9), n_heldout=80, share_heldout=0.2)


def decided(**changed: object) -> Verdict:
    return decide_cause(replace(HEALTHY, **changed), rule=Rule())  # type: ignore[arg-type]


def pinned(part: float, p_value: float, reach: float = 0.01) -> dict[str, object]:
    """Facts of production pairs that both revisions scored."""
    attribution = replace(HEALTHY.attribution, teacher=measured(part, reach))
    return {"is_pinned": True, "attribution": attribution, "revision": rise(0.4, p_value)}
