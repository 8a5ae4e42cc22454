"""What a user chooses about an investigation."""

import shlex
from dataclasses import dataclass, field, fields

from drift_core.agreement.rule import Rule
from drift_core.errors import SettingError
from drift_core.operations.output_schema import OutputSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user chooses about an investigation.

    Attributes
    ----------
    rule
        Thresholds and error rates.
    n_clusters
        Number of query clusters, or None to choose it from the data.
    slices
        Slice columns that are partitions of their own; None takes every one that both samples have.
    seed
        Seed of everything that is drawn.
    price_per_pair
        Price of one teacher score, in [0, inf), for what it would cost to know more; None leaves prices out.
    output_schema
        What outputs should be; None takes what the teacher's share.
    """

    rule: Rule = field(default_factory=Rule)
    n_clusters: int | None = None
    slices: tuple[str, ...] | None = None
    seed: int = 0
    price_per_pair: float | None = None
    output_schema: OutputSchema | None = None

    def __post_init__(self) -> None:
        if self.n_clusters is not None and self.n_clusters < 1:
            raise SettingError(f"The number of clusters must be 1 or more; found {self.n_clusters}.")
        if self.price_per_pair is not None and not 0 <= self.price_per_pair < float("inf"):
            raise SettingError(f"The price of a pair must be in [0, inf); found {self.price_per_pair!r}.")

    def options(self, encoder_id: str) -> str:
        """Options of the command that make the same choices, slices aside; empty where all is as usual.

        Files are named FILE and SCHEMA, for where own embeddings and an output's schema lie is not known here.
        """
        from drift_core.regions.encoding import DEFAULT_ENCODER, encoder_name

        encoder = encoder_name(encoder_id)
        usual, own = Rule(), self.rule
        names = [each.name for each in fields(own) if each.name != "k"]
        rule = [
            f"{name}={_plain(getattr(own, name))!r}" for name in names if getattr(own, name) != getattr(usual, name)
        ]
        chosen = {
            "k": None if own.k == usual.k else own.k,
            "rule": ",".join(rule) or None,
            "clusters": self.n_clusters,
            "price": self.price_per_pair,
            "seed": self.seed or None,
            "output-schema": None if self.output_schema is None else "SCHEMA",
            "embeddings": "FILE" if encoder is None else None,
            "embedder": None if encoder == DEFAULT_ENCODER else encoder,
        }
        return "".join(f" --{name} {shlex.quote(str(of))}" for name, of in chosen.items() if of is not None)


def _plain(number: float) -> float:
    """A number of Python's own, for NumPy's are written otherwise."""
    return number.item() if hasattr(number, "item") else number
