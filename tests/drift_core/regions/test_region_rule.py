from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.named_region import LONGEST_NAME, NamedRegion
from drift_core.regions.picking import Picked
from drift_core.regions.region_rule import find_members, fit_rule, why_not_found
from drift_core.samples.reading import read_pairs

N = 80


def sample(seed, *, colour="red"):
    rng = np.random.default_rng(seed)
    texts = [f"ash {i}" if i % 4 == 0 else f"birch {i}" for i in range(seed * N, seed * N + N)]
    scores = rng.random(N)
    colours = [colour if i % 2 else "blue" for i in range(N)]
    return read_pairs(pd.DataFrame({"query": texts, "teacher": scores, "student": scores, "colour": colours}))


HELDOUT, PRODUCTION = sample(0), sample(1)


def embedded(heldout=HELDOUT, production=PRODUCTION, *, encoder="e"):
    """Ash lies on one axis and birch on another, each with a little of its own."""
    texts = np.unique(np.concatenate([heldout.query, production.query]).astype(str)).astype(object)
    rng = np.random.default_rng(5)
    vectors = rng.normal(scale=0.05, size=(len(texts), 8))
    vectors[:, 0] += [text.startswith("ash") for text in texts]
    vectors[:, 1] += [text.startswith("birch") for text in texts]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sides = (np.searchsorted(texts.astype(str), side.query.astype(str)) for side in (heldout, production))
    return QueryEmbeddings(
        texts=texts, vectors=vectors.astype(np.float32), heldout=next(sides), production=next(sides), encoder=encoder
    )


def ash(pairs):
    return np.array([text.startswith("ash") for text in pairs.query])


def fitted(drawn=None, name="ash", **how):
    drawn = drawn or Picked(heldout=ash(HELDOUT), production=ash(PRODUCTION))
    return fit_rule(
        name, drawn, heldout=HELDOUT, production=PRODUCTION, embeddings=embedded(), **{"is_by_place": True} | how
    )


def test_pairs_drawn_by_place_are_found_again_in_another_week():
    region, later = fitted(), sample(2)

    members = find_members(region, HELDOUT, later, embedded(HELDOUT, later))

    assert (region.found, region.others, region.n_pairs) == (1, 0, 20)
    assert members.production.tolist() == ash(later).tolist()
    assert region.rule_in_words == "the place of its queries among all"


def test_a_rule_says_how_far_it_is_from_what_was_drawn():
    drawn = ash(PRODUCTION)
    drawn[np.flatnonzero(drawn)[:4]] = False  # left out by hand, but where the others are
    drawn[np.flatnonzero(~ash(PRODUCTION))[:4]] = True

    region = fitted(Picked(heldout=ash(HELDOUT), production=drawn))

    assert region.found == pytest.approx(16 / 20)
    assert region.others == pytest.approx(4 / 20)
    assert region.error_in_words == "finds 80% of these pairs, and 20% of what it finds are others"
    assert region.is_close


def test_pairs_from_everywhere_make_no_rule_that_stands_for_them():
    drawn = np.random.default_rng(1).random(N) < 0.3

    region = fitted(Picked(heldout=np.zeros(N, dtype=bool), production=drawn))

    assert not region.is_close


def test_words_and_a_value_are_rules_as_they_are_and_narrow_a_place():
    red = PRODUCTION.slices["colour"] == "red"
    words = fitted(words="Ash", is_by_place=False)
    value = fitted(Picked(heldout=red, production=red), slice_value=("colour", "red"), is_by_place=False)
    both = fitted(Picked(heldout=red, production=red & ~ash(PRODUCTION)), slice_value=("colour", "red"))

    for region, expected in ((words, ash(PRODUCTION)), (value, red), (both, red & ~ash(PRODUCTION))):
        assert (region.found, region.others) == (1, 0)
        assert find_members(region, HELDOUT, PRODUCTION, embedded()).production.tolist() == expected.tolist()
    assert (words.centroid, value.centroid) == (None, None)


def test_days_alone_an_empty_choice_and_a_bad_name_are_refused():
    with pytest.raises(InputError, match="Days alone are no region"):
        fitted(is_by_place=False)
    with pytest.raises(InputError, match="No production pair is chosen"):
        fitted(Picked(heldout=ash(HELDOUT), production=np.zeros(N, dtype=bool)))
    for name in ("  ", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(InputError, match="A region needs a name of 1 to 60 characters"):
            fitted(name=name)


def test_a_region_is_looked_for_in_its_own_space_and_columns_alone():
    region, sides = fitted(), (HELDOUT, PRODUCTION)
    by_value = NamedRegion(name="x", column="size", value="big")

    assert why_not_found(region, *sides, embedded(), spaces={}) == ""
    assert "named with the encoder e" in why_not_found(region, *sides, embedded(encoder="f"), spaces={})
    assert why_not_found(region, *sides, embedded(encoder="f"), spaces={"e": "s", "f": "s"}) == ""
    assert why_not_found(by_value, *sides, embedded(), spaces={}) == "a sample has no column 'size'"


def test_the_rule_and_not_the_name_is_what_a_region_is():
    region = fitted()

    assert region.renamed(" elm ").id == region.id
    assert region.renamed(" elm ").name == "elm"
    assert replace(region, reach=0.1).id != region.id
