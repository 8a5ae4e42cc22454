"""Simulated weeks with topics that are born: does every region keep its name, and how soon does a small one alarm?

Two kinds of traffic: clouds about as near to each other as the encoder shows texts of the product's own vocabulary, and
messy traffic (`messy_traffic`), which the product was not made on. Every week goes through the whole diagnosis.
Run a table with ``python -m tests.calibration.region_years KIND YEARS FIRST_SEED``.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from drift_core.canary.alarm import assess
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.measure import canary_run
from drift_core.canary.registry import place_texts, registry_of
from drift_core.canary.run import CanaryRun
from tests.calibration.alarms import NEVER, START
from tests.calibration.messy_traffic import Side, World, draw_side, draw_topics, noise_at
from tests.calibration.worlds import diagnose_world

N_FAMILIAR = 6
NEAR = 2.0  # a query's own part beside its topic's, about as near as the encoder shows the product's own vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Weeks of one history.

    Attributes
    ----------
    births
        Of each topic that held-out lacks: first week, counted from 0, share of traffic, and agreement.
    away
        Weeks in which the topics born are absent.
    is_messy
        Heavy tails, copies and near-repeats.
    is_near
        Topics near each other.
    unlike
        Sd of the log noise between familiar topics.
    """

    n_weeks: int
    births: tuple[tuple[int, float, float], ...] = ()
    away: tuple[int, ...] = ()
    n_pairs: int = 200
    n_heldout: int = 1000
    docs: tuple[int, int] = (1, 1)
    agreement: float = 0.9
    is_messy: bool = True
    is_near: bool = False
    unlike: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Judged weeks; for each week the name of the region that holds most pairs of each topic, and its share of them."""

    weeks: tuple[WeekAssessment, ...]
    names: tuple[dict[int, tuple[str | None, float]], ...]

    def first_alarm(self, since: int) -> int:
        """Weeks until the first alarm from a week on, 1 in that week."""
        fired = [week.status == "alarm" for week in self.weeks[since:]]
        return fired.index(True) + 1 if True in fired else NEVER


def world_of(story: Story, rng: np.random.Generator) -> World:
    noise = noise_at(story.agreement) * np.exp(story.unlike * rng.normal(size=N_FAMILIAR))
    born = [float(noise_at(agreement)) for _, _, agreement in story.births]
    side = Side(
        n_pairs=story.n_heldout,
        shares=(1.0,) * N_FAMILIAR + (0.0,) * len(born),
        docs=story.docs,
        repeated=0.03 * story.is_messy,
        near=0.15 * story.is_messy,
    )
    return World(
        heldout=side,
        production=replace(side, n_pairs=story.n_pairs),
        noise=(*noise.tolist(), *born),
        worse=(1.0,) * (N_FAMILIAR + len(born)),
        tails=4 if story.is_messy else 1000,
        **({"intent": 0.8, "scatter": NEAR} if story.is_near else {}),
    )


def _in_week(world: World, story: Story, week: int) -> World:
    """The world with the topics that this week has."""
    shares = [share if week >= first and week not in story.away else 0.0 for first, share, _ in story.births]
    familiar = (1 - sum(shares)) / N_FAMILIAR
    return replace(world, production=replace(world.production, shares=(familiar,) * N_FAMILIAR + tuple(shares)))


def run_history(story: Story, seed: int) -> History:
    """Draw, measure and judge the weeks of a story."""
    rng = np.random.default_rng(seed)
    world = world_of(story, rng)
    topics = draw_topics(world, rng)
    heldout = draw_side(world, topics, rng, is_production=False)
    runs: list[CanaryRun] = []
    names = []
    for week in range(story.n_weeks):
        production = draw_side(_in_week(world, story, week), topics, rng, is_production=True)
        made = diagnose_world(heldout, production)
        known = registry_of(runs, made.embeddings)
        at = START + timedelta(weeks=week)
        run = canary_run(made, at=at, recorded_at=at, teacher_revision="r", known=known)
        runs.append(replace(run, number=week + 1))
        clusters = made.regions.partitions[0]
        new = [each.index for each in made.regions.regions if each.partition == clusters.name and each.is_new]
        placed = place_texts(known, made.embeddings, clusters, new=new)
        labels = placed.labels[made.embeddings.production]
        topic = production.topic[made.production.row]
        names.append({int(each): _main(labels[topic == each], placed.names) for each in np.unique(topic)})
    return History(weeks=assess(runs), names=tuple(names))


def _main(labels: np.ndarray, names: tuple[str, ...]) -> tuple[str | None, float]:
    label, count = Counter(labels.tolist()).most_common(1)[0]
    return (None if label < 0 else names[label]), count / len(labels)


def kept_names(history: History) -> tuple[int, int]:
    """How many topics keep their name, and of how many.

    A topic's own regions are those that hold more of its pairs than of any other's. It keeps its name if it has one,
    and none is born to it once it has.
    """
    weight: dict[str, Counter[int]] = {}
    first: dict[str, int] = {}
    for number, week in enumerate(history.names):
        for topic, (name, _) in week.items():
            if name is not None:
                weight.setdefault(name, Counter())[topic] += 1
                first.setdefault(name, number)
    born: dict[int, set[int]] = {}
    for name, found in weight.items():
        born.setdefault(found.most_common(1)[0][0], set()).add(first[name])
    topics = {topic for week in history.names for topic in week}
    return sum(len(born.get(topic, ())) == 1 for topic in topics), len(topics)
