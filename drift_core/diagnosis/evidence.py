"""Evidence: what speaks for and against a cause, one sentence with its figure each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drift_core.diagnosis.concentration import Region
from drift_core.diagnosis.documents import DocsTest
from drift_core.diagnosis.rule import Rule
from drift_core.measures.ratios import Rise

if TYPE_CHECKING:
    from drift_core.diagnosis.cause import Cause, Facts, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of evidence: whether it speaks for the cause, and a sentence with its figure."""

    supports: bool
    sentence: str


def list_evidence(
    cause: "Cause", facts: "Facts", drifted: Sequence[Region], teacher: "State", rule: Rule
) -> tuple[Evidence, ...]:
    """List what speaks for and against the cause: the spread, the drifted regions, the teacher, the rest, the docs."""
    lines = [
        Evidence(supports=(facts.spread.reading == "fell") != (cause == "healthy"), sentence=facts.spread.sentence)
    ]
    for region in sorted(drifted, key=lambda r: -(r.share_of_loss or 0))[:6]:
        column = f" ({region.partition})" if region.kind == "slice" else ""
        sentence = f"Region {region.name}{column} {region.reason[0].lower()}{region.reason[1:]}"
        lines.append(Evidence(supports=cause != "teacher_drift", sentence=sentence))
    if not drifted:
        lines.append(Evidence(supports=cause in ("healthy", "teacher_drift"), sentence=NO_REGION))
    part = facts.attribution.teacher
    if part is not None and not facts.attribution.teacher_inferred:
        sentence = f"The revision costs {part.estimate:+.3f} ({part.low:+.3f} to {part.high:+.3f}) on the same pairs."
        lines.append(Evidence(supports=(teacher == "yes") == ("teacher" in cause), sentence=sentence))
    if facts.shared is not None:
        rose = facts.shared.p_value <= rule.alpha
        speaks_for = not rose if facts.is_pinned else rose == ("teacher" in cause)
        sentence = _shared_sentence(facts.shared, rose, is_pinned=facts.is_pinned)
        lines.append(Evidence(supports=speaks_for, sentence=sentence))
    if facts.docs is not None:
        lines.append(
            Evidence(supports=facts.docs.moved == (cause == "document_drift"), sentence=_docs_sentence(facts.docs))
        )
    return tuple(lines)


NO_REGION = "No region fell beyond its own held-out agreement, or beyond what familiar traffic shows."


def _shared_sentence(shared: Rise, rose: bool, *, is_pinned: bool) -> str:
    change = np.expm1(shared.estimate)
    where = "On familiar traffic, under the pinned revision," if is_pinned else "On familiar traffic"
    return (
        f"{where} the error {'rose' if rose else 'did not clearly rise'}: {change:+.0%} at the same mix "
        f"(p = {shared.p_value:.3f}, {shared.n_queries:,} queries)."
    )


def _docs_sentence(docs: DocsTest) -> str:
    figures = f"{docs.docs.estimate:.2f} ({docs.docs.low:.2f} to {docs.docs.high:.2f})"
    verb = "moved" if docs.moved else "did not move apart from the queries"
    by_queries = f"by queries {docs.queries.estimate:.2f}"
    return f"The docs {verb}: a classifier tells the samples apart with area {figures}; {by_queries}."
