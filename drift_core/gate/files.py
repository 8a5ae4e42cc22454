"""A gate's answer as files: JSON for machines, JUnit XML and a code quality report for CI systems.

The shape of the JSON is a contract: keys may join, none leaves.
"""

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from drift_core.gate.context import DAY, as_sentence
from drift_core.gate.headline import gate_headline
from drift_core.measured import Measured, Unmeasured
from drift_core.version import VERSION
from drift_core.wording import one_line

if TYPE_CHECKING:
    from junitparser import TestCase

    from drift_core.canary.run import CanaryRun
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.gate.checks import GateCheck
    from drift_core.gate.gate_decision import GateDecision
    from drift_core.judge_card.card import JudgeCard

SCHEMA = 1
SUITE = "distillation-drift gate"
REASON = ("name", "subject", "sentence", "is_blocking", "since")
OVERRIDE = ("at", "by", "reason", "reasons")
RUN = ("student_version", "teacher_model", "teacher_revision", "n_pairs", "n_queries", "agreement", "overlap", "k")
SEVERITY = {"blocked": "blocker", "inconclusive": "major", "overridden": "minor"}


def gate_to_json(decision: "GateDecision", *, card: "JudgeCard | None" = None) -> dict[str, object]:
    """Turn a gate's answer into plain JSON values.

    Parameters
    ----------
    decision
        The answer.
    card
        The judge card that it was decided with.
    """
    return {
        "schema": SCHEMA,
        "version": VERSION,
        **_fields(decision, "status", "exit_code"),
        "headline": gate_headline(decision),
        **_fields(decision, "sentence", "since", "now"),
        "reasons": [_fields(check, *REASON) for check in decision.reasons],
        "checks": [_fields(check, "outcome", *REASON) for check in decision.checks],
        "override": _fields(decision.override, *OVERRIDE) if decision.override else None,
        "overrides": [_fields(each, *OVERRIDE) for each in decision.overrides],
        "newest": _run(decision.newest, decision),
        "measured": _run(decision.measured, decision),
        "card": _card(card) if card else None,
        "comparison": _comparison(decision.comparison) if decision.comparison else None,
        "triggers": [_fields(each, "name", "state", "sentence", "since") for each in decision.triggers],
        "notes": list(decision.notes),
        "withdrawn": [
            _fields(each.run, "key", "at", "student_version")
            | {"alarmed": each.alarmed, "withdrawn_at": each.at.isoformat(), "by": each.by, "reason": each.reason}
            for each in decision.withdrawn
        ],
    }


def _fields(value: object, *names: str) -> dict[str, object]:
    return {name: _plain(getattr(value, name)) for name in names}


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Measured | Unmeasured):
        return value.to_json()
    return list(value) if isinstance(value, tuple) else value


def _run(run: "CanaryRun | None", decision: "GateDecision") -> dict[str, object] | None:
    if run is None:
        return None
    at = decision.data_at if run is decision.measured and decision.data_at else run.at
    age = round((decision.now - at) / DAY, 2)
    return {**_fields(run, "key", "at"), "data_at": at.isoformat(), "age_days": age, **_fields(run, *RUN)}


def _card(card: "JudgeCard") -> dict[str, object]:
    return {
        "owner": card.owner,
        "student_version": card.student.version,
        "teacher_model": card.teacher.model,
        "teacher_revision": card.teacher.revision,
        "floors": card.floors.model_dump(),
        "cadence_days": card.canary.cadence_days,
        "critical_slices": [each.model_dump() for each in card.critical_slices],
        "inconclusive": card.gate.inconclusive,
    }


def _comparison(comparison: "ComparisonRecord") -> dict[str, object]:
    return {
        **_fields(comparison, "student_before", "student_after", "outcome", "sentence", "made_at"),
        "worse": [part.title for part in comparison.worse],
        "slices_left_out": list(comparison.slices_left_out),
    }


def gate_to_junit(decision: "GateDecision") -> bytes:
    """Write the checks as JUnit XML, one test case each.

    A blocking check is a failure. One that cannot tell is an error, a failure where the card blocks it, and skipped
    where the card lets it pass. What an override covers, and what there was nothing to check for, is skipped. What was
    withdrawn stands as the suite's output.
    """
    from junitparser import JUnitXml, SystemOut, TestSuite

    suite = TestSuite(SUITE)
    suite.timestamp = decision.now.isoformat()
    suite.add_testcases([_test_case(check, decision) for check in decision.checks])  # counts them once, not at each
    if decision.notes:
        suite.append(SystemOut("\n".join(decision.notes)))  # type: ignore[no-untyped-call]  # typed halfway
    report = JUnitXml(SUITE)
    report.add_testsuite(suite)
    written: bytes = report.tostring()  # type: ignore[no-untyped-call]  # junitparser types it halfway
    written = written.replace(b'" />', b'"/>')  # junitparser takes lxml where it is installed, which closes tags so
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written + b"\n"


def _test_case(check: "GateCheck", decision: "GateDecision") -> "TestCase":
    from junitparser import Error, Failure, Skipped, TestCase

    case = TestCase(check.title, classname="distillation-drift.gate", time=0)
    of_inconclusive = {"block": Failure, "pass": Skipped, None: Error}[decision.on_inconclusive]
    kinds = {"blocked": Failure, "inconclusive": of_inconclusive, "overridden": Skipped, "skipped": Skipped}
    if check.outcome in kinds:
        case.result = [kinds[check.outcome](_told(check, decision), check.outcome)]
    else:
        case.system_out = check.sentence
    return case


def _told(check: "GateCheck", decision: "GateDecision") -> str:
    if check.outcome != "overridden":
        return check.sentence
    told = "; ".join(f"{one_line(each.by)}, '{as_sentence(each.reason)}'" for each in decision.overrides)
    return f"Overridden by {told} {check.sentence}"


def gate_to_code_quality(decision: "GateDecision", *, path: str) -> bytes:
    """Write what does not hold as a code quality report, which GitLab shows in a merge request.

    Parameters
    ----------
    decision
        The answer.
    path
        File of the repository that the findings are shown at: the judge card.
    """
    report = [
        {
            "description": _told(check, decision),
            "check_name": check.name,
            "fingerprint": hashlib.sha256(f"{check.name}\n{check.subject}".encode()).hexdigest(),
            "severity": SEVERITY[check.outcome],
            "location": {"path": path, "lines": {"begin": 1}},
        }
        for check in decision.findings
    ]
    return (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode()
