import numpy as np

from drift_core.regions.naming import name_clusters
from drift_core.samples.new_wording import new_wording, no_topics

TOPICS = ("return shoes warehouse", "reset password account", "charge scooter battery")
AROUND = ("intent: rewritten search for {} please", "household guidance about {} considered")


def pair_of(*sides):
    return tuple(np.array(side, dtype=object) for side in sides)


def queries(topics=TOPICS, around=("{}",)):
    return [around[n % len(around)].format(f"{topics[n % len(topics)]} {n}x") for n in range(120)]


def test_queries_that_were_all_rewritten_are_told_once_with_the_words_that_tell():
    found = new_wording(*pair_of(queries(), queries(around=AROUND)))

    assert found.share == 1
    assert {"rewritten", "household"} <= set(found.words)
    assert "shoes" not in found.words
    assert found.sentence.startswith(
        "Production's queries look unlike held-out's: 100% hold common words that no held-out"
    )


def test_nothing_is_told_of_the_same_queries_of_half_of_them_or_of_few():
    rewritten = queries(around=AROUND)

    assert new_wording(*pair_of(queries(), queries())) is None
    assert new_wording(*pair_of(queries(), [*rewritten[:60], *queries()[60:]])) is None
    assert new_wording(*pair_of(queries()[:20], rewritten[:20])) is None


def test_words_around_the_same_topics_name_none_but_those_of_all_new_topics_do():
    new = ("parking permit resident", "tomato blight pruning", "library loan room")

    assert "rewritten" in no_topics(*pair_of(queries(), queries(around=AROUND)))
    assert not no_topics(*pair_of(queries(), queries(topics=new)))


def test_a_region_is_not_named_by_the_words_of_a_rewriter():
    texts, around = (
        np.array([*queries(), *queries(around=AROUND)], dtype=object),
        no_topics(*pair_of(queries(), queries(around=AROUND))),
    )
    is_rewritten = np.arange(240) >= 120

    names = name_clusters(texts, is_rewritten.astype(np.int64), left_out=around)
    named = {word for terms in names for word in terms}

    assert named
    assert not {"rewritten", "intent", "search", "household", "guidance", "considered"} & named
