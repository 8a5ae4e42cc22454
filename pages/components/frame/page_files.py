"""One page to send, on paper and for the browser, of what a page of the app shows."""

from collections.abc import Callable

import streamlit as st

from drift_core.report.one_page import OnePage, page_as_html, page_as_pdf
from pages.components.frame import file_names


def offer(make: Callable[[], OnePage], *, name: str, what: str) -> None:
    """Two buttons that give away a page, made when one is pressed.

    Parameters
    ----------
    name, what
        Of what it is, and what it is, for the name of the file.
    """
    on_paper, as_page = st.columns(2)
    on_paper.download_button(
        "Report (PDF)",
        lambda: page_as_pdf(make()),
        file_name=file_names.of(name, what, "pdf"),
        mime="application/pdf",
        key=f"{what}_pdf",
        on_click="ignore",
        width="stretch",
    )
    as_page.download_button(
        "Report (HTML)",
        lambda: page_as_html(make()),
        file_name=file_names.of(name, what, "html"),
        mime="text/html",
        key=f"{what}_html",
        on_click="ignore",
        width="stretch",
    )
