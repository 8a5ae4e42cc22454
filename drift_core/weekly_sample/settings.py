"""What a user chooses about the weekly sample."""

from dataclasses import dataclass

from drift_core.errors import SettingError
from drift_core.setting import check_settings, setting

CLUSTER, WHOLE = "cluster", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSettings:
    """Size, strata and seed of the weekly sample."""

    n: int = setting(..., "Pairs to draw; whole queries are, so about as many.", allowed=1)
    by: str = setting(
        CLUSTER,
        "Column whose values are strata, or clusters of the queries, or none for a single stratum.",
        kind="COLUMN|cluster|none",
    )
    seed: int = setting(
        0,
        "Seed of the draw. Take another every week: the same one draws queries again that come again.",
        allowed=0,
        kind="SEED",
    )
    floor: int | None = setting(
        None,
        "Pairs that each stratum gets at least; by default 20, floors together at most half of the sample.",
        allowed=0,
    )
    # A list of results; whole floods of one query would fill a sample of 300 (ours).
    most_docs: int = setting(
        50, "Rows of one query that stay together; a query with more is cut at random into parts.", allowed=1
    )
    n_clusters: int | None = setting(
        None, "Number of query clusters; by default chosen from the data.", allowed=1, option="--clusters"
    )
    # Ours: fifty for each query of a usual sample, and seconds to minutes of embedding.
    first_phase: int = setting(
        5_000, "Queries drawn at random that clusters are made of; more where the size needs more.", allowed=100
    )

    def __post_init__(self) -> None:
        check_settings(self, "The sample's ")
        if not self.by.strip():
            raise SettingError("The sample's strata come from a column or 'cluster'; found no name. Name one.")
