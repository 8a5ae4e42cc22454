"""A re-scoring that was started: how far it is, stop and go on, what came of it, downloads."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from drift_core.rescoring.progress import RescoreProgress
from drift_core.rescoring.result import NAME, RescoredList, rescored_files
from drift_core.rescoring.status import read_rescored
from drift_core.rescoring.teacher import HIDDEN, shown_address
from drift_core.rescoring.trial import N_TRIED
from pages.components.canary import history_copies
from pages.components.frame import file_names, results
from pages.components.rescore import rescore_answers, rescore_jobs, rescore_open
from pages.components.rescore.rescore_jobs import JobSettings
from pages.components.retrain.list_downloads import FORMATS
from pages.components.session import cached

TICK_SECONDS = 1.0
_RETRAIN = f"distillation-drift retrain --student STUDENT --list {NAME}.parquet --out NEW_STUDENT"
_PRICES = {
    "price_input": "Of a million tokens of prompts",
    "price_output": "Of a million tokens of answers",
    "price_call": "Of a call",
}
_MEANING = {
    "scored": "a new score",
    "unparsed": "answered without a score in the range, or with none of the labels",
    "refused": "the teacher refused",
    "failed": "no answer after all attempts, or rejected by the endpoint",
    "pending": "not asked yet",
}


def running(token: str) -> None:
    """Live progress with a button to stop; the page is drawn anew once the run has ended."""

    @st.fragment(run_every=TICK_SECONDS)
    def live() -> None:
        job = rescore_jobs.job_of(token)
        if not job.is_running:
            st.rerun()
        _progress(job.progress)
        is_stopping = job.stop.is_set()
        label = "Stopping: calls in flight are finished" if is_stopping else "Stop"
        st.button(label, key="rescore_stop", on_click=rescore_open.stop, disabled=is_stopping)

    live()
    st.caption(
        "The run goes on while this page is closed. Its address opens it again, also after the server was restarted; "
        "keep the address to yourself."
    )


def running_elsewhere(token: str) -> None:
    """How far another server's run is; what would disturb it is not offered."""

    @st.fragment(run_every=TICK_SECONDS)
    def live() -> None:
        if not rescore_jobs.runs_elsewhere(token):
            st.rerun()
        now = rescore_open.status()
        if now is None:
            results.verdict("It is running in another server.")
            return
        results.verdict(f"{now.n_scored:,} of {now.n_pairs:,} pairs have a score; it is running in another server.")
        st.progress(min(1.0, now.n_scored / max(1, now.n_pairs)))

    live()
    st.caption(
        "Another server of this machine asks with this ledger. Stop it there; once it has ended, it can go on or be "
        "deleted here."
    )


def ended(token: str) -> bool:
    """What there is, why the run ended, and how it goes on; whether all has been asked."""
    settings, job, rescored = rescore_open.settings(), rescore_jobs.job_of(token), _read(token)
    if rescored is None:
        results.verdict("Nothing has been asked yet.")
    else:
        results.verdict(rescored.sentence)
        st.markdown(results.escape(" ".join(filter(None, (rescored.change, rescored.where_unscored)))))
    if job.fault:
        st.error(results.escape(job.fault))
    elif job.end and rescored is not None and not rescored.is_complete:
        st.info(results.escape(job.end))
    if rescored is not None:
        _states(rescored)
        rescore_answers.tried(settings, rescored)
        rescore_answers.read_again(settings, rescored)
    n_left = settings.n_pairs if rescored is None else rescored.n_left
    if not n_left:
        st.subheader("Retrain the student", anchor=False)
        st.markdown("Keep the list and its record in one folder; pairs without a score are left out.")
        st.code(_RETRAIN, language=None, wrap_lines=True)
    _go_on(settings, n_left, rescored)
    if rescored is not None:
        _downloads(rescored)
    return n_left == 0


def _read(token: str) -> RescoredList | None:
    """What the ledger says, read anew only when it has changed."""
    folder = rescore_jobs.known_folder(token)
    ledger = folder / rescore_jobs.LEDGER_NAME
    if not ledger.is_file():
        return None
    order = rescore_open.settings().rescoring()
    retrain_list = cached.result_by_key("rescore_list", token, (), lambda: rescore_jobs.list_of(folder))
    stamp = history_copies.stamp(ledger)
    return cached.result_by_key(
        "rescored", stamp, (order,), lambda: read_rescored(retrain_list, ledger, rescoring=order)
    )


def _progress(now: RescoreProgress | None) -> None:
    if now is None:
        results.verdict("The run begins.")
        st.progress(0.0)
        return
    results.verdict(f"{now.n_done:,} of {now.n_pairs:,} pairs have been asked.")
    st.progress(now.n_done / max(1, now.n_pairs))
    st.markdown(results.escape(f"{now.counted} {now.left}".strip()))
    st.caption(f"{results.counted(now.in_flight, 'call')} in flight.")


def _states(rescored: RescoredList) -> None:
    st.markdown(
        "  \n".join(
            f"**{n:,}** {state}: {_MEANING[state]}" for state, n in rescored.counts.items() if n or state == "scored"
        )
    )
    answered = ", ".join(
        f"{each.model}{f' ({each.fingerprint})' if each.fingerprint else ''}" for each in rescored.answered
    )
    revision = f"Teacher revision {rescored.revision}; answered as {answered}." if answered else ""
    unknown = (
        f" {results.counted(rescored.n_unknown, 'call')} without an answer: each counts as the most it can cost."
        if rescored.n_unknown
        else ""
    )
    if revision or unknown:
        st.caption(results.escape(revision + unknown))


def _downloads(rescored: RescoredList) -> None:
    st.subheader("Take it with you", anchor=False)
    places = st.columns(len(FORMATS) + 1)
    for place, (form, (word, mime)) in zip(places, FORMATS.items(), strict=False):
        place.download_button(
            f"List ({word})",
            _file(rescored, form, f"{NAME}.{form}"),
            file_name=file_names.of_investigation(NAME, form),
            mime=mime,
            key=f"rescore_{form}",
            on_click="ignore",
            width="stretch",
        )
    places[-1].download_button(
        "Record (JSON)",
        _file(rescored, "parquet", f"{NAME}.json"),
        file_name=file_names.of_investigation(NAME, "json"),
        mime="application/json",
        key="rescore_json",
        on_click="ignore",
        width="stretch",
    )


def _file(rescored: RescoredList, form: str, name: str) -> Callable[[], bytes]:
    return lambda: rescored_files(rescored, formats=[form])[name]


def _go_on(settings: JobSettings, n_left: int, rescored: RescoredList | None) -> None:
    """The cap as it shall be from now on, and the buttons that ask the rest or forget it all."""
    n_unparsed, n_rejected = (0, 0) if rescored is None else (rescored.counts["unparsed"], rescored.n_rejected)
    if n_left or n_unparsed or n_rejected:
        st.subheader("Go on", anchor=False)
        new = _limits(settings)
        first, second, third = st.columns(3)
        label = results.on_primary(f"Ask the other {results.counted(n_left, 'pair')}")
        # No callbacks: they would get what the fields held before the button was pressed.
        if n_left and first.button(label, key="rescore_go_on", type="primary", width="stretch"):
            rescore_open.go_on(new)
            st.rerun()
        label = f"Ask the {n_unparsed:,} without a score again"
        if n_unparsed and second.button(label, key="rescore_again", width="stretch"):
            rescore_open.go_on(new, unparsed_again=True)
            st.rerun()
        label = f"Ask the {n_rejected:,} that were rejected again"
        if n_rejected and third.button(label, key="rescore_rejected", width="stretch"):
            rescore_open.go_on(new, rejected_again=True)
            st.rerun()
        label = f"Try {N_TRIED} pairs"
        if rescored is None and second.button(label, key="rescore_try_again", width="stretch"):
            rescore_open.go_on(new, n_tried=N_TRIED)
            st.rerun()
    st.button("Change the prompt or the teacher", key="rescore_change", on_click=rescore_open.change_settings)
    st.caption("The list and these settings go back to the form; what was asked here stays at this address.")
    with st.expander("Delete this re-scoring"):
        st.markdown("The list, the ledger and every answer are deleted from this machine. Download what you need.")
        st.button("Delete", key="rescore_delete", on_click=rescore_open.delete)


def _limits(settings: JobSettings) -> JobSettings:
    """Fields for what may change between runs; an address that held a secret has to be typed again."""
    url = settings.url
    if HIDDEN in url and url != shown_address(rescore_open.configured_url()):
        url = st.text_input("Endpoint, with what is hidden here", value=url, key="rescore_url_again")
    first, second, third = st.columns(3)
    calls = first.number_input("Calls at most, over all runs", 0, 10**9, settings.max_calls, key="rescore_new_calls")
    spend = second.number_input(
        "Money at most, 0 for no such cap", 0.0, 1e6, settings.max_spend or 0.0, key="rescore_new_spend"
    )
    concurrency = third.number_input(
        "Calls at the same time", 1, 1000, settings.concurrency, key="rescore_new_concurrency"
    )
    first, second = st.columns(2)
    tokens = first.number_input(
        "Tokens of an answer at most", 1, 1_000_000, settings.max_answer_tokens, key="rescore_new_tokens"
    )
    revision = second.text_input(
        "Teacher revision: what every answer must name",
        settings.revision,
        key="rescore_new_revision",
        placeholder="the first answer's",
    )
    with st.expander("Prices"):
        st.caption("Calls made before are counted at no less than these.")
        places = st.columns(len(_PRICES))
        prices = {
            name: place.number_input(
                label, 0.0, 1e6, getattr(settings, name), step=0.1, format="%.6g", key=f"rescore_new_{name}"
            )
            for place, (name, label) in zip(places, _PRICES.items(), strict=True)
        }
    return replace(
        settings,
        url=url,
        **prices,
        max_calls=None if calls is None else int(calls),
        max_spend=spend or None,
        concurrency=int(concurrency),
        max_answer_tokens=int(tokens),
        revision=revision.strip(),
    )
