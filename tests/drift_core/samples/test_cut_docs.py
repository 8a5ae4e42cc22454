import numpy as np
import pytest

from drift_core.samples.cut_docs import docs_changed

RNG = np.random.default_rng(0)


def docs(n: int, low: int, high: int) -> list[str]:
    return ["word " * (int(k) // 5) + "end." for k in RNG.integers(low, high, size=n)]


def test_docs_that_were_cut_at_one_length_are_said_to_be():
    before, after = docs(150, 60, 300), [text[:40] for text in docs(150, 60, 300)]

    told = docs_changed(before, after)

    assert "the median doc has 40 characters" in told
    assert "100% of docs have exactly 40, as if cut off" in told


def test_docs_of_another_length_are_told_with_how_they_end():
    after = [text[: len(text) // 3] for text in docs(150, 60, 300)]

    assert "end within a sentence (0% before)" in docs_changed(docs(150, 60, 300), after)


@pytest.mark.parametrize("seed", range(5))
def test_docs_as_they_were_or_few_of_them_tell_nothing(seed):
    assert docs_changed(docs(150, 60, 300), docs(40, 60, 300)) == ""
    assert docs_changed(docs(150, 60, 300), [text[:40] for text in docs(10, 60, 300)]) == ""
    titles = [f"title {i:04}" for i in range(200)]  # all of one length, then as now
    assert docs_changed(titles[:100], titles[100:]) == ""
