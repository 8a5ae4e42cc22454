"""Simulated years of a weekly canary with regions: how often stable ones alarm, and how soon a region that errs does.

The regions are given, so that years are cheap; `region_years` finds them by the whole diagnosis.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import NormalDist

import numpy as np
from scipy import special

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.figures import BetweenFigure, ErrorFigure, HeldoutFigure, RegionFigure
from drift_core.canary.region_figures import count_figure, cut_errors, error_figure
from drift_core.canary.run import CanaryRun
from drift_core.canary.sequential import count_score, normal_score
from drift_core.measures.error_level import Reference, error_reference
from drift_core.measures.fisher import ZScale
from drift_core.measures.level_ratios import between_groups
from drift_core.measures.scores import Scores
from tests.calibration.alarms import NEVER, PASSES, SHARED, START, WEEKS, first_alarm, latent_of, measured

N_FAMILIAR = 6
COLUMNS = 2  # slice columns of three values each
ORACLE_LOOKS = 3  # weeks in which the oracle spends all
SMALL_TOPICS = ((0.90, 1), (0.92, 1), (0.90, 5))  # agreement of the rest, docs a query
MOMENTS = ((1, "level"), (2, "variance"), (3, "third"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One kind of year: "scores", or "labels" of which agreement is the share of equal ones.

    `births` are of each topic that held-out lacks its first week, from 0, its share of traffic and its agreement; in
    a restless year every week has one more that no other week has, a twentieth of it and as good as the rest. `unlike`
    is the sd of the log error between topics, `tails` the degrees of freedom of the errors' t distribution.
    """

    agreement: float
    answers: str = "scores"
    n_pairs: int = 200
    docs: int = 1
    n_heldout: int = 1000
    births: tuple[tuple[int, float, float], ...] = ()
    is_restless: bool = False
    unlike: float = 0.15
    tails: int = 5
    n_weeks: int = WEEKS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sample:
    scores: Scores
    topic: np.ndarray
    columns: np.ndarray


def _draw(cell: Cell, n: int, shares: np.ndarray, levels: np.ndarray, rng: np.random.Generator) -> _Sample:
    """Pairs of topics with these shares and levels of error, both of shape (n_topics,)."""
    n_queries = n // cell.docs
    query = np.repeat(np.arange(n_queries), cell.docs)
    topic = rng.choice(len(shares), size=n_queries, p=shares)[query]
    columns = rng.integers(3, size=(COLUMNS, n_queries))[:, query]

    def scattered(tails: int | None = None) -> np.ndarray:
        def noise(size: int) -> np.ndarray:
            return rng.normal(size=size) if tails is None else rng.standard_t(tails, size) * np.sqrt(1 - 2 / tails)

        own, part = noise(len(query)), SHARED if cell.docs > 1 else 0.0
        return np.sqrt(part) * noise(n_queries)[query] + np.sqrt(1 - part) * own

    queries = None if cell.docs == 1 else query
    teacher = scattered()
    if cell.answers == "labels":
        teacher = (teacher < special.ndtri(PASSES)) * 1.0
        student = np.where(scattered() < special.ndtri(np.minimum(levels[topic], 0.95)), 1 - teacher, teacher)
        scores = Scores(student=student, teacher=teacher, queries=queries, is_ranked=False)
    else:
        student = teacher + np.sqrt(levels[topic]) * scattered(cell.tails)
        scores = Scores(student=student, teacher=teacher, queries=queries)
    return _Sample(scores=scores, topic=topic, columns=columns)


def _level(cell: Cell, agreement: float) -> float:
    """Variance of the error beside the teacher's, or of labels the share that differ."""
    return 1 - agreement if cell.answers == "labels" else 1 / latent_of(agreement, "none") ** 2 - 1


def year(cell: Cell, seed: int) -> list[CanaryRun]:
    """Draw a held-out and the weeks of one year as canary runs."""
    rng = np.random.default_rng(seed)
    n_born = len(cell.births) + cell.is_restless
    noise = np.exp(cell.unlike * rng.normal(size=N_FAMILIAR + n_born) - cell.unlike**2 / 2)
    base = [_level(cell, cell.agreement)] * N_FAMILIAR
    levels = np.array(base + [_level(cell, agreement) for _, _, agreement in cell.births] + base[: cell.is_restless])
    levels *= noise
    familiar = np.repeat([1 / N_FAMILIAR, 0.0], [N_FAMILIAR, n_born])
    heldout = _draw(cell, cell.n_heldout, familiar, levels, rng)
    reference = error_reference(heldout.scores)
    assert reference is not None
    at_ship = measured(heldout.scores)
    figure = HeldoutFigure(
        digest="heldout",
        agreement=at_ship,
        z_error=ZScale(heldout.scores.is_ranked).error(at_ship),
        error=replace(error_figure(reference, reference.errors, heldout.scores), level=1.0),
    )
    known = _known(reference, heldout)
    between = _between([error for name, error in known.items() if name.startswith("topic")])
    since: dict[str, str] = {}
    of_size: dict[int, ErrorFigure] = {}
    runs: list[CanaryRun] = []
    for week in range(cell.n_weeks):
        shares = familiar.copy()
        for place, (first, share, _) in enumerate(cell.births):
            shares[N_FAMILIAR + place] = share if week >= first else 0.0
        if cell.is_restless:
            levels[-1] = base[0] * np.exp(cell.unlike * rng.normal() - cell.unlike**2 / 2)
            shares[-1] = 0.05
        shares[:N_FAMILIAR] *= 1 - shares[N_FAMILIAR:].sum()
        sample = _draw(cell, cell.n_pairs, shares, levels, rng)
        at = START + timedelta(weeks=week)
        regions = []
        cut, (_, errors) = cut_errors(reference, reference.of(sample.scores))
        for name, rows in _regions(sample):
            called = f"{name} of {week}" if cell.is_restless and name == f"topic {N_FAMILIAR + n_born - 1}" else name
            part = sample.scores.take(rows)
            regions.append(
                RegionFigure(
                    partition=name.split()[0],
                    name=called,
                    n_pairs=len(rows),
                    n_queries=part.n_queries,
                    share=len(rows) / cell.n_pairs,
                    agreement=at_ship,
                    agreement_heldout=at_ship.estimate if name in known else None,
                    is_new=name not in known,
                    drifted=False,
                    since=since.setdefault(called, f"{at:%Y-%m-%d}"),
                    error=replace(_at_size(of_size, cut, part), level=float(errors[rows].mean())),
                    error_heldout=known.get(name),
                    count=count_figure(reference, part),
                )
            )
        agreement = measured(sample.scores)
        runs.append(
            CanaryRun(
                at=at,
                recorded_at=at,
                teacher_revision="r",
                n_pairs=len(sample.scores),
                n_queries=sample.scores.n_queries,
                agreement=agreement,
                overlap=agreement,
                k=10,
                heldout=figure,
                error=error_figure(reference, reference.of(sample.scores), sample.scores),
                regions=tuple(regions),
                between_regions=between,
                is_ranked=heldout.scores.is_ranked,
                production_digest=str(week),
                rule=Rule().to_json(),
                number=week + 1,
            )
        )
    return runs


def _at_size(known: dict[int, ErrorFigure], reference: Reference, scores: Scores) -> ErrorFigure:
    """The figure of as many pairs, whose scatter is the same whichever they are."""
    if len(scores) not in known:
        known[len(scores)] = error_figure(reference, reference.errors[:1].repeat(len(scores)), scores)
    return known[len(scores)]


def _regions(sample: _Sample) -> list[tuple[str, np.ndarray]]:
    found = [(f"topic {each}", np.flatnonzero(sample.topic == each)) for each in np.unique(sample.topic)]
    for place, values in enumerate(sample.columns):
        found += [(f"column{place} {each}", np.flatnonzero(values == each)) for each in np.unique(values)]
    return found


def _known(reference: Reference, heldout: _Sample) -> dict[str, ErrorFigure]:
    cut, (errors, _) = cut_errors(reference, reference.errors)
    return {name: error_figure(cut, errors[rows], heldout.scores.take(rows)) for name, rows in _regions(heldout)}


def _between(known: Sequence[ErrorFigure]) -> BetweenFigure:
    values, spreads = zip(*((np.log(max(each.level, 1e-9)), np.sqrt(each.variance)) for each in known), strict=True)
    found = between_groups(np.array(values), np.array(spreads))
    return BetweenFigure(variance=found.variance, degrees=found.degrees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """First alarmed week, counted from 1, of all and by a region; and the oracle's."""

    first: int
    by_region: int
    oracle: int


def judge(cell: Cell, seed: int) -> Year:
    weeks = assess(year(cell, seed))
    since = cell.births[0][0] if cell.births else 0
    return Year(
        first=first_alarm([week.status == "alarm" for week in weeks[since:]]),
        by_region=first_alarm([bool({"new_traffic", "region"} & set(week.signals)) for week in weeks[since:]]),
        oracle=first_alarm([_knows(weeks[: at + 1], since) for at in range(since, len(weeks))])
        if cell.births
        else NEVER,
    )


def _knows(weeks: Sequence[WeekAssessment], since: int) -> bool:
    """Whether an oracle alarms: it knows which topic was born, that it is as the rest otherwise, and spends the
    whole budget of regions on its first three weeks.
    """
    rule, name = Rule(), f"topic {N_FAMILIAR}"
    if len(weeks) - since > ORACLE_LOOKS:
        return False
    parts = [each for week in weeks[since:] for each in week.run.regions if each.name == name]
    n = sum(each.n_pairs for each in parts)
    if not n:
        return False
    if parts[0].count is not None:
        sums = [sum(getattr(each.count, part) for each in parts) for part in ("differing", "expected", "variance")]
        score = count_score(int(sums[0]), n, sums[1], sums[2])
    else:
        error = [
            sum(each.n_pairs**power * getattr(each.error, part) for each in parts) / n**power for power, part in MOMENTS
        ]
        score = normal_score(error[0] - 1, error[1], error[2], parts[0].error.degrees)
    return score > -NormalDist().inv_cdf(rule.alarm_budget * (1 - rule.alarm_share) / ORACLE_LOOKS)


def stable_cells() -> list[Cell]:
    """Years in which three topics are born, or one every week that no other week has, all as good as the rest."""
    kinds = [("scores", 0.9), ("labels", 0.95)]
    return [
        Cell(
            answers=answers,
            agreement=agreement,
            docs=docs,
            births=() if is_restless else tuple((week, 0.05, agreement) for week in (2, 15, 30)),
            is_restless=is_restless,
        )
        for answers, agreement in kinds
        for is_restless in (False, True)
        for docs in (1, 5)
    ] + [
        Cell(agreement=0.9, n_pairs=100, n_heldout=500, is_restless=True),
        Cell(answers="labels", agreement=0.95, is_restless=True, unlike=0.3),
        Cell(answers="labels", agreement=0.97, n_pairs=100, n_heldout=300, is_restless=True),
    ]


def new_topic_cells() -> list[Cell]:
    """A topic that errs, from the fourth week on."""
    return [
        *(Cell(agreement=before, docs=docs, births=((3, 0.05, 0.6),), n_weeks=6) for before, docs in SMALL_TOPICS),
        *(
            Cell(answers="labels", agreement=0.95, docs=docs, births=((3, 0.1, 0.65),), n_weeks=6, unlike=0.0)
            for docs in (1, 5)
        ),
    ]


STABLE_HEAD = ("answers", "agreement", "pairs a week", "docs a query", "new topics", "any alarm a year", "by a region")


def stable_row(cell: Cell, years: Sequence[Year]) -> tuple[str, ...]:
    """Say how often a kind of stable year has any alarm, and one by a region."""
    seen = (sum(getattr(each, name) <= WEEKS for each in years) for name in ("first", "by_region"))
    unlike = f", log errors of topics differ by {cell.unlike:g}" if cell.unlike != Cell.unlike else ""
    topics = "one every week" if cell.is_restless else "three"
    plan = (cell.answers, f"{cell.agreement:.2f}", str(cell.n_pairs), str(cell.docs), f"{topics}{unlike}")
    return (*plan, *(f"{count} of {len(years)}" for count in seen))


NEW_TOPIC_HEAD = (
    *("new topic", "the rest", "docs a query", "median week"),
    *(f"by week {week}, and an oracle" for week in (1, 2, 3)),
)


def new_topic_row(cell: Cell, years: Sequence[Year]) -> tuple[str, ...]:
    """Say by which week a topic that errs is seen, beside an oracle that knows it."""
    firsts, oracle = (np.array([getattr(each, name) for each in years]) for name in ("first", "oracle"))
    _, share, agreement = cell.births[0]
    what = "labels that agree" if cell.answers == "labels" else "scores"
    seen = (f"{np.mean(firsts <= week):.0%}, {np.mean(oracle <= week):.0%}" for week in (1, 2, 3))
    plan = (f"{share:.0%} of traffic, {what} at {agreement}", f"{cell.agreement:.2f}", str(cell.docs))
    return (*plan, f"{np.median(firsts):.0f}", *seen)
