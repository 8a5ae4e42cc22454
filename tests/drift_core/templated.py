"""Scored pairs whose queries share their phrases over many topics, as real questions do: "is a noisy X worth it"."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

PHRASES = (
    "how to {v} a {m} {a}",
    "{a} and {b} for beginners",
    "why is my {a} {m}",
    "best {a} for {b}",
    "{m} {a} {b} help",
    "difference between {a} and {b}",
    "is a {m} {a} worth it",
    "{v} {a} after {b}",
)
DOC = "The {a} should be {m} and the {b} kept dry, so {v} it with a {c}."
VERBS = "fix choose clean replace store adjust sell repair check compare".split()  # noqa: SIM905 (reads better)
MOODS = "small old cheap broken new heavy noisy wet quick safe".split()  # noqa: SIM905
N_TOPICS, N_WORDS = 14, 24
KNOWN: Mapping[int, float] = dict.fromkeys(range(N_TOPICS), 1.0)
LETTERS = "bdfgklmnprst"


def word(topic: int, number: int) -> str:
    """A word of a topic, and of no other."""
    code = N_WORDS * topic + number
    return f"{LETTERS[code // 144]}a{LETTERS[code // 12 % 12]}o{LETTERS[code % 12]}er"


def templated(
    n_queries: int,
    seed: int,
    *,
    shares: Mapping[int, float] = KNOWN,
    noise: Mapping[int, float] | None = None,
    revision: float = 0.0,
) -> pd.DataFrame:
    """Draw pairs, two or three a query; with the topic of each, whose student errs by `noise` times as much."""
    rng, chosen = np.random.default_rng(seed), list(shares)
    topics = rng.choice(chosen, n_queries, p=np.array(list(shares.values())) / sum(shares.values()))
    rows = []
    for query, topic in enumerate(topics.tolist()):
        words = [word(topic, each) for each in rng.permutation(N_WORDS)[:6].tolist()]
        verbs, moods, phrase, drawn = (
            rng.integers(n, size=3).tolist() for n in (len(VERBS), len(MOODS), len(PHRASES), 6)
        )
        asked = PHRASES[phrase[0]].format(a=words[0], b=words[1], v=VERBS[verbs[0]], m=MOODS[moods[0]])
        for each in range(2 + query % 2):
            told = {"a": words[drawn[each]], "b": words[each], "c": words[5 - each]}
            worth, *errors = rng.normal(size=4).tolist()
            rows.append(
                {
                    "query_id": f"{seed}-{query}",
                    "query": asked,
                    "doc": f"{DOC.format(**told, v=VERBS[verbs[each]], m=MOODS[moods[each]])} {each}",
                    "teacher_score": worth + 0.2 * errors[0] + revision * errors[1],
                    "student_score": worth + 0.4 * (noise or {}).get(topic, 1.0) * errors[2],
                    "topic": topic,
                }
            )
    return pd.DataFrame(rows)
