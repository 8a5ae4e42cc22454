"""The app's charts for notebooks and reports: functions from value types to charts that carry a text alternative."""

from drift_core.charts.calibration import reliability_diagram
from drift_core.charts.canary import overlap_timeline, timeline_chart
from drift_core.charts.canary_regions import region_weeks_chart
from drift_core.charts.map_picture import map_picture
from drift_core.charts.overlap import overlap_curve_chart, query_overlaps
from drift_core.charts.regions import regions_chart
from drift_core.charts.retrain import quotas_chart
from drift_core.charts.samples import score_histograms
from drift_core.charts.spread import agreement_intervals, rank_density, side_changes
from drift_core.charts.verdict import loss_parts

__all__ = [
    "agreement_intervals",
    "loss_parts",
    "map_picture",
    "overlap_curve_chart",
    "overlap_timeline",
    "query_overlaps",
    "quotas_chart",
    "rank_density",
    "region_weeks_chart",
    "regions_chart",
    "reliability_diagram",
    "score_histograms",
    "side_changes",
    "timeline_chart",
]
