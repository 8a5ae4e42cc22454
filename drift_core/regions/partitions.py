"""Partitions: ways to cut the traffic into regions, the same way in held-out and production.

Partitions by what texts mean are made in `topics`; how well each region agrees is in `diagnosis`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import other_spellings
from drift_core.samples.versions import tells_version

Kind = Literal["query", "doc", "slice", "drawn"]

# More values than this are no slices but identifiers; the largest are kept and the rest is one region.
MAX_SLICE_VALUES = 50
TELLS = 0.8  # of the errors in naming a region, how many another cut must spare to be the same by another name (ours)
REST = "(other values)"
OF_HELDOUT = "(held-out)"  # where held-out's pairs are in a cut of production alone
NEW_WORDS = "new words"
LACKS_BELOW = 0.05  # times production's share, below which held-out lacks a region of more queries
DOC_SCRIPT = "script of the doc"  # only a script that held-out lacks is a new kind of docs
OF_COLUMN = " (column)"  # by which one is told apart that has a partition's name
OWN_NAMES = (
    "drawn by hand",
    *("query clusters", "doc clusters", "doc kind", "query length", "digits in the query", "question form"),
    *("code in the query", "script of the query", "repeats of the query", "time of day (UTC)", "doc length"),
    *("doc length beyond held-out", "repeats of the query in the doc"),
    *("hours of the day (UTC)", "order of rows", "stretch of time", NEW_WORDS),
    *("script of query and doc", DOC_SCRIPT, "day of the week (UTC)", "days of the week (UTC)"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partition:
    """One way to cut both samples into regions.

    Attributes
    ----------
    name
        What the partition is called: ``query clusters``, ``doc clusters`` or the name of the slice column.
    kind
        What it rests on.
    regions
        Unique name of each region.
    terms
        The terms each region is named by; the value itself for a slice.
    heldout, production
        Region of each pair, int64 in [0, number of regions).
    reason
        A sentence on how the regions came about.
    column
        The slice column whose values the regions are; None where they were read from texts or drawn.
    fine_heldout, fine_production
        Finer groups of like pairs, by which other partitions are compared at the same mix; None when there are none.
    chances
        Chance that a scan of the scores gave each region, in 0..1, None for those that it did not look at; empty
        without a scan.
    of_production
        Whether it cuts production alone: each region is compared with held-out as a whole, whose pairs are in a last
        region of their own.
    """

    name: str
    kind: Kind
    regions: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    heldout: np.ndarray
    production: np.ndarray
    reason: str
    column: str | None = None
    fine_heldout: np.ndarray | None = None
    fine_production: np.ndarray | None = None
    chances: tuple[float | None, ...] = ()
    of_production: bool = False

    def __post_init__(self) -> None:
        arrays = (self.heldout, self.production, self.fine_heldout, self.fine_production)
        for array in (array for array in arrays if array is not None):
            array.flags.writeable = False

    @property
    def n_regions(self) -> int:
        return len(self.regions)

    @property
    def is_one_kind(self) -> bool:
        """Whether it cuts one kind out of all others, so that it does not tell how kinds differ."""
        return self.kind == "doc" or self.name == NEW_WORDS


def rows_by_region(labels: np.ndarray, n_regions: int) -> tuple[np.ndarray, ...]:
    """Rows of each region in ascending order, from the region of each row.

    Examples
    --------
    >>> [rows.tolist() for rows in rows_by_region(np.array([1, 0, 1]), 3)]
    [[1], [0, 2], []]
    """
    narrow = labels.astype(np.min_scalar_type(n_regions))  # NumPy sorts integers of 16 bits and less in linear time
    ends = np.cumsum(np.bincount(labels, minlength=n_regions))
    return tuple(np.split(np.argsort(narrow, kind="stable"), ends[:-1]))


def queries_by_region(labels: np.ndarray, queries: np.ndarray, n_regions: int) -> np.ndarray:
    """Number of queries in each region, from the region and the query code of each pair."""
    seen = np.zeros((n_regions, int(queries.max()) + 1), dtype=bool)
    seen[labels, queries] = True
    return np.asarray(seen.sum(axis=1))


def follows(one: Partition, other: Partition) -> bool:
    """Whether the regions of `other` tell those of `one` (lambda of Goodman and Kruskal, 1954, from four fifths on)."""
    counts = np.zeros((other.n_regions, one.n_regions))
    for of_other, of_one in ((other.heldout, one.heldout), (other.production, one.production)):
        np.add.at(counts, (of_other, of_one), 1 / len(of_one))
    wrong, wrong_alone = counts.sum() - counts.max(axis=1).sum(), counts.sum() - counts.sum(axis=0).max()
    return bool(wrong <= (1 - TELLS) * wrong_alone)


def slice_partitions(
    heldout: ScoredPairs, production: ScoredPairs, columns: Sequence[str] | None = None
) -> tuple[Partition, ...]:
    """Cut both samples by the values of each slice column.

    Parameters
    ----------
    columns
        Slice columns, or None for every one that both samples have, or production alone and held-out does not even have
        one value of, but for those that tell a version of software: they divide what made or scored the pairs.

    Raises
    ------
    InputError
        When a named column is lacking in production.
    """
    common = [name for name in heldout.slices if name in production.slices]
    elsewhere = {each.production for each in other_spellings(heldout, production)} | {*common, *heldout.constants}
    alone = [name for name in production.slices if name not in elsewhere]
    for name in columns or ():
        if name not in production.slices:
            raise InputError(
                f"The slice column '{name}' is not in both samples. Columns in both: {', '.join(common) or 'none'}."
            )
    if columns is None:
        common, alone = ([name for name in each if not tells_version(production, name)] for each in (common, alone))
    chosen = (*common, *alone) if columns is None else columns
    return tuple(
        _slice_partition(name, heldout.slices[name], production.slices[name])
        if name in heldout.slices
        else part_of_production(_slice_partition(name, production.slices[name][:0], production.slices[name]), heldout)
        for name in chosen
    )


def part_of_production(partition: Partition, heldout: ScoredPairs) -> Partition:
    """The partition of production alone, with held-out as a region of its own that each of the others is held to."""
    return replace(
        partition,
        regions=(*partition.regions, OF_HELDOUT),
        terms=(*partition.terms, (OF_HELDOUT,)),
        heldout=np.full(len(heldout), partition.n_regions, dtype=np.int64),
        of_production=True,
    )


def _slice_partition(name: str, heldout: np.ndarray, production: np.ndarray) -> Partition:
    codes, found = pd.factorize(np.concatenate([heldout, production]).astype(object), sort=True)
    values = [str(value) for value in found]
    reason = f"The {len(values)} values of the column {name}."
    if len(values) > MAX_SLICE_VALUES:
        codes, values = _keep_largest(codes, values)
        reason = f"The {MAX_SLICE_VALUES} largest of {len(found)} values of the column {name}; the rest is one region."
    return Partition(
        name=name + OF_COLUMN if _is_own(name) else name,
        kind="slice",
        regions=tuple(values),
        terms=tuple((value,) for value in values),
        heldout=codes[: len(heldout)].astype(np.int64),
        production=codes[len(heldout) :].astype(np.int64),
        reason=reason,
        column=name,
    )


def _is_own(name: str) -> bool:
    """Whether a partition of this product has the name, or a column whose name is told apart from it would."""
    bare = name
    while bare.endswith(OF_COLUMN):
        bare = bare.removesuffix(OF_COLUMN)
    return bare in OWN_NAMES


def _keep_largest(codes: np.ndarray, values: list[str]) -> tuple[np.ndarray, list[str]]:
    order = np.argsort(-np.bincount(codes), kind="stable")
    kept = np.sort(order[:MAX_SLICE_VALUES])
    place = np.full(len(values), MAX_SLICE_VALUES, dtype=np.int64)
    place[kept] = np.arange(MAX_SLICE_VALUES)
    return place[codes], [*(values[i] for i in kept), REST]
