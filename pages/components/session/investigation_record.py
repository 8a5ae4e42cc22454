"""The records of what is kept: what they hold, how they are written, and two pages' changes in one."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
VERSION = 1  # also of a record without one
_SIDES = {"heldout", "production"}
_EACH_ALONE = ("added_pairs", "list_excluded", "named_regions")  # what is chosen here was chosen item by item
_N_EMBEDDINGS = 3  # id, name and path


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One sample: what it is called, where it is, how it was read, and by what it is known.

    Attributes
    ----------
    path
        Path or pattern on this machine, empty where the content is kept.
    key, n_pairs
        Of the sample that was read.
    part
        Column, date or value and side, where one file holds both samples.
    called
        What the sample is called where it is a part of its file; empty where it is called as the file.
    kind, labels
        Kind of score and labels that were chosen; empty where they were recognised.
    """

    name: str
    path: str
    columns: Mapping[str, str]
    slices: tuple[str, ...] | None
    max_rows: int
    max_bytes: int
    seed: int
    key: str
    n_pairs: int
    part: tuple[str, ...] = ()
    called: str = ""
    kind: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An investigation as it was left.

    Attributes
    ----------
    samples_key
        Tells both samples as they were read.
    settings
        As they stand in the address.
    verdict, agreement
        The cause, and agreement on both samples, in words; empty until there is a verdict.
    chosen
        What was chosen by hand, by name: plain values, tuples and days.
    embeddings
        Own embeddings: id, name and path of the file, the path empty where its content is kept; empty without.
    rescoring
        Token of the re-scoring that is open beside it.
    """

    files: Mapping[str, KeptFile]
    samples_key: str
    scenario: str
    revisions: tuple[str, str]
    settings: Mapping[str, str]
    verdict: str = ""
    agreement: str = ""
    chosen: Mapping[str, Any] = field(default_factory=dict)
    embeddings: tuple[str, ...] = ()
    rescoring: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """A canary history, a judge card, a comparison or a review as it was left.

    Attributes
    ----------
    path
        Of a history or review that was opened by its path; empty where the content is kept.
    is_shipped
        Whether it is the example, or a copy of it.
    is_open
        Whether it opens again by itself; not once the visitor has closed it.
    files
        What each file of a comparison is, and its name, in the order of the contents.
    versions, limits
        Of a comparison: the student before and after, most rows and bytes of a file.
    has_clusters
        Whether the comparison has query clusters too.
    reviewer
        Who reviews.
    of
        The investigation that it belongs to, as `history_owner.enter` tells it; empty where none was open.
    """

    name: str
    path: str = ""
    is_shipped: bool = False
    is_open: bool = True
    files: tuple[tuple[str, str], ...] = ()
    versions: tuple[str, str] = ("", "")
    limits: tuple[int, int] = (0, 0)
    has_clusters: bool = False
    reviewer: str = ""
    of: str = ""


def written(kept: Kept | KeptDocument) -> bytes:
    """The record as it stands in its file."""
    document = json.dumps(asdict(kept), default=_day)
    return json.dumps({"version": VERSION, "sha256": _digest(document), "record": document}).encode()


def read_record(content: bytes) -> Kept:
    """What was written; ValueError with the reason where it is not that any more."""
    return _checked(content, _kept_of)


def read_document(content: bytes) -> KeptDocument:
    """What was written; ValueError with the reason where it is not that any more."""
    return _checked(content, lambda found: KeptDocument(**_tuples(found)))


def _checked(content: bytes, make: Callable[[dict[str, Any]], T]) -> T:
    version: object = VERSION
    try:
        outer = json.loads(content)
        version = outer.get("version", VERSION)
        if version == VERSION and outer["sha256"] == _digest(outer["record"]):
            made = make(json.loads(outer["record"], object_hook=_day_of))
            if _fits(made, type(made)):
                return made
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass  # what is wrong is said below
    raise ValueError("it was changed or damaged" if version == VERSION else "it was kept by another version")


def _kept_of(found: dict[str, Any]) -> Kept:
    files = {side: KeptFile(**_tuples(each)) for side, each in found.pop("files").items()}
    kept = Kept(files=files, **_tuples(found))
    if files.keys() != _SIDES or len(kept.embeddings) not in (0, _N_EMBEDDINGS):
        raise ValueError("neither both samples nor the whole of its embeddings")
    return kept


def merged(there: Kept, before: Kept, now: Kept) -> Kept:
    """What changed from `before` to `now`, and the rest as it is there; of other samples all is new."""
    if now.samples_key != before.samples_key:
        return now
    found: dict[str, Any] = {}
    for each in fields(Kept):
        values = [getattr(kept, each.name) for kept in (there, before, now)]
        found[each.name] = _names_merged(*values) if isinstance(values[0], Mapping) else _one(*values)
    for name in _EACH_ALONE:
        by_text = [{repr(each): each for each in kept.chosen.get(name, ())} for kept in (there, before, now)]
        items = tuple(_names_merged(*by_text).values())
        found["chosen"].pop(name, None)
        found["chosen"] |= {name: items} if items else {}
    return Kept(**found)


def _one(there: Any, before: Any, now: Any) -> Any:
    return there if now == before else now


def _names_merged(there: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    stay = {name: value for name, value in there.items() if name in now or name not in before}
    return stay | {name: value for name, value in now.items() if name not in before or before[name] != value}


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of the kind that a field is declared with."""
    origin, of = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return any(_fits(value, each) for each in of)
    if origin is Mapping:
        return isinstance(value, dict) and all(type(name) is str and _fits(each, of[1]) for name, each in value.items())
    if origin is tuple:
        kinds = of[:1] * len(value) if isinstance(value, tuple) and of[-1] is Ellipsis else of
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(_fits, value, kinds))
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return isinstance(value, kind) and all(_fits(getattr(value, name), hint) for name, hint in hints.items())
    return kind is Any or type(value) is kind


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _day(value: object) -> dict[str, str]:
    if not isinstance(value, date):
        raise TypeError(f"A {type(value).__name__} cannot be kept.")
    return {"day": value.isoformat()}


def _day_of(found: dict[str, Any]) -> Any:
    return date.fromisoformat(found["day"]) if found.keys() == {"day"} else found


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(each) for name, each in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
