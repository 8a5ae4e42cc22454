import numpy as np
import pytest

from drift_core.regions.embeddings import QueryEmbeddings, embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.retrain_list import near_duplicates
from drift_core.retrain_list.exclusions import exclude_sample
from drift_core.retrain_list.manifest import ListSettings, draw_manifest, sampling_frame
from drift_core.retrain_list.near_duplicates import (
    NEAR_COSINE,
    embed_pairs,
    near_earlier,
    near_heldout,
    pair_vectors,
)
from drift_core.retrain_list.sampling_frame import count_drawable
from tests.drift_core.options.stand_ins import diagnosis, sample


def embedded(vectors, n_heldout):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    n = len(unit)
    return QueryEmbeddings(
        texts=np.array([f"text {i:06}" for i in range(n)], dtype=object),
        vectors=unit.astype(np.float32),
        heldout=np.arange(n_heldout),
        production=np.arange(n_heldout, n),
        encoder="by hand@0",
    )


def clouds(n_heldout=300, n_production=900, seed=0):
    """Pairs of which many are near another one, in queries, in docs, or in both."""
    rng = np.random.default_rng(seed)
    n = n_heldout + n_production
    centres = [rng.normal(size=(60, 48)), rng.normal(size=(40, 48))]
    which = [rng.integers(len(c), size=n) for c in centres]
    return pair_vectors(
        *(
            embedded(c[w] + rng.exponential(0.12, size=(n, 1)) * rng.normal(size=(n, 48)), n_heldout)
            for c, w in zip(centres, which, strict=True)
        )
    )


def near_table(vectors, side):
    near = [
        each.vectors[each.production] @ each.vectors[getattr(each, side)].T >= NEAR_COSINE
        for each in (vectors.queries, vectors.docs)
    ]
    return near[0] & near[1]


def test_no_two_kept_pairs_are_near_and_each_left_out_is_near_a_kept_one():
    vectors, order = clouds(), np.random.default_rng(1).permutation(900)
    near = near_table(vectors, "production")

    marked = near_earlier(vectors, order)

    kept = ~marked
    assert 0.02 < marked.mean() < 0.9
    assert not (near[np.ix_(kept, kept)] & ~np.eye(kept.sum(), dtype=bool)).any()
    assert near[np.ix_(marked, kept)].any(axis=1).all()


def test_pairs_near_a_held_out_pair_are_those_that_a_full_table_finds():
    vectors = clouds()

    assert near_heldout(vectors).tolist() == near_table(vectors, "heldout").any(axis=1).tolist()


def test_blocks_do_not_change_what_is_found(monkeypatch):
    vectors, order = clouds(), np.random.default_rng(1).permutation(900)
    whole = near_earlier(vectors, order)

    monkeypatch.setattr(near_duplicates, "PAIRS_A_BLOCK", 37)
    monkeypatch.setattr(near_duplicates, "OTHERS_A_BLOCK", 101)

    assert near_earlier(vectors, order).tolist() == whole.tolist()


@pytest.fixture
def case():
    """Ten pairs said in two ways, beside 30 that are unlike; one pair is nearly a held-out pair."""
    said = [f"how to return a parcel number {i} to berlin" for i in range(40)]
    queries = [*said, *(f"{text}?" for text in said[:10]), "Where do I find the bill of May?"]
    docs = [f"answer{i} tells about {i} and parcel{i} going to place{i}" for i in range(40)]
    docs = [*docs, *(text.upper() for text in docs[:10]), "the bill is in the menu."]
    heldout = sample(["where do i find the bill of may", "other"], docs=["The bill is in the menu", "x"], name="held")
    made = diagnosis(heldout=heldout, production=sample(queries, docs=docs), region=np.arange(51) % 3, drifted_region=1)
    made.embeddings = embed_queries(heldout, made.production, encoder=load_encoder("hashing"))
    return made


def test_one_of_nearly_equal_pairs_stands_for_all_and_none_is_near_held_out(case):
    frame = sampling_frame(case)

    left = frame.left_out
    assert (left.in_heldout, left.repeated, left.near_heldout, left.near_duplicates) == (0, 0, 1, 10)
    both = frame.may_be_drawn[:10].astype(int) + frame.may_be_drawn[40:50]
    assert both.tolist() == [1] * 10
    assert "cosine of 0.98 or more of queries (hashing-512) and of docs (hashing-512)" in left.near_by


def test_held_out_pairs_that_were_set_aside_before_diagnosing_stay_off_the_list(case):
    near, own = "where do i find the bill of may", case.production
    queries, docs = ["other", near, own.query[20]], ["x", "The bill is in the menu", own.doc[20]]
    whole = sample(queries, docs=docs, name="held")
    rows = np.array([False, True, True])
    heldout = whole.without(rows, unscored=np.zeros(3, dtype=bool), problems=())
    case.heldout, case.embeddings = heldout, embed_queries(heldout, own, encoder=load_encoder("hashing"))

    frame = sampling_frame(case)

    assert (frame.left_out.in_heldout, frame.left_out.near_heldout) == (1, 1)
    assert not frame.may_be_drawn[[20, 50]].any()
    assert count_drawable(heldout, own) == 50
    assert draw_manifest(case, settings=ListSettings(n=20, floor=3)).heldout.digest == exclude_sample(whole).digest


def test_probabilities_are_of_what_is_left(case):
    pairs = draw_manifest(case, settings=ListSettings(n=20, floor=3)).pairs

    assert (1 / pairs["probability"]).sum() == pytest.approx(40)


def test_a_pair_chosen_by_hand_stands_for_those_near_it(case):
    for chosen in (np.arange(51) < 10, (np.arange(51) >= 40) & (np.arange(51) < 50)):
        frame = sampling_frame(case, chosen=chosen)

        assert frame.may_be_drawn[chosen].all()


class Counting:
    id, dimension, asked = "counting@1:x", 512, ()

    def encode(self, texts, progress=None):
        self.asked += tuple(texts)
        return load_encoder("hashing").encode(texts)


def test_only_docs_that_may_be_near_are_embedded(case):
    encoder = Counting()

    vectors = embed_pairs(case, encoder=encoder)

    assert len(encoder.asked) < 40
    assert sampling_frame(case, vectors=vectors).left_out.near_duplicates == 10


def test_docs_of_many_words_must_share_most_of_them_and_docs_of_few_half():
    words = [f"word{i}" for i in range(60)]
    long = [words[:20], [*words[:12], *words[20:28]], [*words[28:48]], [*words[28:44], *words[48:52]]]  # 0.6, then 0.8
    few = [words[52:57], [*words[52:55], *words[57:59]]]  # 0.6
    docs = [" ".join(each) for each in (*long, *few)]
    production = sample(["how do i pay my bill"] * 6, docs=docs)
    made = diagnosis(production=production, region=np.arange(6) % 3)
    made.embeddings = embed_queries(made.heldout, production, encoder=load_encoder("hashing"))

    embed_pairs(made, encoder=(encoder := Counting()))

    assert set(encoder.asked) == set(docs[2:])


@pytest.mark.parametrize(
    ("doc", "again"),
    [
        (
            "la devolución se tramitará después de la revisión técnica en el almacén según política vigente",
            "la devolucion se tramitara despues de la revision tecnica en el almacen segun politica vigente",
        ),
        ("退货需在三十天内办理，请保留收据，并联系客服。", "退货要在三十天内办理，请您保留收据，并且联系客服。"),
    ],
)
def test_accents_and_scripts_without_spaces_hide_no_doc_from_a_close_look(doc, again):
    production = sample(["how do i pay my bill"] * 6, docs=[doc, again, "one", "two", "three", "four"])
    made = diagnosis(production=production, region=np.arange(6) % 3)
    made.embeddings = embed_queries(made.heldout, production, encoder=load_encoder("hashing"))

    embed_pairs(made, encoder=(encoder := Counting()))

    assert {doc, again} <= set(encoder.asked)


def test_without_docs_nothing_is_said_to_be_near():
    frame = sampling_frame(diagnosis(production=sample([f"query {i}" for i in range(700)])))

    assert frame.left_out.near_duplicates == 0
    assert frame.left_out.near_by.startswith("Not looked for")
