"""The command line: parses, calls the same functions as the pages and a notebook, prints.

Exit codes: 0 it ran, 1 a gate blocks, 2 bad usage or bad input, 3 inconclusive.
"""

import sys

import typer

from drift_core.commands.app import app
from drift_core.commands.canary import canary
from drift_core.commands.card import card
from drift_core.commands.compare import compare
from drift_core.commands.costs import costs
from drift_core.commands.diagnose import diagnose
from drift_core.commands.gate import gate
from drift_core.commands.guarded_output import guarded_output
from drift_core.commands.history import history
from drift_core.commands.manifest import manifest
from drift_core.commands.plan import plan
from drift_core.commands.rescore import rescore
from drift_core.commands.retrain import retrain
from drift_core.commands.sample import sample
from drift_core.commands.score import score
from drift_core.commands.simulate import simulate
from drift_core.errors import DriftError
from drift_core.tables.paths import reason_of
from drift_core.version import VERSION

BAD_INPUT, INTERRUPTED = 2, 130

commands = typer.Typer(
    name="distillation-drift",
    help="Find out whether a distilled judge still agrees with its teacher on production traffic, and why not.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help starts faster and reads the same in a log
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (app, canary, compare, costs, diagnose, gate, plan, rescore, retrain, sample, score, simulate):
    commands.command()(command)
commands.add_typer(card)
commands.add_typer(history)
commands.add_typer(manifest)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(VERSION)
        raise typer.Exit


@commands.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """Find out whether a distilled judge still agrees with its teacher on production traffic, and why not."""


def main() -> None:
    """Run the command line; what is wrong with the input is one message and exit code 2."""
    with guarded_output():
        try:
            commands(prog_name="distillation-drift")
        except DriftError as error:
            typer.echo(f"Error: {error}", err=True)
            sys.exit(BAD_INPUT)
        except OSError as error:  # of a place that only the work itself reached: a full disk, a folder closed meanwhile
            place = error.filename or "A file"
            typer.echo(f"Error: {place} cannot be used: {reason_of(error)}. Check the path and its rights.", err=True)
            sys.exit(BAD_INPUT)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
