import numpy as np
import pytest

from drift_core.errors import EncoderError, SettingError
from drift_core.regions.cache import default_cache_path
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import HashingEncoder, encoder_name
from tests.drift_core.small_case import small_diagnosis


def test_an_encoder_gives_the_same_vectors_by_its_name_and_itself():
    case = small_diagnosis()
    sources = (EmbeddingSource(encoder=each, is_cached=False) for each in ("hashing", HashingEncoder()))

    by_name, by_itself = (each.embed(case.heldout, case.production) for each in sources)

    assert by_name.encoder == by_itself.encoder == "hashing-512"
    np.testing.assert_array_equal(by_name.vectors, by_itself.vectors)


def test_embeddings_of_a_file_come_in_the_place_of_an_encoder(tmp_path):
    case = small_diagnosis()
    n = len(case.heldout) + len(case.production)
    np.save(
        tmp_path / "own.npy",
        np.concatenate(
            [case.embeddings.vectors[case.embeddings.heldout], case.embeddings.vectors[case.embeddings.production]]
        )[:n],
    )

    found = EmbeddingSource(file=tmp_path / "own.npy").embed(case.heldout, case.production)

    assert found.encoder.startswith("own.npy@")
    np.testing.assert_allclose(found.vectors, case.embeddings.vectors, atol=1e-6)


def test_an_unknown_encoder_is_said_before_anything_is_read(tmp_path):
    with pytest.raises(EncoderError):
        EmbeddingSource(encoder=str(tmp_path / "none")).loaded()


def test_an_encoder_and_a_file_exclude_each_other():
    with pytest.raises(SettingError, match="exclude each other"):
        EmbeddingSource(encoder="hashing", file="own.npy")


def test_vectors_are_kept_where_it_is_said_or_not_at_all(tmp_path):
    case = small_diagnosis()
    kept = EmbeddingSource(encoder="hashing", cache=tmp_path / "vectors.sqlite")

    kept.embed(case.heldout, case.production)

    assert (tmp_path / "vectors.sqlite").is_file()
    assert EmbeddingSource(is_cached=False).open_cache() is None
    assert default_cache_path().name == "embeddings.sqlite"


@pytest.mark.parametrize(
    ("encoder_id", "name"),
    [
        ("hashing-512", "hashing"),
        ("all-MiniLM-L6-v2@digest:0123456789ab", "all-MiniLM-L6-v2"),
        ("own.npy@0123456789ab", None),
    ],
)
def test_the_id_of_an_encoder_tells_its_name_and_that_of_a_file_none(encoder_id, name):
    assert encoder_name(encoder_id) == name
