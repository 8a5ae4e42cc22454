import pyarrow.parquet as pq
import pytest
from opentelemetry.sdk.trace import TracerProvider

from drift_core.errors import MissingExtraError
from drift_core.live.recorder import Recorder
from drift_core.live.spans import span_processor

RERANKER = {
    "openinference.span.kind": "RERANKER",
    "reranker.query": "how do I return shoes",
    "reranker.model_name": "ranker-7",
    "reranker.output_documents.0.document.content": "Shoes can be sent back.",
    "reranker.output_documents.0.document.score": 0.9,
    "reranker.output_documents.1.document.content": "We sell socks.",
    "reranker.output_documents.1.document.score": 0.2,
}


def recorded(folder, spans, **settings):
    provider = TracerProvider(shutdown_on_exit=False)
    recorder = Recorder(folder, share=1.0, seconds=3600.0)
    provider.add_span_processor(span_processor(recorder, **settings))
    for attributes in spans:
        with provider.get_tracer("tests").start_as_current_span("rerank", attributes=attributes):
            pass
    provider.shutdown()
    return [row for path in folder.rglob("*.parquet") for row in pq.read_table(path).to_pylist()], recorder.dropped


def test_each_doc_of_a_reranker_span_is_a_pair_and_other_spans_are_passed_over(tmp_path):
    spans = [RERANKER, {"http.method": "GET"}, {"reranker.query": "without docs"}]

    rows, dropped = recorded(tmp_path, spans, columns={"student_version": "reranker.model_name"})

    assert [(row["query"], row["doc"], row["student_score"], row["student_version"]) for row in rows] == [
        ("how do I return shoes", "Shoes can be sent back.", 0.9, "ranker-7"),
        ("how do I return shoes", "We sell socks.", 0.2, "ranker-7"),
    ]
    assert dropped == 0


def test_named_attributes_are_one_pair(tmp_path):
    spans = [{"q": "how", "d": "so", "s": 0.4, "t": "pass"}, {"q": "no doc", "s": 0.4}, {"q": "odd", "d": 3, "s": 0.1}]

    rows, dropped = recorded(tmp_path, spans, query="q", doc="d", student="s", teacher="t")

    assert [(row["query"], row["doc"], row["student_score"], row["teacher_score"]) for row in rows] == [
        ("how", "so", 0.4, "pass")
    ]
    assert dropped == 1


@pytest.mark.parametrize("n_docs", [63, 64, 100])
def test_a_span_that_lost_attributes_is_counted_and_no_part_of_it_recorded(n_docs, tmp_path):
    docs = {
        f"reranker.output_documents.{place}.document.{name}": value
        for place in range(n_docs)
        for name, value in (("content", f"doc {place}"), ("score", 0.5))
    }

    rows, dropped = recorded(tmp_path, [{"reranker.query": "how"} | docs])

    assert (len(rows), dropped) == ((63, 0) if n_docs == 63 else (0, 1))


def test_without_its_package_it_says_how_to_get_it(monkeypatch, tmp_path):
    recorder = Recorder(tmp_path)
    monkeypatch.setattr("drift_core.installation.find_spec", lambda module: None if "opentelemetry" in module else True)

    with pytest.raises(MissingExtraError, match=r"Recording from spans needs .*\n.*distillation-drift\[otel\]"):
        span_processor(recorder)
