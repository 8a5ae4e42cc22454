"""The sampling frame: which production pairs may go on the retrain list, and in which region each lies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnose import Diagnosis
from drift_core.errors import InputError, SettingError
from drift_core.regions.partitions import Partition
from drift_core.samples.checks import shared_pairs
from drift_core.samples.pairs import ScoredPairs, sum_of_hashes

# Strata within a region, in the order in which they are filled.
REST, DRIFTED, CHOSEN = 0, 1, 2
# Which of several equal pairs stands for them must not hang together with a draw, whose seeds are 0 or more.
SEED_OF_TIES = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingFrame:
    """What a list is drawn from. Arrays have one entry a production pair and are read-only.

    Attributes
    ----------
    partition
        The partition whose regions get quotas.
    stratum
        0 for a pair of no note, 1 for a drifted one, 2 for one chosen by hand, which is drawn before all others.
    may_be_drawn
        Whether the pair is neither in held-out nor a repetition.
    n_in_heldout, n_repeated
        Pairs left out because held-out has them, and because an equal pair stands for them.
    """

    partition: Partition
    stratum: np.ndarray
    may_be_drawn: np.ndarray
    n_in_heldout: int
    n_repeated: int

    def __post_init__(self) -> None:
        for array in (self.stratum, self.may_be_drawn):
            array.flags.writeable = False

    @property
    def region(self) -> np.ndarray:
        return self.partition.production

    def count(self, mask: np.ndarray) -> np.ndarray:
        """Count the masked pairs per region and stratum; int64 of shape (n_regions, 3)."""
        cells = self.region[mask] * 3 + self.stratum[mask]
        return np.bincount(cells, minlength=self.partition.n_regions * 3).reshape(-1, 3)


def sampling_frame(
    diagnosis: Diagnosis, *, partition: str | None = None, chosen: np.ndarray | None = None
) -> SamplingFrame:
    """Find the pairs that a retrain list may hold.

    Parameters
    ----------
    diagnosis
        Names the regions and the drifted pairs.
    partition
        Name of the partition whose regions get quotas; by default the first with a drifted region.
    chosen
        Pairs marked by hand, bool of shape (n_production,); they go on the list before all others.

    Raises
    ------
    SettingError
        When there is no such partition.
    InputError
        When every production pair is in held-out, or `chosen` is not one entry a pair.
    """
    production = diagnosis.production
    if chosen is not None and np.shape(chosen) != (len(production),):
        raise InputError(
            f"The chosen pairs must be one yes or no for each of the {len(production)} production pairs; found shape "
            f"{np.shape(chosen)}."
        )
    in_heldout = shared_pairs(diagnosis.heldout, production)
    may_be_drawn = ~in_heldout & _is_first(production)
    if not may_be_drawn.any():
        raise InputError(
            "Every production pair is in held-out too, so there is nothing to retrain on. Check the files."
        )
    stratum = np.where(diagnosis.drifted, DRIFTED, REST)
    return SamplingFrame(
        partition=_partition_named(diagnosis, partition),
        stratum=stratum if chosen is None else np.where(np.asarray(chosen, dtype=bool), CHOSEN, stratum),
        may_be_drawn=may_be_drawn,
        n_in_heldout=int(in_heldout.sum()),
        n_repeated=int((~in_heldout & ~may_be_drawn).sum()),
    )


def _partition_named(diagnosis: Diagnosis, name: str | None) -> Partition:
    partitions = {each.name: each for each in diagnosis.regions.partitions}
    if name is None:
        drifted = {region.partition for region in diagnosis.regions.drifted}
        return next((each for each in partitions.values() if each.name in drifted), diagnosis.regions.partitions[0])
    if name not in partitions:
        raise SettingError(f"There is no partition called {name!r}. Choose one of: {', '.join(partitions)}.")
    return partitions[name]


def _is_first(sample: ScoredPairs) -> np.ndarray:
    """Mark one pair of each set of equal ones: the same whatever the order of the rows."""
    names = ("query", "teacher", "student") if sample.doc is None else ("query", "doc")
    same = sum_of_hashes({name: getattr(sample, name) for name in names})
    keys = pd.DataFrame({"a": same["a"], "b": same["b"], "tie": content_hash(sample, seed=SEED_OF_TIES)})
    ordered = keys.sort_values(["a", "b", "tie"], kind="stable")
    is_first = ~ordered.duplicated(["a", "b"])
    return is_first.sort_index().to_numpy()


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
