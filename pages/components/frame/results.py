"""How a measured number, a state, a chart and a list of pairs are shown. Texts from files are always escaped."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from drift_core.agreement.rule import Band
from drift_core.charts.specification import specified
from drift_core.charts.theme import ON_EITHER, recoloured
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import DriftError
from drift_core.samples.pairs import ScoredPairs
from pages.components.frame.steps import State, StepState
from pages.components.session import session

_COLUMN_OPTIONS = re.compile(
    r""", or with(?: --column (?:'[^']*'|"[^"]*"|[^\s'"])+)+(?: or diagnose's --[a-z-]+(?: and --[a-z-]+)?\.)?"""
)
_OPTIONS = re.compile(r" \(--[a-z-]+(?:, --[a-z-]+)*\)| For one file alone: --column (?:'[^']*'|\S+)\.")
# Word, shape and colour always together, so that none of them carries the meaning alone.
_MARKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "healthy": ("green", "●"),
        "suspect": ("orange", "▲"),
        "confirmed": ("red", "◆"),
        "held": ("green", "●"),
        "to check": ("orange", "▲"),
        "fell": ("red", "◆"),
        "cannot tell": ("gray", "◇"),
        "not yet": ("gray", "○"),
        "ready": ("blue", "■"),
    }
)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
SHOWN_CHARACTERS = 160
ANALYSTS = "For analysts"  # what plain words in front stand for, in the names of statistics
ROUNDING = 1e-9  # of a sum of chances
_COLUMNS = {
    "Query": st.column_config.TextColumn(width=230),
    "Doc": st.column_config.TextColumn(width=240),
    "Region": st.column_config.TextColumn(width=130),
} | {"Chance": st.column_config.NumberColumn(width=66, format="%.3g")}
_SCORES = ("Teacher", "Student", "Teacher score", "Student score")
_IN_FULL_ONLY = ("Row", "Pair")  # told with the chosen pair, so that the others fit beside each other
_ON_A_HALF = ("Query", "Teacher", "Student", "Chance")
_LABELS = {name: st.column_config.TextColumn(width="small") for name in ("Teacher", "Student")}
_COLUMNS["Ranks apart"] = st.column_config.NumberColumn(width=95, format="%.2f")
_COLUMNS |= {
    name: st.column_config.NumberColumn(width=96, format="localized") for name in ("Teacher's rank", "Student's rank")
}
_HALVES = _COLUMNS | {"Query": st.column_config.TextColumn(width=205)}


def message(text: object) -> str:
    """What the library says is wrong, as Markdown: without the options of the command line beside the page's way."""
    in_app = _COLUMN_OPTIONS.sub(lambda found: "." if found[0].endswith(".") else "", str(text))
    return escape(_OPTIONS.sub("", in_app))


def escape(text: object) -> str:
    """Make a text from a file safe inside Markdown: every sign stands for itself."""
    if isinstance(text, DriftError):
        return message(str(text))
    return _PUNCTUATION.sub(r"\\\1", str(text)).replace("\n", "  \n")


def counted(n: int, word: str) -> str:
    """A count with its word: ``1 row``, ``1,200 rows``."""
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def mark(state: State | Band) -> str:
    """Shape and word of a state or band, coloured, as Markdown."""
    colour, shape = _MARKS[state]
    return f":{colour}[{shape} {state}]"


def on_primary(label: str) -> str:
    """A label for a primary button, in the colour that the theme keeps for words on its ground."""
    return f":violet[{label}]"


def shape(state: State | Band) -> str:
    """Only the shape, coloured, as Markdown."""
    colour, sign = _MARKS[state]
    return f":{colour}[{sign}]"


def state_line(step: StepState, *, separator: str = " · ", is_short: bool = False) -> str:
    """A step's state and figure as Markdown; in short the shape stands alone for what nothing has happened on yet."""
    if step.state == "not yet" and step.figure in ("", "not yet"):
        return shape(step.state) if is_short else mark(step.state)
    if step.figure_is_enough:
        return f"{shape(step.state)} {step.figure}"
    return mark(step.state) + (separator + step.figure if step.figure else "")


def expected_pairs(n: float, k: int) -> str:
    """How many pairs of a top of K differ, ties counted by their chance."""
    is_whole = abs(n - round(n)) < ROUNDING
    return f"{n:.0f} of {k:,} pairs." if is_whole else f"About {n:.1f} of {k:,} pairs, ties counted by their chance."


def doubted(made: Diagnosis | None) -> None:
    """Where held-out is most likely of other traffic, say so."""
    if made is not None and made.wrong_heldout:
        st.warning(escape(made.wrong_heldout))


def verdict(sentence: str, state: State | Band | None = None, *, textbook: Band | None = None) -> None:
    """The verdict line under the title: sentence, state, and the textbook band where the visitor wants to see it."""
    st.header(escape(sentence), anchor=False)
    parts = [f"**{mark(state)}**"] if state else []
    if textbook and session.view().textbook:
        parts.append(f"textbook band: {mark(textbook)}")
    if parts:
        st.markdown(" · ".join(parts))


def pinned_scores(production: ScoredPairs) -> str:
    """Whether production has pinned scores, and what their absence costs, as Markdown."""
    pinned = production.teacher_pinned
    n = 0 if pinned is None else int(np.isfinite(pinned).sum())
    if not n:
        return (
            f"{shape('to check')} **No pinned scores.** Whether the teacher moved can only be inferred. Production "
            "pairs scored again with the pinned revision would measure it."
        )
    return (
        f"{shape('held')} **Pinned scores for {n:,} of {len(production):,} production pairs.** What the teacher's "
        "revision costs is measured on the same pairs."
    )


def has_all_pinned(production: ScoredPairs) -> bool:
    """Whether every production pair has its pinned score, so that regions are compared under the pinned revision."""
    pinned = production.teacher_pinned
    return pinned is not None and bool(np.isfinite(pinned).all())


def chart(drawn: Any, *, key: str | None = None, **selection: Any) -> None:
    """An Altair chart, or its specification, at the width of its place, its words in the text colour of the theme.

    The only way to show one: Streamlit's own commands for Altair charts change what Altair does in all threads.
    `selection` says what a click does, as Streamlit takes it.
    """
    spec: dict[str, Any] = dict(recoloured(drawn if isinstance(drawn, dict) else specified(drawn), ON_EITHER))
    if (height := _height_of_rows(spec)) is not None:
        spec = spec | {"height": height, "autosize": {"type": "fit-x", "contains": "padding"}}
    spec = {"padding": {"left": 2, "right": 8}} | spec  # for the outermost figures, which stand on their grid lines
    # That of the words around it, also once the reader has turned to the other theme; Streamlit's own is too pale.
    colour = "currentColor"
    words = {"labelColor": colour, "titleColor": colour}
    config = spec.get("config", {})
    shown = {part: config.get(part, {}) | words for part in ("axis", "legend", "header")} | {"text": {"color": colour}}
    shown["line"] = {"color": colour}  # where a chart gives none
    shown["mark"] = config.get("mark", {}) | {"tooltip": None}  # only those that a chart has written itself
    st.vega_lite_chart(spec=spec | {"config": config | shown}, width="stretch", key=key, **selection)


def is_dark() -> bool:
    """Whether the reader's theme is the dark one."""
    return st.context.theme.type == "dark"


def words_colour() -> str:
    """The colour of words in the theme of the reader, for a picture, which does not know its place."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.textColor"))


def _height_of_rows(spec: Mapping[str, Any]) -> int | None:
    """Height of a chart of so many pixels a row, for which Vega-Lite would drop a fit with a warning; else None."""
    step = spec["height"].get("step") if isinstance(spec.get("height"), dict) else None
    sorts = (part.get("encoding", {}).get("y", {}).get("sort") for part in spec.get("layer", [spec]))
    rows = next((sort for sort in sorts if isinstance(sort, list)), None)
    return None if step is None or rows is None else step * max(1, len(rows))


def ground(opacity: float) -> str:
    """The page's background in the theme of the reader, to lay behind words in a picture."""
    shade = st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor").removeprefix("#")
    red, green, blue = bytes.fromhex(shade)
    return f"rgba({red}, {green}, {blue}, {opacity})"


def pair_list(
    sample: ScoredPairs,
    rows: np.ndarray,
    *,
    key: str,
    extra: Mapping[str, np.ndarray] | None = None,
    height: int = 320,
    is_half: bool = False,
) -> None:
    """A sortable list of pairs; the chosen one is shown in full below.

    Parameters
    ----------
    rows
        Positions of the pairs in the sample, in the order to show.
    extra
        More columns: heading to values, in the order of `rows`.
    is_half
        Whether it has half of the page's width: then the rest is told with the chosen pair alone.
    """
    if not len(rows):
        st.caption("No pairs.")
        return
    table = _pair_table(sample, rows, extra or {})
    chosen = st.dataframe(
        pd.DataFrame(table),
        key=key,
        hide_index=True,
        column_order=[name for name in table if (name in _ON_A_HALF if is_half else name not in _IN_FULL_ONLY)],
        column_config=(_HALVES if is_half else _COLUMNS) | (_LABELS if sample.kind.is_coded else score_columns(table)),
        height=min(height, 38 + 35 * len(rows)),
        on_select="rerun",
        selection_mode="single-row",
        alt=f"List of {len(rows)} pairs. Choose a row to read the pair in full.",
    )
    picked = [row for row in chosen["selection"]["rows"] if row < len(rows)]
    if picked:
        pair_in_full(sample, int(rows[picked[0]]))
    else:
        st.caption("Choose a row to read the pair in full.")


def score_columns(table: Mapping[str, Any]) -> dict[str, Any]:
    """How the scores of a table are written: down a column all with as many decimals as three digits of it take."""
    columns = {name: np.asarray(table[name]) for name in _SCORES if name in table}
    return {
        name: st.column_config.NumberColumn(width=66 if name in _ON_A_HALF else None, format=f"%.{_decimals(values)}f")
        for name, values in columns.items()
        if np.issubdtype(values.dtype, np.number)
    }


def _decimals(values: np.ndarray) -> int:
    given = np.abs(values[np.isfinite(values)].astype(float))
    if not given.any():
        return 0
    most = max(0, 3 - int(np.ceil(np.log10(given.max()))))
    return next((n for n in range(most) if np.allclose(given.round(n), given, rtol=0, atol=ROUNDING)), most)


def pair_in_full(sample: ScoredPairs, position: int) -> None:
    """Everything known of one pair."""
    with st.container(border=True):
        name = f" · pair {sample.pair_id[position]}" if sample.pair_id is not None else ""
        st.caption(escape(f"{sample.name} · row {sample.row[position] + 1:,}{name}"))
        st.markdown(f"**Query**  \n{escape(sample.query[position])}")
        if sample.doc is not None:
            st.markdown(f"**Doc**  \n{escape(sample.doc[position])}")
        teacher, student = (
            f"{given:.3g}" if isinstance(given, float) else str(given)
            for given in (sample.kind.written(side[[position]])[0] for side in (sample.teacher, sample.student))
        )
        scores = f"Teacher {teacher} · student {student}"
        slices = "".join(f" · {name}: {values[position]}" for name, values in sample.slices.items())
        st.markdown(escape(scores + slices))


def _pair_table(sample: ScoredPairs, rows: np.ndarray, extra: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What a pair is comes first, then what is told of it, so that both stay in sight on a narrow screen."""
    table: dict[str, Any] = {"Query": [_short(text) for text in sample.query[rows]]}
    written = sample.kind.written
    table |= {"Teacher": written(sample.teacher[rows]), "Student": written(sample.student[rows]), **extra}
    if sample.doc is not None:
        table["Doc"] = [_short(text) for text in sample.doc[rows]]
    return table | {"Row": sample.row[rows] + 1}


def _short(text: object) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= SHOWN_CHARACTERS else words[:SHOWN_CHARACTERS] + "\u2026"
