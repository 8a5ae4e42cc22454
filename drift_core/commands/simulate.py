"""The command ``simulate``: a shipped scenario as files."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.installation import need_extra
from drift_core.simulation.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path


def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help=f"{', '.join(SCENARIOS)}, canary or retrained.",
        ),
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder in which the scenario's folder is made.")],
    seed: Annotated[
        int | None, typer.Option(metavar="SEED", min=0, help="By default the seed of the shipped files.")
    ] = None,
) -> None:
    """Make a scenario's files; the same seed gives the same bytes.

    A scenario is a held-out and a production sample; canary is a history of 40 weeks, held-out and the fresh week;
    retrained is a frozen and a fresh sample scored by the student before and the one after.
    """
    need_extra("samples", "Making a scenario")
    from drift_core.tables.writing import check_folder

    check_folder(out)
    paths = _write(scenario, out, seed)
    typer.echo("\n".join(f"Wrote {path}" for path in paths))


def _write(scenario: str, out: str, seed: int | None) -> "tuple[Path, ...]":
    from drift_core.simulation import canary_year_samples, retrained_samples
    from drift_core.simulation.simulate import SHIPPED_SEED, write_scenario

    if scenario == retrained_samples.NAME:
        return _write_retrained(out, retrained_samples.SEED if seed is None else seed)
    if scenario != canary_year_samples.NAME:
        return write_scenario(scenario, out, seed=SHIPPED_SEED if seed is None else seed)
    from drift_core.commands.progress import progress_bar
    from drift_core.simulation.canary_year import write_canary_year

    with progress_bar() as progress:
        return write_canary_year(out, seed=canary_year_samples.SEED if seed is None else seed, progress=progress)


def _write_retrained(out: str, seed: int) -> "tuple[Path, ...]":
    from pathlib import Path

    from drift_core.simulation.retrained_samples import DESCRIPTION_FILE, NAME, retrained_contents
    from drift_core.tables.writing import replace_files

    return replace_files(Path(out) / NAME, retrained_contents(seed=seed), record=DESCRIPTION_FILE)
