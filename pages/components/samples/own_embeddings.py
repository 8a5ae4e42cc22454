"""The visitor's own embeddings of the two open samples, kept for the session. They come in by `embeddings_panel`."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from drift_core.errors import DriftError, InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.samples.pairs import ScoredPairs
from pages.components.session import visitor_store

_OWN = "own_embeddings"


MAX_NAME_BYTES = 150  # file systems take 255 with the suffix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Own:
    """Embeddings with the samples that they are of, and where they came from: a path, or the content of an upload."""

    samples_key: str
    name: str
    data: Path | bytes
    embeddings: QueryEmbeddings


def read(data: Path | bytes, name: str, heldout: ScoredPairs, production: ScoredPairs) -> QueryEmbeddings:
    """Read a file by its path or content; what is wrong is said by the name that the visitor knows."""
    with TemporaryDirectory(prefix="distillation-drift-") as folder:
        path = data if isinstance(data, Path) else Path(folder) / name
        if isinstance(data, bytes):
            path.write_bytes(data)
        try:
            return read_embeddings(path, heldout, production)
        except DriftError as error:
            raise InputError(str(error).replace(str(path), name)) from error


def current() -> Own | None:
    """What was brought last, also when it is of other samples."""
    own: Own | None = visitor_store.get(_OWN)
    return own


def of(samples_key: str) -> QueryEmbeddings | None:
    """Embeddings of the samples with this key, or None."""
    own = current()
    return own.embeddings if own is not None and own.samples_key == samples_key else None


def name() -> str:
    """Name of the file that the embeddings came from, also when they are of other samples; empty without."""
    own = current()
    return own.name if own is not None else ""


def keep(own: Own) -> None:
    """Use these embeddings for their samples."""
    visitor_store.put(_OWN, own)


def let_go() -> None:
    """Go back to the app's encoder; fit as a callback."""
    visitor_store.take(_OWN)


def file_name(name: str) -> str:
    """Name that a file on this machine can have, with the suffix kept."""
    given = Path(name)
    start = given.stem.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    return start + given.suffix[: MAX_NAME_BYTES // 4]
