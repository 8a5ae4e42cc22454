"""What the record beside a re-scored list says of its teacher and scale, held against the list's file."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from drift_core.errors import InputError
from drift_core.retraining.settings import ScoreRange
from drift_core.tables.paths import is_file
from drift_core.tables.small_files import parse_json

RESCORED_RECORD = "rescored.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoredRecord:
    """What the record of a re-scored list says; nothing where there is none.

    Attributes
    ----------
    teacher
        Its model and revision, as far as they are known.
    score_range
        The teacher's scale; None where its scores are labels.
    """

    teacher: Mapping[str, str]
    score_range: ScoreRange | None = None


def record_beside(list_file: Path) -> RescoredRecord:
    """Read what `rescore` wrote beside a list; nothing where no record is of it.

    Raises
    ------
    InputError
        When the record cannot be read, or the list was changed since.
    """
    path = list_file.with_name(RESCORED_RECORD)
    if not is_file(path) or not is_file(list_file):
        return RescoredRecord(teacher={})
    try:
        record = parse_json(path.read_bytes())
        stated = {name: each["sha256"] for name, each in record["files"].items()}
        scale = None
        if record["score_range"] is not None:
            low, high = map(float, record["score_range"])
            scale = ScoreRange(low=low, high=high)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no record of a re-scored list. Take it away, or re-score the list.") from error
    if list_file.name not in stated:
        return RescoredRecord(teacher={})
    if sha256(list_file.read_bytes()).hexdigest() != stated[list_file.name]:
        raise InputError(
            f"{list_file} is not the file that {path.name} describes: it was changed since. Re-score the list, or take "
            f"{path.name} away and name the teacher with --teacher-revision."
        )
    teacher = record.get("teacher")
    known = {name: text for name, text in teacher.items() if isinstance(text, str)} if isinstance(teacher, dict) else {}
    return RescoredRecord(teacher=known, score_range=scale)
