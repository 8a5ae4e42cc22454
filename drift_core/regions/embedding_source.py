"""Where the vectors of queries come from: an encoder, or a file of the user; and the cache that they are kept in."""

from dataclasses import dataclass, replace
from pathlib import Path

from drift_core.errors import SettingError
from drift_core.regions.cache import EmbeddingCache, default_cache_path
from drift_core.regions.embeddings import QueryEmbeddings, embed_queries
from drift_core.regions.encoding import DEFAULT_ENCODER, Encoder, Progress, load_encoder
from drift_core.samples.pairs import ScoredPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingSource:
    """What makes the vectors of two samples' queries.

    Attributes
    ----------
    encoder
        The encoder or its name; None for the default one.
    file
        A file of embeddings in place of an encoder; see `read_embeddings`.
    cache
        Path of the embedding cache; None for the default one.
    is_cached
        Whether embeddings are looked up and kept.
    """

    encoder: Encoder | str | None = None
    file: str | Path | None = None
    cache: str | Path | None = None
    is_cached: bool = True

    def __post_init__(self) -> None:
        if self.encoder is not None and self.file is not None:
            raise SettingError("--embedder and --embeddings exclude each other: texts are embedded, or you give them.")

    def loaded(self) -> "EmbeddingSource":
        """Load the encoder, so that an unknown one is said before anything is read."""
        if self.file is not None or not isinstance(self.encoder, str | None):
            return self
        return replace(self, encoder=load_encoder(self.encoder or DEFAULT_ENCODER))

    def open_cache(self) -> EmbeddingCache | None:
        """Where vectors are kept; None where they are not."""
        return EmbeddingCache(self.cache or default_cache_path()) if self.is_cached else None

    def embed(
        self, heldout: ScoredPairs, production: ScoredPairs, *, progress: Progress | None = None
    ) -> QueryEmbeddings:
        """Embed the queries of two samples, or read their embeddings."""
        if self.file is not None:
            from drift_core.regions.embeddings_reader import read_embeddings

            return read_embeddings(self.file, heldout, production)
        encoder = self.loaded().encoder
        assert not isinstance(encoder, str | None)
        return embed_queries(heldout, production, encoder=encoder, cache=self.open_cache(), progress=progress)
