"""Text encoders: from texts to vectors of unit length, offline.

Holds the encoders alone; keeping vectors on disk is in `cache`, which sample uses which vector in `embeddings`.
"""

import hashlib
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from drift_core.errors import EncoderError
from drift_core.installation import need_extra
from drift_core.regions.batches import MAX_TOKENS, SentenceEncoder
from drift_core.regions.batches import Progress as Progress
from drift_core.regions.model_folder import LOADING_ERRORS, fault_of_folder
from drift_core.regions.onnx_encoder import DIMENSION, open_default
from drift_core.regions.shipped_encoder import SHIPPED, check_shipped, digest_of_file, shipped_model
from drift_core.tables.paths import kind_of, reason_of
from drift_core.vectors.word_counts import hashed_counts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["bfloat16", "float32"]

DEFAULT_ENCODER = SHIPPED
HASHING_ENCODER = "hashing"
_OFFLINE = threading.RLock()  # the switch holds for all threads; put back out of turn, it would be off in the midst
PROCESSOR, GPU_DEVICE = Path("/proc/cpuinfo"), Path("/dev/nvidiactl")


class Encoder(Protocol):
    """What turns texts into vectors: `encode` gives float32 rows of unit length, shape (n, dimension)."""

    @property
    def id(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray: ...


def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """Load a text encoder by name, from this machine only.

    Parameters
    ----------
    name
        ``"all-MiniLM-L6-v2"`` (the default, shipped as a package), ``"hashing"`` (counts words, needs no model), or any
        other sentence-transformers name or folder that is on this machine.

    Raises
    ------
    EncoderError
        When the encoder is not on this machine, its folder would run code, or a file of the default's is not the
        official one.
    MissingExtraError
        When what loads models is not installed.
    """
    if name == HASHING_ENCODER:
        return HashingEncoder()
    is_default = name.removeprefix("sentence-transformers/") == DEFAULT_ENCODER
    instead = f"The encoder '{HASHING_ENCODER}' needs none."
    need_extra("embed" if is_default else "models", f"The encoder '{name}'", instead=instead)
    if not is_default:
        return _load_named(name)
    folder = shipped_model()
    return SentenceEncoder(
        id=f"{DEFAULT_ENCODER}@{check_shipped(folder)[:12]}:onnx",
        dimension=DIMENSION,
        load=lambda: open_default(folder),
    )


def encoder_name(encoder_id: str) -> str | None:
    """Name by which the encoder of an id is loaded; None where the id is that of a file, see `read_embeddings`."""
    name, _, revision = encoder_id.partition("@")
    if revision and ":" not in revision:
        return None
    return HASHING_ENCODER if name.startswith(f"{HASHING_ENCODER}-") else name


def weights_of(encoder_id: str) -> str:
    """An encoder's id without what ran its weights: vectors that the same weights gave are the same within rounding."""
    weights, is_run, _ = encoder_id.rpartition(":")
    return weights if is_run and "@" in weights else encoder_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingEncoder:
    """Counts words by hash (Weinberger et al., 2009). Deterministic, no model; knows words, not meanings."""

    dimension: int = 512

    @property
    def id(self) -> str:
        return f"{HASHING_ENCODER}-{self.dimension}"

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        counts = hashed_counts(texts, self.dimension)
        counts[~counts.any(axis=1), 0] = 1.0  # a text of stop words alone still needs a direction
        vectors = (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)
        vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]  # the bits of vectors kept in caches
        return vectors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _TorchModel:
    """A sentence-transformers model."""

    model: "SentenceTransformer"

    @property
    def max_tokens(self) -> int:
        return min(self.model.max_seq_length or MAX_TOKENS, MAX_TOKENS)

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        prompt = self.model.prompts.get(self.model.default_prompt_name or "") or ""
        prompted = [prompt + text for text in texts]
        ids: list[list[int]] = self.model.tokenizer(prompted, truncation=True, max_length=self.max_tokens)["input_ids"]
        return ids

    def forward(self, batch: list[list[int]], width: int) -> np.ndarray:
        import torch

        features = self.model.tokenizer.pad(
            {"input_ids": batch}, padding="max_length", max_length=width, return_tensors="pt"
        )
        with torch.inference_mode():
            output = self.model({name: value.to(self.model.device) for name, value in features.items()})
            vectors = torch.nn.functional.normalize(output["sentence_embedding"].float(), dim=1)
        return np.asarray(vectors.cpu().numpy(), dtype=np.float32)


def _load_named(name: str) -> SentenceEncoder:
    if kind_of(name) == "folder":
        weights = sorted(p for p in Path(name).rglob("*") if p.suffix in (".safetensors", ".bin"))
        combined = hashlib.sha256("".join(map(digest_of_file, weights)).encode()).hexdigest()
        return _load_sentence_encoder(Path(name).name, name, combined)
    if not _is_fetched(name):
        raise EncoderError(_absent(name))
    return _load_sentence_encoder(name, name, None)


def _is_fetched(name: str) -> bool:
    """Whether the model hub's cache has a model of this name; asked before torch is imported, which takes seconds."""
    return any(folder.is_dir() for folder in _places(name))


def _places(name: str) -> list[Path]:
    """Where the library looks for a model of the hub."""
    from huggingface_hub import constants

    caches = (constants.HF_HUB_CACHE, os.environ.get("SENTENCE_TRANSFORMERS_HOME"))
    folders = [f"models--{each.replace('/', '--')}" for each in (name, f"sentence-transformers/{name}")]
    return [Path(cache) / folder for cache in caches if cache for folder in folders]


def _fault(name: str, source: str | Path) -> str | None:
    """What of a model's folder, or of each fetched state of it, would run code."""
    folders = (
        [Path(source)] if Path(source).is_dir() else [each for p in _places(name) for each in p.glob("snapshots/*")]
    )
    return next(filter(None, map(fault_of_folder, folders)), None)


def _absent(name: str) -> str:
    return (
        f"The encoder '{name}' is not on this machine, or cannot be read, and nothing is fetched from the network. "
        f"Give the folder of a downloaded sentence-transformers model, or choose '{DEFAULT_ENCODER}' or "
        f"'{HASHING_ENCODER}'."
    )


def _load_sentence_encoder(name: str, source: str | Path, digest: str | None) -> SentenceEncoder:
    precision = _precision()
    model = _load_model(name, source, precision)
    dimension = model.get_embedding_dimension()
    if not dimension or not hasattr(model.tokenizer, "pad"):
        raise EncoderError(f"The encoder '{name}' is no transformer for texts. Choose another, or '{DEFAULT_ENCODER}'.")
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    revision = digest or getattr(config, "_commit_hash", None) or "unknown"
    return SentenceEncoder(
        id=f"{name}@{revision[:12]}:{precision}", dimension=dimension, load=lambda: _TorchModel(model=model)
    )


def _load_model(name: str, source: str | Path, precision: Precision) -> "SentenceTransformer":
    # A notebook without widgets shows no bar. For good, because the filters of warnings hold for all threads.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    if fault := _fault(name, source):
        raise EncoderError(f"The encoder {source} is not loaded. {fault}")
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it would write over the caller's own bar
    try:
        with no_network():
            model = SentenceTransformer(
                str(source),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"dtype": getattr(torch, precision)},
            )
    except LOADING_ERRORS as error:
        is_absent = isinstance(error, OSError) and not Path(source).exists()  # the hub's reason would be the network
        reason = "" if is_absent else f" Reason: {reason_of(error)}"
        raise EncoderError(_absent(name) + reason) from error
    return model.eval()


@cache
def _precision() -> Precision:
    """Half the bits where the processor computes with them: over twice as fast, cosine to full precision 0.9999.

    Without a GPU the processor's own flags tell, so that reading vectors from the cache need not import torch.
    """
    if PROCESSOR.is_file() and not GPU_DEVICE.exists():
        return "bfloat16" if "avx512_bf16" in PROCESSOR.read_text().split() else "float32"
    import torch

    on_gpu = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return "bfloat16" if on_gpu or torch.cpu.get_capabilities().get("avx512_bf16") else "float32"


@contextmanager
def no_network() -> Iterator[None]:
    """Hold the model hub's client offline; asked for local files alone, it still looks a name up."""
    from huggingface_hub import constants

    with _OFFLINE:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = True
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before
