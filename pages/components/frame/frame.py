"""The frame that every page has: settings of the page, sidebar with the steps, title, errors, the way on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from drift_core.errors import DriftError
from drift_core.simulation.scenarios import SCENARIOS
from pages.components.canary import history_owner
from pages.components.frame import progress, results
from pages.components.frame.steps import (
    LOOP,
    STEPS,
    WALK,
    WATCH,
    Step,
    StepState,
    history_name,
    loop_states,
    step_states,
    verdict_so_far,
    watch_states,
)
from pages.components.samples import intake, own_embeddings
from pages.components.session import cached, own_files, recent, session, visitor_store
from pages.components.session.investigation import Investigation
from pages.components.walk.rule_settings import edit_rule

ButtonKind = Literal["primary", "secondary", "tertiary"]
_WAY_ON: ContextVar[DeltaGenerator] = ContextVar("way_on")  # the place beside the title of the page that is drawn
# The open page's place in the step list, and whether a fragment of it has drawn it: that place is the fragment's then.
_OWN_LINE, _IS_DRAWN = "own_line", "own_line_is_drawn"
_MADE = "verdict_made"  # the samples whose verdict was there in this session
PRODUCT = "Distillation Drift"
ICON = str(Path(__file__).with_name("icon.png"))
WHAT_THIS_IS = (
    "A student is a small model that imitates a teacher, a big judge of (query, doc) pairs. It was checked on held-out "
    "pairs before it shipped. This product compares them with today's production: whether agreement fell, where, why, "
    "and which pairs to re-score. Your data stays on this machine; only re-scoring sends pairs, to the endpoint named."
)
# Once a page is drawn: on a narrow screen Streamlit closes the step list when one touches beside it, but not when one
# chooses a step in it; and now and then a page opens as far down as the one before was left. Each change of the address
# would be a step of the browser's history too: Back leads to the page before, not through every place of a slider.
_OPENED = """<span id="opened-{name}"></span><script>
(() => {{
  const here = document.getElementById("opened-{name}");
  here.dispatchEvent(new MouseEvent("mousedown", {{bubbles: true}}));
  here.closest('[data-testid="stMain"]')?.scrollTo(0, 0);
  const push = history.pushState;
  if (push.isOfPages) return;
  history.pushState = function (state, title, url) {{
    const isHere = new URL(url, location).pathname === location.pathname;
    (isHere ? history.replaceState : push).call(history, state, title, url);
  }};
  history.pushState.isOfPages = true;
}})();
</script>"""


@contextmanager
def page(name: str) -> Iterator[Investigation]:
    """Draw the frame of a step around its content; the whole page stands inside ``with frame.page("spread") as inv:``.

    A step that needs both samples says so and ends there when they are missing. An error that the package raises on
    purpose inside is shown as its message.
    """
    step = STEPS[name]
    st.set_page_config(page_title=f"{step.label} · {PRODUCT}", page_icon=ICON, layout="wide")
    st.logo(ICON, size="large")
    session.start(name)
    recent.open_asked()
    intake.open_given()
    cached.warm_up_server(session.encoder())
    visitor_store.take(_IS_DRAWN)
    places = _places()
    with st.sidebar:
        _foot()
    _title(step)
    notes = st.container()
    inv = _usable(session.current())
    history_owner.enter(inv)
    recent.keep(inv)
    session.write_address()
    if name in history_owner.apart(inv):
        st.caption("▲ What is open here is not of the open investigation's samples.")
    with st.spinner("Measuring spread and overlap"):  # shows itself after half a second
        _sidebar(places, step, inv)
    if step.needs_samples and inv is None:
        _ask_for_samples(step)
        st.stop()
    try:
        yield inv  # type: ignore[misc]  # None only on the pages that do not need samples
    except DriftError as error:
        st.error(results.escape(error))
    recent.keep(inv)
    _sidebar(places, step, inv)
    with notes:
        _say_notes()
        _diagnose_again(inv)


@contextmanager
def stage(name: str) -> Iterator[Investigation]:
    """Draw a page that is shown to others, with nothing around its content; it needs both samples."""
    step = STEPS[name]
    st.set_page_config(page_title=f"{step.label} · {PRODUCT}", page_icon=ICON, layout="wide")
    session.start(name)
    recent.open_asked()
    intake.open_given()
    inv = _usable(session.current())
    history_owner.enter(inv)
    recent.keep(inv)
    session.write_address()
    if inv is None:
        st.title(step.question, anchor=False)
        _ask_for_samples(step)
        st.stop()
    try:
        yield inv
    except DriftError as error:
        st.title(step.question, anchor=False)
        st.error(results.escape(error))
        go("To the samples", STEPS["samples"].page, key="to_samples", kind="primary")
    recent.keep(inv)
    _say_notes()


def _diagnose_again(inv: Investigation | None) -> None:
    """Make the verdict again that was there before a restart, once; the page stands meanwhile, and then shows it."""
    if inv is None or not recent.verdict_before(inv) or visitor_store.get(_MADE) == inv.samples_key:
        return
    visitor_store.put(_MADE, inv.samples_key)
    if cached.ready_diagnosis(inv) is None:  # else the page has made it itself
        with suppress(DriftError), progress.shown("Making the verdict again") as report:  # its own page says why not
            cached.diagnosis(inv, report)
        st.rerun()


def _title(step: Step) -> None:
    """The question of the page; once it is drawn, a step list that covers it closes and the page stands at its top."""
    if step is STEPS["start"]:  # which leads on by a button of its own, and has the longest question
        question = st.container()
    else:
        question, way_on = st.columns([4, 1], vertical_alignment="bottom")
        _WAY_ON.set(way_on)
    with question, st.container(gap=None):
        st.html(_OPENED.format(name=step.name), unsafe_allow_javascript=True)
        st.title(step.question, anchor=False)


def _say_notes() -> None:
    for note in session.take_notes():
        st.error(results.message(note))


def _usable(inv: Investigation | None) -> Investigation | None:
    """Say what the last callback could not do, and whether the two samples can be compared at all."""
    _say_notes()
    try:
        if inv is not None:
            cached.problems(inv)
    except DriftError as error:
        st.error(results.escape(error))
        return None
    return inv


def next_step(name: str, reason: str) -> None:
    """The way on: at the end of the page why it is next and one primary button, and a button beside the title."""
    step = STEPS[name]
    with _WAY_ON.get(), st.container(horizontal_alignment="right"):
        go(f"Next: {step.label}", step.page, key=f"onward_{name}")
    st.divider()
    st.markdown(reason)
    go(f"{step.question} {step.label}", step.page, key=f"next_{name}", kind="primary")


def go(label: str, target: str, *, key: str, kind: ButtonKind = "secondary") -> None:
    """A button that opens a page with the settings in its address."""
    if st.button(results.on_primary(label) if kind == "primary" else label, key=key, type=kind):
        st.switch_page(target, query_params=session.address(Path(target).stem))


def link(label: str, target: str) -> None:
    """A link to a page with the settings in its address; plain text where a page runs alone and has no neighbours."""
    try:
        st.page_link(target, label=label, query_params=session.address(Path(target).stem))
    except StreamlitAPIException:
        st.markdown(label)


def scenario_buttons(prefix: str, *, kind: ButtonKind = "tertiary") -> None:
    """One button a shipped scenario."""
    for scenario in SCENARIOS.values():
        st.button(
            scenario.title,
            key=f"{prefix}_{scenario.name}",
            on_click=session.open_scenario,
            args=(scenario.name,),
            type=kind,
        )


def _places() -> dict[str, DeltaGenerator]:
    """Where the step list is drawn: its top, then a title and the lines of each group, each to be drawn anew alone."""
    names = ("top", *(name for group in (LOOP, WATCH) for name in (_title_of(group), *(each.name for each in group))))
    with st.sidebar:
        return {name: st.empty() for name in names}


def _title_of(group: Sequence[Step]) -> str:
    return f"title over {group[0].name}"


def _sidebar(places: Mapping[str, DeltaGenerator], step: Step, inv: Investigation | None) -> None:
    with places["top"].container():
        link(f"**{PRODUCT}**", STEPS["start"].page)
        _investigation(inv)
        states = step_states(inv)
        for number, each in enumerate(WALK, start=1):
            label = f"{number} {each.label} · {results.state_line(states[each.name], is_short=True)}"
            link(f"**{label}**" if each is step else label, each.page)
        if inv is not None:
            st.caption(f"Verdict so far: {results.escape(verdict_so_far(inv))}")
    drawn = step if visitor_store.take(_IS_DRAWN) else None
    others = [f"▲ {STEPS[name].label}: not of these samples" for name in history_owner.apart(inv)]
    places[_title_of(LOOP)].caption("  \n".join(("**Close the loop**", *others)))
    _lines(places, LOOP, loop_states(), step, drawn=drawn)
    of = " · ".join(results.escape(each) for each in (history_name(), history_owner.owner()) if each)
    apart = "  \n▲ not of these samples" if history_owner.said(inv) else ""
    places[_title_of(WATCH)].caption(f"**After it has shipped**{f' · {of}' if of else ''}{apart}")
    _lines(places, WATCH, watch_states(), step, drawn=drawn)
    visitor_store.put(_OWN_LINE, places.get(step.name))


def _lines(
    places: Mapping[str, DeltaGenerator],
    steps: Sequence[Step],
    states: Mapping[str, StepState],
    step: Step,
    *,
    drawn: Step | None,
) -> None:
    for each in steps:
        if each is not drawn:
            _line(places[each.name], each, states[each.name], is_here=each is step)


def own_line(name: str, state: StepState) -> None:
    """Draw the open page's line of the step list anew, from within a fragment of that page at each of its runs."""
    visitor_store.put(_IS_DRAWN, True)
    _line(visitor_store.get(_OWN_LINE), STEPS[name], state, is_here=True)


def _line(place: DeltaGenerator, step: Step, state: StepState, *, is_here: bool) -> None:
    label = f"{step.label} · {results.state_line(state, is_short=True)}"
    with place:
        link(f"**{label}**" if is_here else label, step.page)


def _investigation(inv: Investigation | None) -> None:
    if inv is None:
        st.caption("No investigation is open." + results.escape(own_files.said()))
        return
    title = SCENARIOS[inv.scenario].title if inv.scenario in SCENARIOS else "Your files"
    sizes = "  \n".join(
        f"{word}: {results.escape(pairs.name)}, {len(pairs):,} pairs"
        for word, pairs in (("Held-out", inv.heldout), ("Production", inv.production))
    )
    if inv.embeddings is not None:
        sizes += f"  \nEmbeddings: {results.escape(own_embeddings.name())}"
    revisions = results.escape(" to ".join(filter(None, dict.fromkeys((inv.pinned_revision, inv.current_revision)))))
    st.markdown(f"**{title}**")
    its_own = results.escape(", ".join(history_owner.opened_here()))
    also = (f"  \nTeacher: {revisions}" if revisions else "") + (f"  \nWith it: {its_own}" if its_own else "")
    st.caption(sizes + also + results.escape(own_files.said()))


def _foot() -> None:
    st.divider()
    if st.button("Settings of the rule", key="edit_rule", type="tertiary"):
        edit_rule()
    help_text = "The fixed thresholds of the textbook, beside what the sample can tell."
    st.toggle("Show the textbook's bands", help=help_text, **session.field("textbook"))
    with st.expander("Sample scenarios"):
        scenario_buttons("foot")
    with st.expander("What this is"):
        st.markdown(WHAT_THIS_IS)


def _ask_for_samples(step: Step) -> None:
    st.markdown(f"{step.label} needs two samples: held-out and production. Bring them, or open a scenario.")
    go("Choose the samples", STEPS["samples"].page, key="to_samples", kind="primary")
    scenario_buttons("needed")
