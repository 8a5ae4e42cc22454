"""The sampling frame: which production pairs may go on the retrain list, and in which region each lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.drawn_region import ELSEWHERE
from drift_core.errors import InputError, SettingError
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.named_region import DRAWN
from drift_core.retrain_list.diagnosed_pairs import DiagnosedPairs, PairRegions, diagnosed_pairs
from drift_core.retrain_list.exclusions import ExcludedPairs
from drift_core.retrain_list.near_duplicates import (
    NEAR_COSINE,
    PairVectors,
    embed_pairs,
    near_earlier,
    near_heldout,
)
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.two_samples import shared_pairs
from drift_core.tables.row_hashes import hash_rows

# Strata within a region, in the order in which they are filled.
REST, DRIFTED, CHOSEN = 0, 1, 2
# Which of several equal pairs stands for them must not hang together with a draw, whose seeds are 0 or more.
SEED_OF_TIES = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """How many production pairs may not be drawn, each counted for the first reason that holds.

    Attributes
    ----------
    in_heldout, in_canary
        Held-out has the pair; a file that was named to be left out has it.
    repeated
        An equal pair stands for it.
    near_heldout, near_duplicates
        A held-out pair is nearly the same; another production pair that is nearly the same stands for it.
    of_files
        Name of each file to be left out, and how many production pairs it has; a pair may be in several.
    near_by
        How near-duplicates were found, or why they were not looked for.
    """

    in_heldout: int
    in_canary: int
    repeated: int
    near_heldout: int
    near_duplicates: int
    of_files: tuple[tuple[str, int], ...] = ()
    near_by: str = ""

    @property
    def sentence(self) -> str:
        """The counts in words; a reason that holds for no pair is told too."""
        return (
            f"Left out: {self.in_heldout:,} that held-out has, {self.in_canary:,} of canary weeks or the tail set, "
            f"{self.repeated:,} repeated, {self.near_heldout:,} nearly the same as in held-out, "
            f"{self.near_duplicates:,} nearly the same as another."
        )

    def to_json(self) -> dict[str, object]:
        counts = ("in_heldout", "in_canary", "repeated", "near_heldout", "near_duplicates")
        return {**{name: getattr(self, name) for name in counts}, "near_by": self.near_by}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingFrame:
    """What a list is drawn from. Arrays have one entry a production pair and are read-only.

    Attributes
    ----------
    partition
        The partition whose regions get quotas.
    is_drifted
        Whether most of a region's pairs drifted, bool of shape (n_regions,).
    stratum
        0 for a pair of no note, 1 for a drifted one, 2 for one chosen by hand, which is drawn before all others.
    may_be_drawn
        Whether the pair is new: in no other file, no repetition, nearly the same as none that is.
    left_out
        How many may not be drawn, and why.
    excluded
        The files that were left out beside held-out.
    """

    partition: PairRegions
    is_drifted: np.ndarray
    stratum: np.ndarray
    may_be_drawn: np.ndarray
    left_out: LeftOut
    excluded: tuple[ExcludedPairs, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.is_drifted, self.stratum, self.may_be_drawn):
            array.flags.writeable = False

    @property
    def region(self) -> np.ndarray:
        return self.partition.production

    @property
    def n_different(self) -> int:
        """Pairs that may be drawn, and those that are nearly the same as another."""
        return int(self.may_be_drawn.sum()) + self.left_out.near_heldout + self.left_out.near_duplicates

    def count(self, mask: np.ndarray) -> np.ndarray:
        """Count the masked pairs per region and stratum; int64 of shape (n_regions, 3)."""
        cells = self.region[mask] * 3 + self.stratum[mask]
        return np.bincount(cells, minlength=len(self.partition.regions) * 3).reshape(-1, 3)


def sampling_frame(
    diagnosis: Diagnosis | DiagnosedPairs,
    *,
    partition: str | None = None,
    chosen: np.ndarray | None = None,
    exclude: Sequence[ExcludedPairs] = (),
    vectors: PairVectors | None = None,
) -> SamplingFrame:
    """Find the pairs that a retrain list may hold.

    Parameters
    ----------
    diagnosis
        Names the regions and the drifted pairs: made now, or read by `read_diagnosis`.
    partition
        Name of the partition whose regions get quotas; by default the one that tells most.
    chosen
        Pairs marked by hand, bool of shape (n_production,); they go on the list before all others.
    exclude
        Files whose pairs must not be on the list: canary weeks, the tail set; see `read_excluded`.
    vectors
        Embeddings by which near-duplicates are told, from `embed_pairs`; by default made here.

    Notes
    -----
    Of pairs that are equal or nearly the same one stands for the others: one chosen by hand before others, else the one
    with the smallest number drawn from its content, whatever the order of the rows and the seed of a draw. The others
    are no part of what the list's probabilities refer to.

    Raises
    ------
    SettingError
        When there is no such partition.
    InputError
        When no production pair is left, or `chosen` is not one entry a pair.
    """
    diagnosed = diagnosed_pairs(diagnosis)
    production = diagnosed.production
    if chosen is not None and np.shape(chosen) != (len(production),):
        raise InputError(
            f"The chosen pairs must be one yes or no for each of the {len(production)} production pairs; found shape "
            f"{np.shape(chosen)}."
        )
    by_hand = np.zeros(len(production), dtype=bool) if chosen is None else np.asarray(chosen, dtype=bool)
    may_be_drawn, left_out = _new_pairs(diagnosed, by_hand, tuple(exclude), vectors)
    if not may_be_drawn.any():
        raise InputError(
            f"Every production pair is in held-out too, or in a file that is left out, so there is nothing to retrain "
            f"on. {left_out.sentence} Check the files."
        )
    named = partition_named(diagnosed, partition)
    n_regions = len(named.regions)
    n_drifted = np.bincount(named.production[diagnosed.drifted], minlength=n_regions)
    return SamplingFrame(
        partition=named,
        is_drifted=2 * n_drifted > np.bincount(named.production, minlength=n_regions),
        stratum=np.where(by_hand, CHOSEN, np.where(diagnosed.drifted, DRIFTED, REST)),
        may_be_drawn=may_be_drawn,
        left_out=left_out,
        excluded=tuple(exclude),
    )


def _new_pairs(
    diagnosed: DiagnosedPairs, chosen: np.ndarray, exclude: tuple[ExcludedPairs, ...], vectors: PairVectors | None
) -> tuple[np.ndarray, LeftOut]:
    """Mark the pairs that may be drawn, and count the others by their first reason."""
    production = diagnosed.production
    order = np.lexsort((content_hash(production, seed=SEED_OF_TIES), ~chosen))
    in_files = [each.holds(production.query, production.doc) for each in exclude]
    left = np.ones(len(production), dtype=bool)

    def take_out(reason: np.ndarray) -> int:
        n_before = int(left.sum())
        left[reason] = False
        return n_before - int(left.sum())

    in_heldout = take_out(shared_pairs(diagnosed.heldout.as_read, production))
    in_canary = take_out(np.any([np.zeros_like(left), *in_files], axis=0))
    repeated = take_out(~_is_first(production, order))
    if vectors is None and left.any():
        vectors = embed_pairs(diagnosed, cache=EmbeddingSource().open_cache())
    near = 0, 0
    if vectors is not None:
        near = take_out(near_heldout(vectors)), take_out(near_earlier(vectors, order[left[order]]))
    return left, LeftOut(
        in_heldout=in_heldout,
        in_canary=in_canary,
        repeated=repeated,
        near_heldout=near[0],
        near_duplicates=near[1],
        of_files=tuple((each.name, int(held.sum())) for each, held in zip(exclude, in_files, strict=True)),
        near_by=_near_by(vectors),
    )


def _near_by(vectors: PairVectors | None) -> str:
    if vectors is None:
        return "Not looked for: without docs in both samples, near pairs cannot be told."
    of_queries, of_docs = vectors.queries.encoder, vectors.docs.encoder
    return f"Nearly the same: cosine of {NEAR_COSINE:g} or more of queries ({of_queries}) and of docs ({of_docs})."


def partition_named(diagnosed: DiagnosedPairs, name: str | None) -> PairRegions:
    """The partition of this name, by default the one that tells most.

    Of a region drawn by hand it is that region, and what lies elsewhere by the partition that tells most.

    Raises
    ------
    SettingError
        When there is none.
    """
    partitions = {each.name: each for each in diagnosed.partitions}
    name = diagnosed.leading if name is None else name
    if name not in partitions:
        raise SettingError(f"There is no partition called {name!r}. Choose one of: {', '.join(partitions)}.")
    found, leading = partitions[name], partitions[diagnosed.leading]
    return _beside(found, leading) if found.regions[1:] == (ELSEWHERE,) and name.endswith(f"({DRAWN})") else found


def _beside(drawn: PairRegions, cut: PairRegions) -> PairRegions:
    """Add a region drawn by hand to the regions of a cut, which keep what lies elsewhere."""
    codes, labels = np.unique(np.where(drawn.production == 0, -1, cut.production), return_inverse=True)
    own = drawn.name if drawn.regions[0] in cut.regions else drawn.regions[0]
    names = tuple(own if code < 0 else cut.regions[code] for code in codes)
    return PairRegions(name=f"{drawn.name}, {cut.name}", regions=names, production=labels.astype(np.int64))


def count_drawable(heldout: ScoredPairs, production: ScoredPairs, *, exclude: Sequence[ExcludedPairs] = ()) -> int:
    """Count the different production pairs that held-out and files to be left out lack: a list can hold so many.

    Near-duplicates count; they are looked for when the list is drawn.
    """
    new = ~shared_pairs(heldout.as_read, production)
    for each in exclude:
        new &= ~each.holds(production.query, production.doc)
    return int((new & _is_first(production, np.arange(len(production)))).sum())


def _is_first(sample: ScoredPairs, order: np.ndarray) -> np.ndarray:
    """Mark the first in an order of each set of equal pairs."""
    names = ("query", "teacher", "student") if sample.doc is None else ("query", "doc")
    same = hash_rows({name: getattr(sample, name) for name in names})
    keys = pd.DataFrame({"a": same["a"], "b": same["b"]}).iloc[order]
    return (~keys.duplicated()).sort_index().to_numpy()


def content_hash(sample: ScoredPairs, *, seed: int) -> np.ndarray:
    """Hash the content of each pair with a seed; uint64 of shape (n,), even for equal content at any row."""
    names = ("query", "doc", "teacher", "student", "pair_id", "query_id", "timestamp")
    columns = {name: getattr(sample, name) for name in names if getattr(sample, name) is not None}
    hashed = pd.util.hash_pandas_object(pd.DataFrame(columns), index=False, hash_key="drift-core-draws")
    return _mix(hashed.to_numpy(dtype=np.uint64), seed)


def _mix(values: np.ndarray, seed: int) -> np.ndarray:
    """Scramble 64-bit numbers by a seed with the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    with np.errstate(over="ignore"):
        mixed = values + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
