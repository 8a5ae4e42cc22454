"""What an assistant is told: a verdict, weeks and a gate's answer as plain values, short enough to be read whole.

They go to whoever runs the assistant's model: figures, sentences, names of regions (words of the queries, values of
slices) and of people who decided, and what a message on a faulty file quotes; no row.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.events import Event
    from drift_core.canary.explanation import Explanation

VERDICT = ("version", "cause", "inferred", "headline", "reason", "findings", "evidence", "would_change", "attribution")
# What a region is told by, and its name in the JSON of a diagnosis; the measure of its agreement stands at the top.
REGION = {
    **{name: name for name in ("partition", "name", "is_new", "share_heldout", "share_production")},
    "agreement_heldout": "spearman_heldout",
    "agreement": "spearman",
    "agreement_low": "low",
    "agreement_high": "high",
    "share_of_loss": "share_of_loss",
    "reason": "reason",
}
SAMPLE = ("name", "n_pairs", "n_queries", "kind")
TEST = ("name", "reading", "sentence")
GATE = ("status", "exit_code", "headline", "sentence", "since", "now", "reasons", "override", "triggers", "notes")


def diagnosis_answer(document: Any) -> dict[str, Any]:
    """Shorten a diagnosis as `diagnose --json` writes it.

    Raises
    ------
    InputError
        When it is something else.
    """
    try:
        spread = next(each for each in document["tests"] if each["name"] == "spread")
        return {
            **_of(document, VERDICT),
            "measure": spread["measure"],
            "tests": [{name: each[name] for name in TEST if name in each} for each in document["tests"]],
            "regions": [
                {told: each[name] for told, name in REGION.items()} for each in document["regions"] if each["flag"]
            ],
            "n_regions": len(document["regions"]),
            "lookalikes": [each["sentence"] for each in document["lookalikes"] if each["status"] != "ruled_out"],
            "next_step": document.get("next"),
            "ways": document.get("options", {}).get("sentence"),
            "inputs": {side: _of(document["inputs"][side], SAMPLE) for side in ("heldout", "production")},
            "problems": document["problems"],
        }
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        lacking = f" It has no {error.args[0]!r}." if isinstance(error, KeyError) and isinstance(document, dict) else ""
        raise InputError(
            f"It holds no diagnosis.{lacking} Expected the JSON that `distillation-drift diagnose --json FILE` of this "
            "version writes."
        ) from error


def weeks_answer(
    weeks: "Sequence[WeekAssessment]", found: "Explanation | None", events: "Sequence[Event]", *, last: int
) -> dict[str, Any]:
    """Say how each student's newest week stands and what to do, since when and where the newest alarm is."""
    newest = {week.run.student_version: week for week in weeks}  # the last of each
    return {
        "n_weeks": len({week.run.at.date() for week in weeks}),
        "students": [_week(each) | {"next_step": each.next_step} for each in newest.values()],
        "newest_alarm": None if found is None else _alarm(found),
        "weeks": [_week(each) for each in weeks[-last:]],
        "events": [{"at": f"{each.at:%Y-%m-%d}", "label": each.label} for each in events],
    }


def gate_answer(document: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten what the gate says, as `gate --json` writes it."""
    return _of(document, GATE)


def _of(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: document[name] for name in names}


def _week(week: "WeekAssessment") -> dict[str, Any]:
    run = week.run
    return {
        "at": f"{run.at:%Y-%m-%d}",
        "status": week.status,
        "reasons": list(week.reasons),
        "measure": run.measure,
        "agreement": run.agreement.to_json(),
        "n_pairs": run.n_pairs,
        "n_queries": run.n_queries,
        "student_version": run.student_version,
        "teacher_revision": run.teacher_revision,
        "cause": run.cause,
        "inferred": run.inferred,
    }


def _alarm(found: "Explanation") -> dict[str, Any]:
    return {
        "at": f"{found.week.run.at:%Y-%m-%d}",
        "student_version": found.week.run.student_version,
        "reasons": list(found.week.reasons),
        "since": found.sentence if found.change is not None else None,
        "regions": [{"name": each.name, "partition": each.partition, "share": each.share} for each in found.places],
        "beside": [each.label for each in found.coinciding],
    }
