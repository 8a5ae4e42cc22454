"""Designs of messy worlds: what moves between held-out and production, and which verdicts are right then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tests.calibration.messy_traffic import Sample, Side, World, draw_world, noise_at, taken

UNLIKE = 0.15  # sd of the log noise between topics; of the log squared error twice that
LEVELS = (None, None, 3, 4, 10, 11)
Change = Callable[[Sample, Sample, np.random.Generator], tuple[Sample, Sample]]


def _nothing(heldout: Sample, production: Sample, rng: np.random.Generator) -> tuple[Sample, Sample]:
    return heldout, production


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is drawn, and what may be said of it.

    Attributes
    ----------
    world
        Makes the world of one draw.
    change
        What happens to the scores or rows afterwards.
    right
        Causes that are right.
    findings
        Beginnings of names of findings, of which one must be there; none when empty.
    is_tellable
        Whether the data can tell it from drift; if not, more verdicts may stay open.
    """

    world: Callable[[np.random.Generator], World]
    change: Change = _nothing
    right: frozenset[str] = frozenset({"healthy"})
    findings: tuple[str, ...] = ()
    is_tellable: bool = True


def draw_design(design: Design, seed: int) -> tuple[Sample, Sample]:
    rng = np.random.default_rng(seed)
    world = design.world(rng)
    return design.change(*draw_world(world, rng), rng)


def usual_world(rng: np.random.Generator, **fields: object) -> World:
    """A world in which nothing moves; the draw decides sizes, topics, noise, docs, tails and levels."""
    n = int(rng.integers(5, 10))
    shares = tuple(rng.gamma(2.0, size=n) + 0.2)
    docs = ((1, 1), (1, 3), (1, 5), (3, 5))[rng.integers(4)]
    noise = noise_at(rng.uniform(0.87, 0.93)) * np.exp(UNLIKE * rng.normal(size=n))
    usual = {
        "heldout": Side(n_pairs=int(np.exp(rng.uniform(np.log(400), np.log(1500)))), shares=shares, docs=docs),
        "production": Side(n_pairs=int(np.exp(rng.uniform(np.log(300), np.log(1200)))), shares=shares, docs=docs),
        "noise": tuple(noise),
        "worse": (1.0,) * n,
        "tails": int(rng.integers(3, 6)),
        "alike": float(rng.uniform(0, 0.5)),
        "levels": LEVELS[rng.integers(len(LEVELS))],
        "skew": float(rng.uniform(-1.5, 1.5)),
    }
    return World(**(usual | fields))  # type: ignore[arg-type]


def with_sides(world: World, *, heldout: Mapping[str, object] = {}, production: Mapping[str, object] = {}) -> World:
    return replace(
        world,
        heldout=replace(world.heldout, **heldout),  # type: ignore[arg-type]
        production=replace(world.production, **production),  # type: ignore[arg-type]
    )


def _two_values(base: float, agreement: float) -> Callable[[np.random.Generator], World]:
    def world(rng: np.random.Generator) -> World:
        drawn = usual_world(rng, levels=2, base=base)
        scale = noise_at(agreement) / np.median(drawn.noise)
        return replace(drawn, noise=tuple(scale * np.array(drawn.noise)))

    return world


def _turned(times: float, *, to_harder: bool = True) -> Callable[[np.random.Generator], World]:
    """Shares from many times one down to it, the other way round in production; noise unlike more than usual."""

    def world(rng: np.random.Generator) -> World:
        drawn = usual_world(rng)
        n = len(drawn.noise)
        noise = np.array(drawn.noise) * np.exp(2 * UNLIKE * rng.normal(size=n))
        shares = np.geomspace(times, 1, n)
        drawn = replace(drawn, noise=tuple(np.sort(noise) if to_harder else noise))
        return with_sides(drawn, heldout={"shares": tuple(shares)}, production={"shares": tuple(shares[::-1])})

    return world


def _new_alike(rng: np.random.Generator) -> World:
    """One or two new topics, their noise from the same spread as that of the old ones."""
    drawn = usual_world(rng)
    return with_new(drawn, _noise_alike(drawn, rng, int(rng.integers(1, 3))), rng)


def _new_docs_alike(rng: np.random.Generator) -> World:
    """Docs of a new kind on which the student errs as it does on one more topic."""
    drawn = usual_world(rng)
    return replace(drawn, new_docs=(float(rng.uniform(0.1, 0.5)), float(_noise_alike(drawn, rng, 1)[0])))


def _noise_alike(world: World, rng: np.random.Generator, n: int) -> np.ndarray:
    """Noise of more topics: around the mean of those of this world, not of another, as far as one more would lie."""
    known = np.log(world.noise)
    return np.exp(known.mean() + UNLIKE * np.sqrt(1 + 1 / len(known)) * rng.normal(size=n))


def with_new(
    world: World, noise: np.ndarray, rng: np.random.Generator, share: tuple[float, float] = (0.05, 0.2)
) -> World:
    n, old = len(noise), np.array(world.production.shares)
    new = rng.uniform(*share, n) * old.sum()
    new /= 1 - new.sum() / old.sum()
    world = replace(world, noise=(*world.noise, *noise), worse=(*world.worse, *(1.0,) * n))
    heldout = (*world.heldout.shares, *(0.0,) * n)
    return with_sides(world, heldout={"shares": heldout}, production={"shares": (*world.production.shares, *new)})


def _moved(
    looks: str, before: float, now: float, *, effect: float, sliced: bool = False
) -> Callable[[np.random.Generator], World]:
    """More of one look in production, on which the student errs more in every topic."""

    def world(rng: np.random.Generator) -> World:
        column = {"long": "length", "foreign": "language", "night": "daytime"}[looks]
        drawn = usual_world(rng, effects={column: effect}, slices=(column,) if sliced else ())
        return with_sides(drawn, heldout={looks: before}, production={looks: now})

    return world


def _ofwith_sides(
    heldout: Mapping[str, object], production: Mapping[str, object]
) -> Callable[[np.random.Generator], World]:
    return lambda rng: with_sides(usual_world(rng), heldout=heldout, production=production)


def _season(rng: np.random.Generator) -> World:
    """Two topics have three times their share."""
    drawn = usual_world(rng)
    shares = np.array(drawn.heldout.shares)
    shares[rng.choice(len(shares), 2, replace=False)] *= 3
    return with_sides(drawn, production={"shares": tuple(shares)})


def _scores(side: str, into: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Change:
    """Change one side's scores in production."""

    def change(heldout: Sample, production: Sample, rng: np.random.Generator) -> tuple[Sample, Sample]:
        table = production.table.copy()
        table[f"{side}_score"] = into(table[f"{side}_score"].to_numpy(float), rng)
        return heldout, replace(production, table=table)

    return change


def _some(
    share: float, value: Callable[[np.ndarray], np.ndarray]
) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    return lambda scores, rng: np.where(rng.random(len(scores)) < share, value(scores), scores)


def _refused_topic(heldout: Sample, production: Sample, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """The teacher gives no score for most pairs of production's largest topic."""
    table, topic = production.table.copy(), production.topic
    is_refused = (topic == np.bincount(topic).argmax()) & (rng.random(len(topic)) < 0.9)
    table.loc[is_refused, "teacher_score"] = np.nan
    return heldout, replace(production, table=table)


def _copied(heldout: Sample, production: Sample, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """A fifth of production are rows of held-out."""
    import pandas as pd

    n = min(len(production.table) // 4, len(heldout.table))
    copies = taken(heldout, rng.choice(len(heldout.table), n, replace=False))
    parts = production, copies
    return heldout, Sample(
        table=pd.concat([part.table for part in parts], ignore_index=True),
        **{
            name: np.concatenate([getattr(p, name) for p in parts])
            for name in ("queries", "docs", "topic", "kind", "drifted")
        },
    )


def _skewed_low(rng: np.random.Generator) -> World:
    """Scores that pile up near 0, as those of most retrieved docs do, in samples large enough to show it."""
    drawn = usual_world(rng, skew=float(rng.uniform(1, 2.5)))
    return with_sides(drawn, production={"n_pairs": int(rng.integers(800, 2000))})


def _as(value: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda scores: np.full_like(scores, value)


HARDER = frozenset({"query_drift"})
MIX = frozenset({"healthy", "query_drift"})
BLIND = frozenset({"inconclusive"})
STUDENT, TEACHER, MISSING = ("student_", "odd_student"), ("teacher_", "odd_teacher"), ("teacher_scores_missing",)
WITHOUT_DRIFT: dict[str, Design] = {
    "nothing": Design(world=usual_world),
    "two values, half": Design(world=_two_values(0.5, 0.9)),
    "two values, a third, strong": Design(world=_two_values(0.3, 0.95)),
    "two values, a tenth": Design(world=_two_values(0.1, 0.93)),
    "two values, weak": Design(world=_two_values(0.4, 0.75)),
    "shares turned round": Design(world=_turned(10)),
    "shares turned round, any way": Design(world=_turned(10, to_harder=False)),
    # Whether grown traffic always agreed less, a held-out with a thirtieth of it cannot tell.
    "shares turned round thirtyfold": Design(world=_turned(30), is_tellable=False),
    "shares turned round, sliced": Design(
        world=lambda rng: replace(_turned(10)(rng), slices=("topic",)), is_tellable=False
    ),
    "student clipped": Design(
        world=_skewed_low, change=_scores("student", lambda s, _: np.maximum(s - 0.1, 0)), findings=STUDENT
    ),
    "student clipped on top": Design(
        world=lambda rng: usual_world(rng, skew=-1.5),
        change=_scores("student", lambda s, _: np.minimum(s + 0.1, 1)),
        findings=STUDENT,
    ),
    "student rounded": Design(world=_skewed_low, change=_scores("student", lambda s, _: s.round(1)), findings=STUDENT),
    "student in percent": Design(world=usual_world, change=_scores("student", lambda s, _: 100 * s), findings=STUDENT),
    "teacher in percent": Design(world=usual_world, change=_scores("teacher", lambda s, _: 100 * s), findings=TEACHER),
    "student rounded up": Design(
        world=_skewed_low, change=_scores("student", lambda s, _: np.ceil(s * 4) / 4), findings=STUDENT
    ),
    "teacher rounded": Design(
        world=lambda rng: usual_world(rng, levels=None),
        change=_scores("teacher", lambda s, _: s.round(1)),
        findings=TEACHER,
    ),
    "teacher -1": Design(
        world=usual_world, change=_scores("teacher", _some(0.1, _as(-1))), findings=TEACHER, is_tellable=False
    ),
    "teacher 0": Design(
        world=usual_world, change=_scores("teacher", _some(0.1, _as(0))), findings=TEACHER, is_tellable=False
    ),
    "teacher a tenth": Design(
        world=usual_world, change=_scores("teacher", _some(0.1, lambda s: s / 10)), findings=TEACHER, is_tellable=False
    ),
    "teacher huge": Design(
        world=usual_world, change=_scores("teacher", _some(0.02, _as(9.2e124))), findings=TEACHER, is_tellable=False
    ),
    "missing at random": Design(
        world=usual_world,
        change=_scores("teacher", _some(0.3, _as(np.nan))),
        right=frozenset({"healthy", "inconclusive"}),
        findings=MISSING,
    ),
    "missing in a topic": Design(world=usual_world, change=_refused_topic, right=BLIND, findings=MISSING),
    "missing when low": Design(
        world=lambda rng: replace(usual_world(rng), levels=None),  # of few grades one alone could be left
        change=_scores("teacher", lambda s, _: np.where(s <= np.quantile(s, 0.6), np.nan, s)),
        right=BLIND,
        findings=MISSING,
    ),
    "longer": Design(world=_moved("long", 0, 1, effect=0.4), right=HARDER, is_tellable=False),
    "longer, sliced": Design(world=_moved("long", 0, 1, effect=0.4, sliced=True), right=HARDER, is_tellable=False),
    "more of a language": Design(world=_moved("foreign", 0.1, 0.5, effect=0.6), right=MIX, is_tellable=False),
    "more of a language, sliced": Design(world=_moved("foreign", 0.1, 0.5, effect=0.6, sliced=True), right=MIX),
    "more at night": Design(world=_moved("night", 0.2, 0.7, effect=0.5), right=MIX, is_tellable=False),
    "more at night, sliced": Design(world=_moved("night", 0.2, 0.7, effect=0.5, sliced=True), right=MIX),
    "longer, not harder": Design(world=_moved("long", 0, 1, effect=0.0)),
    "season": Design(world=_season),
    "fewer docs": Design(world=_ofwith_sides({"docs": (8, 8)}, {"docs": (1, 1)})),
    "more docs": Design(world=_ofwith_sides({"docs": (1, 1)}, {"docs": (8, 8)})),
    "repeated pairs": Design(world=_ofwith_sides({"repeated": 0.3}, {"repeated": 0.3})),
    "repeated in production": Design(world=_ofwith_sides({}, {"repeated": 0.3})),
    "near-repeats": Design(world=_ofwith_sides({}, {"near": 0.6})),
    "copied rows": Design(world=usual_world, change=_copied),
    "new topics alike": Design(world=_new_alike),
    "new docs alike": Design(world=_new_docs_alike),
    "small held-out": Design(world=_ofwith_sides({"n_pairs": 60}, {}), is_tellable=False),
    "small production": Design(world=_ofwith_sides({}, {"n_pairs": 60}), is_tellable=False),
    "held-out fifty times": Design(world=_ofwith_sides({"n_pairs": 20_000}, {"n_pairs": 400})),
    "held-out a fiftieth": Design(world=_ofwith_sides({"n_pairs": 300}, {"n_pairs": 15_000})),
    "docs in set phrases": Design(world=lambda rng: usual_world(rng, phrases=25)),
    "skewed base": Design(world=lambda rng: usual_world(rng, levels=4, skew=3.0)),
    "few queries": Design(
        world=_ofwith_sides({"n_pairs": 600, "docs": (20, 20)}, {"n_pairs": 600, "docs": (20, 20)}), is_tellable=False
    ),
}
