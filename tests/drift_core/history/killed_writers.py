"""Processes that record into one history and are killed at random until all is recorded; started as a script.

Between two kills at least one record is acknowledged, so that the writers get on however busy the machine is.

Prints as JSON what was acknowledged. Writers are forked from here, so that a restart does not load everything again.
"""

import argparse
import importlib
import json
import os
import random
import select
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field

from drift_core import open_history
from tests.drift_core.canary.runs_by_hand import week


@dataclass
class Writer:
    """One writer: its process while it lives, and what it was told is recorded."""

    number: int
    process: int = 0
    pipe: int = -1
    acknowledged: list = field(default_factory=list)
    half: bytes = b""


def load():
    """Load here what a writer needs."""
    with tempfile.TemporaryDirectory() as folder, open_history(f"{folder}/history.sqlite") as history:
        history.record(week())
    importlib.import_module("sqlalchemy.dialects.postgresql.psycopg")
    importlib.import_module("psycopg")


def record(place, number, first, last, out):
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
            record(place, writer.number, len(writer.acknowledged), n_records, writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    writer.process, writer.pipe = process, reading


def listen(writer):
    """Take what a writer said; False when it has ended."""
    said = os.read(writer.pipe, 65536)
    *lines, writer.half = (writer.half + said).split(b"\n")
    writer.acknowledged.extend(line.decode() for line in lines)
    return bool(said)


def bury(writer):
    """Take leave of a writer that has ended; whether it ended by itself with an error."""
    os.close(writer.pipe)
    _, status = os.waitpid(writer.process, 0)
    writer.process, writer.half = 0, b""
    return os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL)


def kill_one(writers, draw):
    """Kill any of those that live; how many that were."""
    living = [writer.process for writer in writers if writer.process]
    if living:
        os.kill(draw.choice(living), signal.SIGKILL)
    return min(1, len(living))


def count(writers):
    return sum(len(writer.acknowledged) for writer in writers)


def run(writers, *, place, n_records, draw, pause):
    """Start the writers, kill some and restart them until all is recorded; gives the numbers of kills and failures."""
    began, n_killed, n_failures = time.monotonic(), 0, 0
    known, next_kill = count(writers), None  # the first kill comes with the first acknowledgement
    while not n_failures:
        for writer in writers:
            if not writer.process and len(writer.acknowledged) < n_records:
                start(writer, place, n_records)
        living = {writer.pipe: writer for writer in writers if writer.process}
        if not living:
            break
        wait = None if next_kill is None else max(0.0, next_kill - time.monotonic())
        for pipe in select.select(living, (), (), wait)[0]:
            if not listen(living[pipe]):
                n_failures += bury(living[pipe])
        if next_kill is None and count(writers) > known:
            next_kill = time.monotonic() + (draw.expovariate(1 / pause) if n_killed else 0)
        if next_kill is not None and time.monotonic() >= next_kill:
            n_killed += kill_one(writers, draw)
            known, next_kill = count(writers), None
    return {"n_killed": n_killed, "n_failures": n_failures, "seconds": time.monotonic() - began}


def copy_after_kills(writers, *, place, n_rounds, draw, pause):
    """Kill all writers at once, again and again, and copy the one file; gives what was acknowledged by then."""
    copies = []
    for number in range(n_rounds):
        known = count(writers)
        for writer in writers:
            start(writer, place, len(writer.acknowledged) + 10_000)
        pipes = {writer.pipe: writer for writer in writers}
        while count(writers) == known:
            for pipe in select.select(pipes, (), ())[0]:
                assert listen(pipes[pipe]), "a writer ended by itself"
        time.sleep(draw.uniform(0, 1) * pause)
        for writer in writers:
            os.kill(writer.process, signal.SIGKILL)
        for writer in writers:
            while listen(writer):
                pass
            bury(writer)
        shutil.copy(place, f"{place}.{number}")
        copies.append([key for writer in writers for key in writer.acknowledged])
    return {"copies": copies}


def main(place, n_writers, n_records, seed, pause, n_rounds):
    load()
    writers = [Writer(number=number) for number in range(n_writers)]
    if n_rounds:
        open_history(place).close()
        told = copy_after_kills(writers, place=place, n_rounds=n_rounds, draw=random.Random(seed), pause=pause)
        print(json.dumps(told))
        return
    told = run(writers, place=place, n_records=n_records, draw=random.Random(seed), pause=pause)
    for writer in writers:
        if writer.process:
            os.kill(writer.process, signal.SIGKILL)
    print(json.dumps({**told, "acknowledged": [key for writer in writers for key in writer.acknowledged]}))


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("place")
    options.add_argument("--writers", type=int)
    options.add_argument("--records", type=int)
    options.add_argument("--seed", type=int)
    options.add_argument("--rounds", type=int, default=0, help="Copy the one file after so many kills of all writers.")
    options.add_argument("--pause", type=float, help="Mean seconds between two kills.")
    given = options.parse_args()
    main(given.place, given.writers, given.records, given.seed, given.pause, given.rounds)
