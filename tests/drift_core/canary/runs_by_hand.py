"""Canary runs with figures by hand, one a week."""

from datetime import UTC, datetime, timedelta

from drift_core.canary.figures import Bridge, HeldoutFigure, NewTraffic, RegionFigure
from drift_core.canary.run import CanaryRun
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.measured import Measured, Unmeasured

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def measured(estimate=0.91, *, n_pairs=200):
    return Measured(
        estimate=estimate,
        low=estimate - 0.03,
        high=estimate + 0.02,
        confidence=0.95,
        standard_error=0.0125,
        n_pairs=n_pairs,
        n_queries=n_pairs // 2,
    )


def region(name="returns", **changes):
    values = {
        "partition": "cluster",
        "name": name,
        "n_pairs": 40,
        "share": 0.2,
        "agreement": measured(0.88, n_pairs=40),
        "agreement_heldout": 0.9,
        "is_new": False,
        "drifted": False,
    }
    return RegionFigure(**{**values, **changes})


def week(number=0, /, **changes):
    """The run of the week `number` weeks after the first Monday of 2026, recorded an hour after its time."""
    at = changes.pop("at", MONDAY + timedelta(weeks=number))
    values = {
        "at": at,
        "recorded_at": at + timedelta(hours=1),
        "student_version": "s1",
        "teacher_model": "judge-large",
        "teacher_revision": "r1",
        "n_pairs": 200,
        "n_queries": 100,
        "agreement": measured(),
        "overlap": measured(0.8),
        "k": 10,
        "heldout": HeldoutFigure(digest="held", agreement=measured(0.95, n_pairs=500), z_error=0.046),
        "regions": (region("returns"), region("sizes", drifted=True, agreement=Unmeasured(reason="2 pairs"))),
        "cause": "healthy",
        "summary": "Nothing moved.",
        "production_digest": f"sample {number}",
        "rule": {"k": 10, "alpha": 0.05},
        "version": "0.1.0",
    }
    return CanaryRun(**{**values, **changes})


def full_week(number=0, /, **changes):
    """A run with a value in every field."""
    return week(
        number,
        overlap_normal_low=0.7,
        overlap_normal_high=1.0,
        n_wide_tie=40,
        null_error=0.07,
        new_traffic=NewTraffic(names=("gift cards",), n_pairs=20, n_queries=10, share=0.1, p_value=0.004),
        findings=("few_queries", "mix_moved"),
        bridge=Bridge(loss=measured(0.02), z_shift=0.1, z_error=0.03),
        production_name="week-2.csv",
        seed=7,
        encoder="hashing",
        entropy=OutputEntropy(
            student=measured(2.9), n_cells=10, over="scores", teacher=measured(3.2), narrower=measured(0.3)
        ),
        **changes,
    )
