"""What a caller asked of reading a sample, so that a command can ask for the same."""

from dataclasses import dataclass

from drift_core.samples.score_kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Kind, labels and slices as for `read_pairs`; None or empty where they were left to what the file holds."""

    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    slices: tuple[str, ...] | None = None


NOTHING = Asked()
