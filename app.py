"""The first page: what this is, three ways in, and where the investigation stands."""

from pages.components import frame

with frame.page("start") as inv:
    frame.scenario_buttons("start")
