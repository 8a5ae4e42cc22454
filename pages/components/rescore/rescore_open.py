"""Which re-scoring a visitor has open, and which endpoint may be sent the server's key."""

import os
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from drift_core.errors import DriftError
from drift_core.rescoring.rescore import reread_list
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.teacher import OFFICIAL_URL, ApiKey, same_address, shown_address
from pages.components.rescore import rescore_jobs
from pages.components.rescore.rescore_jobs import JobSettings, JobStatus
from pages.components.session import cached, visitor_store
from pages.components.session.address import SECRETS

(TOKEN,) = SECRETS
KEY_NAME, URL_NAME = "OPENAI_API_KEY", "OPENAI_BASE_URL"
_DRAFT, _URL, _FAULT = "rescore_draft", "rescore_url", "rescore_fault"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A list with settings that has not been started; `is_begun` where they come from one that was."""

    content: bytes
    settings: JobSettings
    is_begun: bool = False


def named() -> str:
    """The token that this visitor's address or run has given, empty where there is none."""
    return str(visitor_store.get(TOKEN) or "")


def token() -> str:
    """The token of the open re-scoring, empty where there is none any more."""
    return named() if rescore_jobs.folder_of(named()) is not None else ""


def status() -> JobStatus | None:
    """Where the open re-scoring stands; None where there is none, or it cannot be read."""
    try:
        return rescore_jobs.status_of(token()) if token() else None
    except DriftError:
        return None


def queries() -> np.ndarray:
    """The queries of the open re-scoring's list; raises where it cannot be read."""
    folder = rescore_jobs.known_folder(token())
    return cached.result_by_key("rescore_list", token(), (), lambda: rescore_jobs.list_of(folder)).queries


def configured_url() -> str:
    """The endpoint that the server's own configuration names; the key goes there and nowhere else."""
    return _configured(URL_NAME) or OFFICIAL_URL


def gets_key(url: str) -> bool:
    """Whether calls to this address carry the server's key."""
    return bool(_configured(KEY_NAME)) and same_address(url, configured_url())


def has_key() -> bool:
    return bool(_configured(KEY_NAME))


def draft() -> Draft | None:
    return visitor_store.get(_DRAFT)


def put_draft(made: Draft | None) -> None:
    """Keep what was entered for this visitor; fit as a callback."""
    visitor_store.put(_DRAFT, made)


def begin(n_tried: int | None = None) -> None:
    """Start the draft, or try so many of its pairs; fit as a callback."""
    made = draft()
    if made is None:
        return
    try:
        new = rescore_jobs.make(made.content, made.settings)
        visitor_store.put(_URL, (new, made.settings.url))
        visitor_store.put(TOKEN, new)
        _start(new, made.settings, n_tried=n_tried)
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def go_on(settings: JobSettings, **which: bool | int | None) -> None:
    """Ask the rest, under the cap as it is now; `which` pairs, as `JobSettings.rescoring` has it."""
    try:
        rescore_jobs.put_settings(token(), settings)
        visitor_store.put(_URL, (token(), settings.url))
        _start(token(), settings, **which)
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def reread(settings: JobSettings) -> None:
    """Read the kept answers in another way; asks nobody."""
    try:
        folder = rescore_jobs.known_folder(token())
        reread_list(rescore_jobs.list_of(folder), folder / rescore_jobs.LEDGER_NAME, rescoring=settings.rescoring())
        rescore_jobs.put_settings(token(), settings)
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def change_settings() -> None:
    """Take the list and the settings back to the form; what was asked stays at its address. Fit as a callback."""
    folder = rescore_jobs.known_folder(token())
    put_draft(Draft(content=rescore_jobs.content_of(folder), settings=settings(), is_begun=True))
    visitor_store.put(TOKEN, "")


def stop() -> None:
    """End the run after the calls in flight; fit as a callback."""
    rescore_jobs.job_of(token()).stop.set()


def delete() -> None:
    """Forget the re-scoring with its ledger; fit as a callback."""
    try:
        rescore_jobs.delete(token())
        visitor_store.put(TOKEN, "")
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def settings() -> JobSettings:
    """Settings of the open re-scoring, with the address as this visitor typed it where that is still known."""
    read = rescore_jobs.settings_of(rescore_jobs.known_folder(token()))
    typed = visitor_store.get(_URL)
    return replace(read, url=typed[1]) if typed and typed[0] == token() else read


def take_fault() -> str:
    """Why the last action could not be done, said once."""
    return visitor_store.take(_FAULT) or ""


def rescoring(of: JobSettings, **which: bool | int | None) -> Rescoring:
    """Settings with the key where it belongs, and the configured address where it stands as a page shows it."""
    url = configured_url() if of.url == shown_address(configured_url()) else of.url
    key = ApiKey(_configured(KEY_NAME)) if gets_key(url) else None
    return replace(of, url=url).rescoring(key=key, **which)  # type: ignore[arg-type]


def _start(of: str, entered: JobSettings, **which: bool | int | None) -> None:
    folder = rescore_jobs.known_folder(of)
    order = rescoring(entered, **which)
    retrain_list = cached.result_by_key("rescore_list", of, (), lambda: rescore_jobs.list_of(folder))
    rescore_jobs.start(of, lambda: retrain_list, order)


def _configured(name: str) -> str:
    """A value of the server's configuration: Streamlit's secrets, else the environment."""
    try:
        found = st.secrets.get(name)
    except StreamlitSecretNotFoundError:
        found = None
    return str(found or os.environ.get(name) or "").strip()
