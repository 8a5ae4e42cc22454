"""Pairs are recorded from the OpenTelemetry spans that a server sends anyway."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from drift_core.installation import need_extra
from drift_core.live.recorder import Recorder

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

LIMIT = "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"  # 128 by default: the oldest go first, so of 64 docs the query
# OpenInference's reranker spans: one query, many docs with their scores.
QUERY, DOCUMENTS = "reranker.query", "reranker.output_documents"


def span_processor(
    recorder: Recorder,
    *,
    query: str = QUERY,
    doc: str = "",
    student: str = "",
    teacher: str = "",
    columns: Mapping[str, str] | None = None,
) -> "SpanProcessor":
    """Make a span processor that records the pairs of spans as they end, for ``provider.add_span_processor``.

    Parameters
    ----------
    recorder
        What keeps them; closed when the provider shuts down.
    query, doc, student, teacher
        Attributes of a span that hold one pair. Without `doc`, each of ``reranker.output_documents`` and its score are
        a pair, as OpenInference has them.
    columns
        Attribute by column of the recorder, such as ``{"student_version": "reranker.model_name"}``.

    Raises
    ------
    MissingExtraError
        When the OpenTelemetry SDK is not installed.

    Notes
    -----
    Spans without the query or a doc are passed over; one that lost attributes to the SDK's limit is counted as dropped,
    as the sample would lack the largest queries. Nothing is raised while a span ends.
    """
    need_extra("otel", "Recording from spans", instead="`Recorder.record` needs none.")
    from opentelemetry.sdk.trace import SpanProcessor

    named = columns or {}

    def pairs(attributes: Mapping[str, Any]) -> Iterator[tuple[Any, Any, Any]]:
        if doc:
            if doc in attributes:
                yield attributes[doc], attributes.get(student), attributes.get(teacher)
            return
        for place in count():
            document = f"{DOCUMENTS}.{place}.document"
            if (content := attributes.get(f"{document}.content")) is None:
                return
            yield content, attributes.get(f"{document}.score"), None

    class PairsOfSpans(SpanProcessor):
        def on_end(self, span: "ReadableSpan") -> None:
            attributes = span.attributes or {}
            is_cut = span.dropped_attributes > 0
            if is_cut and any(name == query or name.startswith(doc or DOCUMENTS) for name in attributes):
                recorder.drop(OverflowError(f"a span lost attributes to its limit; raise {LIMIT}"))
                return
            if (asked := attributes.get(query)) is None:
                return
            said = {column: str(attributes[name]) for column, name in named.items() if name in attributes}
            for content, by_student, by_teacher in pairs(attributes):
                recorder.record(asked, content, student=by_student, teacher=by_teacher, **said)  # type: ignore[arg-type]

        def shutdown(self) -> None:
            recorder.close()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            recorder.flush()
            return True

    return PairsOfSpans()
