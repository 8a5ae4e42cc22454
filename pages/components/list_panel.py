"""The retrain list as it is chosen: controls, quotas that follow them, price, preview, downloads."""

import hashlib

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.charts.retrain import quotas_chart
from drift_core.diagnosis.diagnose import Diagnosis
from drift_core.treatment.costs import rescoring_cost
from drift_core.treatment.retrain_list.frame import CHOSEN, SamplingFrame, sampling_frame
from drift_core.treatment.retrain_list.list_files import LIST_NAME, MANIFEST_NAME, manifest_files
from drift_core.treatment.retrain_list.manifest import ListSettings, Manifest, draw_manifest, plan_quotas
from pages.components import cached, results, session
from pages.components.session import Investigation

PREVIEWED = 200
FORMATS = {"parquet": ("Parquet", "application/vnd.apache.parquet"), "csv": ("CSV", "text/csv")} | {
    "jsonl": ("JSON lines", "application/jsonl")
}


def frame_of(inv: Investigation, made: Diagnosis) -> SamplingFrame:
    """What the list is drawn from: the chosen partition, the pairs added by hand."""
    chosen = session.added_pairs()
    names = [each.name for each in made.regions.partitions]
    partition = session.view().partition if session.view().partition in names else None
    key = (repr(inv.settings), inv.encoder, partition, hashlib.sha256(chosen.tobytes()).hexdigest())
    marked = chosen if chosen.any() else None
    return cached.once("frame", inv, key, lambda: sampling_frame(made, partition=partition, chosen=marked))


def by_hand(frame: SamplingFrame) -> None:
    """How many pairs were added by hand, and a way to take them off."""
    added = frame.stratum == CHOSEN
    if added.any():
        text, button = st.columns([3, 1], vertical_alignment="center")
        text.markdown(f"Added by hand, and before all others: {results.counted(int(added.sum()), 'pair')}.")
        off = {"on_click": session.add_pairs, "args": (added,), "kwargs": {"is_added": False}}
        button.button("Take them off", key="retrain_clear", width="stretch", **off)


@st.fragment
def show(inv: Investigation, made: Diagnosis, frame: SamplingFrame) -> None:
    """Controls and what follows from them; only this part of the page runs while one drags."""
    place = st.container()
    controls, picture = st.columns([2, 3], gap="large")
    with controls:
        settings = _controls(int(frame.may_be_drawn.sum()))
        manifest = _drawn(inv, made, frame, settings)
        _cost(len(manifest))
    with picture:
        st.subheader("What each region gives", anchor=False)
        results.chart(quotas_chart(plan_quotas(frame, settings)))
    with place:
        results.verdict(manifest.sentence)
    _downloads(manifest)
    _preview(manifest)


def _controls(n_available: int) -> ListSettings:
    st.subheader("The list", anchor=False)
    most = max(2, n_available)
    if session.view().list_size > most:
        session.change(list_size=most)
    if session.view().list_floor > most:
        session.change(list_floor=most)
    st.slider("Pairs on the list", min_value=1, max_value=most, **session.field("list_size"))
    if session.view().list_size >= n_available:
        _all_taken(n_available)
    st.slider("Floor: at least so many from each region", min_value=0, max_value=most, **session.field("list_floor"))
    st.slider("A drifted pair counts as so many", 1.0, 10.0, step=0.5, **session.field("list_weight"))
    st.number_input("Seed of the draw", min_value=0, **session.field("list_seed"))
    now = session.view()
    return ListSettings(n=now.list_size, floor=now.list_floor, drifted_weight=now.list_weight, seed=now.list_seed)


def _all_taken(n_available: int) -> None:
    usual = ListSettings().n
    fewer = f", fewer than {usual:,}" if n_available < usual else ""
    st.caption(
        f"The sample has {results.counted(n_available, 'pair')} to draw from{fewer}: all are taken. "
        "A smaller list shows the weighting."
    )


def _drawn(inv: Investigation, made: Diagnosis, frame: SamplingFrame, settings: ListSettings) -> Manifest:
    return draw_manifest(made, settings=settings, frame=frame, teacher_revision=inv.current_revision)


def _cost(n_pairs: int) -> None:
    st.number_input("Price of re-scoring 1,000 pairs", min_value=0.0, step=0.5, **session.field("list_price"))
    cost = rescoring_cost(n_pairs, price_per_1000=session.view().list_price)
    st.markdown(f"Re-scoring these {n_pairs:,} pairs costs **{cost:,.2f}**.")


def _downloads(manifest: Manifest) -> None:
    st.subheader("Take it with you", anchor=False)
    places = st.columns(len(FORMATS) + 1)
    for place, (form, (word, mime)) in zip(places, FORMATS.items(), strict=False):
        name = f"{LIST_NAME}.{form}"
        _download(place, f"List ({word})", manifest, name, mime, key=f"retrain_{form}")
    _download(places[-1], "Manifest (JSON)", manifest, MANIFEST_NAME, "application/json", key="retrain_manifest")
    st.caption(
        "The manifest names seed, rule, regions, digests of both samples and the checksum of each file. In CSV, a text "
        "that a spreadsheet would run as a formula gets an apostrophe in front."
    )


def _download(place: DeltaGenerator, label: str, manifest: Manifest, name: str, mime: str, *, key: str) -> None:
    place.download_button(
        label,
        lambda: manifest_files(manifest)[name],
        file_name=name,
        mime=mime,
        key=key,
        on_click="ignore",
        width="stretch",
    )


def _preview(manifest: Manifest) -> None:
    st.subheader("Preview", anchor=False)
    st.caption(f"The first {min(PREVIEWED, len(manifest)):,} of {len(manifest):,} pairs, in the order drawn.")
    shown = manifest.pairs.head(PREVIEWED).dropna(axis="columns", how="all").drop(columns="row")
    st.dataframe(
        shown.rename(columns=lambda name: name.replace("_", " ").capitalize()),
        hide_index=True,
        height=320,
        column_config={"Probability": st.column_config.NumberColumn(format="%.3f")},
        alt=f"Preview of the retrain list, {len(shown)} pairs.",
    )
