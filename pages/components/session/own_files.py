"""Own files that are kept nowhere, where nothing is kept or they were too large: they come back in this session.

An example, or another investigation, takes their place; what was open is remembered at the end of each run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift_core.installation import app_folder
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import in_a_row
from pages.components.samples import own_embeddings
from pages.components.samples.own_embeddings import Own
from pages.components.samples.source import Source
from pages.components.session import revisions, session, visitor_store
from pages.components.session.session import OF_ONE_INVESTIGATION, SIDES, Side

CHOSEN = ("pick", "pair", "added_pairs", "list_excluded", "named_regions")  # by hand
_OWN = "own_files"
MOST = 3  # each with its files in memory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnFiles:
    """One or both samples with where they came from, and what was chosen with them."""

    samples: Mapping[Side, ScoredPairs]
    sources: Mapping[Side, Source]
    teacher: tuple[str, str]
    settings: Mapping[str, Any]
    chosen: Mapping[str, Any]
    embeddings: Own | None

    @property
    def names(self) -> str:
        """What the files are called, in words."""
        return in_a_row(tuple(dict.fromkeys(each.name for each in self.sources.values())))

    def follows(self, other: "OwnFiles") -> bool:
        """Whether it has all files of the other, or is the other with one exchanged or read with other columns."""
        both = [(self.sources.get(side), source) for side, source in other.sources.items()]
        return all(mine is not None and mine.data == its.data for mine, its in both) or any(
            mine is its for mine, its in both
        )


def remember() -> None:
    """Remember own files that are open and kept nowhere; forget those that are kept by now."""
    if (now := _open()) is not None:
        others = [each for each in _remembered() if not now.follows(each)]
        visitor_store.put(_OWN, others if session.token() else [now, *others][:MOST])


def set_aside() -> list[OwnFiles]:
    """Own files that something else has taken the place of, the last first."""
    now = _open()
    return [each for each in _remembered() if now is None or not now.follows(each)]


def said() -> str:
    """That own files wait, for the sidebar; empty where none do."""
    return "".join(f"  \nSet aside, on Start: {each.names}" for each in set_aside())


def bring_back(aside: OwnFiles) -> None:
    """Open them again as they were left, in the place of what is open; fit as a callback."""
    session.put_both(aside.samples, aside.sources, aside.teacher)
    session.change(**aside.settings)
    for name, value in aside.chosen.items():
        visitor_store.put(name, value)
    if aside.embeddings is not None:
        own_embeddings.keep(aside.embeddings)


def forget(aside: OwnFiles) -> None:
    """Let go of them; fit as a callback."""
    visitor_store.put(_OWN, [each for each in _remembered() if each is not aside])


def _remembered() -> list[OwnFiles]:
    found: list[OwnFiles] | None = visitor_store.get(_OWN)
    return found or []


def _open() -> OwnFiles | None:
    sources = {side: source for side in SIDES if (source := session.source(side)) is not None}
    shipped = app_folder() / "sample_data"
    are_shipped = (isinstance(each.data, Path) and each.data.is_relative_to(shipped) for each in sources.values())
    if all(are_shipped) or session.view().scenario:
        return None
    return OwnFiles(
        samples={side: pairs for side in sources if (pairs := session.sample(side)) is not None},
        sources=sources,
        teacher=revisions.names(),
        settings={name: getattr(session.view(), name) for name in OF_ONE_INVESTIGATION},
        chosen={name: visitor_store.get(name) for name in CHOSEN},
        embeddings=own_embeddings.current(),
    )
