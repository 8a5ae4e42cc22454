"""What a user chooses about the retrain list."""

from dataclasses import dataclass

from drift_core.setting import check_settings, setting

USUAL_FLOOR = 200  # pattern, treatment step 2
LARGEST_USUAL, SMALLEST_USUAL = 5_000, 500  # pattern, treatment step 2; fewer are too few to leave half of them (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSettings:
    """Size and shares of the retrain list."""

    n: int | None = setting(
        None,
        f"Pairs on the list, at most what there is; by default half of the different pairs, so that drifted regions "
        f"can get twice their share: at most {LARGEST_USUAL:,}, and all where there are no more than {SMALLEST_USUAL}.",
        allowed=1,
    )
    floor: int | None = setting(
        None,
        f"Pairs that each region gets at least, or all of it; by default {USUAL_FLOOR}, or fewer where half of the "
        "list cannot hold that for every region.",
        allowed=0,
    )
    drifted_weight: float = setting(
        2.0, "How many times a drifted pair counts as traffic.", allowed="(0, inf)", kind="W", option="--weight"
    )  # ours
    seed: int = setting(0, "Seed of the draw, 0 or more.", allowed=0, kind="SEED")

    def __post_init__(self) -> None:
        check_settings(self, "The list's ")
