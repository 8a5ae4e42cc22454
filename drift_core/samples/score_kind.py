"""What a judge answers with: numbers that rank, or labels."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["numeric", "ordinal", "binary", "nominal", "pairwise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKind:
    """How the scores of a sample are read and what agreement means for them.

    Attributes
    ----------
    name
        ``numeric`` scores and ``ordinal`` grades are compared by rank. ``binary`` (two answers, the positive one last),
        ``nominal`` (classes without an order) and ``pairwise`` (A, B or a tie) are compared by being the same.
    labels
        What the codes stand for, lowest first; empty for numbers. Code i of a score is ``labels[i]``, save grades that
        are numbers themselves, which keep their value.
    """

    name: Kind = "numeric"
    labels: tuple[str, ...] = ()

    @property
    def is_ranked(self) -> bool:
        return self.name in ("numeric", "ordinal")


NUMERIC = ScoreKind()
