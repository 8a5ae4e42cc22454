"""The retrain list as it is chosen: controls, quotas that follow them, price, preview, downloads."""

import hashlib
from typing import Any

import numpy as np
import streamlit as st

from drift_core.charts.retrain import quotas_chart
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import InputError
from drift_core.measured import Measured, figure
from drift_core.measures.agreement import agreement
from drift_core.options.next_action import next_action
from drift_core.regions.encoding import Progress
from drift_core.retrain_list.diagnosed_pairs import diagnosed_pairs
from drift_core.retrain_list.draw import size_of, usual_floor, usual_size
from drift_core.retrain_list.manifest import ListSettings, Manifest, draw_manifest
from drift_core.retrain_list.sampling_frame import CHOSEN, SamplingFrame, sampling_frame
from drift_core.retrain_list.settings import LARGEST_USUAL, SMALLEST_USUAL
from pages.components.costs import cost_prices
from pages.components.frame import frame, results
from pages.components.frame.steps import STEPS
from pages.components.retrain import list_downloads, list_exclusions
from pages.components.samples import pinned_panel
from pages.components.session import (
    cached,
    excluded_files,
    hand_picked,
    named_regions,
    recent,
    session,
    visitor_store,
)
from pages.components.session.address import RANGES, USUAL_FLOOR
from pages.components.session.investigation import Investigation
from pages.components.verdict import options_panel

WEIGHTS = RANGES["list_weight"]
TELLING = 0.3  # a wider interval tells nothing
_ANYWAY = "list_drawn_anyway"


def frame_of(inv: Investigation, made: Diagnosis, report: Progress) -> SamplingFrame | None:
    """What the list is drawn from: the chosen partition, the pairs added by hand, without canary weeks.

    None where no pair is left, which is said.
    """
    chosen, exclude = hand_picked.added_pairs(), excluded_files.given()
    names = [each.name for each in made.regions.all_partitions]
    partition = session.fitting("partition", names, "") or None
    added = hashlib.sha256(chosen.tobytes()).hexdigest()
    named = named_regions.digest_of(inv.samples_key)
    key = (repr(inv.settings), inv.encoder, partition, added, named, tuple(each.digest for each in exclude))
    marked = chosen if chosen.any() else None

    def draw_from() -> SamplingFrame:
        vectors = cached.pair_vectors(inv, made, report)
        return sampling_frame(made, partition=partition, chosen=marked, exclude=exclude, vectors=vectors)

    try:
        found = cached.result("frame", inv, key, draw_from)
    except InputError as error:
        cost_prices.keep_drawable(inv, 0)
        results.verdict("Nothing to re-score: no new pair is left.", "cannot tell")
        st.markdown(results.escape(error))
        return None
    cost_prices.keep_drawable(inv, n_available(found))
    return found


def announced() -> str:
    """What is known of the list before near-duplicates are looked for, which takes longest."""
    n_pairs = min(cost_prices.list_size(), cost_prices.drawable_pairs() or 0)
    price = cost_prices.rescoring(n_pairs)
    return (
        f"Up to {results.counted(n_pairs, 'pair')}{f', which cost at most {price}' if price else ''}. First docs are "
        "looked through for near-duplicates; what is found is kept for the next visit."
    )


def is_wanted(inv: Investigation, made: Diagnosis, *, is_list_page: bool = True) -> bool:
    """Say that a healthy student needs no list, and whether one is drawn anyway: asked for, or begun by hand."""
    if made.verdict.cause != "healthy" or hand_picked.added_pairs().any():
        return True
    told = f"Nothing to re-score: no drift {'is sure' if made.drifted.any() else 'was found'}."
    if is_list_page:
        results.verdict(told, "held")
    else:
        st.markdown(told)
    is_asked = st.toggle("Draw a list anyway", visitor_store.get(_ANYWAY) == inv.samples_key, key="retrain_anyway")
    visitor_store.put(_ANYWAY, inv.samples_key if is_asked else "")
    return is_asked


def cause_is_open(inv: Investigation, made: Diagnosis) -> bool:
    """Say that the cause, or the teacher's part in it, is open and what settles it first; whether it is."""
    if made.verdict.cause != "inconclusive" and made.to_pin is None:
        return False
    action = next_action(made, options_panel.weighed(inv, made))
    results.verdict(
        "The cause is open: settle it before a list is re-scored." if made.to_pin is None else f"{action.title}.",
        "cannot tell",
    )
    st.markdown(results.escape(action.reason))
    pinned_panel.draw(action.commands, of=action.way)
    frame.go("Back to the verdict", STEPS["verdict"].page, key="retrain_settle", kind="primary")
    return True


def by_hand(drawn_from: SamplingFrame) -> None:
    """How many pairs were added by hand, and a way to take them off."""
    added = drawn_from.stratum == CHOSEN
    if added.any():
        text, button = st.columns([3, 1], vertical_alignment="center")
        text.markdown(f"Added by hand, and before all others: {results.counted(int(added.sum()), 'pair')}.")
        off: dict[str, Any] = {"on_click": hand_picked.add_pairs, "args": (added,), "kwargs": {"is_added": False}}
        button.button("Take them off", key="retrain_clear", width="stretch", **off)


def cut(made: Diagnosis, drawn_from: SamplingFrame) -> None:
    """By what the regions are cut; one drawn by hand is added to the cut that tells most."""
    names = [each.name for each in made.regions.all_partitions]
    used = session.view().partition or diagnosed_pairs(made).leading
    st.selectbox(
        "Regions of the list by", names, **session.field("partition", widget="list", options=names, default=used)
    )
    if used not in (drawn_from.partition.name, ""):
        st.caption(f"Regions on the list: {results.escape(drawn_from.partition.name)}.")


def named(inv: Investigation) -> None:
    """How many pairs of each region drawn by hand are on the list for sure, and a way to add the others."""
    added = hand_picked.added_pairs()
    for place, each in enumerate(named_regions.drawn_of(inv.samples_key, (len(inv.heldout), len(inv.production)))):
        inside = each.pairs.production
        text, button = st.columns([3, 1], vertical_alignment="center")
        of = results.counted(int(inside.sum()), "pair")
        n_added = int((inside & added).sum())
        told = f"; {n_added:,} are among the pairs added by hand" if n_added else ""
        text.markdown(f"Drawn by hand: **{results.escape(each.name)}**, {of}{told}.")
        if (inside & ~added).any():
            adding: dict[str, Any] = {"on_click": hand_picked.add_pairs, "args": (inside,)}
            button.button("Add its pairs", key=f"retrain_named_{place}", width="stretch", **adding)


@st.fragment
def show(inv: Investigation, made: Diagnosis, drawn_from: SamplingFrame, *, is_open: bool) -> None:
    """Controls and what follows from them; only this part of the page runs while one drags."""
    place = st.container()
    controls, picture = st.columns([2, 3], gap="large")
    with controls:
        settings = _controls(drawn_from, diagnosed_pairs(made).flag)
        manifest = drawn(inv, made, drawn_from, settings)
        _share_reached(manifest)
        _cost(len(manifest))
        _bought(inv, made, manifest)
    with picture:
        st.subheader(f"What each region gives, by {results.escape(drawn_from.partition.name)}", anchor=False)
        results.chart(cached.drawn(quotas_chart, manifest.quotas, flag=manifest.flag))
        if manifest.floors_sentence:
            st.caption(results.escape(manifest.floors_sentence))
    with place:
        if is_open:
            st.markdown(f"A list could be: {results.escape(manifest.sentence)}")
        else:
            results.verdict(manifest.sentence)
        st.caption(results.escape(drawn_from.left_out.sentence))
    list_downloads.show(manifest)
    list_downloads.preview(manifest)
    recent.keep(inv)
    session.write_address()


def n_available(frame: SamplingFrame) -> int:
    """How many pairs a list can be drawn from."""
    return int(frame.may_be_drawn.sum())


def _controls(frame: SamplingFrame, flag: str) -> ListSettings:
    st.subheader("The list", anchor=False)
    n = n_available(frame)
    most, settings = max(2, n), chosen(frame)
    size, floor = (
        session.field(name, shown=getattr(settings, of)) for name, of in (("list_size", "n"), ("list_floor", "floor"))
    )
    st.slider("Pairs on the list", min_value=1, max_value=most, **size)
    if size_of(frame, settings) >= n:
        _all_taken(n)
    elif not session.view().list_size:
        st.caption(_why_so_many(frame, flag))
    st.slider("Floor: at least so many from each region", min_value=0, max_value=most, **floor)
    _drifted_share(frame, flag)
    st.number_input("Seed of the draw", **session.bounds("list_seed"), **session.field("list_seed"))
    return settings


def _why_so_many(frame: SamplingFrame, flag: str) -> str:
    """Where the size comes from that nobody chose."""
    n = usual_size(frame.n_different)
    of = f"the {frame.n_different:,} different pairs that held-out lacks"
    if n == LARGEST_USUAL:
        return f"The most that is usual, of {of}, unless you choose."
    if n == SMALLEST_USUAL:
        return f"The fewest that are usual, of {of}, unless you choose."
    return f"Half of {of}, unless you choose: {flag} regions can then get up to twice their share."


def _share_reached(manifest: Manifest) -> None:
    """What share drifted regions get in the end."""
    drifted = int(manifest.pairs["drifted"].sum())
    if drifted:
        st.caption(
            f"Pairs of {manifest.flag} regions are **{drifted / len(manifest):.0%}** of this list: each such region "
            "gets its share of the traffic first, then of what is left as chosen here, as far as it has pairs."
        )


def _drifted_share(frame: SamplingFrame, flag: str) -> None:
    """How much of the list drifted regions get; kept as the weight of their pairs, which is what the command takes."""
    share = float(frame.is_drifted[frame.region][frame.may_be_drawn].mean())
    if not 0 < share < 1:
        return
    weights = _weights(share, session.view().list_weight)
    st.select_slider(
        f"Share of what is left for {flag} regions",
        list(weights.values()),
        format_func={weight: label for label, weight in weights.items()}.__getitem__,
        help=f"After their share of the traffic and the floors. They hold {share:.0%} of the traffic.",
        **session.field("list_weight", options=list(weights.values()), default=session.view().list_weight),
    )


def _weights(share: float, now: float) -> dict[str, float]:
    """Weights by the share of the list that they give, in whole percents; that of now among them."""
    steps = (*np.linspace(WEIGHTS.low, WEIGHTS.high, 400).round(2).tolist(), now)
    found = {f"{weight * share / (weight * share + 1 - share):.0%}": weight for weight in steps}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def chosen(frame: SamplingFrame) -> ListSettings:
    """The list as it is chosen now: what is not chosen is as usual for what is open, and nothing is more than that."""
    now, n = session.view(), n_available(frame)
    most = max(2, n)
    size = session.held_under("list_size", most) or size_of(frame, ListSettings())
    asked = session.held_under("list_floor", most)
    floor = usual_floor(frame, size) if asked == USUAL_FLOOR else asked
    return ListSettings(n=size, floor=floor, seed=now.list_seed, drifted_weight=now.list_weight)


def _all_taken(n_available: int) -> None:
    st.caption(
        f"All {results.counted(n_available, 'pair')} to draw from are taken. A smaller list shows the weighting."
    )


def drawn(inv: Investigation, made: Diagnosis, frame: SamplingFrame, settings: ListSettings) -> Manifest:
    """The list with its manifest."""
    return draw_manifest(
        made,
        settings=settings,
        frame=frame,
        teacher_revision=inv.current_revision,
        unchecked_weeks=list_exclusions.unchecked(),
    )


def _cost(n_pairs: int) -> None:
    now = session.view()
    if not now.teacher_price:
        price = session.bounds("list_price") | session.field("list_price")
        st.number_input("Price of re-scoring 1,000 pairs, in your currency", step=0.5, **price)
    cost = cost_prices.rescoring(n_pairs)
    if not cost:
        st.caption(f"Enter your price, and what re-scoring {results.counted(n_pairs, 'pair')} costs is said here.")
        return
    basis = f", at the {now.teacher_price:g} a pair of the page Cost" if now.teacher_price else ""
    st.markdown(f"Re-scoring {results.counted(n_pairs, 'pair')} costs **{cost}**{basis}.")


def _bought(inv: Investigation, made: Diagnosis, manifest: Manifest) -> None:
    """What retraining on the list may reach, and how well the re-scored pairs tell agreement where it fell."""
    retrained = next((each for each in cached.expected_agreement(inv, made) if each.way == "retrain"), None)
    now = made.spread.production
    if made.to_pin is not None:
        st.markdown("What retraining reaches depends on whether the teacher changed: pinned scores tell.")
    elif retrained is not None and isinstance(retrained.agreement, Measured) and isinstance(now, Measured):
        st.markdown(f"Retraining reaches **{retrained.agreement}** at best, on a list that is long enough; now {now}.")
    drifted = made.drifted
    inside = agreement(cached.scores(inv)[1].take(drifted)) if drifted.any() else None
    n_drifted = int(manifest.pairs["drifted"].sum())
    if isinstance(inside, Measured) and n_drifted:
        width = (inside.high - inside.low) / 2 * (int(drifted.sum()) / n_drifted) ** 0.5
        told = (
            f"tell agreement there to within about {figure(width, '-', is_share=inside.is_share)}"
            if width < TELLING
            else "are too few to tell it there"
        )
        pairs = results.counted(n_drifted, "drifted pair")
        st.caption(f"With new scores the {pairs} on the list {told}. The best case is no promise.")
