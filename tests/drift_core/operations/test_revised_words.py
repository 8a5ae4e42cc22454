"""Words that mark the pairs which a revised teacher scores otherwise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.measures.scores import pinned_scores_of
from drift_core.operations.revised_words import find_revised_words
from drift_core.samples.reading import read_pairs

N = 400
BRANDS = ("norvik", "alpen", "tessa", "quorum", "lindo")
RATES = {"least_queries": 10, "alpha": 0.05, "confidence": 0.95}


def production(seed, *, where="doc", moved=None, brands=("norvik",)):
    rng = np.random.default_rng(seed)
    brand = rng.choice(BRANDS, size=N)
    pinned = rng.normal(size=N).round(3)
    made = pd.DataFrame({"query": [f"need {i}" for i in range(N)], "doc": [f"thing {i}" for i in range(N)]})
    made[where] = [f"{text} of {each}" for text, each in zip(made[where], brand, strict=True)]
    inside = np.isin(brand, brands) if moved is None else rng.random(N) < moved
    made = made.assign(teacher=pinned + 1.7 * inside, teacher_pinned=pinned, student=pinned)
    made.loc[::9, "teacher_pinned"] = np.nan
    return read_pairs(made)


@pytest.mark.parametrize(("where", "name"), [("doc", "docs with norvik"), ("query", "queries with norvik")])
def test_the_word_that_marks_the_changed_pairs_is_named(where, name):
    sample = production(1, where=where)

    (found,), inside = find_revised_words(pinned_scores_of(sample), sample, **RATES)

    assert found.name == name
    assert found.inside.estimate > 2 * found.elsewhere.estimate
    assert found.lower == 0
    assert found.elsewhere.estimate == 0
    assert inside.sum() == found.inside.n_pairs


@pytest.mark.parametrize("seed", range(5))
def test_no_word_is_named_where_the_changed_pairs_have_none_in_common(seed):
    sample = production(seed, moved=0.2)

    assert find_revised_words(pinned_scores_of(sample), sample, **RATES)[0] == ()


def test_no_word_is_named_where_nothing_changed():
    sample = production(1, moved=0.0)

    assert find_revised_words(pinned_scores_of(sample), sample, **RATES)[0] == ()


def test_each_of_several_words_that_mark_the_changed_pairs_is_named():
    sample = production(1, brands=("norvik", "tessa"))

    (found,), _ = find_revised_words(pinned_scores_of(sample), sample, **RATES)

    assert found.name in ("docs with norvik or tessa", "docs with tessa or norvik")
    assert found.inside.estimate == 1


def test_docs_with_code_are_one_sign_whatever_their_words():
    sample = production(1, brands=("norvik", "tessa"))
    code = {"norvik": "`run(all)`", "tessa": "`go --now`"}
    docs = np.array([next((f"{doc} {code[each]}" for each in code if each in doc), doc) for doc in sample.doc])
    docs = np.array([doc.replace("norvik", "alpen").replace("tessa", "lindo") for doc in docs], dtype=object)
    sample = replace(sample, doc=docs)

    (found,), _ = find_revised_words(pinned_scores_of(sample), sample, **RATES)

    assert found.name == "docs with code"


def test_words_give_way_to_a_region_that_tells_as_much():
    sample = production(1)
    beside = np.array(["norvik" in doc for doc in sample.doc])

    assert find_revised_words(pinned_scores_of(sample), sample, beside=beside, **RATES)[0] == ()
    assert find_revised_words(pinned_scores_of(sample), sample, beside=~beside, **RATES)[0] != ()


@pytest.mark.parametrize(("is_long", "word"), [(True, "more"), (False, "fewer")])
def test_a_length_that_marks_the_changed_pairs_is_named_once(is_long, word):
    rng = np.random.default_rng(2)
    size, pinned = rng.integers(20, 60, N), rng.normal(size=N).round(3)
    inside = size > 45 if is_long else size < 30
    made = pd.DataFrame({"query": [f"need {i}" for i in range(N)], "doc": ["x" * each for each in size]})
    new = np.where(inside, rng.normal(size=N), pinned)
    sample = read_pairs(made.assign(teacher=new, teacher_pinned=pinned, student=pinned))

    (found,), held = find_revised_words(pinned_scores_of(sample), sample, **RATES)

    assert found.name.startswith("docs with ")
    assert found.name.endswith(f" characters or {word}")
    assert (held == inside).mean() > 0.94
