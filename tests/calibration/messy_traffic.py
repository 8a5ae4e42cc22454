"""Traffic as messy as reality: topics of unlike noise, intents, heavy tails, repeats, shared queries, skewed scores.

Made apart from `drift_core.simulation`, so that nothing here is tuned to what the product does best.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

DIMENSION = 48
INTENT, SCATTER, NEARBY = 0.6, 0.9, 0.15  # lengths beside a topic's centre of 1: of an intent, a query, a near-repeat
TOPIC_SD, INTENT_SD, QUERY_SD, PAIR_SD = 0.3, 0.3, 0.6, 0.8  # of what a pair is worth
SPREAD = TOPIC_SD**2 + INTENT_SD**2 + QUERY_SD**2 + PAIR_SD**2
OWN_NOISE = 0.15  # of the teacher, from run to run
LONG = 1.0  # sd of log length by which one more is long
SLICES = ("length", "language", "daytime", "topic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one sample is drawn from: its size, shares of topics, docs a query, and how its queries look.

    `long` is the shift of log length in sd, `foreign` and `night` are shares of queries; `repeated` of pairs are copies
    and `near` of queries are near-repeats of another one.
    """

    n_pairs: int
    shares: tuple[float, ...]
    docs: tuple[int, int] = (1, 5)
    repeated: float = 0.03
    near: float = 0.15
    long: float = 0.0
    foreign: float = 0.1
    night: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Both samples and how teacher and student score them.

    Attributes
    ----------
    heldout, production
        The two sides, shares of new topics being 0 on held-out.
    noise
        Sd of the student's error by topic; `worse` multiplies it in production.
    drifted
        Topics whose production pairs are to be found.
    tails
        Degrees of freedom of the errors' t distribution.
    alike
        Share of an error's variance that the pairs of one query have in common.
    levels, base
        Number of the teacher's values, or None; of two values, the share of the upper one.
    skew
        Place of both score scales: a sigmoid's middle in sd of the latent worth.
    effects
        Log factor on the student's error of one sd of length, of a foreign language and of night.
    slices
        Columns that show these.
    new_docs
        Share of production's docs that are of a new kind, and the sd of the student's error on them.
    revision, unevenness, pinned
        Sd of what a revision changes in the teacher's scores, how unlike it is by topic, and whether the pinned
        revision scored production too.
    intent, scatter
        Lengths of an intent and of a query's own part beside a topic's centre of 1.
    phrases
        Number of set phrases that all docs are, whatever was asked; 0 where docs tell their topic.
    """

    heldout: Side
    production: Side
    noise: tuple[float, ...]
    worse: tuple[float, ...]
    drifted: tuple[int, ...] = ()
    tails: int = 4
    alike: float = 0.3
    levels: int | None = None
    base: float = 0.5
    skew: float = 0.0
    effects: dict[str, float] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    new_docs: tuple[float, float] = (0.0, 0.0)
    revision: float = 0.0
    unevenness: float = 0.0
    pinned: bool = False
    intent: float = INTENT
    scatter: float = SCATTER
    phrases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """One side drawn: its table, a query and a doc vector a row, topic, kind of doc, and whether the row drifted."""

    table: pd.DataFrame
    queries: np.ndarray
    docs: np.ndarray
    topic: np.ndarray
    kind: np.ndarray
    drifted: np.ndarray


def noise_at(agreement: float | np.ndarray) -> np.ndarray:
    """Sd of the error at which worth and score correlate so."""
    return np.sqrt(SPREAD * (1 / np.square(agreement) - 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topics:
    """What the samples of one world have in common."""

    centres: np.ndarray
    intents: np.ndarray
    means: np.ndarray
    intent_means: np.ndarray
    biases: np.ndarray
    revised: np.ndarray
    new_kind: np.ndarray
    phrases: np.ndarray


def draw_world(world: World, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """Draw held-out and production."""
    topics = draw_topics(world, rng)
    return draw_side(world, topics, rng, is_production=False), draw_side(world, topics, rng, is_production=True)


def draw_topics(world: World, rng: np.random.Generator) -> Topics:
    """Draw what samples of one world have in common, to draw several of them."""
    n, n_intents = len(world.noise), 4
    return Topics(
        centres=_directions(rng, n),
        intents=_directions(rng, n, n_intents),
        means=rng.normal(0, TOPIC_SD, n),
        intent_means=rng.normal(0, INTENT_SD, (n, n_intents)),
        biases=rng.normal(0, 0.1, n),
        revised=np.exp(world.unevenness * rng.normal(size=n)),
        new_kind=_directions(rng, 1)[0],
        phrases=_directions(rng, world.phrases),
    )


def draw_side(world: World, topics: Topics, rng: np.random.Generator, *, is_production: bool) -> Sample:
    """Draw one sample."""
    side = world.production if is_production else world.heldout
    queries = _draw_queries(world, side, topics, rng)
    row = _repeat(side, len(queries), rng)  # the query of each pair
    pairs = queries.iloc[row].reset_index(drop=True)
    topic, n = pairs["topic"].to_numpy(), len(pairs)
    worth = pairs["worth"].to_numpy() + rng.normal(0, PAIR_SD, n)
    is_new_doc = rng.random(n) < (world.new_docs[0] if is_production else 0)
    noise = np.array(world.noise) * (world.worse if is_production else 1.0)
    usual = noise[topic] * np.exp(sum(size * pairs[name].to_numpy() for name, size in world.effects.items()))
    size = np.where(is_new_doc, world.new_docs[1], usual)
    error = size * _heavy(rng, world, len(queries), row) + topics.biases[topic]
    pinned = worth + rng.normal(0, OWN_NOISE, n)
    change = world.revision * topics.revised[topic] * _heavy(rng, world, len(queries), row) * is_production
    is_drifted = np.isin(topic, world.drifted)
    table = pd.DataFrame(
        {
            "query": pairs["text"],
            "doc": _doc_texts(topic, is_new_doc, rng),
            "query_id": pairs["id"],
            "teacher_score": _teacher_scores(pinned + change, world),
            "student_score": _sigmoid(1.4 * (worth + error) - world.skew - 0.3),
            "timestamp": _times(pairs, rng, is_production=is_production),
        }
    )
    if world.pinned and is_production:
        table["teacher_score_pinned"] = _teacher_scores(pinned, world)
    for name in world.slices:
        table[name] = pairs[f"{name}_word"]
    vectors = np.stack(pairs["vector"].to_list())
    kind = np.where(is_new_doc[:, None], 1.2 * topics.new_kind, 0.0)
    docs = 0.8 * topics.centres[topic] + kind + SCATTER * _directions(rng, n)
    if world.phrases:
        phrase = rng.integers(world.phrases, size=n)
        docs, table["doc"] = topics.phrases[phrase], [f"set phrase {each}" for each in phrase]
    drifted = is_production & (is_drifted | is_new_doc)
    sample = Sample(table=table, queries=vectors, docs=docs, topic=topic, kind=is_new_doc * 1, drifted=drifted)
    return _with_copies(sample, side.repeated, rng)


def _draw_queries(world: World, side: Side, topics: Topics, rng: np.random.Generator) -> pd.DataFrame:
    """One row a query: topic, vector, worth, looks and text."""
    shares = np.array(side.shares) / sum(side.shares)
    n = max(2, round(side.n_pairs * (1 - side.repeated) / np.mean(side.docs)))
    topic = rng.choice(len(shares), n, p=shares)
    intent = rng.integers(topics.intents.shape[1], size=n)
    vectors = topics.centres[topic] + world.intent * topics.intents[topic, intent]
    vectors += world.scatter * _directions(rng, n)
    worth = topics.means[topic] + topics.intent_means[topic, intent] + rng.normal(0, QUERY_SD, n)
    length, foreign, night = side.long + rng.normal(size=n), rng.random(n) < side.foreign, rng.random(n) < side.night
    source = np.where(rng.random(n) < side.near, rng.integers(n, size=n), np.arange(n))
    topic, intent, worth, length, foreign = (each[source] for each in (topic, intent, worth, length, foreign))
    vectors = vectors[source] + np.where(source == np.arange(n), 0, NEARBY)[:, None] * _directions(rng, n)
    looks = pd.DataFrame({"topic": topic, "worth": worth, "length": length, "language": foreign, "daytime": night})
    looks["text"] = [_text(*each, rng) for each in zip(topic, intent, length, foreign, source, strict=True)]
    looks["id"] = [f"q{i}" for i in range(n)]
    looks["vector"] = list(vectors)
    steps = [length < -LONG, length > 2 * LONG, length > LONG]
    looks["topic_word"] = [f"topic {each}" for each in topic]
    looks["length_word"] = np.select(steps, ["short", "very long", "long"], "medium")
    looks["language_word"] = np.where(foreign, "other", "main")
    looks["daytime_word"] = np.where(night, "night", "day")
    return looks.astype({"language": float, "daytime": float})


def _repeat(side: Side, n_queries: int, rng: np.random.Generator) -> np.ndarray:
    low, high = side.docs
    return np.repeat(np.arange(n_queries), rng.integers(low, high + 1, n_queries))


def _heavy(rng: np.random.Generator, world: World, n_queries: int, row: np.ndarray) -> np.ndarray:
    """Errors of unit variance with heavy tails, partly common to the pairs of a query."""
    unit = np.sqrt((world.tails - 2) / world.tails)
    common, own = rng.standard_t(world.tails, n_queries), rng.standard_t(world.tails, len(row))
    return unit * (np.sqrt(world.alike) * common[row] + np.sqrt(1 - world.alike) * own)


def _teacher_scores(worth: np.ndarray, world: World) -> np.ndarray:
    scores = _sigmoid(1.6 * worth - world.skew)
    if world.levels is None:
        return scores.round(4)
    if world.levels == 2:
        from scipy.special import ndtri

        return (worth > np.sqrt(SPREAD) * ndtri(1 - world.base)).astype(float)
    return np.minimum(np.floor(scores * world.levels), world.levels - 1)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _directions(rng: np.random.Generator, *shape: int) -> np.ndarray:
    vectors = rng.normal(size=(*shape, DIMENSION))
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _with_copies(sample: Sample, share: float, rng: np.random.Generator) -> Sample:
    """Add exact copies of pairs until they make up a share."""
    n = len(sample.table)
    order = np.concatenate([np.arange(n), rng.integers(n, size=round(n * share / (1 - share)))])
    return taken(sample, order)


def taken(sample: Sample, rows: np.ndarray) -> Sample:
    return Sample(
        table=sample.table.iloc[rows].reset_index(drop=True),
        queries=sample.queries[rows],
        docs=sample.docs[rows],
        topic=sample.topic[rows],
        kind=sample.kind[rows],
        drifted=sample.drifted[rows],
    )


MAIN, OTHER = "abdefgiklmnoprstu", "абвгдеиклмнопрсту"
LEADS = ("how do i", "what is", "please", "why is my", "help with")


def _word(number: int, letters: str) -> str:
    """A word of its own for each number."""
    digits = np.base_repr(number + 17**3, 17)
    return "".join(letters[int(digit, 17)] for digit in digits)


def _text(topic: int, intent: int, length: float, foreign: bool, source: int, rng: np.random.Generator) -> str:
    """A query in its topic's words, a few of its intent's, and as long as it should be."""
    letters, n_words = OTHER if foreign else MAIN, max(3, round(8 * np.exp(0.5 * length)))
    words = [_word(97 * topic + int(pick), letters) for pick in rng.integers(40, size=n_words)]
    words[0] = _word(3000 + 7 * topic + intent, letters)
    words[1] = str(source) if source % 4 == 0 else _word(5000 + source, letters)
    lead = "" if foreign else LEADS[intent % len(LEADS)]
    return f"{lead} {' '.join(words)}{'?' if intent < 2 else ''}".strip()


def _doc_texts(topic: np.ndarray, is_new: np.ndarray, rng: np.random.Generator) -> list[str]:
    picks = rng.integers(40, size=(len(topic), 6))
    kinds = np.where(is_new, 9000, 0)
    return [
        " ".join(_word(20_000 + 97 * t + int(p) + kind, MAIN) for p in words) + f" {i}"
        for i, (t, words, kind) in enumerate(zip(topic, picks, kinds, strict=True))
    ]


def _times(pairs: pd.DataFrame, rng: np.random.Generator, *, is_production: bool) -> pd.Series:
    """A quarter for held-out, a week for production; nights between 22 and 6 hours."""
    first, n_days = ("2026-06-01", 7) if is_production else ("2026-01-01", 90)
    hours = np.where(pairs["daytime"] > 0, 22 + 8 * rng.random(len(pairs)), 6 + 16 * rng.random(len(pairs)))
    minutes = np.floor(60 * (24 * rng.integers(n_days, size=len(pairs)) + hours))
    return pd.Timestamp(first, tz="UTC") + pd.to_timedelta(minutes, unit="min").to_series(index=pairs.index)
