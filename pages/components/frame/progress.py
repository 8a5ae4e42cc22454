"""Progress of long work: which stage runs, and how much of it is done."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import streamlit as st

from drift_core.regions.encoding import Progress

WORDS: Mapping[str, str] = MappingProxyType({"embedding": "Embedding texts", "map": "Drawing the map, round"})
STEP_SECONDS = 0.1  # the browser gets no more news than it can show


@contextmanager
def shown(before: str) -> Iterator[Progress]:
    """Show a progress bar while the block runs; it starts with the text `before`, and is gone afterwards."""
    place = st.empty()
    bar = place.progress(0.0, text=before)
    last = time.monotonic()

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        if done >= total or time.monotonic() - last >= STEP_SECONDS:
            last = time.monotonic()
            share = min(1.0, done / max(1, total))
            bar.progress(share, text=f"{WORDS.get(stage, stage.capitalize())}: {done:,} of {total:,}")

    try:
        yield report
    finally:
        place.empty()
