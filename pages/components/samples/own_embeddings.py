"""The visitor's own embeddings of the two open samples, kept for the session. They are read in `embeddings_panel`."""

from dataclasses import dataclass

from drift_core.regions.embeddings import QueryEmbeddings
from pages.components.session import visitor_store

_OWN = "own_embeddings"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Own:
    samples_key: str
    name: str
    embeddings: QueryEmbeddings


def of(samples_key: str) -> QueryEmbeddings | None:
    """Embeddings of the samples with this key, or None."""
    own: _Own | None = visitor_store.get(_OWN)
    return own.embeddings if own is not None and own.samples_key == samples_key else None


def name() -> str:
    """Name of the file that the embeddings came from, also when they are of other samples; empty without."""
    own: _Own | None = visitor_store.get(_OWN)
    return own.name if own is not None else ""


def keep(samples_key: str, name: str, embeddings: QueryEmbeddings) -> None:
    """Use these embeddings for the samples with this key."""
    visitor_store.put(_OWN, _Own(samples_key=samples_key, name=name, embeddings=embeddings))


def let_go() -> None:
    """Go back to the app's encoder; fit as a callback."""
    visitor_store.take(_OWN)
