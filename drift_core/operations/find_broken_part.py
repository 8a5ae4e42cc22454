"""The search for a part of production that broke: along its times, round the clock and the week, and along its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.measures.agreement import agreement
from drift_core.measures.level_ratios import rise_beyond, rise_of, usual_factors
from drift_core.measures.residual_levels import ErrorSample
from drift_core.measures.scan_statistic import Scatter, TextErrors, scan
from drift_core.measures.scores import Scores
from drift_core.operations.broken_part import LEAST_QUERIES_ON_A_SIDE, BrokenPart, Kind, day_of, days_of
from drift_core.regions.text_properties import WEEK, weekday
from drift_core.samples.pairs import ScoredPairs

N_BINS = 32  # of time and of rows, with as many queries each
HOURS = 24
# Of each round: how many hours or days it has, those that held-out is told apart by, and the parts that are looked at.
ROUNDS: dict[Kind, tuple[int, int, range]] = {"hours": (HOURS, 3, range(2, 13)), "days": (len(WEEK), 1, range(1, 5))}
WEEKS = np.timedelta64(14, "D")  # from which a weekday is no stretch of time
LEAST_SHARE, MOST_SHARE = 0.04, 0.8  # of the pairs that a part holds
ONE_OFF, FITS = 0.3, 0.5  # agreement with the row beside that a wrongly joined stretch gains and reaches


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """One order to look along: the bin of each query, and the sets of bins.

    `values` are the hour, time or row of each production pair, `firsts` the least of each query, and `order` the
    queries from first to last; None on the circle of hours.
    """

    kind: Kind
    values: np.ndarray
    bins: np.ndarray
    sets: np.ndarray
    firsts: np.ndarray | None = None
    order: np.ndarray | None = None

    def pairs_of(self, chosen: np.ndarray) -> np.ndarray:
        """All pairs of the stretch, or the hours, of the queries chosen, by their own place in it."""
        if self.order is None or self.firsts is None:
            return np.isin(self.values, self.bins[chosen])
        places = np.flatnonzero(chosen[self.order])
        inside = self.values >= (self.firsts[self.order[places[0]]] if places[0] else self.values.min())
        if places[-1] + 1 < len(self.order):
            inside &= self.values < self.firsts[self.order[places[-1] + 1]]
        return np.asarray(inside)


def find_broken_part(
    samples: tuple[ErrorSample, ErrorSample],
    scores: Scores,
    pairs: tuple[ScoredPairs, ScoredPairs],
    *,
    known: np.ndarray,
    side: int,
    scatter: Scatter,
    alpha: float,
    seed: int,
) -> BrokenPart | None:
    """Find the part that errs more than the rest and than held-out, the clearest of all looks; else None.

    Parameters
    ----------
    samples
        Errors of held-out and production at the same mix of queries.
    scores, pairs
        Scores of production, and both samples, with their times.
    known
        Production pairs of familiar traffic that no region explains, bool of shape (n_production,).
    side, scatter
        Whose errors are compared, and how they scatter where nothing is amiss.
    alpha
        Chance up to which a part is told, over all looks.

    Notes
    -----
    Every stretch along time, and along the rows, and every part of the day is a set of a scan [1]_: the chance of the
    clearest is by permutations of whole queries. The ends of a stretch are where the sum of errors beyond the middle
    between both levels is largest. Hours count for what they differ from held-out's own.

    References
    ----------
    .. [1] Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics, Theory and Methods 26.
    """
    heldout, production = pairs
    rows = np.flatnonzero(known)
    queries = np.unique(samples[1].queries[rows], return_inverse=True)[1]
    n_queries = int(queries.max(initial=-1)) + 1
    if n_queries < 4 * LEAST_QUERIES_ON_A_SIDE:
        return None
    times = _times_of(production)
    by_row = _firsts(production.row[rows], queries, n_queries)
    looks = [_along("rows", production.row, by_row, by_row)]
    if times is not None:
        stamps = times.astype("datetime64[us]").astype(np.int64)
        firsts = _firsts(stamps[rows], queries, n_queries)
        by_time = _along("time", stamps, firsts, by_row)
        tells_order = len(np.unique(firsts)) > n_queries / 2  # else rows of one time have an order of their own
        is_one_order = tells_order and bool(np.all(np.diff(stamps[np.argsort(production.row)]) >= 0))
        looks = [by_time] if is_one_order else [by_time, *looks]
        rounds: list[Kind] = ["hours", "days"] if times.max() - times.min() >= WEEKS else ["hours"]
        looks += [_round(kind, _place_in(kind, times), rows, queries, n_queries) for kind in rounds]
    found: list[tuple[float, _Look, np.ndarray]] = []
    for look in looks:
        errors = samples[1].errors[:, side]
        if look.kind in ROUNDS:
            errors = errors / _usual_round(look.kind, samples[0], heldout)[look.values // ROUNDS[look.kind][1]]
        sums = TextErrors.of(errors[rows], queries, queries, n_queries)
        made = scan(
            sums,
            leaf=look.bins,
            members=look.sets,
            weights=np.ones(len(look.sets)),
            scatter=scatter,
            least_queries=LEAST_QUERIES_ON_A_SIDE,
            least_share=LEAST_SHARE,
            alpha=alpha / len(looks),
            rng=np.random.default_rng(seed),
        )
        if made.found:
            inside = _sharpened(look, sums, look.sets[made.found[0].place][look.bins])
            found.append((made.found[0].chance * len(looks), look, inside))
    for chance, look, chosen in sorted(found, key=lambda each: each[0]):
        inside = look.pairs_of(chosen)
        if not inside.any() or inside.all():
            continue
        if _is_worse_than_heldout(
            samples, heldout, production, look.kind, (inside & known, ~inside & known), side, alpha
        ):
            return _named(look.kind, inside, chance, scores, production)
    return None


def _firsts(values: np.ndarray, queries: np.ndarray, n_queries: int) -> np.ndarray:
    """Least value of each query."""
    firsts = np.full(n_queries, np.iinfo(np.int64).max)
    np.minimum.at(firsts, queries, values)
    return firsts


def _along(kind: Kind, values: np.ndarray, firsts: np.ndarray, by_row: np.ndarray) -> _Look:
    order = np.lexsort((by_row, firsts))
    n_bins = min(N_BINS, len(order) // 2)
    bins = np.empty(len(order), dtype=np.int64)
    bins[order] = np.arange(len(order)) * n_bins // len(order)
    ends = np.arange(n_bins)
    stretches = [(ends >= i) & (ends <= j) for i in ends for j in ends[i:] if j - i + 1 <= MOST_SHARE * n_bins]
    return _Look(kind=kind, values=values, bins=bins, sets=np.array(stretches), firsts=firsts, order=order)


def _round(kind: Kind, values: np.ndarray, rows: np.ndarray, queries: np.ndarray, n_queries: int) -> _Look:
    first = np.zeros(n_queries, dtype=np.int64)
    first[queries[::-1]] = values[rows][::-1]
    n, _, lengths = ROUNDS[kind]
    every = np.arange(n)
    parts = [(every - start) % n < length for start in every for length in lengths]
    return _Look(kind=kind, values=values, bins=first, sets=np.array(parts))


def _place_in(kind: Kind, times: np.ndarray) -> np.ndarray:
    """Hour of the day, or day of the week, of each time."""
    if kind == "days":
        return weekday(times)
    return np.asarray((times - times.astype("datetime64[D]")) // np.timedelta64(1, "h")).astype(np.int64)


def _usual_round(kind: Kind, sample: ErrorSample, heldout: ScoredPairs) -> np.ndarray:
    """How many times its usual error held-out shows at each step of a round, shape (number of steps,)."""
    n, step, _ = ROUNDS[kind]
    n_steps = n // step
    times = _times_of(heldout)
    if times is None:
        return np.ones(n_steps)
    every = np.ones(len(heldout), dtype=bool)
    levels = sample.levels(_place_in(kind, times) // step, n_steps, every)
    enough = [level if level and level.n_queries >= LEAST_QUERIES_ON_A_SIDE else None for level in levels]
    return usual_factors(enough, sample.level(every))


def _times_of(sample: ScoredPairs) -> np.ndarray | None:
    """Times, where every pair has one."""
    return None if sample.timestamp is None or np.isnat(sample.timestamp).any() else sample.timestamp


def _sharpened(look: _Look, sums: TextErrors, inside: np.ndarray) -> np.ndarray:
    """Queries of the part, its ends where the sum of errors beyond the middle of both levels is largest."""
    if look.order is None:
        return inside
    levels = [sums.errors[part].sum() / max(1.0, sums.pairs[part].sum()) for part in (inside, ~inside)]
    beyond = (sums.errors - np.sqrt(levels[0] * levels[1]) * sums.pairs)[look.order]
    total = np.append(0.0, np.cumsum(beyond))
    before = np.minimum.accumulate(total)
    end = int(np.argmax(total - before))
    start = int(np.argmin(total[: end + 1]))
    near = len(look.order) // N_BINS
    start, end = 0 if start <= near else start, len(look.order) if end >= len(look.order) - near else end
    made = np.zeros(len(look.order), dtype=bool)
    made[look.order[start:end]] = True
    is_part = LEAST_QUERIES_ON_A_SIDE <= made.sum() <= len(made) - LEAST_QUERIES_ON_A_SIDE
    return made if is_part else inside


def _is_worse_than_heldout(
    samples: tuple[ErrorSample, ErrorSample],
    heldout: ScoredPairs,
    production: ScoredPairs,
    kind: Kind,
    sides: tuple[np.ndarray, np.ndarray],
    side: int,
    alpha: float,
) -> bool:
    """Whether the part errs more than held-out, and its hours beyond the others as they do not there."""
    if not sides[0].any() or not sides[1].any():
        return False
    inside, outside = (samples[1].level(chosen) for chosen in sides)
    whole = samples[0].level(np.ones(len(heldout), dtype=bool))
    if rise_of(inside, whole, side=side).p_value > alpha:
        return False
    if kind not in ROUNDS:
        return True
    times = _times_of(heldout)
    if times is None or production.timestamp is None:
        return rise_of(samples[1].level(sides[0] | sides[1]), whole, side=side).p_value <= alpha
    same = np.isin(_place_in(kind, times), np.unique(_place_in(kind, production.timestamp[sides[0]])))
    if not same.any() or same.all():
        return False
    own, rest = samples[0].level(same), samples[0].level(~same)
    return rise_beyond(inside, own, outside, rest, side=side).p_value <= alpha


def _named(kind: Kind, inside: np.ndarray, chance: float, scores: Scores, production: ScoredPairs) -> BrokenPart:
    start, note = None, ""
    name, others = _rows_in_words(production.row, inside), "other rows"
    if kind in ROUNDS and production.timestamp is not None:
        found, n = np.unique(_place_in(kind, production.timestamp[inside])), ROUNDS[kind][0]
        first = next(int(each) for each in found if (each - 1) % n not in found)
        last = (first + len(found) - 1) % n
        name, others = f"{first:02}:00 to {last:02}:59 UTC", "other hours"
        if kind == "days":
            until = f" {'and' if len(found) == 2 else 'to'} {WEEK[last]}s" if len(found) > 1 else ""
            name, others = f"{WEEK[first]}s{until} (UTC)", "other days"
    else:
        note = _joined_wrongly(scores, production.row, inside)
    if kind == "time" and production.timestamp is not None:
        start = production.timestamp[inside].min()
    if start is not None and not note and production.timestamp is not None:
        end = production.timestamp[inside].max()
        name, others = days_of(start, end), "before and after"
        if end >= production.timestamp.max():
            name, others = f"since {day_of(start)}", "before"
        elif start <= production.timestamp.min():
            name, others = f"until {day_of(end)}", "after"
    return BrokenPart(
        kind="rows" if note else kind,
        name=name,
        others=others,
        inside=inside,
        within=agreement(scores.take(inside)),
        outside=agreement(scores.take(~inside)),
        chance=chance,
        start=start,
        note=note,
    )


def _rows_in_words(rows: np.ndarray, inside: np.ndarray) -> str:
    return f"rows {int(rows[inside].min()) + 1:,} to {int(rows[inside].max()) + 1:,}"


def _joined_wrongly(scores: Scores, rows: np.ndarray, inside: np.ndarray) -> str:
    """Say that the student's scores of a stretch fit the row beside; empty where they do not."""
    if not scores.is_ranked or scores.is_answered:
        return ""
    order = np.argsort(rows)
    order = order[inside[order]]
    teacher, student = scores.teacher[order], scores.student[order]
    as_is = _rank_correlation(teacher, student)
    beside: Sequence[tuple[float, str]] = (
        (_rank_correlation(teacher[:-1], student[1:]), "before"),
        (_rank_correlation(teacher[1:], student[:-1]), "after"),
    )
    best, where = max(beside)
    if best < max(FITS, as_is + ONE_OFF):
        return ""
    figures = f"{best:.2f}, {as_is:.2f} as they stand"
    return f"there the student's scores fit the row {where} ({figures}), so rows were joined one off"


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(pd.Series(one).corr(pd.Series(other), method="spearman"))
