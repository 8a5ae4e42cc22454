import numpy as np

from drift_core.regions.naming import name_clusters

TEXTS = np.array(
    [
        "cancel the order please",
        "how can I cancel my order",
        "cancel this 2024 order",
        "late parcel delivery",
        "the delivery of parcels is late",
        "parcel came late in 2024",
    ],
    dtype=object,
)
LABELS = np.array([0, 0, 0, 1, 1, 1])


def test_a_cluster_is_named_by_words_the_others_lack() -> None:
    first, second = name_clusters(TEXTS, LABELS)

    assert set(first[:2]) == {"cancel", "order"}
    assert {"late", "parcel"} <= set(second)


def test_stop_words_numbers_and_plurals_of_a_term_are_no_terms() -> None:
    names = name_clusters(TEXTS, LABELS, n_terms=20)

    flat = [term for name in names for term in name]
    assert not {"the", "of", "2024"} & set(flat)
    assert not {"parcel", "parcels"} <= set(names[1])


def test_names_do_not_depend_on_the_order_of_texts() -> None:
    order = np.array([5, 2, 0, 4, 1, 3])

    assert name_clusters(TEXTS[order], LABELS[order]) == name_clusters(TEXTS, LABELS)


def test_clusters_of_the_same_words_still_get_different_names() -> None:
    names = name_clusters(np.array(["red apple", "red apple", "red apple"], dtype=object), np.array([0, 1, 2]))

    assert len(set(names)) == 3


def test_texts_without_words_still_get_names() -> None:
    names = name_clusters(np.array(["42", "the", "?"], dtype=object), np.array([0, 1, 1]))

    assert names == (("other",), ("other", "2"))


def test_text_stays_as_it_is_and_markup_is_left_to_where_it_is_shown() -> None:
    names = name_clusters(np.array(["naïve café <b>", "naïve café", "plain words"], dtype=object), np.array([0, 0, 1]))

    assert {"naïve", "café"} <= set(names[0])


def test_a_large_cluster_is_named_by_a_part_of_its_texts_in_any_order() -> None:
    rng = np.random.default_rng(0)
    texts = np.array(
        [f"refund of order {i}" for i in range(3000)] + [f"late parcel {i}" for i in range(20)], dtype=object
    )
    labels = np.repeat([0, 1], [3000, 20])
    order = rng.permutation(len(texts))

    names = name_clusters(texts, labels, n_terms=2)

    assert [set(name) for name in names] == [{"refund", "order"}, {"late", "parcel"}]
    assert name_clusters(texts[order], labels[order], n_terms=2) == names
