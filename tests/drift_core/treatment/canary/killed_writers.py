"""Processes that record into one history and are killed at random until all is recorded; started as a script.

Prints as JSON what was acknowledged. Writers are forked from here, so that a restart does not load everything again.
"""

import argparse
import importlib
import json
import os
import random
import selectors
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field

from drift_core import open_history
from tests.drift_core.treatment.canary.runs_by_hand import week

TIME_LIMIT = 240.0


@dataclass
class Writer:
    number: int
    process: int = 0
    pipe: int = -1
    acknowledged: list = field(default_factory=list)
    half: bytes = b""


def keys_of(place, number, first, last, out):
    """Record the runs one by one; tell the key of each only after it was recorded."""
    with open_history(place) as history:
        for i in range(first, last):
            run = week(i, production_digest=f"writer {number}, sample {i}")
            history.record(run)
            os.write(out, f"{run.key}\n".encode())


def start(writer, place, n_records):
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        code = 1
        try:
            keys_of(place, writer.number, len(writer.acknowledged), n_records, writing)
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    writer.process, writer.pipe = process, reading


def listen(writer):
    """Take what a writer said; False when it has ended."""
    said = os.read(writer.pipe, 65536)
    *lines, writer.half = (writer.half + said).split(b"\n")
    writer.acknowledged.extend(line.decode() for line in lines)
    return bool(said)


def load():
    """Load here what a writer needs."""
    with tempfile.TemporaryDirectory() as folder, open_history(f"{folder}/history.sqlite") as history:
        history.record(week())
    importlib.import_module("sqlalchemy.dialects.postgresql.psycopg")
    importlib.import_module("psycopg")


def main(place, n_writers, n_records, seed, pause):
    load()
    draw = random.Random(seed)
    chosen, ended = selectors.DefaultSelector(), 0
    writers = [Writer(number=number) for number in range(n_writers)]
    began, n_killed, failures = time.monotonic(), 0, []
    for writer in writers:
        start(writer, place, n_records)
        chosen.register(writer.pipe, selectors.EVENT_READ, writer)
    next_kill = time.monotonic() + draw.expovariate(1 / pause)
    while ended < n_writers and time.monotonic() - began < TIME_LIMIT:
        for key, _ in chosen.select(timeout=max(0.0, next_kill - time.monotonic())):
            writer = key.data
            if listen(writer):
                continue
            chosen.unregister(writer.pipe)
            os.close(writer.pipe)
            _, status = os.waitpid(writer.process, 0)
            writer.process = 0
            if status and os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
                failures.append(status)
            if len(writer.acknowledged) == n_records or failures:
                ended += 1
            else:
                start(writer, place, n_records)
                chosen.register(writer.pipe, selectors.EVENT_READ, writer)
        if time.monotonic() >= next_kill:
            living = [each for each in writers if each.process]
            if living:
                os.kill(draw.choice(living).process, signal.SIGKILL)
                n_killed += 1
            next_kill = time.monotonic() + draw.expovariate(1 / pause)
    acknowledged = [key for writer in writers for key in writer.acknowledged]
    told = {"acknowledged": acknowledged, "n_killed": n_killed, "seconds": time.monotonic() - began}
    print(json.dumps({**told, "n_failures": len(failures)}))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("place")
    options.add_argument("--writers", type=int)
    options.add_argument("--records", type=int)
    options.add_argument("--seed", type=int)
    options.add_argument("--pause", type=float, help="Mean seconds between two kills.")
    given = options.parse_args()
    main(given.place, given.writers, given.records, given.seed, given.pause)
