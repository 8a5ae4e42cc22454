"""The queue: one pair at a time, answered by keys alone. Who said what is not shown, nor what others answered."""

import streamlit as st

from drift_core.errors import DriftError
from drift_core.review.pairs import ANSWERS, LONGEST_NAME, LONGEST_NOTE, Answer, GivenAnswer, ReviewPair
from drift_core.review.sides import OF_PAIRS
from pages.components.frame import frame, results
from pages.components.frame.steps import review_state
from pages.components.review import review_open
from pages.components.review.review_open import OpenReview

LABELS: dict[Answer, str] = {
    "first": "First is right",
    "second": "Second is right",
    "both": "Both are right",
    "neither": "Neither is right",
}
_RANKS = (
    "Each side puts all pairs in an order, the best match at the top. *Above 80% of the pairs*: a better match than "
    "four in five. *Above 20%*: better than one in five. The right side is the one whose place fits."
)
# Streamlit gives no field the keys by itself.
_FOCUS = """<span id="focus-{key}"></span><script>
document.querySelector(".st-key-{key} input")?.focus();
</script>"""


def ask_name(opened: OpenReview) -> None:
    """Who reviews, once."""
    results.verdict("Who reviews?")
    with st.form("review_name_form", border=False):
        name = st.text_input(
            "Your name", max_chars=LONGEST_NAME, key="review_name", help="Two reviewers are told apart by it."
        )
        is_sent = st.form_submit_button(results.on_primary("Review"), key="review_begin", type="primary")
    st.html(_FOCUS.format(key="review_name"), unsafe_allow_javascript=True)
    draw = opened.review.draw
    st.caption(
        f"{len(draw.pairs):,} pairs in an order drawn by lot. {draw.why_fewer} You see the pair and what both sides "
        "say, not which side is the teacher. Keys 1 to 4 answer."
    )
    if is_sent:
        review_open.begin(name)
        st.rerun()


@st.fragment
def queue(opened: OpenReview) -> None:
    """The pair that is shown, its answers and the way through, each by its key; all of it is drawn anew alone."""
    try:
        _queue(opened)
    except DriftError as error:
        st.error(results.escape(error))


def _queue(opened: OpenReview) -> None:
    pair, answers, n = review_open.shown_pair(), review_open.own_answers(), len(opened.review.draw.pairs)
    given = answers.get(pair.place)
    n_answered = sum(each.answer is not None for each in answers.values())
    fault = review_open.take_fault()
    if fault:
        st.error(results.escape(fault))
    seen = st.container()  # filled last: who sees a pair has its keys already, and none of the pair before
    answering = st.container(horizontal=True)
    for said in ANSWERS:
        is_given = given is not None and given.answer == said
        answering.button(
            f"{LABELS[said]} ✓" if is_given else LABELS[said],
            key=f"review_{said}_{pair.place}",
            on_click=review_open.answer,
            args=(pair.place, said),
            shortcut=str(ANSWERS.index(said) + 1),
        )
    _way(pair, n, is_empty=not answers)
    _note(pair, given)
    frame.own_line("review", review_state())
    with seen:
        if n_answered < n:
            results.verdict(f"{results.counted(n - n_answered, 'pair')} of {n:,} left to review.")
        _pair(pair)
        st.markdown(f"**Pair {pair.place:,} of {n:,}** · {n_answered:,} answered by {results.escape(opened.reviewer)}")
    if review_open.has_turned(n_answered == n):
        st.rerun()  # the result is shown, or hidden again


def _pair(pair: ReviewPair) -> None:
    with st.container(border=True):
        st.markdown(f"**Query**  \n{results.escape(pair.query)}")
        if pair.doc:
            st.markdown(f"**Doc**  \n{results.escape(pair.doc)}")
        st.markdown(f"**Which side judges this {'pair' if pair.doc else 'query'} right?**")
        for place, (name, said) in zip(st.columns(2), (("First", pair.first), ("Second", pair.second)), strict=True):
            place.markdown(f"**{name}**  \n{results.escape(said)}")
        if pair.first.endswith(OF_PAIRS) or pair.second.endswith(OF_PAIRS):
            st.caption(_RANKS)


def _way(pair: ReviewPair, n: int, *, is_empty: bool) -> None:
    with st.container(horizontal=True):
        for label, step, key in (("Back", -1, "Left"), ("Next", 1, "Right")):
            st.button(
                label,
                key=f"review_{label.lower()}_{pair.place}",
                on_click=review_open.go,
                args=(pair.place, step),
                shortcut=key,
                disabled=not 1 <= pair.place + step <= n,
            )
        st.button("Undo", key="review_undo", on_click=review_open.undo, shortcut="U", disabled=is_empty)
        if review_open.is_noting():
            st.button("Close note", key="review_unnote", on_click=review_open.take_note, args=(False,), shortcut="Esc")
        else:
            st.button("Note", key="review_take_note", on_click=review_open.take_note, args=(True,), shortcut="N")


def _note(pair: ReviewPair, given: GivenAnswer | None) -> None:
    if not review_open.is_noting():
        if given is not None and given.note:
            st.caption(f"Note: {results.escape(given.note)}")
        return
    key = f"review_note_{pair.place}"
    st.text_input(
        "Note, kept with Enter",
        value=given.note if given is not None else "",
        max_chars=LONGEST_NOTE,
        key=key,
        on_change=review_open.note,
        args=(pair.place, key),
    )
    st.html(_FOCUS.format(key=key), unsafe_allow_javascript=True)
