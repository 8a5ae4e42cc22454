import pytest

from drift_core.samples.next_in_words import score_docs


@pytest.mark.parametrize(("where", "told"), [("“forms”", "of “forms” again"), ("", "of production again")])
def test_docs_that_moved_are_scored_again_where_they_are(where: str, told: str) -> None:
    assert score_docs(where).startswith(f"Score the pairs {told} with the student first")
