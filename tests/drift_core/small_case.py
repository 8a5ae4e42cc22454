"""A small diagnosed case whose texts are hostile markup, made once for all who ask."""

from functools import cache

import drift_core as dc
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.simulation.simulate import Plan

MARKUP = "<script>alert('x')</script>"


@cache
def small_diagnosis() -> Diagnosis:
    drawn = dc.simulate(Plan(n_heldout=200, n_production=240, new_shares=(0.25,), new_agreement=(0.3,)), seed=1)
    samples = []
    for name, frame in (("heldout", drawn.heldout), ("production", drawn.production)):
        frame["query"] = MARKUP + " " + frame["query"]
        frame["surface"] = "<b>" + frame["surface"]
        samples.append(dc.read_pairs(frame, name=f"<i>{name}"))
    embeddings = embed_queries(*samples, encoder=load_encoder("hashing"))
    return dc.diagnose(*samples, settings=dc.Settings(n_clusters=3), embeddings=embeddings)
