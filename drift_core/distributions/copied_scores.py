"""A student's scores that are the teacher's: a join that took one column twice, by how often both are equal usually."""

import numpy as np

from drift_core.distributions.other_names import OtherName
from drift_core.measures.coarseness import equally_coarse
from drift_core.measures.ranks import mid_ranks
from drift_core.measures.score_units import few_values
from drift_core.measures.scores import Scores
from drift_core.wording import counted

COPIED = "scores_copied"  # finding
LEAST_QUERIES = 20  # of either sample, from which one tells what is usual
LEAST_SHARE = 0.05  # of the pairs, beyond held-out's, that are told; as of scores that are missing
NEVER_BY_CHANCE = 1e-6  # chance of as many at held-out's rate
SURELY = 3.0  # standard errors that held-out's rate is taken higher
NEARER = 20.0  # times nearer than usual that the places of nearly all pairs must be, where no value is the same
NEARLY_ALL = 0.95
LEAST_IN_PART = 5  # pairs of held-out, from which a part of the range says what is usual there
PARTS = 10  # of production's range, in which scores that are near each other are as often equal
PILE = 5.0  # times as many pairs as a value has on average, from which they pile up there, as at an end of a scale


def copied_scores(heldout: Scores, production: Scores) -> tuple[OtherName, ...]:
    """Find production pairs whose student's score is the teacher's own, far more often than on held-out.

    Notes
    -----
    Scores are equal by value, or nearly all lie at the same place of the ranking: a copy that was rescaled or rounded.
    Both samples are made equally coarse first: a student that rounds as the teacher does meets it more often. Of labels
    and of few values only a sample without one difference is looked at, and held to how often each value of the
    teacher's was missed before: a judge that nearly always says the same is met by nearly any student. Of numbers,
    values where either sample piles up are left out, as both judges meet at the end of a scale, and the rest is held to
    how often both were equal in each part of the range. Pairs of one query count as alike as they are on held-out.
    """
    if min(heldout.n_queries, production.n_queries) < LEAST_QUERIES:
        return ()
    before, now, _ = equally_coarse(heldout, production)
    if not before.is_ranked or len(few_values(before.teacher)) or len(few_values(now.teacher)):
        is_copied = not before.is_answered and _never_differs(before, now)
        return (_told(np.ones(len(now), dtype=bool), "equal"),) if is_copied else ()
    ways = ((_same_value, LEAST_SHARE, "equal"), (_same_place(before), NEARLY_ALL, "at the same place of the ranking"))
    piles = np.union1d(_piles(before), _piles(now))
    kept = [~np.isin(each.teacher, piles) for each in (before, now)]
    loose = [each.take(rows) for each, rows in zip((before, now), kept, strict=True)]
    for same, least, how in ways:
        if min(each.n_queries for each in loose) < LEAST_QUERIES:
            continue
        usual, found = (same(before) | same(heldout))[kept[0]], same(now)[kept[1]]  # a coarser copy may part the two
        if _is_more(usual, found, *loose, least=least):
            return (_told(same(now), how),)
    return ()


def _piles(scores: Scores) -> np.ndarray:
    """Values of the teacher's that many more pairs have than others."""
    values, counts = np.unique(scores.teacher, return_counts=True)
    return np.asarray(values[counts > PILE * counts.mean()])


def _same_value(scores: Scores) -> np.ndarray:
    return np.isclose(scores.student, scores.teacher, rtol=1e-6, atol=0.0)


def _same_place(usual: Scores):  # type: ignore[no-untyped-def]
    limit = float(np.median(_gaps(usual))) / NEARER
    return lambda scores: _gaps(scores) <= limit


def _gaps(scores: Scores) -> np.ndarray:
    return np.abs(mid_ranks(scores.student) - mid_ranks(scores.teacher)) / len(scores)


def _is_more(usual: np.ndarray, found: np.ndarray, before: Scores, now: Scores, *, least: float) -> bool:
    """Whether so many more are no chance at held-out's rate at like values, with pairs of a query alike as there."""
    from scipy.special import bdtrc

    cuts = np.quantile(now.teacher, np.arange(1, PARTS) / PARTS)
    parts, parts_now = (np.searchsorted(cuts, each.teacher) for each in (before, now))
    n, n_now = (np.bincount(each, minlength=PARTS) for each in (parts, parts_now))
    known = n >= LEAST_IN_PART
    if not known.any():
        return False
    found, alike = found[known[parts_now]], _alike(usual, before)
    n, shares, n_usual = n[known], n_now[known] / len(found), np.bincount(parts, weights=usual, minlength=PARTS)[known]
    if found.mean() - shares @ (n_usual / n) < least:
        return False
    rates = (n_usual + 1) / (n + 2)
    error = float(np.sqrt(shares**2 @ (rates * (1 - rates) / n) * alike))
    rate = min(float(shares @ rates) + SURELY * error, 1 - 1e-9)
    left = max(1.0, len(found) / alike)
    return bool(bdtrc(max(0.0, np.floor(found.mean() * left) - 1), int(left), rate) < NEVER_BY_CHANCE)


def _never_differs(before: Scores, now: Scores) -> bool:
    """Whether no pair differs although held-out's rates at the teacher's values let one expect many that do."""
    if (now.student != now.teacher).any():
        return False
    differs = before.student != before.teacher
    alike, expected = _alike(differs, before), 0.0
    for value, n in zip(*np.unique(now.teacher, return_counts=True), strict=True):
        rows = differs[before.teacher == value]
        rate = float(rows.mean()) if len(rows) else 0.0
        error = float(np.sqrt(rate * (1 - rate) * alike / max(1, len(rows))))
        expected += n * max(0.0, rate - SURELY * error)
    return float(np.exp(-expected / alike)) < NEVER_BY_CHANCE


def _alike(rows: np.ndarray, scores: Scores) -> float:
    """How many pairs say what one says where pairs of a query are alike, at least one (Kish, 1965)."""
    codes = np.arange(len(rows)) if scores.queries is None else np.unique(scores.queries, return_inverse=True)[1]
    off = rows - rows.mean()
    alone = float(off @ off)
    sums = np.bincount(codes, weights=off)
    return max(1.0, float(sums @ sums) / alone) if alone > 0 else 1.0


def _told(rows: np.ndarray, how: str) -> OtherName:
    n = int(rows.sum())
    told, is_all = f" ({n / len(rows):.0%})", n >= NEARLY_ALL * len(rows)
    return OtherName(
        name=COPIED,
        clause="the student's scores are the teacher's",
        told=f"Student and teacher are {how} in {counted(n, 'production pair', 'production pairs')}{told}, far more "
        "than on held-out: the student's column looks like a copy of the teacher's.",
        look="See where the student's scores were joined to the pairs, join its own, and diagnose again.",
        figures={"n_pairs": float(n), "share": n / len(rows)},
        is_sure=is_all,
        only_raises=not is_all,
    )
