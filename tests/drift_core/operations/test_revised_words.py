"""Words that mark the pairs which a revised teacher scores otherwise."""

import numpy as np
import pandas as pd
import pytest

from drift_core.measures.scores import pinned_scores_of
from drift_core.operations.revised_words import find_revised_words
from drift_core.samples.reading import read_pairs

N = 400
BRANDS = ("norvik", "alpen", "tessa", "quorum", "lindo")
RATES = {"least_queries": 10, "alpha": 0.05, "confidence": 0.95}


def production(seed, *, where="doc", moved=None):
    rng = np.random.default_rng(seed)
    brand = rng.choice(BRANDS, size=N)
    pinned = rng.normal(size=N).round(3)
    made = pd.DataFrame({"query": [f"need {i}" for i in range(N)], "doc": [f"thing {i}" for i in range(N)]})
    made[where] = [f"{text} of {each}" for text, each in zip(made[where], brand, strict=True)]
    inside = brand == "norvik" if moved is None else rng.random(N) < moved
    made = made.assign(teacher=pinned + 1.7 * inside, teacher_pinned=pinned, student=pinned)
    made.loc[::9, "teacher_pinned"] = np.nan
    return read_pairs(made)


@pytest.mark.parametrize(("where", "name"), [("doc", "docs with norvik"), ("query", "queries with norvik")])
def test_the_word_that_marks_the_changed_pairs_is_named(where, name):
    sample = production(1, where=where)

    (found,) = find_revised_words(pinned_scores_of(sample), sample, **RATES)

    assert found.name == name
    assert found.inside.estimate > 2 * found.elsewhere.estimate
    assert found.lower == 0


@pytest.mark.parametrize("seed", range(5))
def test_no_word_is_named_where_the_changed_pairs_have_none_in_common(seed):
    sample = production(seed, moved=0.2)

    assert find_revised_words(pinned_scores_of(sample), sample, **RATES) == ()


def test_no_word_is_named_where_nothing_changed():
    sample = production(1, moved=0.0)

    assert find_revised_words(pinned_scores_of(sample), sample, **RATES) == ()
