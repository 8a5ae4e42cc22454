"""Does a list match its manifest? Every fault as one sentence; nothing is repaired."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.retrain_list.exclusions import ExcludedPairs, weeks_in_words
from drift_core.retrain_list.manifest_schema import StoredManifest, read_manifest
from drift_core.retrain_list.quotas import Quota
from drift_core.retrain_list.reader import digest_table, read_list_table
from drift_core.tables.columns import listed
from drift_core.wording import counted

ROUNDING = 1e-9  # of probabilities written as decimal text
NEEDED = ("teacher_score", "region", "drifted", "probability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome of a check.

    Attributes
    ----------
    faults
        What does not match, one sentence each; empty when all does.
    notes
        What could not be checked, one sentence each.
    n_pairs
        Pairs on the list.
    """

    faults: tuple[str, ...]
    notes: tuple[str, ...]
    n_pairs: int

    @property
    def matches(self) -> bool:
        return not self.faults

    @property
    def sentence(self) -> str:
        if self.matches:
            return f"The list matches its manifest: {counted(self.n_pairs, 'pair', 'pairs')}."
        return f"The list does not match its manifest: {counted(len(self.faults), 'fault', 'faults')}."


def verify_manifest(
    list_path: str | Path,
    manifest_path: str | Path,
    *,
    heldout: ExcludedPairs | None = None,
    canaries: Sequence[ExcludedPairs] = (),
    teacher_revision: str | None = None,
) -> Verification:
    """Check a list against its manifest: file, columns, texts, regions, probabilities, and what must not be on it.

    Parameters
    ----------
    heldout, canaries
        From `read_excluded`: files of which no pair may be on the list.
    teacher_revision
        The revision that the list is to be re-scored with; None does not check it.

    Raises
    ------
    InputError
        When a file cannot be read, or is no list or no manifest.
    """
    manifest, table = read_manifest(manifest_path), read_list_table(list_path)
    lacking = [name for name in NEEDED if name not in table]
    if lacking:
        raise InputError(
            f"{list_path} is no retrain list: it lacks {', '.join(lacking)}. It has: "
            f"{listed(table.columns)}. Give a list that manifest wrote."
        )
    faults = [
        *_file(Path(list_path), manifest, table),
        *_pairs(manifest, table),
        *_quotas(manifest, table),
        *_probabilities(manifest, table),
        *_kept_off(manifest, table, heldout=heldout, canaries=canaries),
        *_revision(manifest, teacher_revision),
    ]
    return Verification(faults=tuple(faults), notes=tuple(_notes(manifest, table, heldout)), n_pairs=len(table))


def _file(path: Path, manifest: StoredManifest, table: pd.DataFrame) -> Iterator[str]:
    found = sha256(path.read_bytes()).hexdigest()
    if found not in {each.sha256 for each in manifest.files.values()}:
        known = ", ".join(manifest.files) or "none"
        yield f"The file {path.name} (SHA-256 {found[:12]}) is none of the manifest's files: {known}."
    if len(table) != manifest.n_pairs:
        yield f"The list has {counted(len(table), 'pair', 'pairs')}; the manifest says {manifest.n_pairs:,}."
    if tuple(table.columns) != manifest.columns:
        yield _columns(manifest.columns, tuple(map(str, table.columns)))


def _columns(expected: Sequence[str], found: Sequence[str]) -> str:
    """Name the columns that differ: missing, unknown, or else the first that stands elsewhere."""
    lacking = [name for name in expected if name not in found]
    more = [name for name in found if name not in expected]
    if not lacking and not more:
        place = next(n for n, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1])
        return (
            f"The columns stand in another order than the manifest's: column {place + 1} is {found[place]!r} in place "
            f"of {expected[place]!r}."
        )
    told = (
        f"the list lacks {_named(lacking)}" if lacking else "",
        f"the manifest does not name {_named(more)}" if more else "",
    )
    return f"The columns are others than the manifest's: {', and '.join(filter(None, told))}."


def _pairs(manifest: StoredManifest, table: pd.DataFrame) -> Iterator[str]:
    digests = digest_table(table)
    if "pair_digest" in table:
        odd = digests != table["pair_digest"].to_numpy()
        if odd.any():
            yield f"{_rows(odd)} with texts that do not give the digest beside them: a text was changed."
    elif manifest.schema > 1:
        yield "The list has no column pair_digest."
    expected = manifest.digests.get("list_pairs")
    if expected and sha256("\n".join(digests).encode()).hexdigest() != expected:
        yield "The pairs are others than the manifest's, or in another order."
    without_docs = "doc" not in table or table["doc"].isna().all()
    told_by = ["teacher_score", "student_score"] if without_docs and "student_score" in table else []
    twice = table.assign(digest=digests).duplicated(["digest", *told_by]).to_numpy()
    if twice.any():
        yield f"{_rows(twice)} with a pair that is on the list already."


def _quotas(manifest: StoredManifest, table: pd.DataFrame) -> Iterator[str]:
    counts = table["region"].value_counts().to_dict()
    for quota in manifest.regions:
        found = counts.pop(quota.region, 0)
        if found != quota.n_drawn:
            yield f"Region {quota.region!r} has {found:,} pairs on the list; the manifest says {quota.n_drawn:,}."
        yield from _quota(quota)
    for region, found in counts.items():
        yield f"Region {region!r} has {found:,} pairs on the list and is not in the manifest."
    total = sum(quota.n_drawn for quota in manifest.regions)
    if total != manifest.n_pairs:
        yield f"The manifest's quotas add up to {total:,}; it says {manifest.n_pairs:,} pairs."


def _quota(quota: Quota) -> Iterator[str]:
    if not quota.floor <= quota.n_drawn <= quota.n_available:
        yield (
            f"The quota of region {quota.region!r} cannot be: floor {quota.floor:,}, drawn {quota.n_drawn:,}, "
            f"available {quota.n_available:,}."
        )
    sums = (sum(each.n_drawn for each in quota.strata), sum(each.n_available for each in quota.strata))
    if quota.strata and sums != (quota.n_drawn, quota.n_available):
        yield f"The strata of region {quota.region!r} add up to {sums[0]:,} of {sums[1]:,} pairs, not to its quota."


def _probabilities(manifest: StoredManifest, table: pd.DataFrame) -> Iterator[str]:
    for name in ("teacher_score", "student_score", "probability"):
        values = table.get(name, pd.Series(dtype=np.float64))
        is_number = pd.api.types.is_numeric_dtype(values)
        odd = ~np.isfinite(values.to_numpy(dtype=np.float64)) if is_number else values.isna().to_numpy()
        if odd.any():
            yield f"{_rows(odd)} without a {'number' if is_number else 'label'} in {name}."
    drawn_with = table["probability"].to_numpy(dtype=np.float64)
    outside = ~((drawn_with > 0) & (drawn_with <= 1))
    if outside.any():
        yield f"{_rows(outside)} with a probability outside (0, 1]."
    elif manifest.settings.spend == "evenly" and all(quota.strata for quota in manifest.regions):
        yield from (fault for quota in manifest.regions for fault in _even(quota, table))


def _even(quota: Quota, table: pd.DataFrame) -> Iterator[str]:
    """Spent evenly, each stratum's drawn over available is the probability of as many pairs as it gave."""
    found = np.sort(table.loc[table["region"] == quota.region, "probability"].to_numpy(dtype=np.float64))
    if sum(each.n_drawn for each in quota.strata) != len(found):  # told already
        return
    parts = [np.full(each.n_drawn, each.n_drawn / max(each.n_available, 1)) for each in quota.strata]
    expected = np.sort(np.concatenate([np.zeros(0), *parts]))
    if not np.allclose(found, expected, rtol=0, atol=ROUNDING):
        yield f"The probabilities of region {quota.region!r} are not its pairs drawn over those available."


def _kept_off(
    manifest: StoredManifest,
    table: pd.DataFrame,
    *,
    heldout: ExcludedPairs | None,
    canaries: Sequence[ExcludedPairs],
) -> Iterator[str]:
    known = {each.digest for each in manifest.excluded}
    for each, word in [*((c, "canary") for c in canaries), *([(heldout, "held-out")] if heldout else [])]:
        if word == "held-out" and (_without_docs(table) or not each.has_docs):
            continue
        doc = None if _without_docs(table) else table["doc"].fillna("").to_numpy(dtype=object)
        held = each.holds(table["query"].to_numpy(dtype=object), doc)
        if held.any():
            yield f"{_rows(held)} with a pair of the {word} file {each.name}."
        if word == "canary" and manifest.schema > 1 and each.digest not in known:
            yield f"The canary file {each.name} is not among those that the manifest says were left out."
    expected = manifest.digests.get("heldout_pairs")
    if heldout and expected and heldout.digest != expected:
        yield f"{heldout.name} does not hold the pairs of the held-out sample that the list was drawn against."


def _revision(manifest: StoredManifest, wanted: str | None) -> Iterator[str]:
    if wanted and manifest.teacher_revision != wanted:
        named = manifest.teacher_revision or "none"
        yield f"The manifest names the teacher revision {named}; expected {wanted}."


def _notes(manifest: StoredManifest, table: pd.DataFrame, heldout: ExcludedPairs | None) -> Iterator[str]:
    if not manifest.teacher_revision:
        yield "The manifest names no teacher revision."
    if manifest.unchecked_weeks:
        yield f"Canary weeks that were not kept off the list: {weeks_in_words(manifest.unchecked_weeks)}."
    if heldout and (_without_docs(table) or not heldout.has_docs):
        where = "the list" if _without_docs(table) else heldout.name
        yield (
            f"Not compared with held-out: {where} has no docs, and a query alone may be in held-out too. Where a "
            "column of another name holds them, say so with --column doc=COLUMN."
        )


def _without_docs(table: pd.DataFrame) -> bool:
    return "doc" not in table or bool(table["doc"].isna().all())


def _rows(mask: np.ndarray) -> str:
    first = ", ".join(str(row + 1) for row in np.flatnonzero(mask)[:3])
    n = int(mask.sum())
    return f"{counted(n, 'row', 'rows')} ({first}{', ...' if n > 3 else ''})"


def _named(names: Sequence[str]) -> str:
    return listed(map(repr, names))
