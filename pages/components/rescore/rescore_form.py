"""What a re-scoring needs before it starts: the list, the teacher, the prompt, the cap, and the estimate."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from drift_core.errors import DriftError, InputError
from drift_core.rescoring.budget import CALLS_A_PAIR
from drift_core.rescoring.prompt import MEANINGS, fitting_template
from drift_core.rescoring.status import estimate_rescoring
from drift_core.rescoring.teacher import shown_address
from drift_core.rescoring.trial import N_TRIED
from drift_core.retrain_list.files import LIST_NAME
from drift_core.retrain_list.list_labels import labels_of, labels_to_ask, list_to_rescore
from drift_core.retrain_list.rating_scale import RatingScale, find_scale
from drift_core.retrain_list.reader import RetrainList
from drift_core.tables.writing import to_parquet
from pages.components.frame import frame, progress, results
from pages.components.frame.steps import STEPS, retrain_state
from pages.components.rescore import rescore_answers, rescore_open
from pages.components.rescore.rescore_jobs import JobSettings
from pages.components.rescore.rescore_open import Draft
from pages.components.retrain import list_panel
from pages.components.session import cached, session

_OWN, _FILE, _BEFORE = "The open investigation's retrain list", "A list file", "The list of before"
MOST = 1_000_000.0
LIST_TYPES = ["parquet", "csv", "jsonl"]


NONE = "No list is being re-scored."


def choose() -> str:
    """The list, then the rest as one form, then the estimate of what was entered; how far that is, in a sentence."""
    chosen = _chosen_list()
    if chosen is None:
        if session.current() is None:
            frame.go("Draw a list: choose the samples", STEPS["samples"].page, key="rescore_to_samples", kind="primary")
        return NONE
    content, name = chosen
    try:
        retrain_list = list_to_rescore(content, name=name)
    except DriftError as error:
        st.error(results.escape(error))
        return NONE
    st.markdown(f"**{results.escape(name)}**: {results.counted(retrain_list.n_pairs, 'pair')} to ask.")
    with st.form("rescore_form"):
        settings = _entered(retrain_list, name)
        is_sent = st.form_submit_button("Estimate", key="rescore_estimate")
    if is_sent:
        before = rescore_open.draft()
        is_begun = before is not None and before.is_begun
        rescore_open.put_draft(Draft(content=content, settings=settings, is_begun=is_begun))
    draft = rescore_open.draft()
    if draft is None or draft.content != content or not _estimate(retrain_list, draft.settings):
        return NONE
    return f"{results.counted(retrain_list.n_pairs, 'pair')} can be asked: at most {_at_most(draft.settings)}."


def _chosen_list() -> tuple[bytes, str] | None:
    inv = session.current()
    before = rescore_open.draft()
    ways = [_BEFORE] if before is not None and before.is_begun else []
    ways += [_OWN, _FILE] if inv is not None else [_FILE]
    way = st.radio("The list", ways, key="rescore_way", horizontal=True) if len(ways) > 1 else _FILE
    if way == _BEFORE and before is not None:
        return before.content, before.settings.list_name
    if way == _FILE or inv is None:
        upload = st.file_uploader("List file (Parquet, CSV, JSON lines)", type=LIST_TYPES, key="rescore_upload")
        return None if upload is None else (upload.getvalue(), Path(upload.name).name)
    made = cached.ready_diagnosis(inv)
    if made is None:
        st.markdown("The retrain list is drawn by region, and the regions have not been compared yet.")
        frame.go("Draw the retrain list", "pages/retrain.py", key="rescore_to_list", kind="primary")
        return None
    if not list_panel.is_wanted(inv, made, is_list_page=False):
        return None
    if retrain_state(made).state == "cannot tell":
        st.markdown("The cause is open: the verdict says what settles it before a list is re-scored.")
    with progress.shown("Drawing the list") as report:
        drawn_from = list_panel.frame_of(inv, made, report)
    if drawn_from is None:
        return None
    manifest = list_panel.drawn(inv, made, drawn_from, list_panel.chosen(drawn_from))
    return to_parquet(manifest.pairs), f"{LIST_NAME}.parquet"


def _entered(retrain_list: RetrainList, name: str) -> JobSettings:
    teacher, limits, prices = st.columns(3, gap="medium")  # the button below is on the first screen
    with teacher:
        st.subheader("The teacher", anchor=False)
        settings = _teacher()
    with limits:
        st.subheader("The cap", anchor=False)
        settings = _cap(settings, retrain_list.n_pairs)
    with prices:
        st.subheader("Prices and pace", anchor=False)
        settings = _prices(settings)
    with st.expander("Prompt and answer"):
        settings = _prompt(settings, retrain_list)
    return replace(settings, list_name=name, n_pairs=retrain_list.n_pairs)


def _teacher() -> JobSettings:
    before = _before()
    shown = shown_address(before.url)
    entered = st.text_input("Endpoint", value=shown, key="rescore_url").strip()
    url = before.url if entered == shown else entered  # its secret parts are not shown and need not be typed again
    st.caption(_who_gets_the_key())
    inv = session.current()
    known = inv.current_revision if inv else ""
    model = st.text_input("Model, as the endpoint calls it", value=before.model, key="rescore_model")
    revision = st.text_input(
        "Teacher revision: what every answer must name",
        value=before.revision,
        key="rescore_revision",
        placeholder="the first answer's",
        help=f"The investigation's current revision is {known}." if known else None,
    )
    return replace(before, url=url, model=model.strip(), revision=revision.strip())


def _cap(settings: JobSettings, n_pairs: int) -> JobSettings:
    usual = max(1, CALLS_A_PAIR * n_pairs)
    calls = st.number_input("Calls at most, over all runs", 0, 10**9, usual, step=100, key="rescore_calls")
    st.caption(
        f"{usual:,} allow {CALLS_A_PAIR} calls a pair. Only failed calls are made again: an endpoint that fails half "
        "of them needs as many."
    )
    spend = st.number_input(
        "Money at most, over all runs; 0 for no such cap",
        0.0,
        MOST,
        settings.max_spend or 0.0,
        step=1.0,
        key="rescore_spend",
    )
    rate = st.number_input("Calls a minute at most, 0 for no limit", 0, 1_000_000, 0, step=10, key="rescore_rate")
    return replace(settings, max_calls=int(calls), max_spend=spend or None, requests_per_minute=float(rate) or None)


def _prices(settings: JobSettings) -> JobSettings:
    price_input = _price("Price of a million tokens of prompts", "rescore_price_input", settings.price_input)
    price_output = _price("Price of a million tokens of answers", "rescore_price_output", settings.price_output)
    price_call = _price("Price of a call", "rescore_price_call", settings.price_call)
    concurrency = st.number_input("Calls at the same time", 1, 1000, settings.concurrency, key="rescore_concurrency")
    return replace(
        settings,
        concurrency=int(concurrency),
        price_input=price_input,
        price_output=price_output,
        price_call=price_call,
    )


def _prompt(settings: JobSettings, retrain_list: RetrainList) -> JobSettings:
    of_list = _labels(retrain_list)
    template = st.text_area(
        "Prompt with the places {query} and {doc}; "
        + ("{labels} gives the labels" if of_list else "{low} and {high} give the range"),
        value=fitting_template(settings.template, of_list),
        height=220,
        key=f"rescore_template_{retrain_list.digest}",  # another field for each list, as is the scale's
    )
    first, second, third = st.columns(3)
    if settings.list_digest != retrain_list.digest:
        scale = RatingScale(low=0.0, high=1.0, step=1.0) if of_list else find_scale(retrain_list.table)
        settings = replace(settings, low=scale.low, high=scale.high, labels=of_list, meanings=())
        settings = replace(settings, list_digest=retrain_list.digest)
    settings = rescore_answers.scale_fields(settings, first, second, f"rescore_{retrain_list.digest}")
    tokens = third.number_input(
        "Tokens of an answer at most", 1, 1_000_000, settings.max_answer_tokens, key="rescore_tokens"
    )
    settings = rescore_answers.format_fields(settings, "rescore")
    is_cold = st.checkbox(
        "Ask at temperature 0; off for models that take none",
        value=settings.temperature is not None,
        key="rescore_cold",
    )
    return replace(
        settings,
        template=template,
        max_answer_tokens=int(tokens),
        temperature=0.0 if is_cold else None,
    )


def _labels(retrain_list: RetrainList) -> tuple[str, ...]:
    """The labels on the list; one alone stands there until the others are named beside it."""
    try:
        return labels_to_ask(retrain_list)
    except InputError:
        return labels_of(retrain_list.table)


def _estimate(retrain_list: RetrainList, settings: JobSettings) -> bool:
    """What it will take, who is asked, and the button that starts it; whether it could be told."""
    try:
        if not settings.model:
            raise InputError("The teacher's model is empty. Name it as its endpoint does.")
        order = rescore_open.rescoring(settings)
        estimate = estimate_rescoring(retrain_list, rescoring=order)
        tried = estimate_rescoring(retrain_list, rescoring=replace(order, n_tried=N_TRIED))
    except DriftError as error:
        st.error(results.escape(error))
        return False
    st.subheader("Before anything is spent", anchor=False)
    st.markdown(results.escape(f"{estimate.sentence} {estimate.under_cap or ''}".rstrip()))
    key = "with the server's key" if rescore_open.gets_key(settings.url) else "without a key"
    st.markdown(
        f"The texts of these pairs go to `{order.teacher.shown_url.replace('`', '')}`, {key}, and to nobody else."
    )
    scale = f"a score from **{settings.low:g} to {settings.high:g}**; another range is"
    if settings.labels:
        scale = f"one of the labels **{results.escape(', '.join(settings.labels))}**; others are"
    st.markdown(f"The teacher is asked for {scale} set under Prompt and answer.")
    if order.prompt.unexplained:
        st.warning(f"{MEANINGS} Say it beside the labels, under Prompt and answer.")
    st.markdown(
        f"**Try {results.counted(tried.n_pairs, 'pair')} first**: you see each prompt as it was sent, the answer as it "
        "came, and the score that was read. They count under the cap, and nothing is asked twice when you go on."
    )
    st.caption(results.escape(tried.sentence))
    first, second = st.columns(2)
    first.button(
        results.on_primary(f"Try {results.counted(tried.n_pairs, 'pair')}"),
        key="rescore_try",
        on_click=rescore_open.begin,
        args=(N_TRIED,),
        type="primary",
        width="stretch",
    )
    second.button(
        f"Start with all: at most {_at_most(settings)}",
        key="rescore_start",
        on_click=rescore_open.begin,
        width="stretch",
    )
    return True


def _at_most(settings: JobSettings) -> str:
    caps = [f"{settings.max_calls:,} calls"] if settings.max_calls is not None else []
    caps += [f"{settings.max_spend:,.2f} of money"] if settings.max_spend is not None else []
    return " and ".join(caps)


def _who_gets_the_key() -> str:
    url = results.escape(shown_address(rescore_open.configured_url()))
    if not rescore_open.has_key():
        return "This server has no key: every endpoint is called without one."
    return f"The server's key goes to {url} alone. Any other endpoint is called without a key."


def _before() -> JobSettings:
    """What was entered before in this session, else what the server is configured for."""
    draft = rescore_open.draft()
    if draft is not None:
        return draft.settings
    now = session.view()
    price = now.teacher_price if now.cost_by != "token" else 0.0
    return JobSettings(url=rescore_open.configured_url(), price_call=price)


def _price(label: str, key: str, before: float) -> float:
    return float(st.number_input(label, 0.0, MOST, before, step=0.1, format="%.6g", key=key))
