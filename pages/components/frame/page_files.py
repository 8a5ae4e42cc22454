"""One page to send, on paper and for the browser, of what a page of the app shows."""

from collections.abc import Callable
from functools import partial

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
    forms: tuple[tuple[str, str, Callable[[OnePage], str | bytes]], ...] = (
        ("pdf", "application/pdf", page_as_pdf),
        ("html", "text/html", page_as_html),
    )
    for place, (kind, mime, render) in zip(st.columns(2), forms, strict=True):
        place.download_button(
            f"Report ({kind.upper()})",
            partial(_rendered, make, render),
            file_name=file_names.of(name, what, kind),
            mime=mime,
            key=f"{what}_{kind}",
            on_click="ignore",
            width="stretch",
        )


def _rendered(make: Callable[[], OnePage], render: Callable[[OnePage], str | bytes]) -> str | bytes:
    return render(make())
