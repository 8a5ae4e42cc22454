"""Over a thousand broken files of every kind that is read back: one message and exit code 2, or a right reading.

The suite takes a part of them; `make stress` all of them.
"""

import json
import os
import re
import resource
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.drift_core.command_line import run
from tests.fuzz.artefact import Artefact, Form, Said
from tests.fuzz.artefacts import all_artefacts
from tests.fuzz.damages import Damage, damage_bytes, damage_document, damage_place
from tests.fuzz.record_damages import (
    damage_database,
    damage_npy,
    damage_npz,
    damage_parquet,
    damage_table,
    damage_toml,
    damage_yaml,
)

DAMAGES: Mapping[Form, Callable[[bytes, np.random.Generator], Damage]] = {
    "json": lambda content, rng: damage_document(json.loads(content), rng),
    "toml": damage_toml,
    "yaml": damage_yaml,
    "table": damage_table,
    "sqlite": damage_database,
    "npy": damage_npy,
    "npz": damage_npz,
    "parquet": damage_parquet,
}
TEXTS: tuple[Form, ...] = ("json", "toml", "yaml", "table")
N_USUAL = 45  # cases of an artefact of the usual share
LONGEST_SECONDS = 60
MOST_MEMORY = 4 * 2**30
LONGEST_MESSAGE = 10_000  # one line a fault


class TooLong(BaseException):
    """A file is still being read; not an error that a reader may take for one of the file."""


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory) -> tuple[Artefact, ...]:
    return all_artefacts(tmp_path_factory.mktemp("whole"))


def test_a_broken_file_is_one_message_or_read_rightly(artefacts, tmp_path):
    n, faults = _try_all(artefacts, tmp_path, share=0.04, seed=11)

    assert n >= len(artefacts)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("option", ["--student-price", "--calls", "--teacher-price", "--pairs", "--drifted-share"])
@pytest.mark.parametrize(
    "typed", ["nan", "inf", "-inf", "-1", "1e400", "9" * 400, "nonsense", "", "1,5", "0x1", "\x1b[2J"]
)
def test_a_price_that_is_none_is_one_message(option, typed):
    given = {"--student-price": "0.1", "--calls": "1000", "--teacher-price": "0.02", option: typed}

    code, shown, said = run("costs", *(word for pair in given.items() for word in pair))

    assert (code, shown) == (2, "")
    assert said.count("Error: ") == 1 or "Invalid value" in said
    assert option in said or option.removeprefix("--").replace("-", " ").split()[-1] in said


@pytest.mark.slow
def test_a_thousand_broken_files_are_one_message_each_or_read_rightly(artefacts, tmp_path):
    n, faults = _try_all(artefacts, tmp_path, share=1.0, seed=int(os.environ.get("FUZZ_SEED", "0")))

    assert n >= 1_000
    assert not faults, "\n".join(faults)


def _try_all(artefacts: tuple[Artefact, ...], folder: Path, *, share: float, seed: int) -> tuple[int, list[str]]:
    """Damage each artefact as often as its share says; gives the number of cases, and what went wrong."""
    n, faults = 0, []
    with _bounded_memory():
        for number, artefact in enumerate(artefacts):
            rng = np.random.default_rng([seed, number])
            whole = _read(artefact, None, folder / f"{number}")
            assert whole[0] in (0, 1, 3), f"{artefact.name}: {whole[2]}"
            for case in range(max(1, round(N_USUAL * artefact.share / 100 * share))):
                damage = _draw(artefact, artefacts, rng)
                found = _read(artefact, damage, folder / f"{number}-{case}")
                n += 1
                faults += [
                    f"{artefact.name}: {damage.told:.200}: {each}" for each in _faults(artefact, damage, whole, found)
                ]
    return n, faults


def _draw(artefact: Artefact, others: tuple[Artefact, ...], rng: np.random.Generator) -> Damage:
    kind = rng.random()
    if kind < 0.08:
        return damage_place(rng, is_optional=artefact.is_optional)
    if kind < 0.13:
        other = others[rng.integers(len(others))]
        return Damage(told=f"{other.name} in its place", content=other.content)
    draw = DAMAGES.get(artefact.form)
    if draw is None or kind < 0.45:
        return damage_bytes(artefact.content, rng, is_text=artefact.form in TEXTS)
    return draw(artefact.content, rng)


def _read(artefact: Artefact, damage: Damage | None, folder: Path) -> Said:
    """Put the files into a folder with the damage done, and read them; code -1 is what nobody caught."""
    for name, content in artefact.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if damage is None or name != artefact.file:
            path.write_bytes(content)
        else:
            _put(path, damage, content)
    try:
        with _limited_time():
            code, shown, said = artefact.read(folder)
    except TooLong:
        return -1, "", f"not done after {LONGEST_SECONDS} s"
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)
        own = [each for each in last if "drift_core" in each.filename and "tests" not in each.filename] or last
        return -1, "", f"{type(error).__name__}: {error!s:.200} in {Path(own[-1].filename).name}:{own[-1].lineno}"
    return code, shown.replace(str(folder), ""), said


def _put(path: Path, damage: Damage, content: bytes) -> None:
    if damage.place == "file":
        path.write_bytes(damage.content)
    elif damage.place == "directory":
        path.mkdir()
    elif damage.place == "pipe":
        os.mkfifo(path)
    elif damage.place in ("zero", "null"):
        path.symlink_to(f"/dev/{damage.place}")
    elif damage.place == "loop":
        path.symlink_to(path)
    elif damage.place == "closed":
        path.write_bytes(content)
        path.chmod(0)


def _faults(artefact: Artefact, damage: Damage, whole: Said, found: Said) -> Iterator[str]:
    """What is not as it must be."""
    code, shown, said = found
    is_same = (code, shown) == whole[:2]
    if code == -1:
        yield said
    elif code == 2:
        yield from _faults_of_message(artefact, damage, said)
    elif code not in (0, 1, 3):
        yield f"exit code {code}"
    elif any(word in said for word in ("Warning", "Traceback", "Exception")):
        yield f"on standard error: {said:.300}"
    elif damage.meaning in ("void", "wrong") and not is_same and not (artefact.is_digested and code == 1):
        yield f"exit code {code}, read as something else: {_difference(whole[1], shown)}"
    elif damage.meaning == "refused":
        yield f"exit code {code} in place of a refusal: {shown:.200}"
    elif code == 0 and damage.meaning == "wrong" and _decides(artefact, damage):
        yield f"passes: {shown:.200}"
    if damage.meaning == "void" and code == 2:
        yield f"is refused: {said:.300}"


def _decides(artefact: Artefact, damage: Damage) -> bool:
    is_beside = "unknown key" in damage.told or damage.told.endswith("twice")
    return not is_beside and bool(re.fullmatch(artefact.decides, ".".join(map(str, damage.node))))


def _faults_of_message(artefact: Artefact, damage: Damage, said: str) -> Iterator[str]:
    """One message, of a readable length, that names the file."""
    if said.count("Error: ") != 1 or not said.startswith("Error: "):
        yield f"not one message: {said:.300}"
    if Path(artefact.file).name not in said and (not artefact.called or artefact.called not in said):
        yield f"a message that does not name {artefact.file}: {said:.300}"
    if len(said) > LONGEST_MESSAGE:
        yield f"a message of {len(said):,} characters: {said:.200}"
    if any(not each.isprintable() and each != "\n" for each in said):
        yield f"a message with signs that a terminal obeys: {said!r:.300}"


def _difference(before: str, after: str) -> str:
    start = next((i for i, (one, two) in enumerate(zip(before, after, strict=False)) if one != two), len(before))
    return f"{after[max(start - 40, 0) : start + 80]!r} in place of {before[max(start - 40, 0) : start + 80]!r}"


@contextmanager
def _limited_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let the process take no more than it has now and half of what is allowed; the rest is what it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MOST_MEMORY // 2, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
