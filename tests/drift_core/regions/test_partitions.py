from dataclasses import replace

import numpy as np
import pytest

from drift_core.errors import InputError
from drift_core.regions.partitions import MAX_SLICE_VALUES, OF_HELDOUT, OWN_NAMES, REST, follows, slice_partitions
from drift_core.regions.text_properties import doc_lengths
from drift_core.samples.pairs import ScoredPairs


def pairs_of(queries, **slices):
    scores = np.arange(len(queries), dtype=float)
    columns = {name: np.array(values, dtype=object) for name, values in slices.items()}
    return ScoredPairs(
        name="sample", query=np.array(queries, dtype=object), teacher=scores, student=scores, slices=columns
    )


def test_each_slice_column_of_both_samples_is_a_partition():
    heldout = pairs_of(["a"] * 4, lang=["de", "en", "de", "en"], only_here=["x"] * 4)
    production = pairs_of(["a"] * 3, lang=["fr", "en", "de"])

    (found,) = slice_partitions(heldout, production)

    assert found.name == "lang"
    assert found.regions == ("de", "en", "fr")
    assert [found.regions[label] for label in found.heldout] == ["de", "en", "de", "en"]
    assert [found.regions[label] for label in found.production] == ["fr", "en", "de"]


def test_no_column_takes_the_name_of_a_partition_of_ours_or_of_another_column():
    own = [*OWN_NAMES, "doc length (column)", "lang"]
    docs = ["x" * (10 + 5 * i) for i in range(40)]
    pairs = replace(pairs_of(["a"] * 40, **{name: ["u", "v"] * 20 for name in own}), doc=np.array(docs, dtype=object))

    (of_texts,) = doc_lengths(pairs, pairs)
    found = (of_texts, *slice_partitions(pairs, pairs))

    names = [each.name for each in found]
    assert len(set(names)) == len(names)
    assert not set(names[1:]) & set(OWN_NAMES)
    assert [each.column for each in found] == [None, *own]  # by which a region is found again in another week
    assert "values of the column doc length." in found[names.index("doc length (column)")].reason


def test_a_column_that_production_lacks_is_refused_by_name():
    heldout, production = pairs_of(["a"], lang=["de"], site=["x"]), pairs_of(["a"], lang=["de"])

    with pytest.raises(InputError, match=r"'site' is not in both samples\. Columns in both: lang"):
        slice_partitions(heldout, production, ["site"])


def test_the_smallest_of_very_many_values_are_one_region():
    values = [f"v{i:03}" for i in range(80) for _ in range(80 - i)]
    pairs = pairs_of(["a"] * len(values), shop=values)

    (found,) = slice_partitions(pairs, pairs)

    assert found.n_regions == MAX_SLICE_VALUES + 1
    assert found.regions[-1] == REST
    assert {values[i] for i in np.flatnonzero(found.heldout == MAX_SLICE_VALUES)} == {f"v{i:03}" for i in range(50, 80)}
    assert "the rest is one region" in found.reason


@pytest.mark.parametrize(("topic", "length", "same"), [(1.0, 0.5, True), (0.95, 0.5, True), (0.5, 0.5, False)])
def test_a_slice_that_names_the_topics_follows_them_and_one_that_lies_across_them_does_not(topic, length, same):
    rng = np.random.default_rng(0)
    sides = [np.repeat(["a", "b", "c", "d"], 100) for _ in range(2)]
    named = [np.where(rng.random(400) < topic, side, rng.choice(list("abcd"), 400)) for side in sides]
    long = [np.where(rng.random(400) < length, "long", "short") for _ in range(2)]
    samples = [
        pairs_of(["q"] * 400, topic=one, named=two, length=three)
        for one, two, three in zip(sides, named, long, strict=True)
    ]
    by_name = {each.name: each for each in slice_partitions(*samples)}

    assert follows(by_name["named"], by_name["topic"]) == same
    assert not follows(by_name["length"], by_name["topic"])
    assert not follows(by_name["topic"], by_name["length"])


def test_a_column_of_production_alone_keeps_held_out_in_a_region_of_its_own():
    heldout, production = pairs_of(["a"] * 3), pairs_of(["a"] * 4, arm=["A", "B"] * 2)

    (found,) = slice_partitions(heldout, production)

    assert found.of_production
    assert found.regions == ("A", "B", OF_HELDOUT)
    assert found.heldout.tolist() == [2] * 3
    assert found.production.tolist() == [0, 1] * 2
