"""The settings that a link carries, and how they stand in the address. Knows nothing of the session."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from drift_core.diagnosis.rule import Rule
from drift_core.samples.sampling import Limits

BYTES_IN_MEGABYTE = 1_000_000


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
    partition, region, colour, heldout_on_map
        What the regions page shows; empty for its first choice.
    threshold
        Teacher's score at which pairs change side, as text; empty for the middle of the teacher's scores.
    seed
        Seed of everything that is drawn.
    max_rows, max_megabytes
        Above these a file is sampled by whole queries.
    list_size, list_floor, list_weight, list_seed, list_spend, list_price
        The retrain list: pairs, least pairs a region, weight of drifted regions, seed of its
        draw, how it is spent, price of 1,000 pairs.
    cost_by, cost_pair, cost_million, cost_tokens
        The teacher's price: "pair" or "token", a pair's, a million tokens', tokens a pair.
    cost_student, cost_calls, cost_canary
        Price of 1,000 calls of the student, calls a week, pairs in the weekly sample.
    cost_retrain, cost_drifted
        Pairs on the retrain list and drifted percent of the calls, as text; empty to follow the open investigation.
    history
        Name of the shipped canary history that is open, empty for a visitor's own.
    rescore
        Token of this visitor's re-scoring, which opens it again; empty where there is none.
    rule
        Fields of the rule that differ from their defaults, as ``name:value`` joined by commas.
    """

    scenario: str = ""
    k: int = Rule().k
    n_clusters: int = 0
    partition: str = ""
    region: str = ""
    colour: str = ""
    heldout_on_map: bool = False
    threshold: str = ""
    seed: int = 0
    max_rows: int = Limits().max_rows
    max_megabytes: int = Limits().max_bytes // BYTES_IN_MEGABYTE
    list_size: int = 5000
    list_floor: int = 200
    list_weight: float = 2.0
    list_seed: int = 0
    list_spend: str = "evenly"
    list_price: float = 5.0
    cost_by: str = "pair"
    cost_pair: float = 0.0
    cost_million: float = 0.0
    cost_tokens: int = 0
    cost_student: float = 0.0
    cost_calls: int = 0
    cost_canary: int = 300
    cost_retrain: str = ""
    cost_drifted: str = ""
    history: str = ""
    rescore: str = ""
    rule: str = ""


def address_of(settings: View) -> dict[str, str]:
    """Write every setting that is not at its default."""
    default = View()
    values = {f.name: getattr(settings, f.name) for f in fields(View)}
    return {name: f"{value}" for name, value in values.items() if value != getattr(default, name)}


def view_of(address: Mapping[str, str]) -> View:
    """Read what an address says; what does not fit a setting is left at its default."""
    default = View()
    known = {f.name for f in fields(View)}
    values = {name: _as(type(getattr(default, name)), text) for name, text in address.items() if name in known}
    return replace(default, **{name: value for name, value in values.items() if value is not None})


def _as(kind: type, text: str) -> Any:
    if kind is str:
        return text
    if kind is bool:
        return text == "True"
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def read_rule(text: str) -> dict[str, float | int]:
    """Fields of the rule out of ``name:value,name:value``; unknown names and unreadable values are left out."""
    default, read = Rule(), {}
    for name, _, value in (part.partition(":") for part in text.split(",") if part):
        number = _as(type(getattr(default, name, "")), value)
        if isinstance(number, int | float):
            read[name] = number
    return read
