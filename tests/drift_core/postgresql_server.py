"""A PostgreSQL server of the Debian package, started in a folder of its own and reached by a socket in it."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psycopg

MISSING = "no PostgreSQL server was found in /usr/lib/postgresql. Get one: apt-get install postgresql"


def programs():
    """Folder of the newest server's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


def run_as_server(*command):
    """Run as the user of the server where we are root: initdb refuses root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, command)], check=True, capture_output=True, cwd="/")


@contextmanager
def running(folder):
    """Give the folder of a fresh server's socket; the server ends with the block."""
    place, data = programs(), folder / "data"
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    run_as_server(place / "initdb", "--pgdata", data, "--auth", "trust", "--username", "postgres", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c max_connections=50"
    run_as_server(place / "pg_ctl", "--pgdata", data, "--wait", "--log", folder / "log", "-o", options, "start")
    try:
        yield folder
    finally:
        run_as_server(place / "pg_ctl", "--pgdata", data, "--wait", "--mode", "immediate", "stop")


def make_database(socket, name):
    """Make an empty database and give its URL."""
    with psycopg.connect(host=str(socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://postgres@/{name}?host={socket}"
