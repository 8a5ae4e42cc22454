"""What one visitor has open: two samples and the settings of the investigation. The only file that names state keys.

Settings and the scenario's name are mirrored in the address, so that a link opens the same view; data never is.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from drift_core.diagnosis.diagnose import Settings
from drift_core.diagnosis.rule import Rule
from drift_core.errors import DriftError
from drift_core.regions.encoding import DEFAULT_ENCODER
from drift_core.regions.picking import Pick
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.scenarios import SCENARIOS, shipped_scenario_paths

Side = Literal["heldout", "production"]
SIDES: tuple[Side, Side] = ("heldout", "production")
SIDE_WORDS: Mapping[Side, str] = {"heldout": "Held-out", "production": "Production"}

ENCODER_VARIABLE = "DISTILLATION_DRIFT_ENCODER"
_VIEW, _SAMPLES, _REVISIONS, _WRITTEN, _NOTE = "view", "samples", "revisions", "address_written", "note"
_PICK, _ADDED = "pick", "added_pairs"
_FIELD = "field_{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a link carries: every setting that is not at its default, and the name of the scenario.

    Attributes
    ----------
    scenario
        Name of the open scenario, empty for a visitor's own files.
    k
        Size of the top.
    n_clusters
        Number of query clusters; 0 lets the data choose.
    partition, region, colour
        What the regions page shows; empty for its first choice.
    threshold
        Teacher's score at which pairs change side, as text; empty for the middle of the teacher's scores.
    seed
        Seed of everything that is drawn.
    list_size, list_floor, list_weight, list_price
        The retrain list: pairs, least pairs a region, weight of drifted regions, price of 1,000 pairs.
    rule
        Fields of the rule that differ from their defaults, as ``name:value`` joined by commas.
    """

    scenario: str = ""
    k: int = Rule().k
    n_clusters: int = 0
    partition: str = ""
    region: str = ""
    colour: str = ""
    threshold: str = ""
    seed: int = 0
    list_size: int = 5000
    list_floor: int = 200
    list_weight: float = 2.0
    list_price: float = 5.0
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Investigation:
    """Both samples, the settings, and a key that tells this content in this order of rows from any other."""

    heldout: ScoredPairs
    production: ScoredPairs
    settings: Settings
    encoder: str
    scenario: str
    pinned_revision: str
    current_revision: str
    samples_key: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Opened:
    sample: ScoredPairs
    key: str


def start() -> None:
    """Take over what the address says; the frame calls this once at the top of every page."""
    address = {name: st.query_params[name] for name in st.query_params}
    if address and address != st.session_state.get(_WRITTEN):
        _take_address(address)
    st.session_state[_WRITTEN] = _address_of(view())
    if address != st.session_state[_WRITTEN]:
        st.query_params.from_dict(st.session_state[_WRITTEN])


def view() -> View:
    """The settings of this visitor."""
    return st.session_state.setdefault(_VIEW, View())


def address() -> dict[str, str]:
    """The settings as they stand in the address; give these to every link between pages."""
    return _address_of(view())


def change(**values: Any) -> None:
    """Change settings by name, for example ``change(k=25)``; also fit as a widget's callback with ``kwargs``."""
    st.session_state[_VIEW] = replace(view(), **values)
    for name, value in values.items():
        if _FIELD.format(name) in st.session_state:
            st.session_state[_FIELD.format(name)] = value


def field(name: str) -> dict[str, Any]:
    """Arguments that tie a widget to a setting: ``st.number_input("Seed", min_value=0, **session.field("seed"))``.

    The widget must not be given a value of its own.
    """
    key = _FIELD.format(name)
    st.session_state.setdefault(key, getattr(view(), name))
    return {"key": key, "on_change": _keep, "args": (name,)}


def note() -> str:
    """What the last address or callback could not do, said once."""
    return str(st.session_state.pop(_NOTE, ""))


def rule() -> Rule:
    """The rule with this visitor's changes."""
    changed: dict[str, Any] = _read_rule(view().rule)
    return Rule(**{**changed, "k": view().k})


def change_rule(**values: float) -> None:
    """Change fields of the rule by name; one that is out of range raises SettingError and changes nothing."""
    Rule(**{**_read_rule(view().rule), **values})  # type: ignore[arg-type]
    default = Rule()
    changed = {**_read_rule(view().rule), **values}
    kept = {name: value for name, value in changed.items() if value != getattr(default, name)}
    change(rule=",".join(f"{name}:{value:g}" for name, value in kept.items()))


def reset_rule() -> None:
    change(rule="", k=Rule().k)


def current() -> Investigation | None:
    """The open investigation, or None until both samples are there."""
    opened: dict[Side, _Opened] = st.session_state.get(_SAMPLES, {})
    if len(opened) < len(SIDES):
        return None
    pinned, current_one = revisions()
    now = view()
    return Investigation(
        heldout=opened["heldout"].sample,
        production=opened["production"].sample,
        settings=Settings(rule=rule(), n_clusters=now.n_clusters or None, seed=now.seed),
        encoder=encoder(),
        scenario=now.scenario,
        pinned_revision=pinned,
        current_revision=current_one,
        samples_key=f"{opened['heldout'].key}:{opened['production'].key}",
    )


def sample(side: Side) -> ScoredPairs | None:
    """One side of the investigation, where it is there."""
    opened = st.session_state.get(_SAMPLES, {}).get(side)
    return opened.sample if opened else None


def open_scenario(name: str) -> None:
    """Open a shipped scenario; fit as a callback. What is wrong becomes a note."""
    try:
        paths = shipped_scenario_paths(name)
        samples = {side: read_pairs(path) for side, path in zip(SIDES, paths, strict=True)}
    except DriftError as error:
        st.session_state[_NOTE] = str(error)
        return
    st.session_state[_SAMPLES] = {side: _opened(read) for side, read in samples.items()}
    st.session_state[_REVISIONS] = (SCENARIOS[name].pinned_revision, SCENARIOS[name].current_revision)
    change(scenario=name, region="", partition="", threshold="")


def put_sample(side: Side, pairs: ScoredPairs) -> None:
    """Put a sample in place. A visitor's own sample ends an open scenario."""
    opened = {} if view().scenario else dict(st.session_state.get(_SAMPLES, {}))
    if view().scenario:
        st.session_state[_REVISIONS] = ("", "")
    st.session_state[_SAMPLES] = opened | {side: _opened(pairs)}
    change(scenario="", region="", partition="", threshold="")


def open_samples(heldout: ScoredPairs, production: ScoredPairs) -> None:
    """Open two samples at once."""
    put_sample("heldout", heldout)
    put_sample("production", production)


def remove_sample(side: Side) -> None:
    """Take a sample out; fit as a callback."""
    rest = {name: opened for name, opened in st.session_state.get(_SAMPLES, {}).items() if name != side}
    st.session_state[_SAMPLES] = rest
    change(scenario="", region="", partition="", threshold="")


def revisions() -> tuple[str, str]:
    """The teacher's pinned and current revision as typed, or as the scenario has them; empty where unknown."""
    return st.session_state.get(_REVISIONS, ("", ""))


def change_revisions(pinned: str, current_one: str) -> None:
    st.session_state[_REVISIONS] = (pinned.strip(), current_one.strip())


def event(key: str) -> Any:
    """What a chart with this widget key reports as selected; for its callback."""
    return st.session_state.get(key) or {}


def pick() -> Pick | None:
    """What is picked on the map of the open investigation by outline or words, or None."""
    kept = st.session_state.get(_PICK)
    inv = current()
    return kept[1] if kept and inv and kept[0] == inv.samples_key else None


def put_pick(choice: Pick | None) -> None:
    """Pick on the map, or let go; fit as a callback."""
    inv = current()
    st.session_state[_PICK] = (inv.samples_key, choice) if inv and choice else None


def added_pairs() -> np.ndarray:
    """Production pairs added to the retrain list by hand, bool of shape (n_production,)."""
    inv = current()
    key, rows = st.session_state.get(_ADDED, ("", ()))
    mask = np.zeros(len(inv.production) if inv else 0, dtype=bool)
    if inv and key == inv.samples_key:
        mask[list(rows)] = True
    return mask


def add_pairs(chosen: np.ndarray, *, is_added: bool = True) -> None:
    """Put pairs on the retrain list by hand, or take them off; fit as a callback."""
    inv = current()
    if inv is not None:
        mask = added_pairs() | chosen if is_added else added_pairs() & ~chosen
        st.session_state[_ADDED] = (inv.samples_key, tuple(np.flatnonzero(mask).tolist()))


def encoder() -> str:
    """Name of the text encoder: the default, or the one that the server was started with."""
    return os.environ.get(ENCODER_VARIABLE, DEFAULT_ENCODER)


def _keep(name: str) -> None:
    st.session_state[_VIEW] = replace(view(), **{name: st.session_state[_FIELD.format(name)]})


def _opened(pairs: ScoredPairs) -> _Opened:
    """Results follow the rows, so the key counts their order; the digest alone does not."""
    texts = pd.util.hash_array(pairs.query, categorize=True)
    order = hashlib.sha256(texts.tobytes() + pairs.teacher.tobytes() + pairs.student.tobytes()).hexdigest()
    return _Opened(sample=pairs, key=f"{pairs.digest}-{order}")


def _take_address(address: Mapping[str, str]) -> None:
    taken = _view_of(address)
    is_own = st.session_state.get(_SAMPLES) and not view().scenario
    wanted = taken.scenario
    st.session_state[_VIEW] = replace(taken, scenario=view().scenario)
    for name in (f.name for f in fields(View)):
        st.session_state.pop(_FIELD.format(name), None)
    if wanted and not is_own and wanted != view().scenario:
        open_scenario(wanted)
        st.session_state[_VIEW] = replace(taken, scenario=view().scenario)


def _address_of(settings: View) -> dict[str, str]:
    default = View()
    values = {f.name: getattr(settings, f.name) for f in fields(View)}
    return {name: f"{value}" for name, value in values.items() if value != getattr(default, name)}


def _view_of(address: Mapping[str, str]) -> View:
    """Read what an address says; what does not fit a setting is left at its default."""
    default = View()
    values = {name: _as(type(getattr(default, name)), text) for name, text in address.items() if hasattr(default, name)}
    return replace(default, **{name: value for name, value in values.items() if value is not None})


def _as(kind: type, text: str) -> Any:
    if kind is str:
        return text
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def _read_rule(text: str) -> dict[str, float | int]:
    """Fields of the rule out of ``name:value,name:value``; unknown names and unreadable values are left out."""
    default, read = Rule(), {}
    for name, _, value in (part.partition(":") for part in text.split(",") if part):
        number = _as(type(getattr(default, name, "")), value)
        if isinstance(number, int | float):
            read[name] = number
    return read
