"""The manifest: the pairs to re-score and retrain on, with how they were drawn.

How many come from each region is in `quotas`, writing files in `files`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from drift_core import markup
from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.measures.one_blas_thread import one_blas_thread
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.encoding import Progress
from drift_core.retrain_list.columns import names_of_slices
from drift_core.retrain_list.diagnosed_pairs import DiagnosedPairs, diagnosed_pairs
from drift_core.retrain_list.draw import Draw, draw, floor_of, plan_quotas, size_of
from drift_core.retrain_list.exclusions import ExcludedPairs, exclude_sample
from drift_core.retrain_list.near_duplicates import embed_pairs
from drift_core.retrain_list.quotas import Quota, cut_floors_sentence
from drift_core.retrain_list.read_diagnosis import read_diagnosis
from drift_core.retrain_list.sampling_frame import LeftOut, SamplingFrame, content_hash, sampling_frame
from drift_core.retrain_list.settings import ListSettings
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from drift_core.tables.pair_digests import digest_pairs
from drift_core.wording import counted

__all__ = ["ListSettings", "Manifest", "Quota", "SamplingFrame", "draw_manifest", "plan_quotas", "sampling_frame"]

SCHEMA = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Manifest:
    """A drawn list of pairs.

    Attributes
    ----------
    pairs
        One row a pair, in an order drawn by the seed: row (of the source, from 0), pair_id, pair_digest (of the texts),
        query, doc, teacher_score, student_score, region, drifted, probability (with which the pair was drawn), query_id
        where the sample has one, and the sample's slices. Absent texts are missing values.
    slices
        Slice to the column that holds it: the same name where no other column has it.
    quotas
        What each region gave.
    partition
        Name of the partition that the regions belong to.
    settings
        Size, floor, weight and seed.
    left_out
        Pairs that could not be drawn, and why.
    heldout
        The pairs of held-out, by their digests.
    excluded
        Other files whose pairs were left out.
    unchecked_weeks
        Weeks that a history records and whose sample was not among those files; None where no history was looked at.
    digests
        Content digests of the two samples.
    rule, encoder, version
        What made the regions.
    teacher_revision
        The revision that the list is to be re-scored with, or None when it was not given.
    kind
        What the judges answer with.
    flag
        What the pairs marked drifted are called; see `DiagnosedPairs`.
    """

    pairs: pd.DataFrame
    quotas: tuple[Quota, ...]
    partition: str
    settings: ListSettings
    left_out: LeftOut
    heldout: ExcludedPairs
    digests: Mapping[str, str]
    slices: Mapping[str, str]
    rule: Rule
    encoder: str
    version: str
    teacher_revision: str | None = None
    excluded: tuple[ExcludedPairs, ...] = ()
    unchecked_weeks: tuple[str, ...] | None = None
    kind: ScoreKind = NUMERIC
    flag: str = "drifted"

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def sentence(self) -> str:
        """The manifest in words."""
        n_regions = sum(quota.n_drawn > 0 for quota in self.quotas)
        regions = "1 region" if n_regions == 1 else f"{n_regions} regions"
        drifted = f"{int(self.pairs['drifted'].sum()):,} of the pairs in {self.flag} ones"
        pairs = counted(len(self), "pair", "pairs")
        return f"{pairs} from {regions}, {drifted}, none seen in held-out."

    @property
    def floors_sentence(self) -> str:
        """Which floors were cut and why; empty where none was."""
        return cut_floors_sentence(self.quotas)

    @property
    def has_docs(self) -> bool:
        """Whether every pair has a doc."""
        return bool(self.pairs["doc"].notna().all())

    @property
    def list_digest(self) -> str:
        """SHA-256 of the pairs' digests in the order of the list, joined by line feeds."""
        return sha256("\n".join(self.pairs["pair_digest"]).encode()).hexdigest()

    def to_json(self) -> dict[str, object]:
        held = dict(self.left_out.of_files)
        return {
            "schema": SCHEMA,
            "version": self.version,
            "summary": self.sentence,
            "n_pairs": len(self),
            "settings": asdict(self.settings),
            "seed": self.settings.seed,
            "partition": self.partition,
            "regions": [asdict(quota) for quota in self.quotas],
            "left_out": self.left_out.to_json(),
            "excluded": [each.to_json() | {"n_left_out": held.get(each.name, 0)} for each in self.excluded],
            "unchecked_weeks": None if self.unchecked_weeks is None else list(self.unchecked_weeks),
            "digests": {**self.digests, "heldout_pairs": self.heldout.digest, "list_pairs": self.list_digest},
            "slices": dict(self.slices),
            "teacher_revision": self.teacher_revision,
            "encoder": self.encoder,
            "rule": self.rule.to_json(),
        }

    @property
    def quotas_table(self) -> pd.DataFrame:
        """How many pairs each region gave."""
        rows = [
            (
                q.region,
                self.flag if q.drifted else "",
                q.n_available,
                q.n_drawn,
                f"{q.traffic_share:.0%}",
                f"{q.list_share:.0%}",
            )
            for q in self.quotas
        ]
        return pd.DataFrame(rows, columns=["Region", "Flag", "Available", "Drawn", "Share of traffic", "Share of list"])

    def _repr_html_(self) -> str:
        first = self.pairs.head(markup.N_ROWS)
        return markup.page(self.sentence, markup.table(self.quotas_table), markup.table(first))


@one_blas_thread()
def draw_manifest(
    diagnosis: Diagnosis | DiagnosedPairs,
    *,
    settings: ListSettings | None = None,
    frame: SamplingFrame | None = None,
    teacher_revision: str | None = None,
    unchecked_weeks: Sequence[str] | None = None,
) -> Manifest:
    """Draw the retrain list of a diagnosis.

    Parameters
    ----------
    diagnosis
        Made now, or read from its JSON by `read_diagnosis`.
    settings
        Size, floor, weight of drifted pairs, seed.
    frame
        From `sampling_frame` of the same diagnosis, when regions of another partition or pairs chosen by hand are
        wanted.
    teacher_revision
        The revision that will re-score the list; recorded.
    unchecked_weeks
        Recorded canary weeks that could not be kept off the list, from `unchecked_weeks`; recorded.

    Notes
    -----
    A stratified sample: within a region, drifted pairs, others and those chosen by hand are strata of their own. Each
    pair gets a number from seed and content, so that the draw does not depend on the order of the rows. A stratum gives
    its smallest numbers [1]_, a pair's probability is its stratum's drawn over available, and a longer list of the same
    seed extends a shorter one within each stratum. Sums over the list weighted by 1 / probability are unbiased for what
    could be drawn [2]_, as long as the list has room for a pair of each stratum; `strata` in the quotas shows one that
    gave none.

    References
    ----------
    .. [1] Broder, A. (1997). On the resemblance and containment of documents. SEQUENCES '97: bottom-k sampling.
    .. [2] Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without replacement. JASA 47.
    """
    settings = settings or ListSettings()
    diagnosed = diagnosed_pairs(diagnosis)
    frame = frame or sampling_frame(diagnosed)
    settings = replace(settings, n=size_of(frame, settings), floor=floor_of(frame, settings))
    production = diagnosed.production
    drawn = draw(frame, content_hash(production, seed=settings.seed), settings)
    slices = names_of_slices(production.slices)
    return Manifest(
        pairs=_table(production, frame, drawn, diagnosed.drifted, slices),
        quotas=plan_quotas(frame, settings),
        partition=frame.partition.name,
        settings=settings,
        left_out=frame.left_out,
        heldout=exclude_sample(diagnosed.heldout.as_read),
        excluded=frame.excluded,
        unchecked_weeks=None if unchecked_weeks is None else tuple(unchecked_weeks),
        digests={"heldout": diagnosed.heldout.digest, "production": production.digest},
        slices=MappingProxyType(slices),
        rule=diagnosed.rule,
        encoder=diagnosed.embeddings.encoder,
        version=diagnosed.version,
        teacher_revision=teacher_revision or None,
        kind=production.kind,
        flag=diagnosed.flag,
    )


def draw_list(
    diagnosis: str | Path,
    production: str | Path,
    *,
    heldout: str | Path | None = None,
    settings: ListSettings | None = None,
    partition: str | None = None,
    exclude: Sequence[ExcludedPairs] = (),
    embedding: EmbeddingSource | None = None,
    teacher_revision: str | None = None,
    unchecked_weeks: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """Draw the retrain list from the JSON of a diagnosis; nothing is diagnosed again.

    Parameters
    ----------
    diagnosis, production, heldout, embedding, progress
        As for `read_diagnosis`.
    partition, exclude
        As for `sampling_frame`.
    settings, teacher_revision, unchecked_weeks
        As for `draw_manifest`.
    """
    found = read_diagnosis(diagnosis, production, heldout=heldout, embedding=embedding, progress=progress)
    vectors = embed_pairs(found, cache=(embedding or EmbeddingSource()).open_cache(), progress=progress)
    return draw_manifest(
        found,
        settings=settings,
        frame=sampling_frame(found, partition=partition, exclude=exclude, vectors=vectors),
        teacher_revision=teacher_revision,
        unchecked_weeks=unchecked_weeks,
    )


def _table(
    production: ScoredPairs, frame: SamplingFrame, drawn: Draw, drifted: np.ndarray, slices: Mapping[str, str]
) -> pd.DataFrame:
    order = drawn.rows
    query, doc = production.query[order], None if production.doc is None else production.doc[order]
    absent = np.full(len(order), None, dtype=object)
    more = {} if production.query_id is None else {"query_id": production.query_id[order]}
    more |= {column: production.slices[name][order] for name, column in slices.items()}
    return pd.DataFrame(
        {
            "row": production.row[order],
            "pair_id": absent if production.pair_id is None else production.pair_id[order],
            "pair_digest": digest_pairs(query, doc),
            "query": query,
            "doc": absent if doc is None else doc,
            "teacher_score": production.kind.written(production.teacher[order]),
            "student_score": production.kind.written(production.student[order]),
            "region": np.array(frame.partition.regions, dtype=object)[frame.region[order]],
            "drifted": drifted[order],
            "probability": drawn.probability,
            **more,
        }
    )
