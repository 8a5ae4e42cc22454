"""Properties that every query has, as partitions: length, script, digits, code, question form, repeats, hour, weekday.

Traffic that moves along one of these, in every topic, is seen by no cluster of topics.
"""

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from drift_core.measures.scores import Scores
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.partitions import DOC_SCRIPT, LACKS_BELOW, Partition
from drift_core.regions.query_move import MOVED_P, MOVED_SHARE, chance_of_move, query_move
from drift_core.samples.pairs import ScoredPairs

N_LENGTHS = 6  # steps of length, with as many queries of both samples together
N_DOC_LENGTHS, UNLIKE = 4, 2.0  # steps of docs, where the longest tenth is so many times as long as the shortest (ours)
FEW_MOVED, ONE_SIDE = 0.02, 0.5  # share of docs that must be in other scripts, and how many queries beside them (ours)
N_HOURS = 3
WEEK = tuple(calendar.day_name)  # from Monday
QUESTION = (
    r"(?i)[?\uff1f\u061f]\s*$|^\W*(?:who|what|when|where|why|which|how|is|are|do|does|can|should|wer|was|wann|wo|warum|"
    r"wie|qui|que|quand|pourquoi|comment|quien|cuando|donde|como)\b"
)
CODE = r"[{}<>;=]|\w\(|`|\w_\w|://|--\w"
BROKEN = "broken encoding"
READ_AS_LATIN = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # what follows in UTF-8, read as Latin-1 or Windows-1252
SCRIPTS = {  # the first that a text has a letter of; digits and signs belong to none
    BROKEN: f"\ufffd|\u00e2[\u0080€]|(?<![A-ZÀ-Þ])[\u00c2\u00c3]{READ_AS_LATIN}|[\u00c2\u00c3]{READ_AS_LATIN}(?=\\w)|"
    f"(?:[\u00c4-\u00df]{READ_AS_LATIN}){{2}}|"  # one alone may be French: é, a fixed space, a quotation mark
    f"(?:[\u00e0-\u00f4]{READ_AS_LATIN}{{2}}){{2}}",
    "Chinese or Japanese": r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]",
    "Korean": r"[\uac00-\ud7af\u1100-\u11ff]",
    "Arabic": r"[\u0600-\u06ff\u0750-\u077f]",
    "Devanagari": r"[\u0900-\u097f]",
    "Hebrew": r"[\u0590-\u05ff]",
    "Thai": r"[\u0e00-\u0e7f]",
    "Greek": r"[\u0370-\u03ff]",
    "Cyrillic": r"[\u0400-\u04ff]",
    "accented Latin": r"[\u00c0-\u024f]",
    "Latin with emoji": r"[\u2600-\u27bf\U0001f300-\U0001faff]",
}
FIRST_LOOK = 4_000  # queries of each sample; all are only read for a property along which these moved
Values = tuple[np.ndarray, tuple[str, ...]]  # code of each query, and the name of each code


def property_partitions(
    heldout: ScoredPairs, production: ScoredPairs, *, queries: QueryEmbeddings, least_moved: float = 0.0
) -> tuple[Partition, ...]:
    """Cut both samples by each property of the queries' texts, and by hour and weekday where both have times.

    Properties that all queries share give no partition. Nor do those of the wording along which far fewer than
    `least_moved` of the queries moved, a fraction (total variation); with many queries, a draw of them tells.
    """
    codes = np.concatenate([queries.heldout, queries.production])
    texts = queries.texts
    before, after = (list(map(str, texts[_first_look(side)])) for side in (queries.heldout, queries.production))
    made = [
        (name, codes, *measure(list(map(str, texts))))
        for name, measure in OF_TEXTS.items()
        if _moved(before, after, measure) >= least_moved / 2
    ]
    made.append(("repeats of the query", codes, *_repeats(heldout, production, codes, len(texts))))
    if heldout.timestamp is not None and production.timestamp is not None:
        pairs, times = np.arange(len(codes)), np.concatenate([heldout.timestamp, production.timestamp])
        made.append(("time of day (UTC)", pairs, *_hours(times)))
        made.append(("day of the week (UTC)", pairs, *_weekdays(times)))
    return tuple(
        _partition(name, values[of_pair], names, len(heldout))
        for name, of_pair, values, names in made
        if len(names) > 1
    )


def moved_properties(
    heldout: ScoredPairs, production: ScoredPairs, *, scores: tuple[Scores, Scores], queries: QueryEmbeddings
) -> tuple[Partition, ...]:
    """Partitions by properties of the texts along which the queries moved clearly."""
    found = property_partitions(heldout, production, queries=queries, least_moved=MOVED_SHARE)
    return tuple(partition for partition in found if query_move(partition, *scores).is_clear)


def doc_lengths(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Partition, ...]:
    """Cut both samples by the length of their docs, in steps of as many held-out pairs; none where all are alike."""
    if heldout.doc is None or production.doc is None:
        return ()
    sides = [pd.Series(each.doc, dtype=object).str.len().to_numpy(dtype=np.int64) for each in (heldout, production)]
    low, high = np.quantile(sides[0], [0.1, 0.9])
    if high < UNLIKE * max(low, 1):
        return ()
    values, found = _steps(np.concatenate(sides), sides[0], N_DOC_LENGTHS)
    names = tuple(f"docs of {each}" for each in found)
    return (_partition("doc length", values, names, len(heldout)),) if len(names) > 1 else ()


def scripts_of_texts(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Partition, ...]:
    """Cut both samples by the script of query and doc together, as a tokenizer reads both; none where all are alike.

    Where the docs' scripts clearly moved and the queries' did not, by the script of the doc alone; a kind of docs
    where held-out lacks one.
    """
    if heldout.doc is None or production.doc is None:
        return ()
    asked = np.concatenate([heldout.query, production.query])
    shown = np.concatenate([heldout.doc, production.doc])
    (of_queries, _), of_docs = _scripts(list(map(str, asked))), _scripts(list(map(str, shown)))
    moved = [total_variation(*np.split(each, [len(heldout)])) for each in (of_queries, of_docs[0])]
    if moved[1] >= FEW_MOVED and moved[0] + 1e-9 < ONE_SIDE * moved[1]:
        docs = _partition(DOC_SCRIPT, *_called("docs", of_docs), len(heldout))
        codes = np.split(pd.factorize(asked)[0], [len(heldout)])
        if chance_of_move(docs, (codes[0], codes[1])) <= MOVED_P:
            shares = [
                np.bincount(each, minlength=docs.n_regions) / len(each) for each in (docs.heldout, docs.production)
            ]
            is_new = (shares[1] >= FEW_MOVED) & (shares[0] < LACKS_BELOW * shares[1])
            return (replace(docs, kind="doc") if is_new.any() else docs,)
    texts = [f"{query} {doc}" for query, doc in zip(asked, shown, strict=True)]
    made = _partition("script of query and doc", *_called("texts", _scripts(texts)), len(heldout))
    return (made,) if made.n_regions > 1 else ()


def _called(what: str, found: Values) -> Values:
    return found[0], tuple(f"{what} {_written(each)}" for each in found[1])


def _written(script: str) -> str:
    return f"with {BROKEN}" if script == BROKEN else f"in {'plain Latin' if script == 'Latin' else script}"


def _partition(name: str, values: np.ndarray, names: tuple[str, ...], n_heldout: int) -> Partition:
    return Partition(
        name=name,
        kind="slice",
        regions=names,
        terms=tuple((each,) for each in names),
        heldout=values[:n_heldout].astype(np.int64),
        production=values[n_heldout:].astype(np.int64),
        reason=f"Read from the texts: {name}, in {len(names)} steps.",
    )


def _lengths(texts: Sequence[str]) -> Values:
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    return _steps(lengths, lengths, N_LENGTHS)


def _steps(lengths: np.ndarray, among: np.ndarray, n_steps: int) -> Values:
    """Cut lengths into steps with as many of some of them."""
    cuts = np.unique(np.quantile(among, np.arange(1, n_steps) / n_steps).astype(np.int64))
    cuts = cuts[cuts < among.max()] if len(among) else cuts
    starts = [0, *(cuts + 1).tolist()]
    names = [f"{low:,} to {high:,} characters" for low, high in zip(starts, cuts.tolist(), strict=False)]
    return np.searchsorted(cuts, lengths, "left"), (*names, f"{starts[-1]:,} characters and more")


def _contains(texts: Sequence[str], pattern: str, what: str) -> Values:
    search = re.compile(pattern).search
    has = np.array([search(text) is not None for text in texts], dtype=np.int64)
    return _named(has, (f"without {what}", f"with {what}"))


def _scripts(texts: Sequence[str]) -> Values:
    searches = [re.compile(pattern).search for pattern in SCRIPTS.values()]
    codes = np.zeros(len(texts), dtype=np.int64)
    for at, text in enumerate(texts):
        if not text.isascii():
            codes[at] = next((place for place, search in enumerate(searches, start=1) if search(text)), 0)
    return _named(codes, ("Latin", *SCRIPTS))


def _repeats(heldout: ScoredPairs, production: ScoredPairs, codes: np.ndarray, n_texts: int) -> Values:
    """Whether a query came more than once with the same doc: a copied row, which docs of one query are not."""
    seen = np.zeros(n_texts, dtype=bool)
    for sample, own in zip((heldout, production), np.split(codes, [len(heldout)]), strict=True):
        keys = pd.DataFrame({"query": own} | ({} if sample.doc is None else {"doc": sample.doc}))
        if sample.query_id is None or sample.doc is not None:
            seen[own[keys.duplicated().to_numpy()]] = True
    return _named(seen.astype(np.int64), ("asked once", "asked again"))


def _hours(times: np.ndarray) -> Values:
    known = ~np.isnat(times)
    times = np.where(known, times, np.datetime64(0, "us"))
    hour = ((times - times.astype("datetime64[D]")) // np.timedelta64(1, "h")).astype(np.int64)
    n_steps = 24 // N_HOURS
    names = tuple(f"{step * N_HOURS:02}:00 to {step * N_HOURS + N_HOURS - 1:02}:59" for step in range(n_steps))
    return _named(np.where(known, hour // N_HOURS, n_steps), (*names, "no time"))


def _weekdays(times: np.ndarray) -> Values:
    return _named(np.where(np.isnat(times), len(WEEK), weekday(times)), (*WEEK, "no time"))


def weekday(times: np.ndarray) -> np.ndarray:
    """Day of the week of each time, 0 for Monday; times that are not known get a day too."""
    return np.asarray((times.astype("datetime64[D]").astype(np.int64) + 3) % len(WEEK))  # 1 Jan 1970 was a Thursday


OF_TEXTS: dict[str, Callable[[Sequence[str]], Values]] = {
    "query length": _lengths,
    "digits in the query": lambda texts: _contains(texts, r"\d", "digits"),
    "question form": lambda texts: _contains(texts, QUESTION, "a question"),
    "code in the query": lambda texts: _contains(texts, CODE, "code"),
    "script of the query": _scripts,
}


def _first_look(codes: np.ndarray) -> np.ndarray:
    """Texts of one sample that are looked at first."""
    used = np.flatnonzero(np.bincount(codes))
    return used if len(used) <= FIRST_LOOK else np.random.default_rng(0).permutation(used)[:FIRST_LOOK]


def _moved(before: list[str], after: list[str], measure: Callable[[Sequence[str]], Values]) -> float:
    """Share of texts that would have to change to give both the same shares of each value."""
    return total_variation(*np.split(measure(before + after)[0], [len(before)]))


def total_variation(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the labels of one side that would have to be others for both sides to have the same shares."""
    n = int(max(one.max(initial=0), other.max(initial=0))) + 1
    shares = [np.bincount(side, minlength=n) / max(1, len(side)) for side in (one, other)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _named(codes: np.ndarray, names: tuple[str, ...]) -> Values:
    """Codes without gaps, and the names that occur."""
    found, dense = np.unique(codes, return_inverse=True)
    return dense.reshape(codes.shape), tuple(names[code] for code in found)
