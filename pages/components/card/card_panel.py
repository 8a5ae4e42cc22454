"""Parts of the judge card's page: how a card is opened, what it lacks, its file."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType

import streamlit as st

from drift_core.errors import DriftError
from drift_core.gate import triggers as gate_triggers
from drift_core.gate.triggers import Trigger
from drift_core.judge_card.card import JudgeCard
from drift_core.judge_card.completeness import CardCheck, CardGap
from pages.components.card import card_open
from pages.components.card.card_fields import label_of, without_quotes
from pages.components.card.card_open import OpenCard
from pages.components.frame import frame, results
from pages.components.frame.steps import State, card_state
from pages.components.gate import gate_reading
from pages.components.session import documents
from pages.components.walk import recent_panel

TYPES = ["yaml", "yml"]
_TRIGGER_STATES: Mapping[gate_triggers.State, State] = MappingProxyType(
    {"fired": "fell", "quiet": "held", "cannot tell": "cannot tell", "off": "not yet"}
)
TITLES = {"missing": "To fill in", "not_done": "Not done", "due": "Due"}


def show_notes() -> None:
    """What the last action changed, and what could not be opened."""
    fault, note = card_open.take_fault(), card_open.take_note()
    if fault:
        st.error(results.message(fault))
    if note:
        st.info(results.escape(note))


def open_one() -> None:
    """Ways to a card: the template, a file."""
    blank, own = st.columns(2, gap="large")
    with blank.container(border=True, height="stretch"):
        st.subheader("Start from the template", anchor=False)
        run = card_open.newest_run()
        known = f" The newest canary run, of {run.at:%Y-%m-%d}, is filled in." if run else ""
        st.markdown(f"Every field with a comment that says what it is for.{known}")
        st.button(results.on_primary("Start"), key="card_begin", on_click=card_open.begin, type="primary")
    with own.container(border=True, height="stretch"):
        st.subheader("Your own card", anchor=False)
        upload("Judge card (YAML)")
        recent_panel.of_others("card")


def upload(label: str) -> None:
    """A place for a file."""
    st.file_uploader(label, TYPES, key="card_upload", on_change=card_open.open_upload, args=("card_upload",))


def verdict(opened: OpenCard, check: CardCheck) -> None:
    """Whether the card is complete, and whose it is."""
    results.verdict(check.sentence)
    st.markdown(f"**{results.state_line(card_state(check))}** · {results.escape(_whose(opened.card))}")
    if opened.card.training.capacity:
        st.info(f"From its training: {results.escape(opened.card.training.capacity)}")


def gaps(opened: OpenCard, check: CardCheck) -> None:
    """What is missing, and how to fill it."""
    for kind, title in TITLES.items():
        lines = [told(gap) for gap in check.gaps if gap.kind == kind]
        if lines:
            st.subheader(title, anchor=False)
            st.markdown("\n".join(f"- {line}" for line in lines))
    run = card_open.run_for_pin(opened.card)
    if run is not None:
        first = f"the first run of {run.student_version}, of {run.at:%Y-%m-%d}, was scored by {run.teacher_revision}."
        st.caption(results.escape(f"For the pin: {first}"))
        st.button("Take it as the pin", key="card_take_pin", on_click=card_open.take_pin)


def triggers(opened: OpenCard) -> None:
    """Which retrain triggers have fired, by the open history where one is open, else by the card alone."""
    decision = None
    with suppress(DriftError):  # the pages of the history say that it cannot be read
        read = gate_reading.reading()
        decision = read.decision if read else None
    found = decision.triggers if decision else gate_triggers.read_triggers(opened.card, now=datetime.now(UTC))
    show_triggers(found)
    if decision is not None:
        st.caption(f"By the open history, for {decision.now:%Y-%m-%d}.")


def show_triggers(found: Sequence[Trigger]) -> None:
    """Each retrain trigger with its state and why."""
    st.subheader("Retrain triggers", anchor=False)
    for each in found:
        since = f" since {each.since:%Y-%m-%d}" if each.since else ""
        label = label_of(f"retrain_triggers.{each.name}")
        head = f"{results.shape(_TRIGGER_STATES[each.state])} **{label}** · {each.state}{since}"
        st.markdown(f"{head}  \n{results.escape(each.sentence)}")


def named_regions(opened: OpenCard) -> None:
    """Offer each region that the open history follows as a critical slice."""
    names = card_open.named_without_floor(opened.card)
    if not names:
        return
    st.subheader("Named regions without a floor", anchor=False)
    st.caption("The canary follows them; as critical slices they hold a release too. The floor can be changed below.")
    for place, name in enumerate(names):
        label = f"Make {results.escape(name)} a critical slice"
        st.button(label, key=f"card_critical_{place}", on_click=card_open.make_critical, args=(name,))


def told(gap: CardGap) -> str:
    """A gap in the form's words, as Markdown."""
    label = f"**{results.escape(label_of(gap.field))}**"
    how = without_quotes(gap.sentence).removeprefix("Fill in: ").removesuffix(".")
    if gap.kind == "not_done" or how.lower() == label_of(gap.field).lower():
        return label
    return f"{label}: {results.escape(how)}."


def last_canary(opened: OpenCard) -> None:
    """The last run as the card has it, and a way to take a newer one over."""
    st.subheader("Last canary on the card", anchor=False)
    last, run = opened.card.canary.last, card_open.newest_run()
    if last.at is None or last.agreement is None:
        st.markdown("None.")
    else:
        overlap = "" if last.overlap is None else f", overlap {last.overlap:.2f}"
        by = f", teacher {results.escape(last.teacher_revision)}" if last.teacher_revision else ""
        st.markdown(f"{last.at[:10]}: agreement {last.agreement:.2f}{overlap}{by}.")
    if run is not None and run.at.isoformat(timespec="seconds") != last.at:
        st.button(f"Take over the run of {run.at:%Y-%m-%d}", key="card_take_run", on_click=card_open.take_newest_run)


def tail_set(opened: OpenCard) -> None:
    """Which hardest pairs every comparison is held to."""
    st.subheader("Tail set", anchor=False)
    held = opened.card.tail_set
    if held.digest is None:
        st.markdown("None. `distillation-drift tail --card` draws the hardest pairs, which every comparison then has.")
    else:
        size = f"{results.counted(held.n_pairs, 'pair')}, " if held.n_pairs else ""
        st.markdown(f"{size}digest {held.digest[:12]}. The gate takes no comparison without them.")


def shadow_review(opened: OpenCard) -> None:
    """How often the student was wrong where it differed from its teacher."""
    st.subheader("Review of disagreements", anchor=False)
    held = opened.card.shadow_review
    if held.at is None or held.wrong is None or held.wrong_low is None or held.wrong_high is None:
        st.markdown("None. `distillation-drift review result --card` notes the last one, which the gate then reads.")
    else:
        share = f"{held.wrong:.0%} ({held.wrong_low:.0%} to {held.wrong_high:.0%})"
        st.markdown(f"{held.at[:10]}: the student is wrong in {share} of the disagreements.")


def file(opened: OpenCard) -> None:
    """The file as it stands, to read and to take away."""
    st.subheader("The file", anchor=False)
    kept = "kept for this browser" if documents.token("card") else "gone with this visit"
    st.caption(f"The gate page goes by this card. It is {kept}; keep the file beside the student.")
    st.download_button(
        f"Download {opened.name}",
        opened.content,
        file_name=opened.name,
        mime="application/yaml",
        key="card_download",
        on_click="ignore",
    )
    with st.expander("Preview"):
        st.code(opened.content.decode("utf-8-sig"), language=None, wrap_lines=True)
    with st.expander("Open another card"):
        upload("Another card (YAML)")
        st.button("Close this card", key="card_close", on_click=card_open.close)


def way_on() -> None:
    """The gate, which goes by this card."""
    frame.next_step("gate", "The gate holds a release to this card.")


def _whose(card: JudgeCard) -> str:
    student = f"student {card.student.version}" if card.student.version else "student not named"
    teacher = " ".join(part for part in (card.teacher.model, card.teacher.revision) if part)
    return f"{student} · {f'teacher {teacher}' if teacher else 'teacher not named'}"
