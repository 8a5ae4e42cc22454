"""The record of a judged week as plain JSON values. Keys may join, none leaves."""

from collections.abc import Sequence
from dataclasses import asdict

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import WeekAssessment, each_sample_once
from drift_core.canary.baselines import baseline_to_json, bridge_refusal
from drift_core.canary.change_point import ChangePoint
from drift_core.canary.collapse import entropy_by_version, find_collapse
from drift_core.canary.events import Event
from drift_core.canary.explanation import Explanation
from drift_core.canary.figures import Bridge, NewTraffic, RegionFigure
from drift_core.canary.region_weeks import RegionWeeks, follow_regions
from drift_core.canary.status import summary_of
from drift_core.canary.textbook_rule import TextbookAlarms
from drift_core.version import VERSION

SCHEMA = 1


def week_to_json(
    week: WeekAssessment,
    *,
    rule: Rule,
    strict: TextbookAlarms | None = None,
    change: ChangePoint | None = None,
    is_new: bool = True,
    notes: Sequence[str] = (),
) -> dict[str, object]:
    """Turn a judged week into plain values: alarm, reasons, spearman, overlap, baseline, budget, and what made them.

    `strict` is the textbook's rule on all weeks up to now, told beside; see `textbook_rule`. `change` is since when
    agreement is lower, of a week that alarms; see `explain_alarm`.
    """
    run = week.run
    return {
        "schema": SCHEMA,
        "version": run.version,
        "key": run.key,
        "is_new": is_new,
        "at": run.at.isoformat(),
        "recorded_at": run.recorded_at.isoformat(),
        "status": week.status,
        "alarm": week.status == "alarm",
        "reasons": list(week.reasons),
        "signals": list(week.signals),
        "next_step": week.next_step,
        "since": change.to_json() if change is not None and week.status == "alarm" else None,
        "notes": list(notes),
        "spearman": run.agreement.to_json(),
        "overlap": {**run.overlap.to_json(), "k": run.k},
        "baseline": None if week.baseline is None else baseline_to_json(week.baseline),
        "fall": None if week.fall is None else week.fall.to_json(),
        "score": week.score,
        "threshold": week.threshold,
        "window_weeks": week.window,
        "limit": week.limit,
        "budget": rule.alarm_budget,
        "textbook": None if strict is None else _textbook(week, strict),
        **{name: getattr(run, name) for name in ("teacher_model", "teacher_revision", "student_version")},
        **{name: getattr(run, name) for name in ("n_pairs", "n_queries", "cause", "inferred")},
        "summary": summary_of(week),
        "findings": list(run.findings),
        "entropy": None if run.entropy is None else run.entropy.to_json(),
        "regions": [_region(each) for each in run.regions],
        "pooled_regions": [asdict(each) for each in week.regions],
        "new_traffic": None if run.new_traffic is None else _new_traffic(run.new_traffic),
        "bridge": None if run.bridge is None else _bridge(week, run.bridge),
        "rule": dict(run.rule),
        "seed": run.seed,
        "encoder": run.encoder,
        "inputs": {"heldout": run.heldout and run.heldout.digest, "production": run.production_digest},
    }


def _textbook(week: WeekAssessment, strict: TextbookAlarms) -> dict[str, object]:
    return {
        "alarm": week.run.at in strict.alarms,
        "n_quiet_weeks": strict.n_quiet_weeks,
        "n_alarms_on_quiet_weeks": strict.n_on_quiet,
        "alarms_a_year_on_quiet_weeks": strict.per_year,
    }


def _region(figure: RegionFigure) -> dict[str, object]:
    kept = ("partition", "name", "since", "n_pairs", "n_queries", "share", "is_new", "drifted")
    level = None if figure.error is None else figure.error.level
    told = {"spearman": figure.agreement.to_json(), "error_level": level}
    return {name: getattr(figure, name) for name in kept} | told


def _new_traffic(found: NewTraffic) -> dict[str, object]:
    kept = ("n_pairs", "n_queries", "share", "p_value", "n_tested")
    level = None if found.error is None else found.error.level
    return {"names": list(found.names), "error_level": level} | {name: getattr(found, name) for name in kept}


def _bridge(week: WeekAssessment, bridge: Bridge) -> dict[str, object]:
    refused = bridge_refusal(week.run, week.baseline)
    return {"loss": bridge.loss.to_json(), "pinned_revision": bridge.pinned_revision, "refused": refused}


def explanation_to_json(
    weeks: Sequence[WeekAssessment],
    found: Explanation | None,
    *,
    events: Sequence[Event],
    strict: TextbookAlarms,
) -> dict[str, object]:
    """Turn what is said of the newest alarm, and of every region over its weeks, into plain values."""
    versions = entropy_by_version(weeks)
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "n_weeks": len(each_sample_once(weeks)),
        "alarm": None if found is None else _alarm(found),
        "regions": [_followed(each) for each in follow_regions(weeks, min_weeks=0)],
        "entropy": [each.to_json() for each in versions],
        "collapse": [each.version for each in find_collapse(versions)],
        "events": [{"at": each.at.isoformat(), "kind": each.kind, "label": each.label} for each in events],
        "textbook": {"n_quiet_weeks": strict.n_quiet_weeks, "alarms_a_year_on_quiet_weeks": strict.per_year},
    }


def _alarm(found: Explanation) -> dict[str, object]:
    return {
        "at": found.week.run.at.isoformat(),
        "ended": None if found.ended is None else found.ended.isoformat(),
        "reasons": list(found.week.reasons),
        "signals": list(found.week.signals),
        "since": None if found.change is None else found.change.to_json(),
        "regions": [asdict(each) for each in found.regions],
        "coinciding": [each.label for each in found.coinciding],
    }


def _followed(region: RegionWeeks) -> dict[str, object]:
    newest = region.weeks[-1]
    return {
        "partition": region.partition,
        "name": region.name,
        "first_seen": region.since,
        "last_seen": f"{newest.week.run.at:%Y-%m-%d}",
        "n_weeks": len(region.weeks),
        "n_weeks_flagged": region.n_drifted,
        "is_new": newest.figure.is_new,
        "pooled": None if newest.pooled is None else asdict(newest.pooled),
        "weeks": [
            {
                "at": each.week.run.at.isoformat(),
                "n_pairs": each.figure.n_pairs,
                "share": each.figure.share,
                "spearman": each.figure.agreement.to_json()["estimate"],
                "error_level": None if each.figure.error is None else each.figure.error.level,
                "flag": each.flag,
            }
            for each in region.weeks
        ],
    }
