"""The command ``mcp``: diagnoses, history and gate for an assistant, over standard input and output."""

import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer

from drift_core.commands import options
from drift_core.commands.guarded_output import GuardedOutput

WAITING = (
    "Waiting for an assistant on standard input. An assistant starts this command itself; docs/assistants.md says how "
    "it is told to. Ctrl-C ends it."
)


def mcp(
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="What the assistant may read: files here and below.")
    ] = ".",
    history: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="History of canary runs that is read where the assistant names none."),
    ] = None,
    embedder: options.Embedder = None,
) -> None:
    """Let an assistant that speaks the Model Context Protocol diagnose files and read history and gate.

    Started by the assistant, which talks to it over standard input and output until it closes them.
    """
    from drift_core.mcp_server.server import make_server

    server = make_server(folder, history=history, encoder=embedder)
    if sys.stdin is not None and sys.stdin.isatty():
        typer.echo(WAITING, err=True)
    plain = sys.stdout.stream if isinstance(sys.stdout, GuardedOutput) else sys.stdout
    with redirect_stdout(plain):  # a program reads it, which is no terminal and no runner
        server.run()
