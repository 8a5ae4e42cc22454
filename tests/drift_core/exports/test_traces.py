"""Traces beside their observations, and runs without texts."""

import json

from tests.drift_core.exports.export_files import EXPORTS, STUDENT, N, pairs
from tests.drift_core.exports.test_exports import read, said


def with_traces(files):
    """The same export with its traces, which one judge's scores are of, and the other's of the observation in each."""
    traces = [
        {
            "id": each["trace_id"],
            "timestamp": "2026-01-01T08:00:00Z",
            "project_id": "p",
            "bookmarked": False,
            "input": {"question": json.loads(each["input"])[-1]["content"]},
            "output": {"answer": each["output"]},
        }
        for each in files["observations.jsonl"]
    ]
    return {**files, "traces.jsonl": traces}


def test_scores_of_a_trace_stand_with_those_of_its_one_observation_where_the_export_holds_both(tmp_path):
    files = EXPORTS["langfuse"](pairs())

    alone, both = (read(each, tmp_path / name) for name, each in (("a", files), ("b", with_traces(files))))

    assert len(both) == len(alone) == N
    assert both.teacher.tolist() == alone.teacher.tolist()
    assert both.student.tolist() == alone.student.tolist()
    assert "24 of them are of traces whose one first observation has the other scores" in said(both)["export"]
    assert "unscored_record" not in said(both)


def test_a_trace_and_its_observation_that_one_judge_scored_apart_stay_apart(tmp_path):
    files = with_traces(EXPORTS["langfuse"](pairs()))
    again = [
        {**each, "observation_id": None, "value": 1 - each["value"]}
        for each in files["scores.jsonl"]
        if each["observation_id"]
    ]

    sample = read({**files, "again.jsonl": again}, tmp_path)

    assert sample.student.tolist() == [1 - pair[STUDENT] for pair in pairs()]
    assert "several_scores" not in said(sample)


def test_a_run_without_its_input_is_a_row_without_a_query(tmp_path):
    files = EXPORTS["langsmith"](pairs())
    name = next(name for name, each in files.items() if "inputs" in str(each))
    first, *others = files[name]
    bare = {key: value for key, value in first.items() if key != "inputs"}

    sample = read({**files, name: [bare, *others]}, tmp_path)

    assert len(sample) == N - 1
    assert not {"unknown_record", "score_of_nothing"} & set(said(sample))
