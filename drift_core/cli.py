"""The command line: parses, calls the same functions as the pages and a notebook, prints.

Exit codes: 0 it ran, 1 a gate blocks, 2 bad usage or bad input, 3 inconclusive.
"""

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from drift_core.commands.guarded_output import guarded_output
from drift_core.errors import DriftError
from drift_core.tables.addresses import check_words
from drift_core.tables.paths import reason_of
from drift_core.version import VERSION

BAD_INPUT, INTERRUPTED = 2, 130
# Each is the function or the group of its name in the module of its name.
COMMANDS = (
    *(
        "app",
        "calibrate",
        "canary",
        "card",
        "compare",
        "costs",
        "diagnose",
        "embed",
        "gate",
        "history",
        "manifest",
        "mcp",
    ),
    *("plan", "rescore", "retrain", "review", "sample", "score", "shares", "simulate", "tail", "versions"),
)


class Commands(TyperGroup):
    """Imports a command when it is asked for, so that none waits for the others."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:  # all, to name one that is spelt nearly so
            if name not in self.commands:
                self.add_command(_command(name), name)
        return super().get_command(ctx, cmd_name)


def _command(name: str) -> Any:
    found = getattr(import_module(f"drift_core.commands.{name}"), name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command()(found)
        found = alone
    return typer.main.get_command(found)


commands = typer.Typer(
    name="distillation-drift",
    cls=Commands,
    help="Find out whether a distilled judge still agrees with its teacher on production traffic, and why not.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help starts faster and reads the same in a log
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # or every installed package is searched for them
    with guarded_output():
        try:
            check_words(sys.argv[1:])
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
