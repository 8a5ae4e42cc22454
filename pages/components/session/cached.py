"""Results kept for one visitor, those of what ships with the product for all. The only file with cache decorators.

Each result has a slot named by the content of both samples, the settings that it depends on and the library's version;
the data itself is never hashed by Streamlit.
"""

import gc
import hashlib
import io
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest, measure_spread
from drift_core.agreement.top_k import OverlapCurves, TopKTest, measure_overlap, read_top_k
from drift_core.charts.specification import specified
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis, with_price
from drift_core.diagnosis.regions_test import RegionsTest
from drift_core.measures.scores import Scores, scores_of
from drift_core.options.expected_agreement import Expectation, expect_agreement
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.encoding import HASHING_ENCODER, Encoder, Progress, load_encoder
from drift_core.regions.projection import MapLayout, draw_map, warm_up
from drift_core.retrain_list.near_duplicates import PairVectors, embed_pairs
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.two_samples import check_two_samples
from drift_core.tables.problem import Problem
from drift_core.version import VERSION
from pages.components.session import named_regions
from pages.components.session.investigation import Investigation
from pages.components.session.session import view

T = TypeVar("T")
MAX_RESULTS = 80  # about four investigations with a few settings each
MAX_CHARTS = 24  # of two or three pages


@dataclass(kw_only=True)
class _Slot:
    value: Any = None


class _Content(pickle.Pickler):
    """Writes what a chart shows; a sample by its scores, as no chart shows texts."""

    dispatch_table = {MappingProxyType: lambda mapping: (dict, (dict(mapping),))}  # noqa: RUF012

    def persistent_id(self, obj: object) -> object:
        if not isinstance(obj, ScoredPairs):
            return None
        return (obj.name, obj.kind, obj.teacher, obj.student, obj.weight)


def problems(inv: Investigation) -> tuple[Problem, ...]:
    """What the two samples have in common that they should not; raises when they are the same sample."""
    return _once("problems", inv, (), lambda: check_two_samples(inv.heldout, inv.production))


def spread(inv: Investigation) -> SpreadTest:
    """Test 1."""
    rule = inv.settings.rule
    return _once("spread", inv, (_without_k(rule),), lambda: measure_spread(inv.heldout, inv.production, rule=rule))


def overlap(inv: Investigation) -> OverlapCurves:
    """The overlap curves of test 2; any K is read off them with `top_k`."""
    rule, seed = inv.settings.rule, inv.settings.seed

    def measure() -> OverlapCurves:
        return measure_overlap(inv.heldout, inv.production, rule=rule, rng=np.random.default_rng(seed))

    return _once("overlap", inv, (rule.confidence, seed), measure)


def scores(inv: Investigation) -> tuple[Scores, Scores]:
    """Scores of both samples with their queries coded alike."""
    return _once("scores", inv, (), lambda: scores_of(inv.heldout, inv.production))


def top_k(inv: Investigation) -> TopKTest:
    """Test 2 at the chosen K."""
    return read_top_k(overlap(inv), inv.settings.rule.k, rule=inv.settings.rule)


def embeddings(inv: Investigation, progress: Progress | None = None) -> QueryEmbeddings:
    """Query embeddings: the visitor's own, or from the cache on disk where they are there; `progress` counts texts."""
    if inv.embeddings is not None:
        return inv.embeddings

    def embed() -> QueryEmbeddings:
        return EmbeddingSource(encoder=encoder(inv.encoder)).embed(inv.heldout, inv.production, progress=progress)

    return _once("embeddings", inv, (inv.encoder,), embed)


def pair_vectors(inv: Investigation, made: Diagnosis, progress: Progress | None = None) -> PairVectors | None:
    """Embeddings of queries and docs, by which near-duplicates are told; None without docs."""
    cache = EmbeddingSource().open_cache()
    return _once("pair_vectors", inv, (inv.encoder,), lambda: embed_pairs(made, cache=cache, progress=progress))


def diagnosis(inv: Investigation, progress: Progress | None = None) -> Diagnosis:
    """The whole diagnostic; another K or price is put in without measuring again."""

    def run() -> Diagnosis:
        vectors = embeddings(inv, progress)
        return diagnose(inv.heldout, inv.production, settings=inv.settings, embeddings=vectors, progress=progress)

    return _at_k(_once("diagnosis", inv, _diagnosis_settings(inv), run), inv)


def ready_diagnosis(inv: Investigation) -> Diagnosis | None:
    """The diagnosis where this visitor has made it already."""
    made = _slot("diagnosis", inv.samples_key, repr(_diagnosis_settings(inv)), VERSION).value
    return None if made is None else _at_k(made, inv)


def expected_agreement(inv: Investigation, made: Diagnosis) -> tuple[Expectation, ...]:
    """What agreement becomes in each way of treating the drift."""
    settings = made.settings
    key = (inv.encoder, settings.n_clusters, settings.slices, settings.seed, repr(settings.rule))
    return _once("expected agreement", inv, key, lambda: expect_agreement(made))


def region_names(inv: Investigation) -> np.ndarray | None:
    """Region of each production pair in the cut that tells most, object of shape (n_production,), once it is known."""
    made = ready_diagnosis(inv)
    if made is None:
        return None
    leading = next(each for each in made.regions.partitions if each.name == made.regions.leading[0].partition)
    return np.array(leading.regions, dtype=object)[leading.production]


def map_layout(inv: Investigation, progress: Progress | None = None) -> MapLayout:
    """Coordinates of every pair on the map."""
    seed, engine = inv.settings.seed, view().map_engine

    def draw() -> MapLayout:
        return draw_map(embeddings(inv, progress), seed=seed, engine=engine, progress=progress)

    return _once("map", inv, (inv.encoder, seed, engine), draw)


def ready_map_layout(inv: Investigation) -> MapLayout | None:
    """Coordinates of every pair where this visitor has drawn the map already."""
    key = ("map", inv.samples_key, repr((inv.encoder, inv.settings.seed, view().map_engine)), VERSION)
    drawn: MapLayout | None = _slot(*key).value
    return drawn


def result(name: str, inv: Investigation, settings: tuple[object, ...], compute: Callable[[], T]) -> T:
    """Keep any other result of this investigation under a name and the settings it depends on."""
    return result_by_key(name, inv.samples_key, settings, compute)


def result_by_key(
    name: str, key: str, settings: tuple[object, ...], compute: Callable[[], T], *, is_shipped: bool = False
) -> T:
    """Keep a result of something else than the two samples; `key` tells its content, one that ships is for all."""
    return _kept((f"page:{name}", key, repr(settings), VERSION), compute, is_shipped=is_shipped)


def drawn(draw: Callable[..., Any], *values: object, **options: object) -> dict[str, Any]:
    """The specification of a chart by `draw`, kept for this visitor by the content of what it is drawn from."""
    content = io.BytesIO()
    _Content(content).dump((draw, values, options))
    key = hashlib.sha256(content.getbuffer()).hexdigest()
    written: dict[str, Any] = _in_slot(_chart_slot(key), lambda: specified(draw(*values, **options)))
    return written


def warm_up_server(encoder_name: str) -> None:
    """Compile the map's code in the background, once a server; the quick encoder of tests does without."""
    _warm_up_once(encoder_name != HASHING_ENCODER)


def _once(name: str, inv: Investigation, settings: tuple[object, ...], compute: Callable[[], T]) -> T:
    key = (name, inv.samples_key, repr(settings), VERSION)
    return _kept(key, compute, is_shipped=bool(inv.scenario) and inv.embeddings is None)


def _kept(key: tuple[str, str, str, str], compute: Callable[[], T], *, is_shipped: bool) -> T:
    return _in_slot(_slot(*key), (lambda: _in_slot(_shared_slot(*key), compute)) if is_shipped else compute)


def _in_slot(slot: _Slot, compute: Callable[[], T]) -> T:
    if slot.value is None:
        slot.value = compute()
    return slot.value


@st.cache_resource(max_entries=MAX_RESULTS, scope="session", show_spinner=False)
def _slot(name: str, samples_key: str, settings: str, version: str) -> _Slot:
    """An empty place. Filled outside the decorator, so that progress may be shown and a failure keeps nothing."""
    return _Slot()


@st.cache_resource(max_entries=MAX_CHARTS, scope="session", show_spinner=False)
def _chart_slot(key: str) -> _Slot:
    """Apart from the results: who moves a slider draws one at each place, and would push them out."""
    return _Slot()


@st.cache_resource(max_entries=MAX_RESULTS, show_spinner=False)
def _shared_slot(name: str, samples_key: str, settings: str, version: str) -> _Slot:
    """One for all visitors, for what ships with the product."""
    return _Slot()


@st.cache_resource(max_entries=8, show_spinner=False)
def per_server(name: str, _make: Callable[[], T]) -> T:
    """Keep what is the same for every visitor and nobody changes."""
    return _make()


@st.cache_resource(max_entries=2, show_spinner=False)
def encoder(name: str) -> Encoder:
    return load_encoder(name)


@st.cache_resource(show_spinner=False)
def _warm_up_once(with_map: bool) -> None:
    threading.Thread(target=_warm_up, args=(with_map,), daemon=True, name="warm-up").start()


def _warm_up(with_map: bool) -> None:
    """Streamlit collects garbage after every run; what is imported by now stays, and need not be gone through."""
    if with_map:
        warm_up()
    gc.collect()  # what is garbage by now would stay for good too
    gc.freeze()


def _diagnosis_settings(inv: Investigation) -> tuple[object, ...]:
    return (inv.encoder, replace(inv.settings, rule=_without_k(inv.settings.rule)))


def _at_k(made: Diagnosis, inv: Investigation) -> Diagnosis:
    rule = inv.settings.rule
    at_k = replace(made, top_k=read_top_k(made.overlap, rule.k, rule=rule), settings=inv.settings)
    at_k = _with_drawn(at_k, inv)
    return with_price(at_k, view().rescoring_price / 1000 or None)


def _with_drawn(made: Diagnosis, inv: Investigation) -> Diagnosis:
    """With the regions that this visitor named, which are kept for nobody else."""
    if not named_regions.kept_of(inv.samples_key):
        return made
    key = (named_regions.digest_of(inv.samples_key), inv.settings.rule.confidence, inv.settings.rule.region_min_queries)

    def measure() -> RegionsTest:
        drawn = named_regions.drawn_of(inv.samples_key, (len(made.heldout), len(made.production)))
        return made.with_drawn(drawn).regions

    found = result("drawn", inv, key, measure).drawn
    return replace(made, regions=replace(made.regions, drawn=found))


def _without_k(rule: Rule) -> Rule:
    return replace(rule, k=Rule().k)
