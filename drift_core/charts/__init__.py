"""The app's charts for notebooks and reports: functions from value types to charts that carry a text alternative."""

from drift_core.charts.overlap import overlap_curve_chart, query_overlaps
from drift_core.charts.samples import score_histograms
from drift_core.charts.spread import agreement_intervals, rank_density, side_changes

__all__ = [
    "agreement_intervals",
    "overlap_curve_chart",
    "query_overlaps",
    "rank_density",
    "score_histograms",
    "side_changes",
]
