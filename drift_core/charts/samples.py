"""Charts of scores as they are: of teacher and student on one sample, and of one side on two samples."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from drift_core.charts.theme import BLUE, SAMPLE_COLOURS, styled
from drift_core.measures.scores import Side
from drift_core.samples.pairs import ScoredPairs

N_BINS = 30
LABELS_HEIGHT = 130  # that legend and axis take of a chart of labels
MAX_STRETCH = 3.0  # scores that span more than three times the other's range get an axis of their own
PALER = "80"  # half as opaque, behind a colour


def score_histograms(sample: ScoredPairs, *, colour: str = BLUE, beside: ScoredPairs | None = None) -> Any:
    """Draw the histograms of the teacher's and the student's scores, over each other where they share a scale.

    Parameters
    ----------
    sample
        Pairs with their scores.
    colour
        That of the sample; which of the two gave a score is told by the form.
    beside
        The other sample, where its histograms stand beside these: both get the same axes.

    Returns
    -------
    altair.Chart
        Share of pairs by score, or by label; below each other where two scales have little in common.
    """
    sides = {"teacher": sample.teacher, "student": sample.student}
    if sample.kind.is_coded:
        return _label_shares(sides, sample.kind.labels, {"teacher": colour + PALER, "student": colour}, of=sample.name)
    description = f"Scores of {sample.name}. " + " ".join(_in_words(side, values) for side, values in sides.items())
    if _share_a_scale(sample.teacher, sample.student):
        others = [] if beside is None or beside.kind.is_coded else [beside.teacher, beside.student]
        edges = np.histogram_bin_edges(np.concatenate([*sides.values(), *others]), bins=N_BINS)
        table = pd.concat(_bins(side, values, edges) for side, values in sides.items())
        top = max(float(_bins("", values, edges)["share"].max()) for values in (*sides.values(), *others))
        return styled(_over_each_other(table, colour, top=top), description=description, height=260)
    import altair as alt

    charts = [
        _binned(_bins(side, values, N_BINS), "share of pairs")
        .mark_bar(color=colour, opacity=1)
        .properties(height=110, title=f"{side.capitalize()}'s scores")
        for side, values in sides.items()
    ]
    return styled(alt.vconcat(*charts), description=description)


def output_histograms(heldout: ScoredPairs, production: ScoredPairs, *, side: Side) -> Any:
    """Draw the outputs of one side on both samples, over each other: share of pairs by score, or by label."""
    samples = {"held-out": getattr(heldout, side), "production": getattr(production, side)}
    weights = {"held-out": heldout.weight, "production": production.weight}
    if production.kind.is_coded:
        return _label_shares(samples, production.kind.labels, SAMPLE_COLOURS, of=f"the {side}", weights=weights)
    edges = np.histogram_bin_edges(np.concatenate(list(samples.values())), bins=N_BINS)
    table = pd.concat(_bins(name, values, edges, weights[name]) for name, values in samples.items())
    told = " ".join(_in_words(name, values) for name, values in samples.items())
    return styled(_bars(table, SAMPLE_COLOURS), description=f"Scores of the {side}. {told}", height=280)


def _label_shares(
    values: Mapping[str, np.ndarray],
    labels: Sequence[str],
    colours: Mapping[str, str],
    *,
    of: str,
    weights: Mapping[str, np.ndarray | None] = MappingProxyType({}),
) -> Any:
    import altair as alt

    table = pd.concat(
        pd.DataFrame({"side": name, "label": labels, "share": _shares(codes, len(labels), weights.get(name))})
        for name, codes in values.items()
    )
    told = "; ".join(f"{side} {label} {share:.0%}" for side, label, share in table.itertuples(index=False))
    colour = alt.Scale(domain=list(colours), range=list(colours.values()))
    bars = (
        alt.Chart(table)
        .mark_bar(opacity=1)
        .encode(
            y=alt.Y("label:N", title=None, sort=list(labels), axis=alt.Axis(labelLimit=200)),
            yOffset=alt.YOffset("side:N", sort=list(colours)),
            x=alt.X("share:Q", title="share of pairs", axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color("side:N", scale=colour, title=None, legend=alt.Legend(orient="top")),
            stroke=_edges(colours),
            tooltip=["side:N", "label:N", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return styled(bars, description=f"Labels of {of}: {told}.", height=LABELS_HEIGHT + 44 * min(len(labels), 12))


def _shares(codes: np.ndarray, n_labels: int, weights: np.ndarray | None) -> np.ndarray:
    counts = np.bincount(codes.astype(int), weights=weights, minlength=n_labels)
    return counts / counts.sum()


def _share_a_scale(teacher: np.ndarray, student: np.ndarray) -> bool:
    (low_t, high_t), (low_s, high_s) = (np.quantile(side, [0.01, 0.99]) for side in (teacher, student))
    widths = (high_t - low_t, high_s - low_s)
    overlaps = min(high_t, high_s) > max(low_t, low_s)
    return bool(overlaps and max(widths) <= MAX_STRETCH * min(widths))


def _bins(side: str, values: np.ndarray, edges: Any, weights: np.ndarray | None = None) -> pd.DataFrame:
    counts, edges = np.histogram(values, bins=edges, weights=weights)
    return pd.DataFrame({"side": side, "from": edges[:-1], "to": edges[1:], "share": counts / counts.sum()})


def _bars(table: pd.DataFrame, colours: Mapping[str, str]) -> Any:
    import altair as alt

    colour = alt.Scale(domain=list(colours), range=list(colours.values()))
    bars = _binned(table, "share of pairs").mark_bar(opacity=1, fillOpacity=0.6)
    legend = alt.Legend(orient="top")
    return bars.encode(color=alt.Color("side:N", scale=colour, title=None, legend=legend), stroke=_edges(colours))


def _edges(colours: Mapping[str, str]) -> Any:
    """Edges in the full colour, so that a paler fill stands out from its ground."""
    import altair as alt

    full = [each.removesuffix(PALER) for each in colours.values()]
    return alt.Stroke("side:N", scale=alt.Scale(domain=list(colours), range=full), legend=None)


def _binned(table: pd.DataFrame, title: str, *, top: float | None = None) -> Any:
    import altair as alt

    height = alt.Scale() if top is None else alt.Scale(domain=[0, top])
    return alt.Chart(table).encode(
        x=alt.X("from:Q", title="score", bin="binned"),
        x2=alt.X2("to:Q"),
        y=alt.Y("share:Q", title=title, axis=alt.Axis(format="%", tickCount=3), stack=None, scale=height),
        tooltip=[
            alt.Tooltip("side:N"),
            alt.Tooltip("from:Q", format=".3g"),
            alt.Tooltip("to:Q", format=".3g"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )


def _over_each_other(table: pd.DataFrame, colour: str, *, top: float) -> Any:
    """Bars of the student; the teacher's heights are a line in the colour of words."""
    import altair as alt

    last = table[table["side"] == "teacher"].tail(1)
    drawn = pd.concat([table, last.assign(**{"from": last["to"]})])
    base = _binned(drawn, "share of pairs · bars: student, line: teacher", top=top)
    bars, line = (base.transform_filter(f"datum.side == '{side}'") for side in ("student", "teacher"))
    heights = line.mark_line(interpolate="step-after", strokeWidth=2, strokeJoin="round").encode(x2=alt.Undefined)
    return alt.layer(bars.mark_bar(color=colour, opacity=1), heights)


def _in_words(side: str, values: np.ndarray) -> str:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return f"{side.capitalize()}: median {middle:.3g}, four of five scores from {low:.3g} to {high:.3g}."
