"""Options that a sample was read with, so that a command can give the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drift_core.samples.score_kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """As for `read_pairs`, of limits their sizes; None or empty where it was left to what the file holds."""

    columns: Mapping[str, str] = field(default_factory=dict)
    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    slices: Sequence[str] | None = None
    tool: str | None = None
    limits: tuple[int, int] | None = None


NO_OPTIONS = ReadOptions()
