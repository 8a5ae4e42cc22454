"""Draw a review: pairs on which teacher and student differ, or a spot check of a list, by region and with a seed."""

import hashlib
import math
from collections.abc import Hashable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import InputError, SettingError
from drift_core.measures.rank_gaps import pair_gaps
from drift_core.retrain_list.diagnosed_pairs import DiagnosedPairs, diagnosed_pairs
from drift_core.retrain_list.quotas import allocate
from drift_core.retrain_list.reader import RetrainList, read_list
from drift_core.retrain_list.sampling_frame import partition_named
from drift_core.review.pairs import Kind, ReviewDraw, ReviewPair, ReviewRegion, ReviewSettings, ShadowRun
from drift_core.review.sides import said, said_on_list
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.pair_digests import digest_pairs

WHOLE = "all pairs"  # the region of a list that names none
DAY = "datetime64[D]"


def draw_review(
    diagnosis: Diagnosis | DiagnosedPairs,
    *,
    settings: ReviewSettings | None = None,
    partition: str | None = None,
    start: date | None = None,
) -> ReviewDraw:
    """Draw production pairs on which teacher and student differ, at random within each region.

    Labels differ where they are unlike, as does a probability on the other side of `settings.threshold` than the
    teacher's label; scores and grades where their ranks are further apart than `settings.gap` of all pairs.

    Parameters
    ----------
    partition
        Whose regions are the strata; by default the one that tells most.
    start
        First day of a shadow run; only pairs of its days are drawn where the sample has timestamps.

    Raises
    ------
    SettingError
        When there is no such partition.
    InputError
        When teacher and student differ on no pair.

    Notes
    -----
    Equal pairs are drawn once and count for all of them. A region gives its floor, then its share of the rest; which
    pairs, in which order and on which side the teacher stands hangs on the seed and the pair's texts alone.
    """
    settings = settings or ReviewSettings()
    found = diagnosed_pairs(diagnosis)
    sample, cut = found.production, partition_named(found, partition)
    gap, teacher, student = np.abs(pair_gaps(sample)), *said(sample, settings)
    by_rank = sample.kind.is_ranked and not sample.kind.is_answered
    differs = (teacher != student) & (gap > settings.gap if by_rank else True)
    shadow, in_run = _shadow(sample, start, settings.days)
    rows = np.flatnonzero(differs & in_run)
    if not len(rows):
        raise InputError(
            f"Teacher and student differ on none of the {int(in_run.sum()):,} pairs of {sample.name}, so there is "
            f"nothing to review. Take {'a smaller gap, or ' if by_rank else ''}other days."
        )
    texts = (sample.query, np.full(len(sample), "", dtype=object) if sample.doc is None else sample.doc)
    units = pd.DataFrame(
        {
            "digest": digest_pairs(*(each[rows] for each in texts)),
            **{name: each[rows] for name, each in zip(("query", "doc"), texts, strict=True)},
            "teacher": teacher[rows],
            "student": student[rows],
            "gap": gap[rows],
            "region": np.array(cut.regions, dtype=object)[cut.production[rows]],
            "size": np.ones(len(rows)) if sample.weight is None else sample.weight[rows],
            "code": sample.query_codes[rows],
        }
    )
    return _drawn("disagreements", units, sample.name, settings, int(in_run.sum()), sample.digest, shadow)


def draw_spot_check(
    retrain_list: str | Path | bytes | RetrainList, *, share: float = 0.1, settings: ReviewSettings | None = None
) -> ReviewDraw:
    """Draw a share of a retrain list, at random within each region, to hold the teacher's new scores to a reviewer.

    Parameters
    ----------
    share
        In (0, 1]; 0.05 to 0.1 is usual. Of the settings seed and threshold are used; each region gives one pair at
        least.

    Raises
    ------
    SettingError
        When the share is out of range.
    InputError
        When the list cannot be read, or has no pair with a score of both.
    """
    if not 0 < share <= 1:
        raise SettingError(f"The share of the list must be in (0, 1]; found {share!r}.")
    read = retrain_list if isinstance(retrain_list, RetrainList) else read_list(retrain_list)
    table = read.table.iloc[read.first]
    lacking = {"teacher_score", "student_score"} - set(table.columns)
    if lacking:
        raise InputError(f"{read.name} has no column {' and no column '.join(sorted(lacking))}. Take a retrain list.")
    scored = table.assign(query=read.queries[read.first], doc=read.docs[read.first])
    scored = scored[scored["teacher_score"].notna() & scored["student_score"].notna()].reset_index(drop=True)
    if not len(scored):
        raise InputError(f"No pair of {read.name} has a score of teacher and student. Re-score the list first.")
    settings = settings or ReviewSettings()
    teacher, student = said_on_list(scored, settings)
    owner = "query_id" if "query_id" in scored and scored["query_id"].notna().all() else "query"
    region = scored["region"].fillna(WHOLE).astype("str") if "region" in scored else WHOLE
    units = scored[["query", "doc"]].assign(
        digest=scored["pair_digest"], teacher=teacher, student=student, gap=0.0, region=region, size=1.0
    )
    units["code"] = pd.factorize(scored[owner].astype("str"), sort=True)[0]
    settings = replace(settings, n=math.ceil(share * len(units)), floor=1)
    return _drawn("spot check", units, read.name, settings, len(units), read.digest, None)


def _shadow(sample: ScoredPairs, start: date | None, days: int) -> tuple[ShadowRun | None, np.ndarray]:
    """The run, and which pairs are of its days; all where the sample does not say when they were."""
    everything = np.ones(len(sample), dtype=bool)
    if start is None:
        return None, everything
    run = ShadowRun(start=start, days=days)
    if sample.timestamp is None or np.isnat(sample.timestamp).all():
        return run, everything
    at = sample.timestamp.astype(DAY)
    inside = (at >= np.datetime64(start)) & (at < np.datetime64(run.end))
    if not inside.any():
        raise InputError(
            f"No pair of {sample.name} is of the shadow run's days, {start} to {run.end}. Name the day on which it "
            "began."
        )
    first, last = (date.fromisoformat(str(each)) for each in (at[inside].min(), at[inside].max()))
    return ShadowRun(start=start, days=days, first=first, last=last), inside


def _drawn(
    kind: Kind,
    units: pd.DataFrame,
    name: str,
    settings: ReviewSettings,
    n_sample: int,
    digest: str,
    shadow: ShadowRun | None,
) -> ReviewDraw:
    n_queries, equal = units["code"].nunique(), units.groupby("digest")["size"].sum()
    order = ["digest", "gap", "teacher", "student", "region"]  # of equal pairs the one that differs most stands for all
    units = units.sort_values(order, ascending=[True, False, True, True, True]).drop_duplicates("digest")
    units["size"] = equal.loc[units["digest"]].to_numpy()
    lots = [hashlib.sha256(f"{settings.seed} {each}".encode()).digest() for each in units["digest"]]
    units["lot"] = [int.from_bytes(each[:8]) for each in lots]
    units["turn"] = [int.from_bytes(each[8:16]) for each in lots]
    units["teacher_first"] = [each[16] % 2 == 1 for each in lots]
    by_region = units.groupby("region")
    n_pairs, totals = by_region.size(), by_region["size"].sum()
    floor = np.minimum(settings.floor, n_pairs.to_numpy())
    n = max(settings.n, int(floor.sum()))
    quota = allocate(n, available=n_pairs.to_numpy(), mass=totals.to_numpy(), floor=floor).total
    drawn = dict(zip(n_pairs.index, quota.tolist(), strict=True))
    rank = units.sort_values("lot").groupby("region").cumcount().reindex(units.index)
    queue = units[rank < units["region"].map(drawn)].sort_values("turn")
    return ReviewDraw(
        kind=kind,
        name=name,
        pairs=tuple(_pair(place, row) for place, row in enumerate(queue.to_dict("records"), start=1)),
        regions=tuple(
            ReviewRegion(name=each, n_pairs=int(n_pairs[each]), n_drawn=drawn[each], total=float(totals[each]))
            for each in n_pairs.index
        ),
        n_sample=n_sample,
        n_queries=int(n_queries),
        settings=settings,
        digest=digest,
        shadow=shadow,
    )


def _pair(place: int, row: dict[Hashable, Any]) -> ReviewPair:
    sides = (str(row["teacher"]), str(row["student"]))
    first, second = sides if row["teacher_first"] else sides[::-1]
    return ReviewPair(
        place=place,
        pair_digest=str(row["digest"]),
        query=str(row["query"]),
        doc=str(row["doc"]),
        region=str(row["region"]),
        first=first,
        second=second,
        teacher_first=bool(row["teacher_first"]),
        size=float(row["size"]),
        query_code=int(row["code"]),
    )
