"""The verdict for others: six screens in big type, one at a time."""

from pages.components.frame import frame, progress
from pages.components.session import cached
from pages.components.verdict import options_panel, story_panel

with frame.stage("present") as inv:
    with progress.shown("Comparing regions") as report:
        made = cached.diagnosis(inv, report)
        layout = cached.map_layout(inv, report)
    routes = options_panel.weighed(inv, made)
    story = story_panel.told(inv, made, routes)
    story_panel.controls(story)
    story_panel.screen(made, routes, story, layout)
