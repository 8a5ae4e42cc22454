"""Samples that are no export are read as they always were, whatever their fields are called or hold."""

import json

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs, read_table

N = 24
LIKE_EXPORTS = {
    "mlflow": ["trace_id", "request", "response"],
    "langfuse": ["id", "type", "traceId", "startTime", "input", "output"],
    "langsmith": ["id", "run_type", "inputs", "outputs"],
    "braintrust": ["id", "span_id", "root_span_id", "input", "output", "scores"],
}


def rows(names, scores):
    texts = [{name: f"{name} {number}" for name in names} for number in range(N)]
    return [each | dict.fromkeys(scores, number * 7 % 11 / 10) for number, each in enumerate(texts)]


@pytest.mark.parametrize("more", ['"x": 1,', '"x": nan', f'"x": {"1" * 5_000}'], ids=["comma", "nan", "digits"])
def test_json_that_is_not_to_the_letter_is_read(more, tmp_path):
    path = tmp_path / "pairs.jsonl"
    given = rows(["query", "doc"], ["teacher_score", "student_score"])
    path.write_text("".join(f"{json.dumps(each)[:-1]}, {more}}}\n" for each in given))

    assert len(read_pairs(path)) == N


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("names", LIKE_EXPORTS.values(), ids=LIKE_EXPORTS)
def test_a_table_with_the_fields_of_an_export_is_read_by_the_columns_that_are_chosen(names, suffix, tmp_path):
    path = tmp_path / f"pairs.{suffix}"
    frame = pd.DataFrame(rows(names, ["large", "small"]))
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_json(path, orient="records", lines=True)
    query, doc = [name for name in names if name in ("request", "response", "input", "output", "inputs", "outputs")]
    chosen = {"query": query, "doc": doc, "teacher": "large", "student": "small"}

    assert read_table(path).column_names == [*names, "large", "small"]
    sample = read_pairs(path, columns=chosen)

    assert [sample.columns[role] for role in chosen] == list(chosen.values())
    assert list(sample.doc) == list(frame[doc])


def test_traces_without_assessments_say_which_columns_lack(tmp_path):
    path = tmp_path / "pairs.csv"
    pd.DataFrame(rows(LIKE_EXPORTS["mlflow"], ["large", "small"])).to_csv(path, index=False)

    with pytest.raises(InputError, match=r"has no column for teacher and student\. It has: trace_id, request"):
        read_pairs(path)
