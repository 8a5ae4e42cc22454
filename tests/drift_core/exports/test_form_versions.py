"""Other versions of a tool's form give the same pairs."""

import json

import pytest

from drift_core.samples.reading import read_pairs
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, N, otlp, pairs, write

CHOSEN = {"teacher": TEACHER, "student": STUDENT}


def _by_name(pair, key="name", value="value", **more):
    return [{key: name, value: pair[name], **more} for name in (TEACHER, STUDENT)]


OTHER_VERSIONS = {
    "langfuse, a whole trace": lambda pair: {
        "id": pair["id"],
        "timestamp": pair["day"],
        "input": {"question": pair["query"]},
        "output": pair["doc"],
        "observations": [{"id": "o", "input": "another", "output": "text"}],
        "scores": [*_by_name(pair, observationId=None), {"name": TEACHER, "value": 9.0, "observationId": "o"}],
    },
    "langfuse, observations in a trace": lambda pair: {
        "id": f"t-{pair['id']}",
        "timestamp": pair["day"],
        "input": "the whole",
        "output": "trace",
        "observations": [
            {
                "id": f"{pair['id']}{more}",
                "traceId": f"t-{pair['id']}",
                "type": "GENERATION",
                "startTime": pair["day"],
                "input": {"question": pair["query"]},
                "output": pair["doc"],
            }
            for more in (" before", "")
        ],
        "scores": _by_name(pair, observationId=pair["id"]),
    },
    "mlflow 2": lambda pair: {
        "info": {
            "request_id": pair["id"],
            "timestamp_ms": 1_767_225_600_000,
            "assessments": [
                {"assessment_name": name, "feedback": {"value": pair[name]}, "source": {"source_type": "LLM_JUDGE"}}
                for name in (TEACHER, STUDENT)
            ],
        },
        "data": {"request": json.dumps({"query": pair["query"]}), "response": json.dumps(pair["doc"]), "spans": []},
    },
    "deepeval, its results": lambda pair: {
        "test_results": [
            {"input": pair["query"], "actual_output": pair["doc"], "metrics_data": _by_name(pair, value="score")}
        ]
    },
    "promptfoo, of evaluate": lambda pair: {
        "version": 3,
        "results": [
            {
                "vars": {"query": pair["query"]},
                "response": {"output": pair["doc"]},
                "namedScores": {name: pair[name] for name in (TEACHER, STUDENT)},
            }
        ],
    },
}


@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_other_versions_of_a_form_give_the_same_pairs(version, tmp_path):
    given = pairs()
    path = write({"export.jsonl": [OTHER_VERSIONS[version](pair) for pair in given]}, tmp_path)

    sample = read_pairs(path, columns=CHOSEN)

    assert list(zip(sample.query, sample.doc, sample.teacher, sample.student, strict=True)) == [
        (pair["query"], pair["doc"], pair[TEACHER], pair[STUDENT]) for pair in given
    ]


def test_a_score_of_a_response_that_spans_do_not_name_is_of_its_span_unless_that_is_another_answer(tmp_path):
    files = EXPORTS["otel"](pairs())
    spans = files["traces.json"]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    for each in spans:
        each["attributes"] = [held for held in each["attributes"] if held["key"] != "gen_ai.response.id"]
    logged = files["logs.json"]["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    for pair, record in zip(pairs(), logged, strict=True):
        record["spanId"] = pair["id"]
    spans[0]["attributes"] += otlp({"gen_ai.response.id": "of the judge"})

    sample = read_pairs(write(files, tmp_path), columns=CHOSEN)

    assert len(sample) == N - 1
    assert any(each.message.startswith("1 score is of nothing that the export") for each in sample.problems)
