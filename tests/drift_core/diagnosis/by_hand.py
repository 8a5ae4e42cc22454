"""Measured numbers and regions made by hand."""

from drift_core.diagnosis.region import Region
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.level_ratios import Rise


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
