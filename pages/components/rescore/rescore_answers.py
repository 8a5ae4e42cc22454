"""The answers of a re-scoring: those of a try one by one, those without a score, and reading all in another way."""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.errors import DriftError
from drift_core.rescoring.label_meanings import as_lines, parse_labels
from drift_core.rescoring.progress import money_in_words
from drift_core.rescoring.result import RescoredList
from drift_core.rescoring.trial import N_TRIED, TriedPair, read_trial
from pages.components.frame import results
from pages.components.rescore import rescore_jobs, rescore_open
from pages.components.rescore.rescore_jobs import JobSettings
from pages.components.session import cached

SHOWN = 200
MOST_SHOWN = 4000  # characters of a prompt or an answer
_JSON, _REGEX = "JSON with a key for the score", "A regular expression with one group"
_EMPTY = "(?:)"  # a pattern without a group is refused with the reason


def format_fields(settings: JobSettings, key: str) -> JobSettings:
    """Fields for how an answer is read, its range aside."""
    ways = [_JSON, _REGEX]
    way = st.radio("The answer is", ways, index=int(bool(settings.regex)), key=f"{key}_answer", horizontal=True)
    first, second = st.columns(2)
    example = r"Verdict: (\w+)" if settings.labels else r"Score: ([0-9.]+)"
    score_key = first.text_input("Key of the score in JSON", settings.score_key, key=f"{key}_score_key")
    regex = second.text_input("Regular expression", settings.regex, key=f"{key}_regex", placeholder=example)
    return replace(settings, score_key=score_key.strip(), regex=(regex or _EMPTY) if way == _REGEX else "")


def scale_fields(settings: JobSettings, first: DeltaGenerator, second: DeltaGenerator, key: str) -> JobSettings:
    """The range of the scores, or the labels in their place."""
    if settings.labels:
        entered = first.text_area(
            "Labels, one a line, with what each means: fail = The answer contradicts the document",
            as_lines(settings.labels, settings.meanings),
            key=f"{key}_labels",
        )
        labels, meanings = parse_labels(entered.splitlines(), settings.labels)
        return replace(settings, labels=labels, meanings=meanings) if labels else settings
    low = first.number_input("Lowest score", value=settings.low, key=f"{key}_low")
    high = second.number_input("Highest score", value=settings.high, key=f"{key}_high")
    return replace(settings, low=float(low), high=float(high))


def tried(settings: JobSettings, rescored: RescoredList) -> None:
    """The first pairs of the newest run; open while no more than a try has been asked."""
    token = rescore_open.token()
    folder = rescore_jobs.known_folder(token)
    retrain_list = cached.result_by_key("rescore_list", token, (), lambda: rescore_jobs.list_of(folder))
    try:
        pairs = read_trial(retrain_list, folder / rescore_jobs.LEDGER_NAME, rescoring=settings.rescoring())
    except DriftError:  # nobody has been asked yet
        return
    if not pairs:
        return
    is_a_try = rescored.calls <= 2 * N_TRIED
    with st.expander(f"Prompt, answer and score of {results.counted(len(pairs), 'pair')}", expanded=is_a_try):
        for number, pair in enumerate(pairs, 1):
            _pair(number, pair)


def _pair(number: int, pair: TriedPair) -> None:
    with st.container(border=True):
        st.markdown(f"**Pair {number}: {results.escape(pair.result)}**")
        took = [f"{pair.tokens_in:,} tokens in, {pair.tokens_out or 0:,} out"] if pair.tokens_in is not None else []
        took += [f"{money_in_words(pair.cost)} spent"] if pair.cost else []
        st.caption(results.escape(", ".join([results.counted(pair.calls, "call"), *took])))
        left, right = st.columns([3, 2])
        with left:
            _text("The prompt as sent", pair.prompt)
        with right:
            _text("The answer as it came", pair.answer or "(none)")


def _text(label: str, text: str) -> None:
    is_long = len(text) > MOST_SHOWN
    st.caption(f"{label}, the first {MOST_SHOWN:,} of {len(text):,} characters" if is_long else label)
    st.code(text[:MOST_SHOWN], language=None, wrap_lines=True)


def read_again(settings: JobSettings, rescored: RescoredList) -> None:
    """Answers without a score, why most have none, and fields to read all in another way."""
    rows = rescored.pairs[rescored.pairs["state"] == "unparsed"]
    if len(rows):
        _unparsed(rescored)
    n_answers = len(rows) + rescored.counts["scored"]
    if not n_answers:
        return
    with st.expander("Read the answers in another way", expanded=bool(len(rows))):
        st.markdown(
            f"The {results.counted(n_answers, 'answer')} kept here are read again: no call, no cost. The prompt stays "
            "as it was, also for pairs that are asked later."
        )
        new = format_fields(settings, "rescore_reread")
        new = scale_fields(new, *st.columns(2), "rescore_reread")
        if st.button("Read again", key="rescore_reread"):
            rescore_open.reread(new)
            st.rerun()


def _unparsed(rescored: RescoredList) -> None:
    """As they came; the table shows text as text."""
    rows = rescored.pairs[rescored.pairs["state"] == "unparsed"]
    st.subheader("Answers without a score", anchor=False)
    st.markdown(results.escape(rescored.commonest_reason))
    shown = rows.head(SHOWN)[[name for name in ("answer", "query", "doc") if name in rows]]
    st.dataframe(
        shown.rename(columns=str.capitalize),
        hide_index=True,
        height=min(320, 38 + 35 * len(shown)),
        key="rescore_unparsed",
        alt=f"{len(shown)} answers without a score.",
    )
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(rows):,}.")
