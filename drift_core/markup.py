"""Pieces of HTML that results show themselves with in a notebook. User texts are escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd

from drift_core.measured import Measurement

N_ROWS = 5
TEXT_LENGTH = 80
BAND_SHAPES = {"healthy": "●", "suspect": "▲", "confirmed": "◆", None: "○"}


def page(sentence: str, *parts: str) -> str:
    """The verdict as a sentence, then the parts."""
    return f"<div><p><strong>{escape(sentence)}</strong></p>{''.join(parts)}</div>"


def paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def bullets(texts: Iterable[str]) -> str:
    """A list, or nothing where there is nothing to list."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def band_line(band: str | None) -> str:
    return paragraph(f"Textbook band: {band_in_words(band)}")


def band_in_words(band: str | None) -> str:
    return f"{BAND_SHAPES[band]} {band or 'not run'}"


def figures(values: Mapping[str, Measurement], *, style: str = ".2f") -> pd.DataFrame:
    """Tabulate numbers by their names, with their intervals and what they rest on."""
    rows = [
        (name, format(value, style), f"{value.n_pairs:,}", f"{value.n_queries:,}") for name, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["Figure", "Estimate and interval", "Pairs", "Queries"])


def table(rows: pd.DataFrame) -> str:
    """A table without its index; long texts are cut."""
    body: Iterable[Sequence[object]] = rows.itertuples(index=False, name=None)
    head = "".join(f"<th scope='col'>{escape(str(name))}</th>" for name in rows.columns)
    lines = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in body)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"<td>{value:.3f}</td>"
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    short = text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
    return f"<td style='text-align:left'>{escape(short)}</td>"
