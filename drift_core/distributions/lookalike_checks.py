"""A look-alike as a result."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

Status = Literal["points_to", "ruled_out", "not_checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """One look-alike and what the data say about it.

    Attributes
    ----------
    name, title
        Stable name; the same in words.
    status
        "points_to", "ruled_out" or "not_checked".
    sentence
        Why, with its figure; for one that is not checked, which data would allow it.
    look_next
        What to look at if it is this.
    """

    name: str
    title: str
    status: Status
    sentence: str
    look_next: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def lookalikes_table(lookalikes: Sequence[Lookalike], *statuses: Status) -> pd.DataFrame:
    """Tabulate the look-alikes of some statuses."""
    rows = [(each.title, each.sentence) for each in lookalikes if each.status in statuses]
    return pd.DataFrame(rows, columns=["Look-alike", "Why"])
