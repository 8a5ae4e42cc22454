"""The command ``simulate``: a shipped scenario as files."""

from typing import Annotated

import typer


def simulate(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="healthy, query-drift, teacher-drift or traffic-moved.")
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Folder in which the scenario's folder is made.")],
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="SEED", min=0, help="By default the seed of the shipped files.")
    ] = None,
) -> None:
    """Make a scenario's held-out and production files; the same seed gives the same bytes."""
    from drift_core.errors import InputError
    from drift_core.samples.simulating import SHIPPED_SEED, write_scenario

    try:
        paths = write_scenario(scenario, out, seed=SHIPPED_SEED if seed is None else seed)
    except OSError as error:
        raise InputError(
            f"The scenario cannot be written to {out}: {error.strerror}. Choose another folder."
        ) from error
    typer.echo("\n".join(f"Wrote {path}" for path in paths))
