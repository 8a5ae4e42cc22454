"""A review in one SQLite file: the queue, and every answer as it was given; an answer that is acknowledged stays.

Several reviewers may answer at once, in as many processes. Nothing is overwritten: an answer changed is a row more.
"""

import math
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from drift_core.errors import InputError, SettingError
from drift_core.review.pairs import ANSWERS, LONGEST_NAME, LONGEST_NOTE, GivenAnswer, ReviewDraw
from drift_core.tables.paths import is_file, kind_of, reason_of
from drift_core.tables.writing import check_place
from drift_core.wording import one_line

DRAW = TypeAdapter(ReviewDraw)
SCHEMA = 1
APPLICATION_ID = 0x44447276  # "DDrv": marks a SQLite file as a review in its header
BUSY_SECONDS = 30.0
CREATE = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA};
CREATE TABLE draw (document TEXT NOT NULL);
CREATE TABLE answer (
  id INTEGER PRIMARY KEY AUTOINCREMENT, place INTEGER NOT NULL, reviewer TEXT NOT NULL, answer TEXT, note TEXT NOT NULL,
  at_utc TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX answer_of ON answer (reviewer, place);
"""
STANDING = """
SELECT place, reviewer, answer, note, at_utc FROM answer WHERE id IN (
  SELECT max(id) FROM answer WHERE undone = 0 GROUP BY place, reviewer
) AND (answer IS NOT NULL OR note <> '') ORDER BY place, reviewer
"""
STANDING_OF = "SELECT answer, note FROM answer WHERE place = ? AND reviewer = ? AND undone = 0 ORDER BY id DESC LIMIT 1"
LAST_OF = "SELECT id, place FROM answer WHERE reviewer = ? AND undone = 0 ORDER BY id DESC LIMIT 1"
PUT = "INSERT INTO answer (place, reviewer, answer, note, at_utc) VALUES (?, ?, ?, ?, ?)"


class Review:
    """A review at a path, made by `create_review` or `open_review`. Nothing is held open between two calls."""

    def __init__(self, path: Path, draw: ReviewDraw) -> None:
        self.path, self.draw = path, draw

    def answers(self) -> tuple[GivenAnswer, ...]:
        """What every reviewer says now, by pair and name."""
        with _connected(self.path) as connection:
            rows = connection.execute(STANDING).fetchall()
        try:
            given = [
                GivenAnswer(place=place, reviewer=who, answer=answer, note=note, at=datetime.fromisoformat(at))
                for place, who, answer, note, at in rows
            ]
            for each in given:
                self._checked(each)
        except (TypeError, ValueError, AttributeError) as error:
            raise _damaged(self.path) from error
        return tuple(given)

    def answer(self, given: GivenAnswer) -> bool:
        """Write what a reviewer says of a pair; when this returns, it is on the disk.

        An answer leaves the reviewer's note as it is; without an answer, the note takes the place of the one before,
        and the answer stays. False where both stood there already; then nothing is written.

        Raises
        ------
        SettingError
            When nobody is named, there is no such pair, or the answer is none of `ANSWERS`.
        InputError
            When it cannot be written.
        """
        return bool(self.answer_all((given,)))

    def answer_all(self, given: Sequence[GivenAnswer]) -> int:
        """Write several answers, all or none, as `answer`; gives how many were new."""
        checked = [self._checked(each) for each in given]
        with _connected(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            n_new = sum(_put(connection, each) for each in checked)
            connection.execute("COMMIT")
        return n_new

    def undo(self, reviewer: str) -> int | None:
        """Take a reviewer's last answer or note back, so that what stood before it stands again.

        Gives the place of the pair, or None where there is nothing left to take back.
        """
        with _connected(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            last = connection.execute(LAST_OF, (name_of(reviewer),)).fetchone()
            if last is not None:
                connection.execute("UPDATE answer SET undone = 1 WHERE id = ?", (last[0],))
            connection.execute("COMMIT")
        return None if last is None else int(last[1])

    def _checked(self, given: GivenAnswer) -> tuple[int, str, str | None, str, str]:
        if not 1 <= given.place <= len(self.draw.pairs):
            raise SettingError(f"The review has pairs 1 to {len(self.draw.pairs):,}; found {given.place!r}.")
        if given.answer is not None and given.answer not in ANSWERS:
            raise SettingError(f"An answer is one of {', '.join(ANSWERS)}; found {given.answer!r}.")
        at = given.at or datetime.now(UTC)
        note = " ".join(given.note.split())[:LONGEST_NOTE]
        return given.place, name_of(given.reviewer), given.answer, note, at.isoformat(timespec="seconds")


def name_of(reviewer: str) -> str:
    """A reviewer's name on one line; raise a SettingError where it is none."""
    name = one_line(reviewer)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise SettingError(f"A reviewer has a name of 1 to {LONGEST_NAME} characters; found {len(name)}.")
    return name


def check_new(path: str | Path) -> Path:
    """Raise before the work when a review could not be written into a new file at a path."""
    place = Path(path)
    check_place(place)
    if kind_of(place) != "nothing":
        raise InputError(f"{place} is there already. A review is drawn into a new file: name another.")
    return place


def create_review(draw: ReviewDraw, path: str | Path) -> Review:
    """Write a drawn review into a new file.

    Raises
    ------
    InputError
        When something stands at the path already, or it cannot be written.
    """
    place = check_new(path)
    document = DRAW.dump_json(draw).decode()
    try:
        place.open("xb").close()  # of two who draw into one file at once, one is told
    except OSError as error:
        raise InputError(f"The review {place} cannot be written: {reason_of(error)}. Name another file.") from error
    try:
        with _connected(place) as connection:
            connection.executescript(CREATE)
            connection.execute("INSERT INTO draw VALUES (?)", (document,))  # a file without it is no review
            connection.execute("COMMIT")
    except InputError:
        place.unlink(missing_ok=True)
        raise
    return Review(place, draw)


def open_review(path: str | Path) -> Review:
    """Open a review.

    Raises
    ------
    InputError
        When there is none, the file is something else, damaged, or of a newer version.
    """
    place = Path(path)
    if not is_file(place):
        raise InputError(f"There is no review at {place}. Draw one: distillation-drift review draw PRODUCTION")
    with _connected(place) as connection:
        application, version = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if application != APPLICATION_ID:
            raise InputError(f"{place} is no review: it is a file of something else. It was left as it is.")
        if version > SCHEMA:
            raise InputError(
                f"The review {place} is of version {version}; this program reads up to {SCHEMA}. Update it."
            )
        documents = connection.execute("SELECT document FROM draw").fetchall()
    try:
        draw = DRAW.validate_json(documents[0][0])
    except (ValueError, IndexError) as error:
        raise _damaged(place) from error
    if not _is_whole(draw):
        raise _damaged(place)
    return Review(place, draw)


def _damaged(path: Path) -> InputError:
    return InputError(f"The review {path} is damaged. Take a copy of before.")


def _is_whole(draw: ReviewDraw) -> bool:
    """Whether the queue can be answered and estimated from."""
    drawn = Counter(pair.region for pair in draw.pairs)
    return (
        bool(draw.pairs)
        and [pair.place for pair in draw.pairs] == list(range(1, len(draw.pairs) + 1))
        and drawn == Counter({region.name: region.n_drawn for region in draw.regions})
        and all(0 <= region.n_drawn <= region.n_pairs and 0 < region.total < math.inf for region in draw.regions)
        and all(0 < pair.size < math.inf for pair in draw.pairs)
    )


def _put(connection: sqlite3.Connection, row: tuple[int, str, str | None, str, str]) -> bool:
    place, reviewer, answer, note, at = row
    before = connection.execute(STANDING_OF, (place, reviewer)).fetchone() or (None, "")
    is_note = answer is None  # an empty one takes the note away
    now = (before[0] if is_note else answer, note if is_note else note or before[1])
    if now == before:
        return False
    connection.execute(PUT, (place, reviewer, *now, at))
    return True


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            # What is committed is on the disk, and the journal that would take it back is gone from its folder.
            connection.execute("PRAGMA synchronous=EXTRA")
            yield connection
    except sqlite3.Error as error:
        raise InputError(
            f"The review {path} cannot be used: {error}. Check the file, its folder and the disk."
        ) from error
