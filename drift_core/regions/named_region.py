"""A region that a person named, as a rule that holds for the pairs of any week. Plain values, without NumPy.

The rule is fitted and applied in `region_rule`.
"""

import base64
import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, replace

from drift_core.errors import InputError
from drift_core.wording import one_line

DRAWN = "drawn by hand"  # the partition of such regions
LONGEST_NAME = 60
LONGEST_WORDS = 200
LEAST_FOUND, MOST_OTHERS = 0.5, 0.5  # a rule that is further off stands for other pairs than those drawn (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRegion:
    """The pairs for which all holds that is given.

    Attributes
    ----------
    name
        What it is called.
    words
        Words that query and doc have together, in either case.
    column, value
        A slice column and its value.
    centroid, reach, encoder
        A centroid in a byte a coordinate, the least cosine between it and a query of the region, and the encoder of
        both; None where the place does not matter.
    found, others
        How well it stands for the pairs that were drawn: the fraction of them that it holds, and the fraction of those
        that it holds that were not drawn.
    n_pairs
        Production pairs that were drawn.
    chosen_in
        Content digest of the production sample that it was drawn in, whose figures say nothing more of it; empty where
        it was drawn in none.
    chosen_rows
        The `row_sketch` of that sample, by which it is known again when other columns are read or a few rows differ.
    """

    name: str
    words: str = ""
    column: str = ""
    value: str = ""
    centroid: str | None = None
    reach: float | None = None
    encoder: str | None = None
    found: float = 1.0
    others: float = 0.0
    n_pairs: int = 0
    chosen_in: str = ""
    chosen_rows: str = ""

    @property
    def id(self) -> str:
        """What stays when it is called otherwise: the rule."""
        made_of = (self.words, self.column, self.value, self.centroid, self.reach, self.encoder)
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]

    @property
    def is_close(self) -> bool:
        """Whether the rule stands for the pairs that were drawn."""
        return self.found >= LEAST_FOUND and self.others <= MOST_OTHERS

    @property
    def rule_in_words(self) -> str:
        """By what it is found again."""
        parts = [f"the words “{one_line(self.words)}”"] if self.words else []
        parts += [f"{self.column} = {self.value}"] if self.column else []
        parts += ["the place of its queries among all"] if self.centroid is not None else []
        return " and ".join(parts)

    @property
    def error_in_words(self) -> str:
        """How far the rule is from the pairs that were drawn."""
        return f"finds {self.found:.0%} of these pairs, and {self.others:.0%} of what it finds are others"

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    def renamed(self, name: str) -> "NamedRegion":
        return replace(self, name=read_name(name))


def read_name(text: str) -> str:
    """Take a name that a person typed.

    Raises
    ------
    InputError
        When it is empty or too long.
    """
    name = one_line(text)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(f"A region needs a name of 1 to {LONGEST_NAME} characters; found {len(name)}. Type another.")
    return name


def read_region(region: NamedRegion) -> NamedRegion:
    """Take a region that is to be followed.

    Raises
    ------
    InputError
        When its name is empty or too long, its words are too long, nothing tells its pairs from all others, or the rows
        that it was drawn in cannot be read.
    """
    named = region.renamed(region.name)
    if len(named.words) > LONGEST_WORDS:
        raise InputError(
            f"The words of a region have at most {LONGEST_WORDS} characters; found {len(named.words):,}. Give fewer."
        )
    if not _has_rule(named):
        raise InputError(f"{named.name} is found by words, a value of a column or a place; it has none. Give one.")
    if not re.fullmatch(r"([0-9a-f]{16})*", named.chosen_rows):
        raise InputError(f"The rows that {named.name} was drawn in cannot be read. Draw it again.")
    return named


def _has_rule(region: NamedRegion) -> bool:
    """Whether anything tells its pairs from all others, and each of its parts does."""
    told = [bool(region.words.strip())] if region.words else []
    told += [bool(region.column.strip() and region.value.strip())] if region.column or region.value else []
    told += [_has_place(region)] if region.centroid is not None else []
    return bool(told) and all(told)


def _has_place(region: NamedRegion) -> bool:
    try:
        centroid = base64.b64decode(region.centroid or "", validate=True)
    except ValueError:
        return False
    return bool(centroid and region.encoder) and region.reach is not None and math.isfinite(region.reach)
