"""`judges.yaml` read, made, pinned and edited; comments and order stay.

Every change is made on what the file holds at that moment, under a lock, so that two writers lose nothing.
"""

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from drift_core.errors import InputError, SettingError
from drift_core.judge_card.card import JudgeCard
from drift_core.judge_card.document import CardValue, parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.judge_card.template import TEMPLATE
from drift_core.measured import Measured
from drift_core.tables.small_files import read_small
from drift_core.tables.writing import new_file, replace_file

Place = str | Path


def read_card(path: Place) -> JudgeCard:
    """Read a judge card.

    Parameters
    ----------
    path
        A YAML file as `init_card` makes it.

    Raises
    ------
    InputError
        When it cannot be read, is no plain YAML, or holds a value of the wrong type; with the line.
    """
    return validate_card(parse_card(read_card_file(path), name=str(path)), name=str(path))


def init_card(
    path: Place,
    *,
    student_version: str | None = None,
    teacher_model: str | None = None,
    teacher_revision: str | None = None,
    owner: str | None = None,
) -> JudgeCard:
    """Write a commented card to fill in.

    Raises
    ------
    InputError
        When there is a file already, or none can be written there.
    SettingError
        When a value is empty.
    """
    path = Path(path)
    given = {
        "student.version": student_version,
        "teacher.model": teacher_model,
        "teacher.revision": teacher_revision,
        "owner": owner,
    }
    values = {where: text for where, text in given.items() if text is not None}
    content = edit_card(TEMPLATE.encode(), values, name=str(path))
    try:
        new_file(path, content)
    except FileExistsError as error:
        raise InputError(f"{path} is there already and stays as it is. Choose another name with --out.") from error
    return read_card(path)


def pin_card(path: Place, *, teacher_revision: str, teacher_model: str | None = None) -> JudgeCard:
    """Set the teacher's revision that the student is trained against, and its model if given.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    SettingError
        When a value is empty.
    """
    values: dict[str, CardValue] = {"teacher.revision": teacher_revision}
    if teacher_model is not None:
        values["teacher.model"] = teacher_model
    return _changed(path, values)


def freeze_tail(path: Place, *, digest: str, n_pairs: int) -> JudgeCard:
    """Write the tail set that comparisons are held to from now on.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    """
    return _changed(path, {"tail_set.digest": digest, "tail_set.n_pairs": n_pairs})


def note_review(path: Place, *, at: datetime, wrong: Measured, student_version: str | None = None) -> JudgeCard:
    """Write the share of the disagreements in which a student is wrong, by default the card's.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    """
    version = student_version or read_card(path).student.version
    figures = {"wrong": wrong.estimate, "wrong_low": wrong.low, "wrong_high": wrong.high}
    noted: dict[str, CardValue] = {name: round(value, 4) for name, value in figures.items()}
    noted |= {"at": at.isoformat(timespec="seconds")} | ({"student_version": version})
    return _changed(path, {f"shadow_review.{name}": value for name, value in noted.items()})


def _changed(path: Place, values: Mapping[str, CardValue]) -> JudgeCard:
    with locked_card(Path(path)) as real:
        write_card(real, edit_card(read_card_file(real), values, name=str(path)))
    return read_card(path)


def edit_card(content: bytes, values: Mapping[str, CardValue], *, name: str = "judges.yaml") -> bytes:
    """Set values in the text of a card; every comment and every other line stays.

    Parameters
    ----------
    content
        The bytes of the card.
    values
        What to set by its place in the card, ``{"teacher.revision": "2026-05"}``; None empties a field.
    name
        What messages call the card.

    Raises
    ------
    InputError
        When the card was faulty before, or a value is not what its field expects.
    SettingError
        When a text is empty or has several lines.
    """
    for where, value in values.items():
        if isinstance(value, str) and not (value.strip() and value.isprintable()):
            raise SettingError(f"{where} must be a text on one line, and not empty; found {value!r}.")
    document = parse_card(content, name=name)
    validate_card(document, name=name)
    for where, value in values.items():
        document.set_value(tuple(where.split(".")), value)
    edited = document.to_bytes()
    validate_card(parse_card(edited, name=name), name=name)
    return edited


def read_card_file(path: Place) -> bytes:
    try:
        return read_small(path, called="The judge card")
    except InputError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        raise InputError(f"There is no judge card {path}. Make one with: distillation-drift card init.") from error


def write_card(real: Path, content: bytes) -> None:
    mode = stat.S_IMODE(real.stat().st_mode)
    replace_file(real, content)
    real.chmod(mode)


@contextmanager
def locked_card(path: Path) -> Iterator[Path]:
    """Hold the card alone until the block ends; gives where it really lies, links followed. No lock file is left."""
    from filelock import FileLock

    real = path.resolve()
    if not real.exists():
        read_card_file(path)  # says that there is none
    lock = FileLock(real.with_name(f".{real.name}.lock"))
    try:
        with real.open("r+b"):
            lock.acquire()
    except OSError as error:
        raise InputError(f"The judge card {path} cannot be changed: {error.strerror}. Check its rights.") from error
    try:
        yield real
    finally:
        with suppress(OSError):  # whoever waits for it sees that it is gone and makes another
            Path(lock.lock_file).unlink()
        lock.release()
