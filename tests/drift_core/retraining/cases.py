"""Tiny students with weights from a seed, and lists of pairs to train them on."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.retraining.student import quiet_libraries
from drift_core.tables.pair_digests import digest_pairs
from tests.drift_core.retraining.small_student import ENCODER

WORDS = [
    "parcel",
    "refund",
    "visa",
    "border",
    "recipe",
    "garlic",
    "oven",
    "stamp",
    "courier",
    "form",
    "queue",
    "butter",
]


def tiny_student(folder: Path, *, bounded: bool = False, n_outputs: int = 1, seed: int = 0) -> Path:
    """Write a cross-encoder of one narrow layer into a folder; with the shipped encoder's tokenizer."""
    import torch
    from sentence_transformers.cross_encoder import CrossEncoder
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(seed)
    raw = folder.with_name(f"{folder.name}-raw")
    size = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "initializer_range": 0.3,
    }
    with quiet_libraries():
        BertForSequenceClassification(BertConfig(num_labels=n_outputs, **size)).save_pretrained(raw)
        AutoTokenizer.from_pretrained(ENCODER).save_pretrained(raw)
        activation = torch.nn.Sigmoid() if bounded else torch.nn.Identity()
        made = CrossEncoder(str(raw), max_length=32, local_files_only=True, activation_fn=activation, device="cpu")
        made.save_pretrained(str(folder), create_model_card=False)
    return folder


def pairs(n: int, *, seed: int = 0, low: float = 0.0, high: float = 1.0) -> pd.DataFrame:
    """Different pairs with a teacher's score between two bounds."""
    rng = np.random.default_rng(seed)
    query = [f"{' '.join(rng.choice(WORDS, 3))} {seed}-{i}" for i in range(n)]
    doc = [" ".join(rng.choice(WORDS, 6)) for _ in range(n)]
    return pd.DataFrame({"query": query, "doc": doc, "teacher_score": np.linspace(low, high, n)})


def list_file(table: pd.DataFrame, path: Path, *, revision: str | None = None, score_range=(0, 1)) -> Path:
    """Write a re-scored list; with a revision also its record."""
    table.assign(pair_digest=digest_pairs(table["query"], table["doc"])).to_parquet(path)
    if revision:
        record = {
            "teacher": {"model": "judge-large", "revision": revision},
            "score_range": list(score_range),
            "files": {path.name: {"sha256": sha256(path.read_bytes()).hexdigest()}},
        }
        path.with_name("rescored.json").write_text(json.dumps(record))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def weights(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")
