"""What a person decided about a canary, with name and reason; kept in the history beside the runs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from drift_core.regions.named_region import NamedRegion

Kind = Literal["override", "end_override", "accept_level", "withdraw", "restore", "name_region", "forget_region"]
CLOCK_TOLERANCE = timedelta(minutes=5)  # clocks of two machines may differ by so much without a word
OVERRIDING: tuple[Kind, ...] = ("override", "end_override")  # each about one run; the later one counts
WITHDRAWING: tuple[Kind, ...] = ("withdraw", "restore")  # each about one run; the later one counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A release that ships although the gate blocks, a level taken as the baseline, or a record that counts or not.

    Attributes
    ----------
    kind
        "override": releases pass despite `reasons`, never for the age of the canary, until the next canary run of the
        student is recorded, or until one is overdue.
        "end_override": the overrides about the run `run_key` that were made up to then hold no longer.
        "accept_level": the agreement of the run `run_key` is the baseline from then on.
        "withdraw": the run `run_key` does not count, until a later "restore" of it.
        "name_region": `region` is followed in runs that are recorded from then on; one of the same rule is called so.
        "forget_region": `region` is followed no longer.
    at
        When, UTC; without a time zone it is taken for UTC.
    by, reason
        Who and why; neither may be empty.
    run_key
        The run that it is about; of an override and its end the newest when it was decided, None when there was none.
    reasons
        Names of the gate's reasons that were overridden.
    about
        Each of these with the finding of that time, as the gate marks it; empty where the findings do not matter.
    last_number
        Of an override: number of the last run that its student had, withdrawn ones too; None where that was not said.
    region
        The region that is named or forgotten.
    """

    kind: Kind
    at: datetime
    by: str
    reason: str
    run_key: str | None
    reasons: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    last_number: int | None = None
    region: NamedRegion | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", in_utc(self.at))


def in_utc(at: datetime) -> datetime:
    """Give a time in UTC; without a time zone it is taken for UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
