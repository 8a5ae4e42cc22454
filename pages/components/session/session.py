"""What one visitor has open: two samples and the settings of the investigation.

Settings and the scenario's name are mirrored in the address, so that a link opens the same view; data never is. The
investigation's token there opens it to this visitor alone (`recent`), a re-scoring's, on its page alone, to all.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.settings import Settings
from drift_core.errors import DriftError, InputError
from drift_core.operations.set_aside import set_odd_scores_aside
from drift_core.regions.encoding import DEFAULT_ENCODER
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import SIDES as SIDES
from drift_core.samples.parts import Side as Side
from drift_core.samples.reading import read_pairs
from drift_core.simulation.scenarios import scenario_named, shipped_scenario_paths
from pages.components.samples import own_embeddings, own_schema
from pages.components.samples.source import Source
from pages.components.session import revisions, visitor_store
from pages.components.session.address import (
    BYTES_IN_MEGABYTE,
    RANGES,
    SECRETS,
    View,
    address_of,
    read_address,
    read_rule,
    with_other_pages,
    write_rule,
)
from pages.components.session.investigation import Investigation, key_of, read_shipped

SIDE_WORDS: Mapping[Side, str] = {"heldout": "Held-out", "production": "Production"}
ENCODER_VARIABLE = "DISTILLATION_DRIFT_ENCODER"
_VIEW, _SAMPLES, _SOURCES, _WRITTEN, _LINKS, _NOTE = "view", "samples", "sources", "address_written", "links", "note"
_ANSWERED, _PAGE, _ASKED, _MOVED, _FIELD = "answered", "page", "investigation_asked", "moved", "field_{}_{}"
KEPT_AS = "investigation"  # of the address, and of what is kept for the visitor
OF_ONE_INVESTIGATION = {f: getattr(View(), f) for f in ("region", "partition", "threshold", "list_size", "list_floor")}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opened:
    sample: ScoredPairs
    key: str


def start(page: str) -> None:
    """Take over what the address says; the frame calls this once at the top of every page."""
    address = {name: st.query_params[name] for name in st.query_params}
    st.session_state[_PAGE], secret = page, page if page in SECRETS else ""
    is_moved = st.session_state.pop(_MOVED, False)  # by a widget, whose browser may still have the address of before
    is_moved |= address == st.session_state.pop(_LINKS, {}).get(page)  # or a link, drawn before a fragment changed it
    if address and not is_moved and address != st.session_state.get(_WRITTEN):
        if secret in address:
            visitor_store.put(secret, address.pop(secret))
        st.session_state[_ASKED] = address.pop(KEPT_AS, "")
        _take_address(address)
    if not st.session_state.get(_ASKED):
        write_address()


def write_address() -> None:
    """Write the settings into the address: the frame once what it asks for is open, a fragment at its end."""
    page = st.session_state.get(_PAGE, "")
    held = {page: secret} if page in SECRETS and (secret := visitor_store.get(page)) else {}
    st.session_state[_WRITTEN], st.session_state[_MOVED] = address(page) | held, False
    if {name: st.query_params[name] for name in st.query_params} != st.session_state[_WRITTEN]:
        st.query_params.from_dict(st.session_state[_WRITTEN])


def asked() -> str:
    """The token of the investigation that the address asks for, said once; empty where it is open already."""
    return "" if (wanted := str(st.session_state.pop(_ASKED, ""))) == token() else wanted


def token() -> str:
    """The token under which the open investigation is kept, empty where it is not."""
    return str(visitor_store.get(KEPT_AS) or "")


def view() -> View:
    """The settings of this visitor."""
    return st.session_state.setdefault(_VIEW, View())


def address(page: str) -> dict[str, str]:
    """The settings as they stand in the address of a page; give these to every link to it."""
    made = address_of(view(), page=page) | ({KEPT_AS: token()} if token() else {})
    st.session_state[_LINKS] = st.session_state.get(_LINKS, {}) | {page: made}
    return made


def change(**values: Any) -> None:
    """Change settings by name, for example ``change(k=25)``; also fit as a widget's callback with ``kwargs``."""
    st.session_state[_VIEW] = replace(view(), **values)


def field(
    name: str, *, widget: str = "main", options: Sequence[Any] = (), default: Any = None, shown: Any = ...
) -> dict[str, Any]:
    """Arguments that tie a widget to a setting: ``st.number_input("Seed", min_value=0, **session.field("seed"))``.

    The widget must not be given a value of its own. Give `widget` a second name where two show one setting, `options`
    with a `default` where it must be one of them, and as `shown` what it comes to where that is not its own.
    """
    key = _FIELD.format(name, widget)
    value = fitting(name, options, default) if options else getattr(view(), name) if shown is ... else shown
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return {"key": key, "on_change": _keep, "args": (name, key)}


def bounds(name: str) -> dict[str, Any]:
    """Arguments that hold a number input to what the setting may be."""
    return {"min_value": RANGES[name].low, "max_value": RANGES[name].high}


def fitting(name: str, options: Sequence[Any], default: Any) -> Any:
    """The setting where it is one of the options; else the default, which takes its place and is said to do so."""
    value = getattr(view(), name)
    if value in options:
        return value
    if value != getattr(View(), name):
        say(f"What is open has no {name.replace('_', ' ')} {value!r}. Taken instead: {default or 'the usual choice'}.")
        change(**{name: default})
    return default


def held_under(name: str, most: int) -> int:
    """A number as far as what is open has it; says so where more was chosen. The setting stays as it is."""
    value: int = getattr(view(), name)
    if value > most and value != getattr(View(), name):
        say(f"What is open has {most:,} pairs to draw from, so {name.replace('_', ' ')} is not {value:,}.")
        change(**{name: most})
    return min(value, most)


def say(sentence: str) -> None:
    """Have the page say what an address or callback could not do."""
    st.session_state[_NOTE] = (*st.session_state.get(_NOTE, ()), sentence)


def take_notes() -> tuple[str, ...]:
    """What the last address or callback could not do, said once."""
    return st.session_state.pop(_NOTE, ())


def rule() -> Rule:
    """The rule with this visitor's changes."""
    return Rule(**{**read_rule(view().rule), "k": view().k})  # type: ignore[arg-type]


def limits() -> Limits:
    """Above what a file is sampled by whole queries."""
    return Limits(max_rows=view().max_rows, max_bytes=view().max_megabytes * BYTES_IN_MEGABYTE)


def change_rule(**values: float) -> None:
    """Change fields of the rule by name; one that is out of range raises SettingError and changes nothing."""
    change(rule=write_rule(read_rule(view().rule) | values))


def reset_rule() -> None:
    change(rule="", k=Rule().k)


def current() -> Investigation | None:
    """The open investigation, or None until both samples are there."""
    opened: dict[Side, _Opened] = st.session_state.get(_SAMPLES, {})
    if len(opened) < len(SIDES):
        return None
    (pinned, current_one), now, schema = revisions.names(), view(), own_schema.schema()
    key = f"{opened['heldout'].key}:{opened['production'].key}"
    own = own_embeddings.of(key)
    heldout, production = _as_answered(key, opened["heldout"].sample, opened["production"].sample)
    return Investigation(
        heldout=heldout,
        production=production,
        settings=Settings(rule=rule(), n_clusters=now.n_clusters or None, seed=now.seed, output_schema=schema),
        encoder=own.encoder if own else encoder(),
        embeddings=own,
        scenario=now.scenario,
        pinned_revision=pinned,
        current_revision=current_one,
        samples_key=key,
    )


def _as_answered(key: str, heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs]:
    """Both samples of one kind of score and without odd scores, found once for what is open."""
    known: tuple[str, tuple[ScoredPairs, ScoredPairs]] | None = st.session_state.get(_ANSWERED)
    if known is None or known[0] != key:
        with suppress(InputError):  # what is unlike in them is said where they are checked against each other
            heldout, production = align_kinds(heldout, production)
        st.session_state[_ANSWERED] = known = key, set_odd_scores_aside(heldout, production)[:2]
    return known[1]


def sample(side: Side) -> ScoredPairs | None:
    """One side of the investigation, where it is there."""
    return opened.sample if (opened := st.session_state.get(_SAMPLES, {}).get(side)) else None


def source(side: Side) -> Source | None:
    """Where one side was read from, so that it can be read again with other columns."""
    return dict[Side, Source](st.session_state.get(_SOURCES, {})).get(side)


def open_scenario(name: str) -> None:
    """Open a shipped scenario; fit as a callback. What is wrong becomes a note."""
    try:
        scenario = scenario_named(name)
        open_files(shipped_scenario_paths(name), (scenario.pinned_revision, scenario.current_revision), scenario=name)
    except DriftError as error:
        say(str(error))


def open_files(paths: tuple[Path, Path], teacher: tuple[str, str], *, scenario: str = "") -> None:
    """Open a held-out and a production file whose teacher's pinned and current revision are known."""
    samples = {side: (read_shipped if scenario else read_pairs)(path) for side, path in zip(SIDES, paths, strict=True)}
    sources = {
        side: Source(name=path.name, data=path, names=(*samples[side].columns.values(), *samples[side].slices))
        for side, path in zip(SIDES, paths, strict=True)
    }
    put_both(samples, sources, teacher, scenario=scenario)


def put_both(
    samples: Mapping[Side, ScoredPairs], sources: Mapping[Side, Source], teacher: tuple[str, str], *, scenario: str = ""
) -> None:
    """Put both samples in place with where they came from, and end what was open."""
    st.session_state[_SAMPLES] = {side: _Opened(sample=sample, key=key_of(sample)) for side, sample in samples.items()}
    st.session_state[_SOURCES] = dict(sources)
    revisions.put(*teacher)
    change(scenario=scenario, **OF_ONE_INVESTIGATION)
    visitor_store.put(KEPT_AS, "")


def put_source(side: Side, given: Source, pairs: ScoredPairs | None, *, keeps_other: bool = False) -> None:
    """Put a sample in place with its source; None where the source could not be read.

    Ends an open scenario; both of its samples go unless one is only read with other columns, or the other is kept.
    """
    before, opened = source(side), token()
    is_same = before is not None and (before.data, before.part) == (given.data, given.part)
    if view().scenario and not is_same and not keeps_other:
        st.session_state[_SAMPLES], st.session_state[_SOURCES] = {}, {}
        revisions.put("", "")
    remove_sample(side)
    st.session_state[_SOURCES] = st.session_state.get(_SOURCES, {}) | {side: given}
    if pairs is not None:
        st.session_state[_SAMPLES] = st.session_state[_SAMPLES] | {side: _Opened(sample=pairs, key=key_of(pairs))}
    if is_same:
        visitor_store.put(KEPT_AS, opened)


def remove_sample(side: Side) -> None:
    """Take a sample and its source out; fit as a callback."""
    for key in (_SAMPLES, _SOURCES):
        st.session_state[key] = {name: value for name, value in st.session_state.get(key, {}).items() if name != side}
    change(scenario="", **OF_ONE_INVESTIGATION)
    visitor_store.put(KEPT_AS, "")


def event(key: str) -> Any:
    """What a chart with this widget key reports as selected, or what was typed; for its callback."""
    return {} if (value := st.session_state.get(key)) is None else value


def encoder() -> str:
    """Name of the text encoder: the default, or the one that the server was started with."""
    return os.environ.get(ENCODER_VARIABLE, DEFAULT_ENCODER)


def _keep(name: str, key: str) -> None:
    st.session_state[_MOVED] = True
    change(**{name: st.session_state[key]})


def _take_address(address: Mapping[str, str]) -> None:
    read = read_address(address)
    for fault in read.faults:
        say(fault)
    has_own = bool(st.session_state.get(_SAMPLES)) and not view().scenario
    if read.settings.scenario and not has_own and read.settings.scenario != view().scenario:
        open_scenario(read.settings.scenario)
    taken = with_other_pages(read.settings, view(), page=st.session_state[_PAGE], said=address)
    history = view().history if _WRITTEN in st.session_state else taken.history  # Back may name another one's
    st.session_state[_VIEW] = replace(taken, scenario=view().scenario, history=history)
