"""The seven real cases, where they are there: the right cause and findings, and JSON as promised."""

from pathlib import Path

import pytest

from drift_core import diagnose, diagnosis_to_json, read_pairs
from drift_core.tables.json_text import json_text

CASES = Path(__file__).parents[2] / "shared" / "realdata"
ANSWERS: dict[str, tuple[str, list[str]]] = {
    "alpacaeval-new-topic-food": ("query_drift", []),
    "dl19-to-dl20-healthy": ("healthy", ["few_queries"]),
    "llmjudge-umbrela1-to-2": ("teacher_drift", ["few_queries", "teacher_revised"]),
    "stsb-captions-to-news-forum": ("query_drift", []),
    "stsb-healthy-dev-test": ("healthy", ["harder_region"]),
    "wildbench-gpt4turbo-to-gpt4o": ("healthy", ["weak_student", "teacher_revised", "teacher_scale_moved"]),
    "wildbench-rerelease-no-change": ("healthy", []),
}
KEYS = {
    *("schema", "version", "cause", "inferred", "summary", "findings", "tests", "regions", "attribution"),
    *("rule", "seed", "inputs", "encoder"),
}
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="The real cases are not beside this checkout.")


@pytest.mark.parametrize("case", ANSWERS)
def test_cause_and_findings_of_a_real_case_are_right(case: str) -> None:
    heldout, production = (read_pairs(CASES / case / f"{side}.parquet") for side in ("heldout", "production"))

    record = diagnosis_to_json(diagnose(heldout, production))

    assert (record["cause"], record["findings"]) == ANSWERS[case]
    assert record.keys() >= KEYS
    assert [test["name"] for test in record["tests"]] == ["spread", "top_k", "regions"]
    assert "NaN" not in json_text(record)
