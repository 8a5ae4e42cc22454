"""Values made by hand for the charts."""

from dataclasses import replace

from drift_core.diagnosis.region import Region
from drift_core.measured import Measured, Unmeasured


def measured(estimate, reach=0.02):
    return Measured(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        confidence=0.95,
        standard_error=reach / 2,
        n_pairs=100,
        n_queries=80,
    )


UNMEASURED = Unmeasured(reason="only 2 pairs")


def region(name, index, *, heldout=0.9, production=0.88, share=0.2, share_of_loss=None, **changes):
    made = Region(
        partition="query clusters",
        kind="query",
        name=name,
        index=index,
        terms=tuple(name.split(", ")),
        n_heldout=100,
        n_production=100,
        share_heldout=0.25,
        share_production=share,
        heldout=measured(heldout),
        production=measured(production),
        fall=measured(heldout - production),
        error_rise=measured(0.0),
        p_value=0.5,
        adjusted=0.5,
        is_new=False,
        drifted=share_of_loss is not None,
        band="healthy",
        reason="made by hand",
        share_of_loss=share_of_loss,
    )
    return replace(made, **changes)
