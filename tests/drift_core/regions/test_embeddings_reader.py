import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from drift_core.errors import InputError
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs

LIST = pa.list_(pa.float32())
N_HELDOUT, N_PRODUCTION, DIMENSIONS = 24, 30, 4


def pairs_of(name, queries, **more):
    scores = np.arange(len(queries), dtype=float)
    return ScoredPairs(name=name, query=np.array(queries, dtype=object), teacher=scores, student=scores + 1, **more)


@pytest.fixture
def samples():
    ids = [np.array([f"{side}{i}" for i in range(n)], dtype=object) for side, n in (("h", 24), ("p", 30))]
    heldout = pairs_of("heldout", [f"question {i // 2}" for i in range(N_HELDOUT)], pair_id=ids[0])
    production = pairs_of("production", [f"question {i // 2 + 5}" for i in range(N_PRODUCTION)], pair_id=ids[1])
    return heldout, production


@pytest.fixture
def vector_of():
    """A vector for every text, not of unit length."""
    rng = np.random.default_rng(0)
    texts = [f"question {i}" for i in range(40)]
    return dict(zip(texts, rng.normal(size=(40, DIMENSIONS)) * 3, strict=True))


@pytest.fixture
def rows(samples, vector_of):
    return tuple(np.array([vector_of[text] for text in pairs.query]) for pairs in samples)


def save_two(path, rows):
    np.savez(path, heldout=rows[0], production=rows[1])
    return path


def save_table(path, **columns):
    pd.DataFrame(columns).to_parquet(path)
    return path


def assert_each_pair_has_its_vector(found, samples, vector_of):
    for pairs, codes in zip(samples, (found.heldout, found.production), strict=True):
        expected = np.array([vector_of[text] / np.linalg.norm(vector_of[text]) for text in pairs.query])
        np.testing.assert_array_equal(found.texts[codes], pairs.query)
        np.testing.assert_allclose(found.vectors[codes], expected, atol=1e-6)


def test_npz_gives_each_pair_its_vector_at_unit_length_once_per_text(tmp_path, samples, rows, vector_of):
    found = read_embeddings(save_two(tmp_path / "mine.npz", rows), *samples)

    assert_each_pair_has_its_vector(found, samples, vector_of)
    assert len(found.texts) == len(set(found.texts)) == 20
    assert found.vectors.dtype == np.float32
    assert found.encoder.startswith("mine.npz@")


def test_npy_holds_heldout_before_production(tmp_path, samples, rows, vector_of):
    np.save(tmp_path / "mine.npy", np.concatenate(rows))

    assert_each_pair_has_its_vector(read_embeddings(tmp_path / "mine.npy", *samples), samples, vector_of)


def test_parquet_goes_by_query_in_any_order(tmp_path, samples, vector_of):
    texts = list(vector_of)[::-1]
    path = save_table(tmp_path / "mine.parquet", query=texts, embedding=[vector_of[t] for t in texts])

    assert_each_pair_has_its_vector(read_embeddings(path, *samples), samples, vector_of)


def test_parquet_goes_by_pair_id_where_there_is_no_query(tmp_path, samples, rows, vector_of):
    ids = [*samples[0].pair_id, *samples[1].pair_id]
    path = save_table(tmp_path / "mine.parquet", pair_id=ids, numbers=list(np.concatenate(rows)))

    assert_each_pair_has_its_vector(read_embeddings(path, *samples), samples, vector_of)


@pytest.mark.parametrize("is_left_out_included", [True, False])
def test_rows_left_out_of_a_sample_need_no_vector_but_may_have_one(tmp_path, vector_of, is_left_out_included):
    texts = [f"question {i}" for i in range(25)]
    frame = pd.DataFrame({"query": texts, "teacher": np.arange(25.0), "student": np.arange(25.0)})
    heldout = read_pairs(frame.assign(teacher=[np.nan, 1.5, np.nan, *range(22)]))
    production = read_pairs(frame)
    rows = np.array([vector_of[text] for text in texts])
    assert len(heldout) == 23
    kept = rows if is_left_out_included else rows[heldout.row]

    found = read_embeddings(save_two(tmp_path / "mine.npz", (kept, rows)), heldout, production)

    assert_each_pair_has_its_vector(found, (heldout, production), vector_of)


def test_parquet_takes_the_query_column_that_the_sample_has(tmp_path, vector_of):
    frame = pd.DataFrame({"q": list(vector_of), "teacher": np.arange(40.0), "student": np.arange(40.0)})
    heldout, production = read_pairs(frame[:20]), read_pairs(frame[20:])
    path = save_table(tmp_path / "mine.parquet", q=frame["q"], vector=list(vector_of.values()), tags=[[1]] * 40)

    assert_each_pair_has_its_vector(read_embeddings(path, heldout, production), (heldout, production), vector_of)


def refused(path, samples):
    with pytest.raises(InputError) as caught:
        read_embeddings(path, *samples)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_wrong_number_of_rows_is_refused_with_both_numbers(tmp_path, samples, rows):
    message = refused(save_two(tmp_path / "mine.npz", (rows[0][:-1], rows[1])), samples)

    assert "expected 24 rows" in message
    assert "found 23" in message


def test_a_stacked_file_of_another_length_is_refused(tmp_path, samples, rows):
    np.save(tmp_path / "mine.npy", np.concatenate(rows)[1:])

    assert "found 53 rows" in refused(tmp_path / "mine.npy", samples)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_numbers_that_are_not_finite_are_refused_with_their_rows(tmp_path, samples, rows, value):
    rows[1][3, 2] = value

    assert "1 of 30 vectors hold NaN or infinite numbers: row 4" in refused(save_two(tmp_path / "m.npz", rows), samples)


def test_a_vector_of_zeros_is_refused(tmp_path, samples, rows):
    rows[0][:2] = 0

    assert "rows 1 and 2" in refused(save_two(tmp_path / "m.npz", rows), samples)


def test_texts_without_a_vector_are_counted_and_shown(tmp_path, samples, vector_of):
    texts = [text for text in vector_of if text not in ("question 0", "question 7")]
    path = save_table(tmp_path / "mine.parquet", query=texts, embedding=[vector_of[t] for t in texts])

    message = refused(path, samples)

    assert "2 of 20 distinct queries have no vector" in message
    assert "'question 0'" in message


def test_rows_in_another_order_are_noticed_by_texts_with_two_vectors(tmp_path, samples, rows):
    assert "Check that the rows are in the order" in refused(
        save_two(tmp_path / "mine.npz", (np.roll(rows[0], 1, axis=0), rows[1])), samples
    )


def test_vectors_of_different_lengths_are_refused(tmp_path, samples, rows, vector_of):
    ragged = [vector_of[text][: 3 if i == 5 else 4] for i, text in enumerate(vector_of)]
    path = save_table(tmp_path / "mine.parquet", query=list(vector_of), embedding=ragged)

    assert "row 6 has 3" in refused(path, samples)
    assert "production of 3" in refused(save_two(tmp_path / "two.npz", (rows[0], rows[1][:, :3])), samples)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"held": np.ones((2, 2))}, "the array heldout is not there; found held"),
        ({"heldout": np.ones(24), "production": np.ones((30, 2))}, "shape (24,)"),
        ({"heldout": np.full((24, 2), "a"), "production": np.ones((30, 2))}, "expected numbers"),
        ({"heldout": np.ones((24, 0)), "production": np.ones((30, 0))}, "shape (24, 0)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, samples, arrays, said):
    np.savez(tmp_path / "mine.npz", **arrays)

    assert said in refused(tmp_path / "mine.npz", samples)


@pytest.mark.parametrize("name", ["mine.npz", "mine.npy", "mine.parquet", "mine.txt"])
def test_a_file_that_is_no_such_thing_is_refused(tmp_path, samples, name):
    (tmp_path / name).write_bytes(b"not what the name says" * 100)

    assert "Give .npz" in refused(tmp_path / name, samples)


def test_pickled_objects_are_never_loaded(tmp_path, samples):
    np.save(tmp_path / "mine.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)

    assert "cannot be read" in refused(tmp_path / "mine.npy", samples)


def test_a_missing_file_is_named(tmp_path, samples):
    assert "there is no such file" in refused(tmp_path / "mine.npy", samples)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"text": ["a"], "embedding": [[1.0, 2.0]]}, "no column query or pair_id; found text, embedding"),
        ({"query": ["a"], "n": [1]}, "expected one column of lists; found none"),
        ({"query": ["a"], "a": [[1.0]], "b": [[1.0]]}, "found a, b"),
        ({"query": ["a", "b"], "embedding": [[1.0], None]}, "row 2 has none"),
        ({"query": ["a", "b"], "embedding": [None, [1.0]]}, "row 1 has none"),
        ({"query": ["a"], "embedding": [["x"]]}, "expected numbers"),
        ({"query": pd.Series([], dtype="str"), "embedding": pd.Series([], dtype=pd.ArrowDtype(LIST))}, "shape (0, 0)"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path, samples, columns, said):
    assert said in refused(save_table(tmp_path / "mine.parquet", **columns), samples)


def test_parquet_with_two_columns_of_one_name_is_refused(tmp_path, samples, vector_of):
    import pyarrow as pa
    import pyarrow.parquet

    vectors = pa.array([list(map(float, vector)) for vector in vector_of.values()])
    table = pa.table([pa.array(list(vector_of)), vectors, vectors], names=["query", "embedding", "Embedding"])
    pyarrow.parquet.write_table(table, tmp_path / "mine.parquet")

    assert "'embedding' and 'Embedding'" in refused(tmp_path / "mine.parquet", samples)
