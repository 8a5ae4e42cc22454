"""Docs of a kind that held-out lacks, as regions: those that a scan finds to err more, and those beyond its lengths."""

import re
from collections import Counter

import numpy as np
import pandas as pd

from drift_core.regions.candidates import MOST_HELDOUT, MOST_OF_PRODUCTION
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.moved_docs import DOC_KIND
from drift_core.regions.naming import name_clusters
from drift_core.regions.new_words import texts_like
from drift_core.regions.novelty import NewParts
from drift_core.regions.partitions import Partition
from drift_core.samples.new_wording import CHARACTERS_READ
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import counted

OF_FAMILIAR = 0.5  # share of such docs whose query is of a familiar kind; else the queries are what is new (ours)
KEPT = 0.7  # share of the docs found that their words must tell again (ours)
N_SCANS = 2  # of the queries and of the docs, at one error rate
NEARLY_ALL = 0.99  # of held-out's docs, that are as long and repeat their query as often, or less (ours)
CLEARLY = 1.25  # times held-out's most: a character or two more is no other kind of doc
LEAST_SHARE = 0.02  # of production's pairs; fewer carry too little of a loss
TOKEN = re.compile(r"\w+")


def docs_that_err_more(
    parts: NewParts,
    chances: tuple[float, ...],
    cluster_chances: tuple[float | None, ...],
    *,
    docs: QueryEmbeddings,
    familiar: tuple[np.ndarray, np.ndarray],
    alpha: float,
) -> tuple[Partition, ...]:
    """Cut both samples into docs as before and those that a scan of the scores found; none where it found none.

    Parameters
    ----------
    parts, chances, cluster_chances
        New parts of the docs with what the scan says of them; see `WorseParts`.
    docs
        Embeddings of the docs.
    familiar
        Pairs of each sample whose query is of a familiar kind; new queries bring new docs, which is no news.
    alpha
        Chance up to which a part counts as found.
    """
    of_part = np.append([N_SCANS * each <= alpha for each in chances], False)
    of_cluster = np.array([each is not None and N_SCANS * each <= alpha for each in cluster_chances], dtype=bool)
    seed = of_part.astype(bool)[parts.part] | ((parts.part < 0) & of_cluster[parts.cluster])
    if not seed.any() or familiar[1][seed[docs.production]].mean() < OF_FAMILIAR:
        return ()
    inside = texts_like(docs.texts, seed, (docs.heldout, docs.production))
    shares = [inside[side].mean() for side in (docs.heldout, docs.production)]
    if inside[seed].mean() < KEPT or shares[0] > MOST_HELDOUT * shares[1] or shares[1] > MOST_OF_PRODUCTION:
        inside = seed  # their words are not their own
    labels = [inside[side] & known for side, known in zip((docs.heldout, docs.production), familiar, strict=True)]
    found = [each for each in (*chances, *cluster_chances) if each is not None]
    terms = ((), name_clusters(docs.texts, inside.astype(np.int64))[1])
    return (
        Partition(
            name=DOC_KIND,
            kind="doc",
            regions=("docs as before", f"docs with {', '.join(terms[1])}"),
            terms=terms,
            heldout=labels[0].astype(np.int64),
            production=labels[1].astype(np.int64),
            reason=f"A scan of docs found that those of a kind which held-out lacks, {labels[1].mean():.0%}, err more.",
            chances=(None, min(1.0, N_SCANS * min(found))),
        ),
    )


def docs_beyond(
    heldout: ScoredPairs, production: ScoredPairs, *, familiar: tuple[np.ndarray, np.ndarray]
) -> tuple[Partition, ...]:
    """Cut both samples into docs as held-out's and those that are longer, or repeat their query more, than these.

    No score is read. `familiar` is as in `docs_that_err_more`; no cut where production has no more such docs, nor where
    most of them are hardly beyond held-out's.
    """
    if heldout.doc is None or production.doc is None:
        return ()
    samples, made = (heldout, production), []
    for name, measure in (("doc length beyond held-out", _lengths), ("repeats of the query in the doc", _repeats)):
        values = [measure(each) for each in samples]
        most = float(np.quantile(values[0], NEARLY_ALL))
        inside = [(each > most) & known for each, known in zip(values, familiar, strict=True)]
        shares = [float(each.mean()) for each in inside]
        is_new = shares[0] <= MOST_HELDOUT * shares[1] and LEAST_SHARE <= shares[1] <= MOST_OF_PRODUCTION
        if not is_new or shares[1] < OF_FAMILIAR * (values[1] > most).mean():
            continue
        is_length = measure is _lengths
        if is_length and np.median(values[1][inside[1]]) < CLEARLY * most:
            continue
        told = f"docs of more than {most:,.0f} characters" if is_length else "docs that repeat their query"
        at_most = (
            f"have {most:,.0f} characters"
            if is_length
            else f"hold all words of their query {counted(int(most), 'time', 'times')}"
        )
        made.append(
            Partition(
                name=name,
                kind="doc",
                regions=("docs as before", told),
                terms=((), (told,)),
                heldout=inside[0].astype(np.int64),
                production=inside[1].astype(np.int64),
                reason=f"{NEARLY_ALL:.0%} of held-out's docs {at_most} at most, {shares[1]:.0%} of production's more.",
            )
        )
    return tuple(made)


def _lengths(sample: ScoredPairs) -> np.ndarray:
    assert sample.doc is not None
    return pd.Series(sample.doc, dtype=object).str.len().to_numpy(dtype=np.float64)


def _repeats(sample: ScoredPairs) -> np.ndarray:
    """How often a doc holds the whole of its query: the word that it holds least often."""
    assert sample.doc is not None
    words = {query: set(TOKEN.findall(str(query).lower())) for query in pd.unique(sample.query)}
    found = np.zeros(len(sample))
    for at, (query, doc) in enumerate(zip(sample.query, sample.doc, strict=True)):
        text = str(doc)[:CHARACTERS_READ].lower()
        if words[query] and all(word in text for word in words[query]):  # few docs hold all, and counting takes long
            held = Counter(TOKEN.findall(text))
            found[at] = min(held[word] for word in words[query])
    return found
