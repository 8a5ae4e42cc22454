"""What a user chooses about the weekly sample."""

from dataclasses import dataclass

from drift_core.errors import SettingError

CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSettings:
    """Size, strata and seed of the weekly sample.

    Attributes
    ----------
    n
        Pairs; the draw is by whole queries, so about as many.
    by
        Column whose values are the strata, or ``"cluster"`` for clusters of query texts.
    floor
        Pairs that every stratum gets at least, or all of it; None for `DEFAULT_FLOOR`, cut so that floors take at most
        half of the sample.
    seed
        Seed of the draw, 0 or more. The same seed in another week draws the queries again that come again.
    most_docs
        Rows of one query that stay together at most; a query with more is cut at random into parts of about equal size.
    first_phase
        Queries drawn at random that clusters are made of; more where `n` needs more.
    n_clusters
        How many clusters, or None to choose.
    """

    n: int
    by: str = CLUSTER
    floor: int | None = None
    seed: int = 0
    most_docs: int = 50  # a list of results; whole floods of one query would fill a sample of 300 (ours)
    first_phase: int = 5_000  # ours: fifty for each query of a usual sample, and seconds to minutes of embedding
    n_clusters: int | None = None

    def __post_init__(self) -> None:
        least = {"n": 1, "floor": 0, "seed": 0, "most_docs": 1, "first_phase": 100, "n_clusters": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if value is None and name in ("floor", "n_clusters"):
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < low:
                raise SettingError(f"The sample's {name} must be a whole number from {low} up; found {value!r}.")
        if not self.by.strip():
            raise SettingError("The sample's strata come from a column or 'cluster'; found no name. Name one.")
