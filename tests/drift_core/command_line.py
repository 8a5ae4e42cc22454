"""The command line run inside the tests' own process, on one small pair of samples."""

import contextlib
import io
import sys
from functools import cache
from unittest import mock

import typer

from drift_core import cli
from drift_core.simulation.simulate import Plan, simulate

COMMANDS = typer.main.get_command(cli.commands)  # a process of the command line makes it once, too
FAST = ["--embedder", "hashing", "--clusters", "3", "--no-cache"]


@cache
def samples_as_csv():
    drawn = simulate(
        Plan(n_heldout=240, n_production=300, new_shares=(0.25,), new_agreement=(0.3,)),
        seed=1,
    )
    return drawn.heldout.to_csv(index=False), drawn.production.to_csv(index=False)


def write_samples(folder):
    """Write a small held-out and production sample with a new topic; gives their paths."""
    paths = folder / "heldout.csv", folder / "production.csv"
    for content, path in zip(samples_as_csv(), paths, strict=True):
        path.write_text(content)
    return tuple(map(str, paths))


def run(*arguments):
    """Run the command line in this process; gives exit code, standard output and standard error."""
    shown, said = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(cli, "commands", COMMANDS),
        mock.patch.object(sys, "argv", ["distillation-drift", *map(str, arguments)]),
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(said),
    ):
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
    return code, shown.getvalue(), said.getvalue()
