"""The seven real cases, where they are there: the right cause, and JSON as promised."""

from pathlib import Path

import pytest

from drift_core import diagnose, diagnosis_to_json, json_text, read_pairs

CASES = Path(__file__).parents[2] / "shared" / "realdata"
CAUSES = {
    "alpacaeval-new-topic-food": "query_drift",
    "dl19-to-dl20-healthy": "healthy",
    "llmjudge-umbrela1-to-2": "teacher_drift",
    "stsb-captions-to-news-forum": "query_drift",
    "stsb-healthy-dev-test": "healthy",
    "wildbench-gpt4turbo-to-gpt4o": "healthy",
    "wildbench-rerelease-no-change": "healthy",
}
KEYS = {
    *("schema", "version", "cause", "inferred", "summary", "findings", "tests", "regions", "attribution"),
    *("rule", "seed", "inputs", "encoder"),
}
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="The real cases are not beside this checkout.")


@pytest.mark.parametrize("case", CAUSES)
def test_the_cause_of_a_real_case_is_right(case: str) -> None:
    heldout, production = (read_pairs(CASES / case / f"{side}.parquet") for side in ("heldout", "production"))

    record = diagnosis_to_json(diagnose(heldout, production))

    assert record["cause"] in (CAUSES[case], "inconclusive" if case.startswith("dl19") else None)
    assert record.keys() >= KEYS
    assert [test["name"] for test in record["tests"]] == ["spread", "top_k", "regions"]
    assert "NaN" not in json_text(record)
    assert ("teacher_revised" in record["findings"]) == (
        case in ("llmjudge-umbrela1-to-2", "wildbench-gpt4turbo-to-gpt4o")
    )
