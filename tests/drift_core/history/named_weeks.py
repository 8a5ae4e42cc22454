"""Weeks of one student with topics told by a word, of which some may have fallen; each through the whole diagnosis."""

from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.settings import Settings
from drift_core.history.history import open_history
from drift_core.history.name_region import name_region
from drift_core.history.record_week import RecordSettings, record_week
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.regions.picking import Picked, with_words
from drift_core.regions.region_rule import fit_rule
from drift_core.samples.reading import read_pairs
from tests.drift_core.canary.runs_by_hand import MONDAY

TOPICS = {
    "returns": "return shoes refund parcel box label",
    "login": "password account reset code phone sign",
    "battery": "battery charge phone drain cable overnight",
    "delivery": "delivery courier late door tracking date",
}
MARK = "express"
REVISION, STUDENT = "r1", "s1"
NOISE = 0.25
WHO = {"by": "Ada", "reason": "It looks odd on the map."}


def sample(seed, *, n_queries=100, has_fallen=False):
    """Two pairs a query, a fifth of all topics marked; where these have fallen, the student errs three times as much.

    No cluster is the marked queries, so that nobody but a person who names them sees them alone.
    """
    rng = np.random.default_rng(seed)
    topics, is_marked = rng.choice(list(TOPICS), size=n_queries), rng.random(n_queries) < 0.2
    own = rng.integers(10**8, 10**9, size=n_queries)  # so that no two queries are one
    words = [
        " ".join([*rng.permutation(TOPICS[each].split())[:4], str(n)]) for each, n in zip(topics, own, strict=True)
    ]
    words = [f"{each} {MARK}" if marked else each for each, marked in zip(words, is_marked, strict=True)]
    teacher = rng.normal(size=(n_queries, 2))
    noise = np.where(is_marked & has_fallen, 3 * NOISE, NOISE)[:, None]
    return read_pairs(
        pd.DataFrame(
            {
                "query": np.repeat(words, 2),
                "teacher": teacher.ravel(),
                "student": (teacher + noise * rng.normal(size=teacher.shape)).ravel(),
                "query_id": np.repeat(np.arange(n_queries), 2),
            }
        ),
        slices=(),
        name=f"week {seed}",
    )


@cache
def heldout(seed=0):
    return sample(10_000 + seed, n_queries=300)


@cache
def diagnosed(seed, *, heldout_seed=0, has_fallen=False):
    """The diagnosis of a week's sample."""
    sides = heldout(heldout_seed), sample(seed, has_fallen=has_fallen)
    embeddings = embed_queries(*sides, encoder=load_encoder("hashing"))
    return diagnose(*sides, settings=Settings(n_clusters=4), embeddings=embeddings)


def recorded(place, made, number):
    """Record the diagnosis of a sample as the week of a number."""
    at = MONDAY + timedelta(weeks=number)
    settings = RecordSettings(at=at, recorded_at=at, teacher_revision=REVISION, student_version=STUDENT)
    return record_week(place, lambda: made, settings=settings, production_name=f"week {number}")


def drawn_in(made, *, name="express orders", words=MARK):
    picked = Picked(heldout=with_words(made.heldout, words), production=with_words(made.production, words))
    sides = {"heldout": made.heldout, "production": made.production, "embeddings": made.embeddings}
    return fit_rule(name, picked, words=words, is_by_place=False, **sides)


def begun(tmp_path, *, seed=1, **how):
    """A history with one quiet week, in which a region was named."""
    place, made = tmp_path / "canary.db", diagnosed(seed)
    first = recorded(place, made, 0)
    with open_history(place) as history:
        name_region(history, drawn_in(made, **how), **WHO)
    return place, first
