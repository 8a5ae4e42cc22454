"""What a user chooses about an investigation."""

from dataclasses import dataclass, field

from drift_core.diagnosis.rule import Rule
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
