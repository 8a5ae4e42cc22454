"""The story of the verdict, one screen at a time, and the way through it by buttons or keys."""

import streamlit as st

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.options.next_action import next_action
from drift_core.options.weigh import Options
from drift_core.regions.projection import MapLayout
from drift_core.report.pictures import on_screen, story_picture
from drift_core.report.render import render_examples, render_picture, render_screen, render_ways
from drift_core.report.story import Story, tell_story
from pages.components.frame import results
from pages.components.frame.steps import STEPS
from pages.components.session import session
from pages.components.session.investigation import Investigation
from pages.components.verdict import action_panel

# A browser goes to full screen at the press of a button of its own page, not at the server's word.
_FULL_SCREEN = """<button id="full-screen" type="button" style="font: inherit; color: inherit; background: transparent;
border: 1px solid currentColor; border-radius: 6px; padding: .35rem .8rem; cursor: pointer; white-space: nowrap">Full
screen</button><script>
document.getElementById("full-screen").onclick = () => document.fullscreenElement
  ? document.exitFullscreen() : document.documentElement.requestFullscreen();
</script>"""


def told(inv: Investigation, made: Diagnosis, routes: Options) -> Story:
    """The story, with the price and the revisions that are entered."""
    revisions = (inv.pinned_revision, inv.current_revision)
    return tell_story(made, routes=routes, price=action_panel.price_of(next_action(made, routes)), revisions=revisions)


def controls(story: Story) -> None:
    """Back, next, full screen and the way out, each by its key too."""
    last, now = len(story.parts), session.view().screen
    with st.container(horizontal=True, vertical_alignment="center"):
        _turn("Back", max(1, now - 1), "Left", is_off=now == 1)
        _turn("Next", min(last, now + 1), "Right", is_off=now == last)
        st.html(_FULL_SCREEN, width="content", unsafe_allow_javascript=True)
        if st.button("To the verdict", key="present_end", shortcut="Esc"):
            session.change(screen=1)
            st.switch_page(STEPS["verdict"].page, query_params=session.address("verdict"))
        st.space("stretch")
        st.markdown(results.escape(story.title), width="content")


def screen(made: Diagnosis, routes: Options, story: Story, layout: MapLayout) -> None:
    """The part of the story that the address names: what it says, and beside it what it shows."""
    place = session.view().screen - 1
    part = story.parts[place].name
    said, shown = st.columns([10, 11], gap="large")
    said.html(render_screen(story, place))
    with shown:
        picture = story_picture(made, part, layout, ground=results.ground(1))
        if picture is not None:
            drawn = on_screen(picture, part, words=results.words_colour(), is_dark=results.is_dark())
            st.html(render_picture(drawn))
        if part == "happened" and story.examples:
            st.html(render_examples(story))
        if part == "next":
            st.html(render_ways(story, routes))


def _turn(label: str, to: int, key: str, *, is_off: bool) -> None:
    st.button(
        label,
        key=f"present_{label.lower()}",
        on_click=session.change,
        kwargs={"screen": to},
        shortcut=key,
        disabled=is_off,
    )
