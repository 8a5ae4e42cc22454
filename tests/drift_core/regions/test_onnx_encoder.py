import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from drift_core.regions import encoding
from drift_core.regions.batches import WIDTHS, SentenceEncoder
from drift_core.regions.onnx_encoder import MAX_TOKENS, MOST_THREADS, OnnxModel, usable_threads
from drift_core.regions.shipped_encoder import shipped_model
from drift_core.samples.reading import read_pairs

SAMPLES = Path(__file__).parents[3] / "sample_data"
TEXTS = [
    *("", " ", "parcel", "parcel " * 400, "p" * 5000, "Ünïcödé naïve café", "I\u0307stanbul \u00df a\u0301\u0302"),
    *(
        "我想退货，怎么办？",
        "أين طلبي؟ أريد استرداد المال",
        "हिन्दी पाठ",
        "한국어 텍스트",
        "where 🚀 👩\u200d👩\u200d👧",
    ),
    *("tab\tline\nbell\x07 null\x00 mark\ufeff", "[SEP] [PAD] [MASK] word", "\ue000\uffff"),
]
FORK = """
import os, sys
import numpy as np
from drift_core.regions.encoding import load_encoder
texts = ["where is my parcel", "a refund"] * 20
vectors = load_encoder().encode(texts)
if kept := os.listdir(os.environ["HOME"]):
    sys.exit(f"kept: {kept}")
child = os.fork()
if not child:
    sys.exit(0 if np.array_equal(load_encoder().encode(texts), vectors) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_vectors_are_those_of_sentence_transformers() -> None:
    texts = [*TEXTS, *read_pairs(SAMPLES / "healthy" / "production.csv").query[:100].tolist()]

    ours = encoding.load_encoder().encode(texts)
    theirs = encoding._load_model("reference", shipped_model(), "float32").encode(texts, normalize_embeddings=True)

    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_bits_do_not_depend_on_the_number_of_threads() -> None:
    texts = ["parcel " * (width - 2) for width in WIDTHS[::6] if width <= MAX_TOKENS]

    models = [OnnxModel(shipped_model(), n) for n in (1, 2, MOST_THREADS)]
    one, two, many = (SentenceEncoder(id="", dimension=384, load=lambda m=m: m).encode(texts) for m in models)

    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, many)


def test_texts_are_cut_at_the_models_own_length() -> None:
    tokens = encoding.load_encoder().load().tokenize(TEXTS)  # type: ignore[attr-defined]

    assert [len(ids) for ids in tokens[:4]] == [2, 2, 3, MAX_TOKENS]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_nothing_is_said_or_kept_and_a_forked_process_goes_on(tmp_path: Path) -> None:
    """What the library would send its maker, it first keeps in the home; in CI it does not, hence no variables."""
    place = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "2"}

    done = subprocess.run([sys.executable, "-c", FORK], env=place, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("stated", "expected"), [("3", 3), ("12,2", 12), ("0", 5), ("many", 5), ("", 5)], ids=lambda value: f"{value!r}"
)
def test_threads_are_those_that_are_stated_or_may_be_used(
    monkeypatch: pytest.MonkeyPatch, stated: str, expected: int
) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: 5)
    monkeypatch.setenv("OMP_NUM_THREADS", stated)

    assert usable_threads() == expected


def test_threads_are_not_more_than_a_batch_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: 64)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)

    assert usable_threads() == MOST_THREADS
