"""The command ``calibrate``: a student's scores to probabilities, and thresholds that keep an error."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.reading_options import Reading, with_reading
from drift_core.errors import SettingError
from drift_core.installation import need_extra

if TYPE_CHECKING:
    from drift_core.samples.pairs import ScoredPairs

OPEN = 3
NOWHERE = ""  # no second file


@with_reading
def calibrate(
    heldout: options.Heldout,
    production: options.Production = None,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON that score --calibration applies and the gate reads.")
    ] = None,
    max_misses: Annotated[
        float | None,
        typer.Option(metavar="P", help="Set a threshold: at most this share of what the teacher passes is under it."),
    ] = None,
    max_false_passes: Annotated[
        float | None,
        typer.Option(metavar="P", help="Set a threshold: at most this share of what the teacher stops is over it."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE", help="Threshold in use, to tell what the new one costs; by default held-out's own."
        ),
    ] = None,
    passes_from: Annotated[
        float | None,
        typer.Option(metavar="SCORE", help="The teacher's score from which a pair passes, where it scores."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="none, temperature, platt or isotonic, of probabilities of labels vector; by default the best on "
            "left-out queries.",
        ),
    ] = None,
    confidence: Annotated[float, typer.Option(metavar="P", help="Of intervals, and of what a threshold keeps.")] = 0.95,
    student_version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Version of the student, which the gate looks for.")
    ] = None,
    *,
    reading: Reading,
    seed: options.Seed = 0,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
) -> None:
    """Calibrate a student whose ranks are fine, and set thresholds on its score that keep an error at a level.

    Fits on held-out, checks on production, and fits on production where held-out's does not hold there.

    Exit codes: 0 calibrated and every threshold set, 2 bad usage or bad input, 3 one of them is open.
    """
    need_extra("samples", "A calibration")
    from drift_core.calibration.calibrate import calibrate as calibrate_pairs
    from drift_core.calibration.calibrate_classes import calibrate_classes, gives_label_chances
    from drift_core.calibration.settings import CalibrationSettings
    from drift_core.samples.reading import read_pairs
    from drift_core.samples.sample_files import read_samples, with_probability

    settings = CalibrationSettings(
        method=method,  # type: ignore[arg-type]  # checked there
        max_misses=max_misses,
        max_false_passes=max_false_passes,
        threshold=threshold,
        passes_from=passes_from,
        confidence=confidence,
        seed=seed,
    )
    if student_version is not None and not student_version.strip():
        raise SettingError("--student-version expects the version of a student; found an empty text.")
    options.check_places(out)
    is_alone = production is None and reading.split is None
    files = reading.files(
        heldout, production or (NOWHERE if is_alone else None), max_rows=max_rows, max_bytes=max_bytes
    )
    files = with_probability(files)
    if is_alone:
        alone = read_pairs(
            heldout,
            columns=files.heldout_columns,
            limits=files.limits,
            seed=seed,
            kind=files.kind,
            labels=files.labels,
            tool=files.tool,
        )
        samples: tuple[ScoredPairs, ...] = (alone,)
    else:
        samples = read_samples(files, seed=seed)
    made = (calibrate_classes if gives_label_chances(*samples) else calibrate_pairs)(*samples, settings=settings)
    if out != "-":
        taken = {sample.columns["student"] for sample in made.samples.values()}
        typer.echo("\n".join((*made.lines, f"The student's score: column {' and '.join(map(repr, sorted(taken)))}.")))
    options.write_json(made.to_json(made_at=datetime.now(UTC), student_version=student_version), out)
    if not made.is_settled:
        raise typer.Exit(OPEN)
