"""The command ``app``: Streamlit on this machine, on a free port, with nothing sent anywhere."""

import json
import os
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from drift_core.commands.column_option import column_mapping
from drift_core.commands.options import Columns, Labels, ScoreKindName, SplitAt, kind_options
from drift_core.errors import SettingError
from drift_core.installation import (
    COLUMNS_VARIABLE,
    FILES_VARIABLE,
    KIND_VARIABLE,
    SPLIT_VARIABLE,
    app_folder,
    need_extra,
)
from drift_core.tables.addresses import is_address
from drift_core.tables.paths import reason_of

FIRST_PORT, N_PORTS = 8501, 100  # Streamlit's own first port
OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)


def app(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[HELDOUT PRODUCTION]",
            help="Two samples to open, for everybody whom this app serves; one file with --split.",
            show_default=False,
        ),
    ] = None,
    split: SplitAt = None,
    column: Columns = None,
    kind: ScoreKindName = None,
    labels: Labels = None,
    port: Annotated[
        int | None, typer.Option(metavar="PORT", min=1024, max=65535, help="By default the first free one from 8501.")
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where to listen; another than localhost only inside a container, whose port is published on "
            "localhost, for whoever reaches it is let in.",
        ),
    ] = "localhost",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser, or only serve.")] = True,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name that a reverse proxy on this machine serves the app under; see docs/serving.md. Repeatable.",
        ),
    ] = None,
) -> None:
    """Open the app in the browser, served on this machine alone."""
    need_extra("app", "The app")
    asked = kind_options(kind, labels)
    if asked and not files:
        raise SettingError("--kind and --labels say how the files are read that the app opens. Give the files too.")
    if column and not files:
        raise SettingError("--column says how the files are read that the app opens. Give the files too.")
    columns = {side: column_mapping(column, side) for side in ("heldout", "production")}
    if files or split is not None:
        os.environ[COLUMNS_VARIABLE] = json.dumps(columns)
        os.environ[KIND_VARIABLE] = f"{asked['kind']}:{','.join(asked['labels'])}" if asked else ""
        os.environ[FILES_VARIABLE] = "\n".join(readable(files or (), split=split))
        os.environ[SPLIT_VARIABLE] = split or ""
    names = (*OWN_NAMES, *map(host_name, allow_host or ()))
    chosen = free_port(port)
    check_address(address)
    print(f"The app is at http://localhost:{chosen}. Ctrl-C ends it.", flush=True)
    serve(streamlit_arguments(chosen, with_browser=browser, names=names, address=address))


def readable(files: Sequence[str], *, split: str | None = None) -> list[str]:
    """The files by their whole paths or addresses; raises where there are not two, or one to split, or one not read."""
    from drift_core.samples.parts import split_of
    from drift_core.samples.reading import read_table
    from drift_core.samples.split import count_sides

    if len(files) != (2 if split is None else 1):
        raise SettingError(
            "The app opens two files, HELDOUT and PRODUCTION, or one with --split; found "
            f"{len(files)}{'' if split is None else ' and --split'}. Give both or none."
        )
    where = split_of(split)
    given = [each if is_address(each) else Path(each) for each in files]
    for each in given:
        read_table(each, n_rows=1)
        if where is not None:
            count_sides(each, where)
    paths = [str(each.expanduser().absolute()) if isinstance(each, Path) else each for each in given]
    if any("\n" in path for path in paths):
        raise SettingError("The app cannot open a file whose path has a line break in it. Rename it.")
    return paths


def serve(arguments: Sequence[str]) -> None:
    """Run Streamlit until it is ended."""
    from click import Abort
    from streamlit.web.cli import main

    with suppress(Abort):  # Ctrl-C, said after the server has closed
        main(arguments, prog_name="streamlit", standalone_mode=False)


def streamlit_arguments(
    port: int, *, with_browser: bool, names: Sequence[str], address: str = "localhost"
) -> list[str]:
    """Build what Streamlit is told to serve the app under these names."""
    settings = {
        "server.address": address,
        "browser.serverAddress": "localhost",  # what is shown; listening everywhere, Streamlit would ask a host for it
        "server.port": port,
        "server.headless": str(not with_browser).lower(),
        "server.showEmailPrompt": "false",
        "logger.hideWelcomeMessage": "true",  # with it goes an offer to install files for coding agents
        "browser.gatherUsageStats": "false",
    }
    flags = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    hosts = [part for name in names for part in ("--server.allowedHosts", name)]
    return ["run", str(app_folder() / "app.py"), *flags, *hosts]


def host_name(text: str) -> str:
    """Read a host name, in the letters that browsers send it in."""
    if not _HOST_NAME.fullmatch(text):
        raise SettingError(
            f"--allow-host must be a host name as it stands in the browser's address, such as drift.example.com, "
            f"without https://, port, path or wildcard; found {text!r}. Names in other scripts are written as xn--..."
        )
    return text.lower()


def free_port(wanted: int | None) -> int:
    """Find a port nobody listens on: the wanted one, or the first from 8501 on."""
    if wanted is not None:
        if _is_taken(wanted):
            raise SettingError(
                f"Port {wanted} is taken. Choose another, or leave --port out to take the next free one."
            )
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + N_PORTS):
        if not _is_taken(port):
            return port
    raise SettingError(f"Ports {FIRST_PORT} to {FIRST_PORT + N_PORTS - 1} are taken. Choose another with --port.")


def check_address(address: str) -> None:
    """Raise where this machine does not know the name on which the app is to listen."""
    try:
        socket.getaddrinfo(address, None)
    except OSError as error:
        raise SettingError(
            f"The app cannot listen on {address}: {reason_of(error)}. Give the address in numbers, as --address "
            "127.0.0.1, or add the name to /etc/hosts."
        ) from error


def _is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
