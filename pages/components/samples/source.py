"""Where a sample came from, so that it can be read again. Reading it is in `intake`."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drift_core.samples.limits import Limits
from drift_core.samples.parts import Part
from drift_core.samples.score_kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """Where a sample came from: a path, an address or the content of an upload, and the columns that were chosen.

    Attributes
    ----------
    name
        What the sample is called.
    data
        Path or pattern, an address as text, or the uploaded bytes; empty for a sample that was given as it is.
    names
        Columns of the file, none where it cannot be read at all.
    export
        What the file holds, in words, where another tool exported it.
    columns, slices, limits, seed, part, kind, labels
        As for `read_pairs`.
    failure
        Why it could not be read, empty where it could.
    n_taken_over
        How often its columns were taken over from the other file, so that its form shows them.
    """

    name: str
    data: bytes | Path | str
    names: tuple[str, ...] = ()
    export: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    slices: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    part: Part | None = None
    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    failure: str = ""
    n_taken_over: int = 0

    def open(self) -> Path | str | io.BytesIO:
        """What `read_pairs` takes."""
        if not isinstance(self.data, bytes):
            return self.data
        content = io.BytesIO(self.data)
        content.name = self.name
        return content
