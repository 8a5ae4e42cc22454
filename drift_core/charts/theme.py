"""Colours and shapes that all charts share. Background and text colours are left to whoever shows the chart."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from drift_core.measured import Measured, Measurement

if TYPE_CHECKING:
    import altair as alt

# Okabe and Ito (2008), told apart by colour-blind readers; its grey darkened, so that marks in it read on white, 3:1.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#868686")
BLUE, ORANGE, GREEN, PINK, AMBER, SKY, YELLOW, GREY = PALETTE
BAND_COLOURS: Mapping[str, str] = MappingProxyType({"healthy": GREEN, "suspect": AMBER, "confirmed": ORANGE})
# Each colour has one meaning in every chart: grey is what was (held-out, the student before), blue what is (production,
# the student after, the list drawn of it), orange what drifted or got worse, green what is better or saved. What is
# none of them, such as a comparison or a limit, has the colour of words, or pink.
HELDOUT_GREY = "#7B8794"  # 3:1 and more on light and on dark ground; held-out is the measure, production the news
WORDS_COLOUR = "currentColor"
# Blue and sky change places on a dark ground, where blue is dull: 3.4:1 against 7.6:1.
ON_DARK: Mapping[str, str] = MappingProxyType({BLUE: SKY, SKY: BLUE})
# As CSS takes it: the browser chooses by the theme of the place, also once the reader has turned to the other one.
ON_EITHER: Mapping[str, str] = MappingProxyType({on: f"light-dark({on}, {off})" for on, off in ON_DARK.items()})
SAMPLE_COLOURS: Mapping[str, str] = MappingProxyType({"held-out": HELDOUT_GREY, "production": BLUE})
SAMPLE_SHAPES: Mapping[str, str] = MappingProxyType({"held-out": "circle", "production": "diamond"})
DRIFTED_COLOUR, REST_COLOUR = ORANGE, GREY
DRIFTED_SHAPE, REST_SHAPE = "diamond", "circle"
POINTS = "format(100 * datum.value, '~f')"  # labels of an axis of differences between shares
# As d3 takes it: a minus as words beside the chart write it.
MINUS_AS_IN_TEXT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""], "minus": "-"}
SIZE = 300  # pixels each way where neither the chart nor its place says
FIGURES, WORDS = 13, 14  # pixels: figures on an axis; what is named in words


def sample_scale() -> "alt.Scale":
    """Colours of the two samples, the same in every chart."""
    import altair as alt

    return alt.Scale(domain=list(SAMPLE_COLOURS), range=list(SAMPLE_COLOURS.values()))


def recoloured(drawn: Any, colours: Mapping[str, str]) -> Any:
    """A specification, or any part of one, in other colours: `ON_DARK`, or `ON_EITHER` ground."""
    if isinstance(drawn, str):
        return colours.get(drawn, drawn)
    if isinstance(drawn, Mapping):
        return {name: recoloured(each, colours) for name, each in drawn.items()}
    return [recoloured(each, colours) for each in drawn] if isinstance(drawn, list | tuple) else drawn


def are_shares(values: Iterable[Measurement | None]) -> bool:
    """Whether measured numbers are shares of pairs, which charts too write in per cent."""
    return any(isinstance(each, Measured) and each.is_share for each in values)


def number_format(spec: str, *, is_share: bool) -> str:
    """Vega's format of a number, in per cent with as many digits where it is a share."""
    return f".{int(spec[1]) - 2}%" if is_share else spec


def styled(chart: Any, *, description: str, height: int | None = None) -> Any:
    """Give a finished chart its text alternative, a see-through ground and calm axes, whose words all lie level.

    The chart itself is changed: with every copy of a layered chart Altair copies all of its layers twice.
    """
    import altair as alt

    level = alt.AxisConfig(titleAngle=0, titleAlign="left", titleBaseline="bottom", titleX=0, titleY=-FIGURES)
    config = alt.Config(
        background="transparent",
        locale=alt.Locale(number=MINUS_AS_IN_TEXT),
        view=alt.ViewConfig(stroke=None, continuousWidth=SIZE, continuousHeight=SIZE),
        axis=alt.AxisConfig(
            gridOpacity=0.35,
            domain=False,
            ticks=False,
            labelLimit=220,
            labelFontSize=FIGURES,
            labelPadding=6,
            titleFontSize=FIGURES,
            titleFontWeight="normal",
        ),
        axisX=alt.AxisConfig(titleAnchor="start", labelFlush=False),
        axisYQuantitative=level,
        axisYDiscrete=level,
        legend=alt.LegendConfig(
            labelFontSize=WORDS,
            titleFontSize=WORDS,
            symbolSize=90,
            columnPadding=18,
            rowPadding=4,
            offset=2 * FIGURES + 6,  # clear of the vertical axis' title, which lies level on top
        ),
    )
    chart.description, chart.config = description, config
    if height is not None:
        chart.height = height
    return chart
