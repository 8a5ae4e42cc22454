import numpy as np
import pandas as pd
import pytest

from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.new_words import new_words
from drift_core.regions.partitions import Partition
from drift_core.samples.reading import read_pairs
from tests.drift_core.templated import KNOWN, templated

NEW = 20  # a topic that held-out never has


def found(heldout, production, *, topics=None, docs=True):
    tables = [side if docs else side.drop(columns="doc") for side in (heldout, production)]
    samples = [read_pairs(table.drop(columns="topic")) for table in tables]
    codes, texts = pd.factorize(np.concatenate([each.query for each in samples]).astype(object), sort=True)
    n = len(samples[0])
    sides = codes[:n].astype(np.int64), codes[n:].astype(np.int64)
    vectors = np.zeros((len(texts), 1), dtype=np.float32)
    queries = QueryEmbeddings(
        texts=np.asarray(texts, dtype=object), vectors=vectors, heldout=sides[0], production=sides[1], encoder="given"
    )
    one = [np.zeros(len(side), dtype=np.int64) for side in sides]
    topics = topics or Partition(
        name="query clusters",
        kind="query",
        regions=("all",),
        terms=((),),
        heldout=one[0],
        production=one[1],
        reason="",
    )
    return new_words(*samples, queries=queries, topics=topics, least_queries=5)


def renamed(table, how, *, share=1.0, seed=0):
    """The table with a share of its queries rewritten."""
    chosen = np.random.default_rng(seed).permutation(table["query"].unique())[: round(share * table["query"].nunique())]
    return table.assign(query=table["query"].map({each: how(each) for each in chosen}).fillna(table["query"]))


@pytest.mark.parametrize(("sizes", "share", "least"), [((350, 100), 0.3, 0.75), ((400, 400), 0.1, 0.6)])
def test_a_topic_whose_words_held_out_lacks_is_a_region_named_by_its_words(sizes, share, least):
    production = templated(sizes[1], 2, shares={**KNOWN, NEW: len(KNOWN) * share / (1 - share)})

    (partition,) = found(templated(sizes[0], 1), production)

    inside, is_new = partition.production == 1, (production["topic"] == NEW).to_numpy()
    assert (inside & is_new).sum() >= least * is_new.sum()
    assert (inside & ~is_new).sum() <= 0.1 * inside.sum()
    assert not partition.heldout.any()
    words = set(" ".join(production["query"][is_new]).split()) - set(" ".join(production["query"][~is_new]).split())
    assert partition.regions == ("everything else", ", ".join(partition.terms[1]))
    assert set(partition.terms[1]) <= words


def test_two_new_topics_are_found_without_docs_too_where_queries_are_many():
    production = templated(900, 2, shares={**KNOWN, NEW: 1.5, NEW + 1: 1.5})

    (partition,) = found(templated(900, 1), production, docs=False)

    inside, is_new = partition.production == 1, (production["topic"] >= NEW).to_numpy()
    assert (inside & is_new).sum() >= 0.6 * is_new.sum()
    assert (inside & ~is_new).sum() <= 0.25 * inside.sum()


@pytest.mark.parametrize("sizes", [(400, 400), (40, 400), (400, 40)])
def test_nothing_is_new_by_chance_in_small_samples_either(sizes):
    for seed in range(3):
        sides = [templated(n, 10 * seed + place) for place, n in enumerate(sizes)]

        assert found(*sides) == ()
        assert found(*sides, docs=False) == ()


def test_ever_new_names_and_numbers_make_nothing_new():
    def named(table, seed):
        names = np.random.default_rng(seed).permutation(4_000)[:40]
        return renamed(table, lambda each: f"{each} {name(names[hash_of(each) % 40])} {hash_of(each)}", share=0.5)

    def name(number):
        return "zz" + "".join("aeioubdfgk"[int(digit)] for digit in str(number))

    def hash_of(text):
        return sum(map(ord, text))

    assert found(named(templated(300, 1), 1), named(templated(300, 2), 2)) == ()


@pytest.mark.parametrize(
    ("how", "share"),
    [
        (lambda each: f"{each} pls", 0.5),
        (lambda each: f"rewritten household search {each}", 1.0),
        (lambda each: each.replace("how to", "wieso").replace("for", "fuer").replace("is a", "ist ein"), 1.0),
    ],
)
def test_words_that_stand_around_the_old_topics_name_no_new_one(how, share):
    assert found(templated(300, 1), renamed(templated(300, 2), how, share=share)) == ()


def test_a_topic_that_only_grew_is_not_new():
    heldout = templated(300, 1, shares={**KNOWN, NEW: 0.7})

    assert found(heldout, templated(300, 2, shares={**KNOWN, NEW: 6.0})) == ()


def test_what_the_clusters_show_as_new_is_not_told_again():
    production = templated(200, 2, shares={**KNOWN, NEW: 4.0})
    heldout = templated(200, 1)
    topics = Partition(
        name="query clusters",
        kind="query",
        regions=("old", "new"),
        terms=((), ()),
        heldout=np.zeros(len(heldout), dtype=np.int64),
        production=(production["topic"] == NEW).to_numpy().astype(np.int64),
        reason="",
    )

    assert found(heldout, production)
    assert found(heldout, production, topics=topics) == ()


def test_the_order_of_rows_changes_nothing():
    sides = templated(200, 1), templated(200, 2, shares={**KNOWN, NEW: 4.0})
    order = np.random.default_rng(0).permutation(len(sides[1]))

    (one,), (other,) = found(*sides), found(sides[0], sides[1].iloc[order].reset_index(drop=True))

    assert one.regions == other.regions
    assert np.array_equal(one.production[order], other.production)
