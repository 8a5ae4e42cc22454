"""Exports of other tools give the pairs, counts and messages that they hold, and no other pair."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.exports.forms import TOOLS
from drift_core.samples.limits import Limits
from drift_core.samples.parts import Split
from drift_core.samples.reading import read_pairs, read_table
from drift_core.samples.split import count_sides, read_split, split_columns
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, N, otlp, pairs, span, spans_document, write

ROOT = Path(__file__).parents[3]
CHOSEN = {"teacher": TEACHER, "student": STUDENT}


def read(files, folder, **more):
    return read_pairs(write(files, folder), **({"columns": CHOSEN} | more))


def said(sample):
    return {problem.name: problem.message for problem in sample.problems}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_form_gives_the_same_pairs(name, tmp_path):
    given = pairs()

    sample = read(EXPORTS[name](given), tmp_path)

    found = set(zip(sample.query, sample.doc, sample.teacher, sample.student, strict=True))
    assert found == {(pair["query"], pair["doc"], pair[TEACHER], pair[STUDENT]) for pair in given}
    assert len(sample) == len(given)
    assert not [problem for problem in sample.problems if problem.name not in ("export", "constant_slice")]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_missing_score_leaves_its_pair_out_and_is_said(name, tmp_path):
    given = pairs()
    del given[3][TEACHER]

    sample = read(EXPORTS[name](given), tmp_path)

    assert len(sample) == N - 1
    assert given[3]["doc"] not in sample.doc
    assert "1 row has no teacher score" in said(sample)["missing_score"]
    assert list(sample.unscored.query) == [given[3]["query"]]


def test_what_was_read_is_said_with_its_counts(tmp_path):
    sample = read(EXPORTS["langfuse"](pairs()), tmp_path)

    assert said(sample)["export"] == (
        f"{tmp_path}/* was read as an export, 24 observations of langfuse and 48 scores of langfuse: query from "
        "'input', doc from 'output'. 48 scores joined to 24 of 24 pairs, by name: judge_large, judge_small."
    )


def test_each_document_of_a_span_is_a_pair_and_that_is_said(tmp_path):
    sample = read(EXPORTS["openinference"](pairs()), tmp_path)

    assert sample.n_queries == 12
    assert "a pair for each of 'attributes.reranker.output_documents'" in said(sample)["export"]


def test_timestamps_are_those_of_the_records(tmp_path):
    for name in ("langfuse", "otel", "phoenix", "langsmith", "mlflow", "braintrust", "openai"):
        sample = read(EXPORTS[name](pairs()), tmp_path / name)

        first, last = np.datetime_as_string([sample.timestamp.min(), sample.timestamp.max()], unit="D")
        assert (first, last) == ("2026-01-01", "2026-02-12"), name


@pytest.mark.parametrize(("name", "source", "people"), [
    ("langfuse", "source", "ANNOTATION"),
    ("phoenix", "annotator_kind", "HUMAN"),
    ("langsmith", "feedback_source", {"type": "app"}),
])  # fmt: skip
def test_scores_by_people_become_the_label(name, source, people, tmp_path):
    files = dict(EXPORTS[name](pairs()))
    scores = files.get("scores.jsonl") or files.get("feedback.jsonl") or files["annotations.json"]["data"]
    scores += [{**each, source: people, "id": f"h{place}"} for place, each in enumerate(scores[::2])]

    sample = read(files, tmp_path)

    assert np.array_equal(sample.label, sample.teacher)
    assert sample.columns["label"] == "human_label"


def test_assessments_by_people_become_the_label_and_those_overridden_do_not_count(tmp_path):
    files = EXPORTS["mlflow"](pairs())
    for trace in files["traces.json"]["traces"]:
        first = trace["info"]["assessments"][0]
        trace["info"]["assessments"] += [
            {**first, "source": {"source_type": "HUMAN", "source_id": "ana"}},
            {**first, "feedback": {"value": 77.0}, "valid": False},
        ]

    sample = read(files, tmp_path)

    assert np.array_equal(sample.label, sample.teacher)
    assert "several_scores" not in said(sample)


def test_the_scores_are_asked_for_by_the_names_that_were_found(tmp_path):
    with pytest.raises(InputError, match=r"no column for teacher and student\. It has: .*judge_large, judge_small"):
        read(EXPORTS["promptfoo"](pairs()), tmp_path, columns=None)


def test_names_that_tell_need_not_be_chosen(tmp_path):
    given = [{"teacher_score": pair[TEACHER], "student_score": pair[STUDENT], **pair} for pair in pairs()]
    files = EXPORTS["braintrust"](given)
    for row, pair in zip(files["events.jsonl"], given, strict=True):
        row["scores"] = {name: pair[name] for name in ("teacher_score", "student_score")}

    sample = read(files, tmp_path, columns=None)

    assert len(sample) == N


def test_a_score_named_like_another_role_is_not_taken_for_it(tmp_path):
    files = EXPORTS["langfuse"](pairs())
    for score in files["scores.jsonl"]:
        score["name"] = {TEACHER: "relevance", STUDENT: "response"}[score["name"]]

    sample = read(files, tmp_path, columns={"teacher": "relevance", "student": "response"})

    assert sample.columns["teacher"] == "relevance (score)"
    assert sample.label is None
    assert sample.doc[0].startswith("“0 days”")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_are_read_as_json_is(suffix, tmp_path):
    files = EXPORTS["langfuse"](pairs())
    for name, rows in files.items():
        frame, path = pd.DataFrame(rows), tmp_path / name.replace("jsonl", suffix)
        frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path)

    sample = read_pairs(str(tmp_path / "*"), columns=CHOSEN)

    assert len(sample) == N
    assert sample.doc[0] == pairs()[0]["doc"]


def test_frames_of_phoenix_are_read_as_they_were_written(tmp_path):
    given = pairs()
    spans = pd.DataFrame(
        {
            "context.span_id": [pair["id"] for pair in given],
            "context.trace_id": "t",
            "attributes.input.value": [pair["query"] for pair in given],
            "attributes.output.value": [pair["doc"] for pair in given],
        }
    )
    annotations = pd.DataFrame(
        [
            {"span_id": pair["id"], "annotation_name": name, "annotator_kind": "LLM", "result.score": pair[name]}
            for pair in given
            for name in (TEACHER, STUDENT)
        ]
    )
    spans.set_index("context.span_id").to_parquet(tmp_path / "a.parquet")
    annotations.set_index("span_id").to_csv(tmp_path / "b.csv")

    assert len(read_pairs(str(tmp_path / "*"), columns=CHOSEN)) == N


@pytest.mark.parametrize("form", ["nested", "frame", "frame as csv"])
def test_documents_of_rerankers_are_read_as_phoenix_gives_them(form, tmp_path):
    given, spans = pairs(), []
    for scorer in (TEACHER, STUDENT):
        documents = [{"document": {"content": pair["doc"], "score": pair[scorer]}} for pair in given]
        reranker = {"query": "how do I return it", "model_name": scorer, "output_documents": documents}
        own = {f"attributes.reranker.{name}": value for name, value in reranker.items()}
        ids = {"context": {"span_id": scorer, "trace_id": "t"}}
        flat = {"context.span_id": scorer, "context.trace_id": "t"}
        spans.append({**ids, "attributes": {"reranker": reranker}} if form == "nested" else {**flat, **own})
    path = tmp_path / "spans.parquet"
    if form == "nested":
        path = write({"spans.json": {"data": spans}}, tmp_path)
    elif form == "frame":
        pd.DataFrame(spans).to_parquet(path)
    else:
        pd.DataFrame(spans).to_csv(path := tmp_path / "spans.csv")  # lists as Python writes them

    sample = read_pairs(path, columns=CHOSEN)

    assert dict(zip(sample.doc, sample.student, strict=True)) == {pair["doc"]: pair[STUDENT] for pair in given}


def test_annotations_of_documents_are_joined_by_their_place(tmp_path):
    given = pairs()
    attributes = {"openinference.span.kind": "RETRIEVER", "input.value": "how do I return it"}
    for place, pair in enumerate(given):
        known = f"retrieval.documents.{place}.document"
        attributes |= {f"{known}.content": pair["doc"], f"{known}.score": pair[STUDENT]}
    mark = {"span_id": "s", "name": TEACHER, "annotator_kind": "LLM"}
    marks = [
        {**mark, "document_position": place, "result": {"score": pair[TEACHER]}} for place, pair in enumerate(given)
    ]
    files = {"a.json": spans_document([span({**given[0], "id": "s"}, attributes)]), "b.json": {"data": marks}}

    sample = read(files, tmp_path, columns={"teacher": TEACHER, "student": "retriever score"})

    assert dict(zip(sample.doc, sample.teacher, strict=True)) == {pair["doc"]: pair[TEACHER] for pair in given}
    assert sample.n_queries == 1


def test_a_score_of_a_trace_is_of_its_first_span_alone(tmp_path):
    files = EXPORTS["langfuse"](pairs())
    inner = [
        {**each, "id": f"in-{each['id']}", "parent_observation_id": each["id"]} for each in files["observations.jsonl"]
    ]

    sample = read({**files, "inner.jsonl": inner}, tmp_path)

    assert len(sample) == N
    assert said(sample)["unscored_record"] == "24 pairs have no score at all. Left out."


def test_a_score_of_a_trace_with_several_first_spans_is_of_none(tmp_path):
    files = EXPORTS["langfuse"](pairs())
    beside = [{**files["observations.jsonl"][0], "id": "beside"}]

    sample = read({**files, "beside.jsonl": beside}, tmp_path)

    assert (
        said(sample)["score_of_several"] == "1 score is of what several pairs stand for, the first of 't-a0'. Left out."
    )
    assert len(sample) == N - 1


def test_spans_that_are_neither_query_nor_score_are_counted(tmp_path):
    files = EXPORTS["otel"](pairs())
    spans = files["traces.json"]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans += [{"traceId": "t", "spanId": "db", "name": "SELECT", "attributes": otlp({"db.system": "sqlite"})}]

    assert said(read(files, tmp_path))["unknown_record"] == "1 record is of no form that is known. Left out."


def test_the_split_of_one_file_works_on_its_pairs(tmp_path):
    path = write(EXPORTS["openai"](pairs(48)), tmp_path)
    split = Split(column="timestamp", at="2026-02-13")

    heldout, production = read_split(path, split, columns=dict.fromkeys(("heldout", "production"), CHOSEN))

    assert (len(heldout), len(production)) == (24, 24)
    assert count_sides(path, split) == {"heldout": 24, "production": 24}
    assert split_columns(path)[0].name == "timestamp"


def test_limits_hold_for_pairs_of_an_export(tmp_path):
    sample = read(EXPORTS["deepeval"](pairs(60)), tmp_path, limits=Limits(max_rows=40))

    assert len(sample) <= 40
    assert sample.sampling.n_pairs_before == 60


def test_a_table_that_is_a_sample_by_its_columns_is_read_as_ever(tmp_path):
    trace = {"run_type": "a", "inputs": "x", "outputs": "y"}
    rows = [{"id": f"{i}", **trace, "query": f"q{i}", "teacher": i, "student": i} for i in range(24)]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))

    assert read_table(path).column_names == list(rows[0])
    assert "export" not in said(read_pairs(path))


def test_the_tool_can_be_named(tmp_path):
    path = write(EXPORTS["ragas"](pairs()), tmp_path)

    assert len(read_pairs(path, columns=CHOSEN, tool="ragas")) == N
    with pytest.raises(InputError, match=r"no records of langfuse, named by --from\. It has: user_input, "):
        read_pairs(path, tool="langfuse")
    plain = said(read_pairs(path, columns=CHOSEN, tool="langfuse"))
    assert "holds no records of langfuse, named by --from; its" in plain["no_export"]
    with pytest.raises(ValueError, match=r"--from expects one of langfuse, .*; found 'langfus'"):
        read_pairs(path, tool="langfus")


def test_every_tool_stands_in_the_docs():
    lines = (ROOT / "docs" / "files.md").read_text().splitlines()

    assert set(TOOLS) <= {line.split("`")[1] for line in lines if line.startswith("| `")}
