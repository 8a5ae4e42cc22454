"""What the overlap page shows at one K; moving K runs this part alone and measures nothing again."""

import streamlit as st

from drift_core.agreement.rule import Rule
from drift_core.agreement.top_k import OverlapCurves, TopKTest, read_top_k
from drift_core.charts.overlap import overlap_curve_chart, query_overlaps
from drift_core.measures.overlap import k_grid
from drift_core.measures.top_k_chances import QueryOverlap, compare_top_k, fitting_k, overlap_by_query
from pages.components.frame import frame, results, steps
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation

MEANING = {
    "fell": "Below what held-out shows at the same size: the student no longer promotes what its teacher would. One "
    "may stop here; the regions would tell where the missed pairs come from.",
    "held": "Within what held-out shows at the same size. The top is as good as it was when the student shipped.",
    "cannot tell": "The teacher gives so many equal scores at this place that the top is mostly a matter of chance. "
    "Choose the K that the line above names, where the boundary falls between two scores.",
}

UNCLEAR = (
    "At this K the sample cannot tell a healthy top from a bad one: held-out itself ranges from one to the other. A "
    "larger K, or a larger sample, can."
)


def overlap_panel(inv: Investigation) -> None:
    """K, the verdict at K, the curve, the two lists, and overlap inside each query."""
    curves = cached.overlap(inv)
    test = cached.top_k(inv)
    if test.no_top:
        results.verdict(test.sentence)
        figures = "Misses and false passes at a threshold" if "threshold" in test.sentence else "Figures of each label"
        frame.link(f"{figures} are on the page Spread →", steps.STEPS["spread"].page)
        return
    state = steps.overlap_state(test).state
    results.verdict(test.sentence, state, textbook=test.band)
    _choose_k(curves)
    textbook = session.view().textbook
    drawn = cached.drawn(overlap_curve_chart, curves, k=test.k, rule=inv.settings.rule, with_floor=textbook)
    results.chart(drawn, key="overlap_curve", on_select=_clicked_k, selection_mode="k")
    st.caption(
        "Dashed: what held-out shows in samples of this size, with its normal range. Dotted: chance."
        + (" Overlap at a fixed K falls as a sample grows, so the fixed floor alone says little." if textbook else "")
    )
    is_unclear = test.reading == "cannot tell" and not test.tie_is_wide
    told = _lower_from(curves, above=test.k, rule=inv.settings.rule) if is_unclear else None
    lower = f" From K = {told:,} on overlap is below held-out's normal range." if told else ""
    st.markdown(f"{UNCLEAR}{lower}" if is_unclear else MEANING[test.reading])
    _tie(curves, test, inv)
    _lists(inv, test.k)
    _per_query(inv, test.k)


def _lower_from(curves: OverlapCurves, *, above: int, rule: Rule) -> int | None:
    """The least K of the curve above one from which overlap reads as fallen at every K looked at up to half of all."""
    looked = [int(k) for k in curves.interval.k if above < k <= curves.n_pairs // 2]
    found = None
    for k in reversed(looked):
        if read_top_k(curves, k, rule=rule).reading != "fell":
            break
        found = k
    return found


def _choose_k(curves: OverlapCurves) -> None:
    k = min(session.view().k, curves.n_pairs)
    options = sorted({int(value) for value in k_grid(curves.n_pairs)} | {k})
    slider, number = st.columns([4, 1], vertical_alignment="bottom")
    slider.select_slider(
        "K, size of the top", options, **session.field("k", widget="slider", options=options, default=k)
    )
    key = f"overlap_k_{k}"  # another widget at each K: one that the slider moved would send its old number back
    number.number_input("K exactly", 1, curves.n_pairs, k, step=1, key=key, on_change=_typed_k, args=(key,))


def _typed_k(key: str) -> None:
    session.change(k=int(session.event(key)))


def _clicked_k() -> None:
    clicked = session.event("overlap_curve").get("selection", {}).get("k", [])
    if clicked:
        session.change(k=int(clicked[0]["k"]))


def _tie(curves: OverlapCurves, test: TopKTest, inv: Investigation) -> None:
    if test.n_tied == 1:
        return
    st.info(
        f"K = {test.k:,} cuts through {test.n_tied:,} pairs with the same teacher score. They count by the share of "
        "them that fits into the top, so no order among equals is made up. "
        + ("This K says little." if test.tie_is_wide else "")
    )


def _lists(inv: Investigation, k: int) -> None:
    production = inv.production
    tops = compare_top_k(production.student, production.teacher, k)
    missed, promoted = st.columns(2, gap="large")
    names = cached.region_names(inv)
    sides = (
        (missed, "Missed", "In the teacher's top, not in the student's.", tops.missed, tops.missed_chance),
        (
            promoted,
            "Promoted wrongly",
            "In the student's top, not in the teacher's.",
            tops.promoted,
            tops.promoted_chance,
        ),
    )
    for column, title, meaning, rows, chance in sides:
        with column:
            st.subheader(title, anchor=False)
            st.caption(f"{meaning} {results.expected_pairs(tops.n_expected, k)}")
            extra = {"Chance": chance} if (chance < 1).any() else {}
            extra |= {} if names is None else {"Region": names[rows]}
            results.pair_list(production, rows, key=f"overlap_{title[:6].lower()}", extra=extra, is_half=True)


def _per_query(inv: Investigation, k: int) -> None:
    heldout, production = _query_overlaps(inv, k)
    if production is None:
        return
    st.subheader("Inside each query", anchor=False)
    st.markdown(
        f"Mean overlap of the top {production.k} inside a query: **{production.mean}** over "
        f"{len(production.overlaps):,} production queries"
        + (f"; held-out {heldout.mean}." if heldout and heldout.k == production.k else ".")
    )
    if production.k > 1:
        results.chart(cached.drawn(query_overlaps, heldout, production))


def _query_overlaps(inv: Investigation, k: int) -> tuple[QueryOverlap | None, QueryOverlap | None]:
    both, confidence = cached.scores(inv), inv.settings.rule.confidence
    k = fitting_k(both[1], k)
    if k == 0:
        return None, None

    def measure() -> tuple[QueryOverlap | None, QueryOverlap | None]:
        heldout, production = (overlap_by_query(scores, k, confidence=confidence) for scores in both)
        return heldout, production

    return cached.result("query overlap", inv, (k, confidence), measure)
