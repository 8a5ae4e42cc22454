"""Progress of long work: which stage runs, and how much of it is done."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import streamlit as st

from drift_core.regions.encoding import Progress

WORDS: Mapping[str, str] = MappingProxyType({"embedding": "Embedding texts", "map": "Drawing the map, round"})
STEP_SECONDS = 0.1  # the browser gets no more news than it can show
TELLING_SECONDS = 3.0  # before that nobody knows how long it takes


@contextmanager
def shown(before: str, words: Mapping[str, str] = WORDS, *, meanwhile: str = "") -> Iterator[Progress]:
    """Show a progress bar while the block runs, with the time that is left; it is gone afterwards.

    Parameters
    ----------
    before
        The text it starts with.
    words
        What the stages are called.
    meanwhile
        What is known already, shown once work reports.
    """
    known, place = st.empty(), st.empty()
    bar = place.progress(0.0, text=before)
    last = time.monotonic()
    begun: dict[str, float] = {}

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        if not begun and meanwhile:
            known.markdown(meanwhile)
        begun.setdefault(stage, time.monotonic())
        if done >= total or time.monotonic() - last >= STEP_SECONDS:
            last = time.monotonic()
            share = min(1.0, done / max(1, total))
            took = last - begun[stage]
            left = f", about {took / share - took:,.0f} s left" if share and took > TELLING_SECONDS else ""
            bar.progress(share, text=f"{words.get(stage, stage.capitalize())}: {done:,} of {total:,}{left}")

    try:
        yield report
    finally:
        known.empty()
        place.empty()
