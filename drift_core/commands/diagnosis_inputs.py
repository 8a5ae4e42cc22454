"""An investigation as the command line starts it: two sources, options, and the diagnosis of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from drift_core.diagnosis.rule import Rule
from drift_core.errors import SettingError

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnose import Progress
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.regions.cache import EmbeddingCache
    from drift_core.regions.embeddings import QueryEmbeddings
    from drift_core.regions.encoding import Encoder
    from drift_core.samples.pairs import ScoredPairs

    Check = Callable[[ScoredPairs, ScoredPairs], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """What is compared, and how.

    Attributes
    ----------
    heldout, production
        Path, pattern or ``-`` of each sample.
    heldout_columns, production_columns
        Role to column of each sample.
    slices, n_clusters, rule, seed, price_per_pair
        As in the diagnosis.
    heldout_slices, production_slices
        Slice columns read from each sample; None for `slices`.
    max_rows, max_bytes
        Limits above which whole queries are sampled; None for the default.
    sampling_seed
        Seed of that draw; None for `seed`.
    embedder, embeddings
        Name of the encoder, or a file of embeddings; None for the default encoder.
    cache
        Path of the embedding cache; None for the default.
    use_cache
        Whether embeddings are looked up and kept.
    """

    heldout: str
    production: str
    heldout_columns: Mapping[str, str] = field(default_factory=dict)
    production_columns: Mapping[str, str] = field(default_factory=dict)
    slices: tuple[str, ...] | None = None
    heldout_slices: tuple[str, ...] | None = None
    production_slices: tuple[str, ...] | None = None
    n_clusters: int | None = None
    rule: Rule = field(default_factory=Rule)
    seed: int = 0
    price_per_pair: float | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    sampling_seed: int | None = None
    embedder: str | None = None
    embeddings: str | None = None
    cache: str | None = None
    use_cache: bool = True

    def __post_init__(self) -> None:
        if self.embedder is not None and self.embeddings is not None:
            raise SettingError("--embedder and --embeddings exclude each other: texts are embedded, or you give them.")
        if self.heldout == self.production == "-":
            raise SettingError("Only one of the two samples can come from standard input. Give a file for the other.")

    def to_json(self) -> dict[str, object]:
        """What the record of a diagnosis does not know, for a command that runs it again."""
        names = ("max_rows", "max_bytes", "embedder", "embeddings")
        columns = {
            "heldout_columns": dict(self.heldout_columns),
            "production_columns": dict(self.production_columns),
        }
        return {name: getattr(self, name) for name in names} | columns


def run(investigation: Investigation, progress: "Progress", check: "Check | None" = None) -> "Diagnosis":
    """Read both samples, check them if wanted, and diagnose them."""
    from drift_core.diagnosis.diagnose import diagnose
    from drift_core.diagnosis.settings import Settings

    encoder = _encoder(investigation)
    heldout, production = read_samples(investigation)
    if check is not None:
        check(heldout, production)
    settings = Settings(
        rule=investigation.rule,
        n_clusters=investigation.n_clusters,
        slices=investigation.slices,
        seed=investigation.seed,
        price_per_pair=investigation.price_per_pair,
    )
    embeddings = _embed(investigation, encoder, heldout, production, progress)
    return diagnose(heldout, production, settings=settings, embeddings=embeddings, progress=progress)


def read_samples(investigation: Investigation) -> "tuple[ScoredPairs, ScoredPairs]":
    """Read held-out and production."""
    return (
        read_sample(investigation, "heldout"),
        read_sample(investigation, "production"),
    )


def read_sample(investigation: Investigation, sample: Literal["heldout", "production"]) -> "ScoredPairs":
    """Read one of the two samples."""
    from drift_core.samples.limits import Limits
    from drift_core.samples.reading import read_pairs

    chosen = {"max_rows": investigation.max_rows, "max_bytes": investigation.max_bytes}
    slices: tuple[str, ...] | None = getattr(investigation, f"{sample}_slices")
    seed = investigation.sampling_seed
    return read_pairs(
        getattr(investigation, sample),
        columns=getattr(investigation, f"{sample}_columns"),
        slices=investigation.slices if slices is None else slices,
        limits=Limits(**{name: limit for name, limit in chosen.items() if limit is not None}),
        seed=investigation.seed if seed is None else seed,
    )


def _encoder(investigation: Investigation) -> "Encoder | None":
    """The encoder, before anything is read, so that an unknown one is said at once; None where embeddings are given."""
    from drift_core.regions.encoding import DEFAULT_ENCODER, load_encoder

    return load_encoder(investigation.embedder or DEFAULT_ENCODER) if investigation.embeddings is None else None


def _embed(
    investigation: Investigation,
    encoder: "Encoder | None",
    heldout: "ScoredPairs",
    production: "ScoredPairs",
    progress: "Progress",
) -> "QueryEmbeddings":
    if encoder is None:
        from drift_core.regions.embeddings_reader import read_embeddings

        return read_embeddings(str(investigation.embeddings), heldout, production)
    from drift_core.regions.embeddings import embed_queries

    return embed_queries(heldout, production, encoder=encoder, cache=cache_of(investigation), progress=progress)


def cache_of(investigation: Investigation) -> "EmbeddingCache | None":
    """Where the vectors of an investigation are kept; None where they are not."""
    from drift_core.regions.cache import EmbeddingCache, default_cache_path

    return EmbeddingCache(investigation.cache or default_cache_path()) if investigation.use_cache else None
