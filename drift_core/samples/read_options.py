"""Options that a sample was read with, so that a command can give the same."""

from dataclasses import dataclass

from drift_core.samples.score_kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Kind, labels and slices as for `read_pairs`; None or empty where they were left to what the file holds."""

    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    slices: tuple[str, ...] | None = None


NO_OPTIONS = ReadOptions()
