import pytest

from drift_core.diagnosis.cause import Verdict
from drift_core.diagnosis.confidence import confidence_in_words


@pytest.mark.parametrize(
    ("cause", "inferred", "word"),
    [("query_drift", True, "Fair"), ("teacher_drift", False, "High"), ("inconclusive", True, "Low")],
)
def test_the_words_follow_what_the_verdict_rests_on(cause, inferred, word):
    verdict = Verdict(cause=cause, inferred=inferred, summary="", evidence=(), would_change=())
    assert confidence_in_words(verdict).startswith(f"{word} confidence: ")
