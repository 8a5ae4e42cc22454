"""The options that say how two samples are read, for every command that reads them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any

from drift_core.commands import options
from drift_core.commands.column_option import column_mapping

if TYPE_CHECKING:
    from drift_core.samples.sample_files import SampleFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How two samples are read, or one file that is split: options of every command `with_reading`."""

    split: options.SplitAt = None
    column: options.Columns = None
    from_: options.Tool = None
    teacher_score: options.TeacherScore = None
    student_score: options.StudentScore = None
    kind: options.ScoreKindName = None
    labels: options.Labels = None

    def files(
        self, heldout: str, production: str | None, *, max_rows: int | None, max_bytes: int | None
    ) -> "SampleFiles":
        """Put the files and these options together."""
        from drift_core.samples.limits import Limits
        from drift_core.samples.parts import split_of
        from drift_core.samples.sample_files import SampleFiles, with_scores

        limits = {"max_rows": max_rows, "max_bytes": max_bytes}
        files = SampleFiles(
            heldout=heldout,
            production=production,
            split=split_of(self.split),
            heldout_columns=column_mapping(self.column, "heldout"),
            production_columns=column_mapping(self.column, "production"),
            tool=self.from_,
            limits=Limits(**{name: limit for name, limit in limits.items() if limit is not None}),
            **options.kind_options(self.kind, self.labels),
        )
        return with_scores(files, options.named(self.teacher_score, self.student_score))


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Reading` in place of its keyword ``reading``."""
    shared = inspect.signature(Reading).parameters

    @wraps(command)
    def called(**entered: Any) -> None:
        reading = Reading(**{name: entered.pop(name) for name in shared})
        command(**entered, reading=reading)

    own = inspect.signature(command).parameters.values()
    placed = (shared.values() if each.name == "reading" else (each,) for each in own)
    called.__signature__ = inspect.Signature(list(chain.from_iterable(placed)))  # type: ignore[attr-defined]  # what typer reads
    return called
