"""A gate's answer as files: JSON for machines, JUnit XML and a code quality report for CI systems.

The shape of the JSON is a contract: keys may join, none leaves.
"""

import hashlib
import json
from typing import TYPE_CHECKING

from drift_core.gate.context import DAY, as_sentence
from drift_core.gate.headline import gate_headline
from drift_core.version import VERSION
from drift_core.wording import one_line

if TYPE_CHECKING:
    from junitparser import TestCase

    from drift_core.canary.decision import Decision
    from drift_core.canary.run import CanaryRun
    from drift_core.canary.withdrawals import Withdrawal
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.gate.checks import GateCheck
    from drift_core.gate.gate_decision import GateDecision
    from drift_core.judge_card.card import JudgeCard

SCHEMA = 1
SUITE = "distillation-drift gate"
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
        "status": decision.status,
        "exit_code": decision.exit_code,
        "headline": gate_headline(decision),
        "sentence": decision.sentence,
        "since": decision.since.isoformat() if decision.since else None,
        "now": decision.now.isoformat(),
        "reasons": [_reason(check) for check in decision.reasons],
        "checks": [{"outcome": check.outcome} | _reason(check) for check in decision.checks],
        "override": _override(decision.override),
        "overrides": [_override(each) for each in decision.overrides],
        "newest": _run(decision.newest, decision),
        "measured": _run(decision.measured, decision),
        "card": _card(card),
        "comparison": _comparison(decision.comparison),
        "notes": list(decision.notes),
        "withdrawn": [_withdrawn(each) for each in decision.withdrawn],
    }


def _reason(check: "GateCheck") -> dict[str, object]:
    return {
        "name": check.name,
        "subject": check.subject,
        "sentence": check.sentence,
        "is_blocking": check.is_blocking,
        "since": check.since.isoformat() if check.since else None,
    }


def _override(override: "Decision | None") -> dict[str, object] | None:
    if override is None:
        return None
    return {
        "at": override.at.isoformat(),
        "by": override.by,
        "reason": override.reason,
        "reasons": list(override.reasons),
    }


def _run(run: "CanaryRun | None", decision: "GateDecision") -> dict[str, object] | None:
    if run is None:
        return None
    return {
        "key": run.key,
        "at": run.at.isoformat(),
        "age_days": round((decision.now - run.at) / DAY, 2),
        "student_version": run.student_version,
        "teacher_model": run.teacher_model,
        "teacher_revision": run.teacher_revision,
        "n_pairs": run.n_pairs,
        "n_queries": run.n_queries,
        "agreement": run.agreement.to_json(),
        "overlap": run.overlap.to_json(),
        "k": run.k,
    }


def _card(card: "JudgeCard | None") -> dict[str, object] | None:
    if card is None:
        return None
    return {
        "owner": card.owner,
        "student_version": card.student.version,
        "teacher_model": card.teacher.model,
        "teacher_revision": card.teacher.revision,
        "floors": {"agreement": card.floors.agreement, "overlap": card.floors.overlap},
        "cadence_days": card.canary.cadence_days,
        "critical_slices": [each.model_dump() for each in card.critical_slices],
        "inconclusive": card.gate.inconclusive,
    }


def _comparison(comparison: "ComparisonRecord | None") -> dict[str, object] | None:
    """Null where no comparison with the student before was given."""
    if comparison is None:
        return None
    return {
        "student_before": comparison.student_before,
        "student_after": comparison.student_after,
        "outcome": comparison.outcome,
        "sentence": comparison.sentence,
        "made_at": comparison.made_at.isoformat() if comparison.made_at else None,
        "worse": [part.title for part in comparison.worse],
        "slices_left_out": list(comparison.slices_left_out),
    }


def _withdrawn(withdrawal: "Withdrawal") -> dict[str, object]:
    run = withdrawal.run
    return {
        "key": run.key,
        "at": run.at.isoformat(),
        "student_version": run.student_version,
        "alarmed": withdrawal.alarmed,
        "withdrawn_at": withdrawal.at.isoformat(),
        "by": withdrawal.by,
        "reason": withdrawal.reason,
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

    title = f"{check.name} {check.subject}" if check.subject else check.name
    case = TestCase(title, classname="distillation-drift.gate", time=0)
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
    told = [check for check in decision.checks if check.outcome in SEVERITY]
    report = [
        {
            "description": _told(check, decision),
            "check_name": check.name,
            "fingerprint": hashlib.sha256(f"{check.name}\n{check.subject}".encode()).hexdigest(),
            "severity": SEVERITY[check.outcome],
            "location": {"path": path, "lines": {"begin": 1}},
        }
        for check in told
    ]
    return (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode()
