"""The settings that a link carries, and how they stand in the address. Knows nothing of the session."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from drift_core.agreement.rule import Rule
from drift_core.errors import SettingError
from drift_core.options.costs import price_per_pair
from drift_core.regions.projection import ENGINES, MapEngine
from drift_core.samples.checks import LARGEST, MIN_PAIRS
from drift_core.samples.limits import Limits
from drift_core.simulation import canary_year_samples
from drift_core.simulation.scenarios import SCENARIOS

BYTES_IN_MEGABYTE = 1_000_000
MOST = 10**9 - 1  # of any number: all that a browser's fields and the files hold
SECRETS = ("rescore",)  # pages whose address alone holds, under the page's name, what opens a thing to whoever has it
# What one page alone shows: other pages leave it out of their addresses.
OF_ONE_PAGE: Mapping[str, str] = MappingProxyType(
    {
        "region": "regions",
        "colour": "regions",
        "heldout_on_map": "regions",
        "todays_teacher": "regions",
        "screen": "present",
        "tab": "verdict",
    }
)
SHOWN_CHARACTERS = 80  # of a value that is quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a number may be, both ends included; whole where the ends are whole."""

    low: float
    high: float


USUAL_FLOOR = -1  # stands for no floor of one's own; 0 is one
_COUNT, _PRICE = Range(low=0, high=MOST), Range(low=0.0, high=float(MOST))
RANGES: Mapping[str, Range] = MappingProxyType(
    {
        "k": Range(low=1, high=MOST),
        "n_clusters": Range(low=0, high=60),
        "threshold": Range(low=-LARGEST, high=LARGEST),
        "seed": _COUNT,
        "max_rows": Range(low=MIN_PAIRS, high=MOST),
        "max_megabytes": Range(low=1, high=MOST),
        "list_size": _COUNT,
        "list_floor": Range(low=USUAL_FLOOR, high=MOST),
        "list_weight": Range(low=1.0, high=10.0),
        "list_seed": _COUNT,
        "list_price": _PRICE,
        "cost_pair": _PRICE,
        "cost_million": _PRICE,
        "cost_tokens": _COUNT,
        "cost_student": _PRICE,
        "cost_calls": _COUNT,
        "cost_canary": _COUNT,
        "cost_retrain": _COUNT,
        "cost_drifted": Range(low=0.0, high=100.0),
        "screen": Range(low=1, high=6),
    }
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "scenario": tuple(SCENARIOS),
        "map_engine": ENGINES,
        "cost_by": ("pair", "token"),
        "todays_teacher": ("True", "False"),
        "history": (canary_year_samples.NAME,),
    }
)


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
    partition, region, colour, heldout_on_map, todays_teacher
        What the regions page shows; empty for its first choice, of the teacher today's where it is the cause.
    textbook
        Whether the textbook's bands are shown beside what the sample can tell.
    map_engine
        What draws the map there.
    threshold
        Teacher's score at which pairs change side, as text; empty for the middle of the teacher's scores.
    seed
        Seed of everything that is drawn.
    max_rows, max_megabytes
        Above these a file is sampled by whole queries.
    list_size, list_floor, list_weight, list_seed, list_price
        The retrain list: pairs (0: as many as is usual for what is open), least pairs a region (-1: as many as that
        holds), weight of drifted regions, seed of its draw, price of 1,000 pairs.
    cost_by, cost_pair, cost_million, cost_tokens
        The teacher's price: "pair" or "token", a pair's, a million tokens', tokens a pair.
    cost_student, cost_calls, cost_canary
        Price of 1,000 calls of the student, calls a week, pairs in the weekly sample.
    cost_retrain, cost_drifted
        Pairs on the retrain list and drifted percent of the calls, as text; empty to follow the open investigation.
    history
        Name of the shipped canary history that is open, empty for a visitor's own.
    screen
        Which screen of the presentation is shown.
    tab
        Which tab of the verdict is open; empty for the first.
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
    todays_teacher: str = ""
    textbook: bool = False
    map_engine: MapEngine = "built-in"
    threshold: str = ""
    seed: int = 0
    max_rows: int = Limits().max_rows
    max_megabytes: int = Limits().max_bytes // BYTES_IN_MEGABYTE
    list_size: int = 0
    list_floor: int = USUAL_FLOOR
    list_weight: float = 2.0
    list_seed: int = 0
    list_price: float = 0.0
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
    screen: int = 1
    tab: str = ""
    rule: str = ""

    @property
    def teacher_price(self) -> float:
        """Price of one pair scored by the teacher, typed or by its tokens; 0 until it is entered."""
        if self.cost_by == "token":
            return price_per_pair(per_million_tokens=self.cost_million, tokens_per_pair=self.cost_tokens)
        return self.cost_pair

    @property
    def rescoring_price(self) -> float:
        """Price of re-scoring 1,000 pairs: the teacher's, or the list's own; 0 until one is entered."""
        return 1000 * self.teacher_price or self.list_price


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAddress:
    """What an address says: the settings, and a sentence for each part that cannot be used."""

    settings: View
    faults: tuple[str, ...]


def address_of(settings: View, *, page: str = "") -> dict[str, str]:
    """Write every setting that is not at its default; of a page only what counts there."""
    default = View()
    names = [f.name for f in fields(View) if not page or OF_ONE_PAGE.get(f.name, page) == page]
    values = {name: getattr(settings, name) for name in names}
    return {name: f"{value}" for name, value in values.items() if value != getattr(default, name)}


def read_address(address: Mapping[str, str]) -> ReadAddress:
    """Read what an address says; what cannot be used is left out and told."""
    values, faults = {}, []
    for name, text in address.items():
        try:
            values[name] = _value(name, text)
        except SettingError as error:
            faults.append(
                f"The address says {name}={_shown(name, text)}. {error} It is left out: choose on the page, or correct "
                "the address."
            )
    return ReadAddress(settings=replace(View(), **values), faults=tuple(faults))


def with_other_pages(settings: View, before: View, *, page: str, said: Collection[str]) -> View:
    """Keep what other pages alone show as it was before, unless the address of this page says it."""
    names = (name for name, owner in OF_ONE_PAGE.items() if owner != page and name not in said)
    return replace(settings, **{name: getattr(before, name) for name in names})


def read_rule(text: str) -> dict[str, float | int]:
    """Fields of the rule out of ``name:value,name:value``; raises SettingError where one is unknown or unreadable."""
    default, read = Rule(), {}
    names = [f.name for f in fields(Rule) if f.name != "k"]
    for name, _, value in (part.partition(":") for part in text.split(",") if part):
        if name not in names:
            raise SettingError(f"The rule has no number {name!r}; it has {', '.join(names)}.")
        try:
            read[name] = type(getattr(default, name))(value)
        except ValueError as error:
            raise SettingError(f"The rule's {name} must be a number; found {value!r}.") from error
    return read


def write_rule(values: Mapping[str, float | int]) -> str:
    """Write the fields that are not at their defaults; raises SettingError where one is out of range."""
    Rule(**values)  # type: ignore[arg-type]
    default = Rule()
    return ",".join(f"{name}:{value:g}" for name, value in values.items() if value != getattr(default, name))


def _shown(name: str, text: str) -> str:
    if name in SECRETS:
        return "\u2026"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}\u2026"


def _value(name: str, text: str) -> Any:
    """The value of a setting out of its text."""
    if name in SECRETS:
        raise SettingError(f"It belongs in the address of the page {name} alone.")
    default = getattr(View(), name) if name in {f.name for f in fields(View)} else None
    if default is None:
        raise SettingError("There is no setting of this name.")
    if name in CHOICES:
        return _one_of(text, CHOICES[name])
    if isinstance(default, bool):
        return _one_of(text, ("True", "False")) == "True"
    if name in RANGES:
        number = _number(type(RANGES[name].low), text, RANGES[name])
        return text if isinstance(default, str) else number
    if name == "rule":
        Rule(**read_rule(text))  # type: ignore[arg-type]
    return text


def _one_of(text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise SettingError(f"Expected: {', '.join(choices)}.")
    return text


def _number(kind: type, text: str, allowed: Range) -> float | int:
    low, high = allowed.low, allowed.high
    try:
        value: float | int = kind(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        span = f" from {low:,} to {high:,}" if high < LARGEST else ""
        raise SettingError(f"Expected: a {'whole ' if kind is int else ''}number{span}.")
    return value
