"""The same pairs as small exports of every form that is read, made up by hand after what each project publishes."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

N = 24
EVALUATED = "gen_ai.evaluation.result"
SYSTEM = {"role": "system", "content": "Be brief."}
TEACHER, STUDENT = "judge_large", "judge_small"

Files = Mapping[str, Any]  # name of a file to its documents: a list is written as lines, an object as it is


def pairs(n: int = N) -> list[dict[str, Any]]:
    return [
        {
            "id": f"a{i}",
            "query": f"how do I return order {i // 2}",
            "doc": f"“{i} days” to send it back",
            TEACHER: round(i / n, 3),
            STUDENT: round((i * 7 % n) / n, 3),
            "day": f"2026-0{1 + i // 12}-{1 + i % 12:02d}T08:00:00Z",
        }
        for i in range(n)
    ]


def scores_of(pair: Mapping[str, Any]) -> Iterable[tuple[str, float]]:
    return ((name, pair[name]) for name in (TEACHER, STUDENT) if name in pair)


def otlp(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "stringValue", float: "doubleValue", int: "intValue"}
    other = {"kvlistValue": {"values": []}}
    return [
        {"key": key, "value": {kinds[type(value)]: value} if type(value) in kinds else other}
        for key, value in values.items()
    ]


def nanoseconds(day: str) -> str:
    return str(1_767_225_600 + 86_400 * (31 * (int(day[5:7]) - 1) + int(day[8:10]) - 1)) + "000000000"


def spans_document(spans: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {}, "spans": spans}]}]}


def span(pair: Mapping[str, Any], attributes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "traceId": f"t-{pair['id']}",
        "spanId": pair["id"],
        "parentSpanId": "",
        "name": "chat",
        "startTimeUnixNano": nanoseconds(pair["day"]),
        "attributes": otlp(attributes),
        **more,
    }


def langfuse(given: list[dict[str, Any]]) -> Files:
    observations = [
        {
            "id": pair["id"],
            "trace_id": f"t-{pair['id']}",
            "project_id": "p",
            "environment": "production",
            "type": "GENERATION",
            "parent_observation_id": "",
            "start_time": pair["day"].replace("T", " ").removesuffix("Z"),
            "name": "answer",
            "input": json.dumps([SYSTEM, {"role": "user", "content": pair["query"]}]),
            "output": pair["doc"],
            "provided_model_name": "",
        }
        for pair in given
    ]
    scores = [
        {
            "id": f"{name}-{pair['id']}",
            "timestamp": pair["day"],
            "project_id": "p",
            "trace_id": f"t-{pair['id']}",
            "observation_id": pair["id"] if name == STUDENT else None,
            "name": name,
            "value": value,
            "source": "API",
            "data_type": "NUMERIC",
            "string_value": None,
        }
        for pair in given
        for name, value in scores_of(pair)
    ]
    return {"observations.jsonl": observations, "scores.jsonl": scores}


def openinference(given: list[dict[str, Any]]) -> Files:
    """A span a query and reranker, with the documents of the query."""
    spans = []
    for scorer in (TEACHER, STUDENT):
        for query in dict.fromkeys(pair["query"] for pair in given):
            own = [pair for pair in given if pair["query"] == query and scorer in pair]
            attributes = {"openinference.span.kind": "RERANKER", "reranker.query": query, "reranker.model_name": scorer}
            for place, pair in enumerate(own if scorer == TEACHER else own[::-1]):
                known = f"reranker.output_documents.{place}.document"
                attributes |= {
                    f"{known}.id": pair["id"],
                    f"{known}.content": pair["doc"],
                    f"{known}.score": pair[scorer],
                }
            if own:
                spans.append(span(own[0], attributes, traceId=f"t-{query}", spanId=f"{scorer}-{query}", name="rerank"))
    return {"spans.json": spans_document(spans)}


def otel(given: list[dict[str, Any]]) -> Files:
    """The teacher's score as an event of the span, the student's as a log that names the response."""
    spans, records = [], []
    for pair in given:
        attributes = {
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "parts": [{"type": "text", "content": pair["query"]}]}]
            ),
            "gen_ai.output.messages": json.dumps(
                [{"role": "assistant", "parts": [{"type": "text", "content": pair["doc"]}], "finish_reason": "stop"}]
            ),
            "gen_ai.response.id": f"r-{pair['id']}",
        }
        results = [
            {"gen_ai.evaluation.name": name, "gen_ai.evaluation.score.value": value} for name, value in scores_of(pair)
        ]
        events = [{"name": EVALUATED, "attributes": otlp(each)} for each in results[:1]]
        spans.append(span(pair, attributes, events=events))
        answered = {"gen_ai.response.id": f"r-{pair['id']}"}
        within = {"eventName": EVALUATED, "spanId": f"judge-{pair['id']}"}  # the judge's own span
        records += [within | {"attributes": otlp(each | answered)} for each in results[1:]]
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    return {"traces.json": spans_document(spans), "logs.json": logs}


def phoenix(given: list[dict[str, Any]]) -> Files:
    spans = [
        {
            "name": "answer",
            "context": {"trace_id": f"t-{pair['id']}", "span_id": pair["id"]},
            "parent_id": None,
            "start_time": pair["day"],
            "attributes": {"input.value": pair["query"], "output.value": pair["doc"]},
            "events": [],
        }
        for pair in given
    ]
    annotations = [
        {"span_id": pair["id"], "name": name, "annotator_kind": "LLM", "result": {"score": value, "label": None}}
        for pair in given
        for name, value in scores_of(pair)
    ]
    return {"annotations.json": {"data": annotations, "next_cursor": None}, "spans.jsonl": spans}


def langsmith(given: list[dict[str, Any]]) -> Files:
    runs = [
        {
            "id": pair["id"],
            "trace_id": pair["id"],
            "parent_run_id": None,
            "name": "answer",
            "run_type": "chain",
            "start_time": pair["day"],
            "inputs": {"question": pair["query"]},
            "outputs": {"answer": pair["doc"]},
        }
        for pair in given
    ]
    feedback = [
        {"run_id": pair["id"], "key": name, "score": value, "value": None, "feedback_source": {"type": "api"}}
        for pair in given
        for name, value in scores_of(pair)
    ]
    return {"feedback.jsonl": feedback, "runs.jsonl": runs}


def mlflow(given: list[dict[str, Any]]) -> Files:
    traces = [
        {
            "info": {
                "trace_id": pair["id"],
                "request_time": pair["day"],
                "request_preview": json.dumps({"question": pair["query"]}, ensure_ascii=False),
                "response_preview": json.dumps(pair["doc"], ensure_ascii=False),
                "assessments": [
                    {
                        "assessment_name": name,
                        "source": {"source_type": "LLM_JUDGE", "source_id": name},
                        "feedback": {"value": value},
                        "valid": True,
                    }
                    for name, value in scores_of(pair)
                ],
            },
            "data": {"spans": []},
        }
        for pair in given
    ]
    return {"traces.json": {"traces": traces, "next_page_token": None}}


def deepeval(given: list[dict[str, Any]]) -> Files:
    cases = [
        {
            "name": f"case {pair['id']}",
            "input": pair["query"],
            "actualOutput": pair["doc"],
            "retrievalContext": ["a text that nobody scored"],
            "metricsData": [{"name": name, "score": value, "success": True} for name, value in scores_of(pair)],
        }
        for pair in given
    ]
    return {"run.json": {"testCases": cases, "conversationalTestCases": [], "testPassed": len(cases)}}


def promptfoo(given: list[dict[str, Any]]) -> Files:
    results = [
        {
            "id": pair["id"],
            "vars": {"question": pair["query"]},
            "prompt": {"raw": f"Answer: {pair['query']}", "label": "Answer"},
            "provider": {"id": "openai:a-model", "label": ""},
            "response": {"output": pair["doc"]},
            "namedScores": dict(scores_of(pair)),
            "score": 1,
            "success": True,
        }
        for pair in given
    ]
    return {"results.json": {"evalId": "e", "results": {"version": 3, "timestamp": "", "results": results}}}


def braintrust(given: list[dict[str, Any]]) -> Files:
    rows = [
        {
            "id": pair["id"],
            **dict.fromkeys(("span_id", "root_span_id"), f"s-{pair['id']}"),
            "created": pair["day"],
            "input": {"question": pair["query"]},
            "output": pair["doc"],
            "scores": dict(scores_of(pair)),
            "metadata": {"model": "a-model"},
        }
        for pair in given
    ]
    return {"events.jsonl": rows}


def openai(given: list[dict[str, Any]]) -> Files:
    items = [
        {
            "id": pair["id"],
            "object": "eval.run.output_item",
            "created_at": int(nanoseconds(pair["day"])[:10]),
            "datasource_item": {"question": pair["query"]},
            "results": [{"name": name, "passed": True, "score": value} for name, value in scores_of(pair)],
            "sample": {
                "model": "a-model",
                "input": [{"role": "user", "content": pair["query"]}],
                "output": [{"role": "assistant", "content": pair["doc"]}],
            },
        }
        for pair in given
    ]
    return {"items.json": {"object": "list", "data": items}}


def ragas(given: list[dict[str, Any]]) -> Files:
    rows = [
        {
            "user_input": pair["query"],
            "retrieved_contexts": ["a text that nobody scored"],
            "response": pair["doc"],
            **dict(scores_of(pair)),
        }
        for pair in given
    ]
    return {"rows.jsonl": rows}


_MADE = (langfuse, openinference, otel, phoenix, langsmith, mlflow, deepeval, promptfoo, braintrust, openai, ragas)
EXPORTS: Mapping[str, Callable[[list[dict[str, Any]]], Files]] = {made.__name__: made for made in _MADE}


def write(files: Files, folder: Path) -> str:
    """Write an export into a folder; gives what names all its files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, documents in files.items():
        parts = documents if isinstance(documents, list) else [documents]
        text = "\n".join(json.dumps(each, ensure_ascii=False) for each in parts)
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder / ("*" if len(files) > 1 else next(iter(files))))
