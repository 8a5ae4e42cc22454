"""A student on this machine: a cross-encoder loaded from its folder, and what tells its weights from others."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drift_core.errors import StudentError
from drift_core.installation import need_extra
from drift_core.regions.encoding import no_network
from drift_core.regions.model_folder import LOADING_ERRORS, fault_of_folder
from drift_core.tables.paths import is_file, reason_of

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers.cross_encoder import CrossEncoder

WEIGHTS = (".safetensors", ".bin")
HEAD = "ForSequenceClassification"
SETTINGS = (".json", ".txt", ".model")  # a tokenizer's words may be in each of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Student:
    """A loaded student.

    Attributes
    ----------
    path
        Its folder.
    digest
        SHA-256 over its weights and settings, hex.
    model
        The cross-encoder; one score a pair, or one a label.
    """

    path: Path
    digest: str
    model: "CrossEncoder"

    @property
    def name(self) -> str:
        """What it is called where nobody gave it a version."""
        return self.path.resolve().name

    @property
    def labels(self) -> tuple[str, ...]:
        """Those that it gives a probability each, by `id2label` of its config; empty where it gives one score."""
        if self.model.num_labels == 1:
            return ()
        given = getattr(self.model.config, "id2label", None) or {}
        named = {int(place): str(label) for place, label in given.items()}
        return tuple(named.get(place, f"LABEL_{place}") for place in range(self.model.num_labels))

    @property
    def is_bounded(self) -> bool:
        """Whether its score lies between 0 and 1, whatever the teacher's scale is."""
        return type(self.model.activation_fn).__name__ == "Sigmoid"

    def predict(self, pairs: Sequence[tuple[str, str]], *, batch_size: int) -> "np.ndarray":
        """Its scores of pairs, shape (n,); with labels their probabilities, whatever its last step is."""
        if not self.labels:
            return self.model.predict(pairs, batch_size=batch_size, show_progress_bar=False)
        import torch

        softmax = torch.nn.Softmax(dim=-1)
        return self.model.predict(pairs, batch_size=batch_size, show_progress_bar=False, activation_fn=softmax)


def load_student(path: str | Path, *, device: str | None = None, may_have_labels: bool = False) -> Student:
    """Load a student from its folder; nothing is fetched from the network and none of its code is run.

    Parameters
    ----------
    path
        Folder of a sentence-transformers `CrossEncoder`.
    device
        ``"cpu"``, ``"cuda"``; by default the GPU where there is one.
    may_have_labels
        Whether it may give a probability for each of several labels, which is scored and not trained.

    Raises
    ------
    StudentError
        When there is no such folder, it holds no cross-encoder, or one with several outputs.
    """
    need_extra("retrain", "A student on this machine")
    path = Path(path)
    if not is_file(path / "config.json"):
        raise StudentError(
            f"{path} holds no student: expected the folder of a sentence-transformers cross-encoder, with config.json. "
            "Name the folder that its save wrote."
        )
    _check_kind(path)
    model = _load(path, device)
    if model.num_labels != 1 and not may_have_labels:
        raise StudentError(f"The student {path} gives {model.num_labels} values a pair; expected one score.")
    return Student(path=path, digest=digest_of_folder(path), model=model)


def digest_of_folder(path: Path) -> str:
    """SHA-256 over the names and contents of the files that make a model."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if hidden or file.suffix not in (*WEIGHTS, *SETTINGS) or file.name == "retraining.json":
            continue
        with file.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{file.relative_to(path).as_posix()}\0{found}\n".encode())
    return digest.hexdigest()


def _check_kind(path: Path) -> None:
    """An encoder would be loaded too, with a head of random weights."""
    try:
        found = json.loads((path / "config.json").read_bytes())
        own = path / "config_sentence_transformers.json"
        stated = json.loads(own.read_bytes()).get("model_type") if own.is_file() else None
        kinds = [*map(str, found.get("architectures") or ["no architecture"])]
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise StudentError(f"The student {path} cannot be loaded: its config.json is no JSON of a model.") from error
    if stated not in (None, "CrossEncoder"):
        raise StudentError(
            f"{path} is no cross-encoder: its config_sentence_transformers.json states the model_type {stated!r}; "
            "expected 'CrossEncoder'. Name the folder that a CrossEncoder's save wrote."
        )
    if stated is None and not any(kind.endswith(HEAD) for kind in kinds):
        raise StudentError(
            f"{path} is no cross-encoder: its config.json names {', '.join(kinds)}; expected a model that scores "
            f"pairs, with a name in {HEAD}. Name the folder that a CrossEncoder's save wrote."
        )
    if fault := fault_of_folder(path):
        raise StudentError(f"The student {path} is not loaded. {fault}")


def _load(path: Path, device: str | None) -> "CrossEncoder":
    with quiet_libraries():
        from sentence_transformers.cross_encoder import CrossEncoder

        try:
            with no_network():
                return CrossEncoder(str(path), local_files_only=True, trust_remote_code=False, device=device)
        except LOADING_ERRORS as error:
            raise StudentError(f"The student {path} cannot be loaded: {reason_of(error)}. Check the folder.") from error


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep the model libraries' own bars and notes off the terminal, which belongs to the caller's."""
    from transformers.utils import logging

    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
