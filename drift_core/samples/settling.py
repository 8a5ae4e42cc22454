"""One thing that would settle a verdict or overturn it, in pairs, queries and money."""

from dataclasses import dataclass
from typing import Literal

PINNED_COLUMN = "bring the pinned revision's score of each in a column teacher_pinned"
BEFORE = {  # each command
    "pinned": ("Draw them:", f"Then {PINNED_COLUMN}, and diagnose:"),
    "student": ("Score them:", "Then diagnose:"),
    "mend": ("Score them:", "Then diagnose:"),
    "part": ("Compare them:",),
    "heldout": ("Draw it:",),
}
Aim = Literal["drawing", "missing", "pinned", "student", "heldout", "spread", "region", "queries", "part", "overturn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """One thing that would settle the verdict or overturn it.

    Attributes
    ----------
    aim
        "drawing": how both samples were drawn; "missing": scores that today's teacher did not give; "pinned": the
        teacher's part; "student": that of a student that changed, or of scores that may be another student's;
        "heldout": a held-out of today's traffic; "spread", "region" or "queries": an inconclusive verdict, or more
        queries before pinned scores tell anything; "part": a part of production that broke, apart; "overturn": what
        would have to be seen for another verdict.
    sentence
        What to do or to see, with its figures.
    n_pairs, n_queries
        Pairs to score, and their queries; None where nothing is to be scored.
    cost
        Price of scoring them; None without a price.
    commands
        Where files are there: the command that draws the pairs or scores them again, and the one that diagnoses them.
    """

    aim: Aim
    sentence: str
    n_pairs: int | None = None
    n_queries: int | None = None
    cost: float | None = None
    commands: tuple[str, ...] = ()

    @property
    def told_commands(self) -> tuple[tuple[str, str], ...]:
        """Each command with what is said before it."""
        return tuple(zip(BEFORE.get(self.aim, ()), self.commands, strict=False))

    @property
    def in_full(self) -> str:
        """The sentence with its commands."""
        return " ".join((self.sentence, *(f"{before} {each}" for before, each in self.told_commands)))

    def to_json(self) -> dict[str, object]:
        return {
            "aim": self.aim,
            "sentence": self.in_full,
            "n_pairs": self.n_pairs,
            "n_queries": self.n_queries,
            "cost": self.cost,
            "commands": list(self.commands),
        }
