"""Live agreement: the serving code says each pair that it scored, a random part is kept as the week's sample.

A call costs some microseconds and never raises, waits or answers late. Knows nothing of how a sample is measured.
"""

import atexit
import hashlib
import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from multiprocessing import util
from pathlib import Path
from types import MappingProxyType

from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.live.parts import Part, Row, taken_name

SHARE = 0.02  # of the queries: 300 pairs a week of 15,000
MOST_WAITING = 20_000  # rows that wait to be written; more are dropped and counted, for memory is the server's
SECONDS_BETWEEN_WARNINGS = 60.0
SECONDS_OF_A_WEEK = 7 * 86_400
A_MONDAY = 4 * 86_400  # 1970-01-05
LOG = logging.getLogger(__name__)


class Recorder:
    """Keeps a random part of the scored pairs in rotating Parquet files, a folder for each week.

    Parameters
    ----------
    folder
        Where the weeks' folders lie, such as ``2026-W48``; made when the first row is written.
    share
        Of the queries, in (0, 1]. Each week draws anew, by a hash of the week and the query: all docs of a query are
        kept together, also by several processes and machines.
    columns
        What every row says beside its pair, such as ``{"student_version": "ranker-7", "market": "at"}``; a call may say
        other values of these columns.
    seconds
        How often rows are written: what a killed process loses at most.
    now
        Seconds since 1970.

    Raises
    ------
    SettingError
        When the share is not in (0, 1], the seconds are not positive, or a column is called as what is kept anyway.
    MissingExtraError
        When pyarrow is not installed.

    Notes
    -----
    Every query of a week has the same chance (a random sample of clusters; Cochran, 1977, chapter 9), so the sample
    stands for the week's traffic without weights. `record` is safe in threads and after a fork.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Recorder(folder, share=1.0) as recorder:
    ...     recorder.record("return shoes", "Shoes can be sent back for 30 days.", student=0.83)
    True
    """

    _closing: threading.Event  # set once the writing thread shall end
    _lock: threading.Lock
    _left: int

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        share: float = SHARE,
        columns: Mapping[str, str] = MappingProxyType({}),
        seconds: float = 10.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        if not 0 < share <= 1:
            raise SettingError(f"The share of the queries to record must be above 0 and at most 1; found {share}.")
        if not seconds > 0:
            raise SettingError(f"Rows must be written every so many seconds, more than 0; found {seconds}.")
        if (taken := taken_name(columns)) is not None:
            raise SettingError(f"The column {taken!r} is recorded of every pair or twice. Call it otherwise.")
        need_extra("samples", "Recording pairs")
        self.folder, self.columns = Path(folder), dict(columns)
        self._dropped = 0
        self._most, self._seconds, self._now = int(share * 2**64), seconds, now
        self._week, self._week_ends = b"", 0.0
        self._warned_at = float("-inf")
        self._begin()
        _ALL.add(self)
        self._end_with_the_process()
        util.register_after_fork(self, Recorder._end_with_the_process)

    @property
    def dropped(self) -> int:
        """Pairs that were drawn and could not be kept, those among them that `close` could not write."""
        return self._dropped + self._left

    def record(
        self,
        query: str,
        doc: str,
        *,
        student: float | str | None = None,
        teacher: float | str | None = None,
        query_id: str | None = None,
        **columns: str,
    ) -> bool:
        """Keep the pair where its query was drawn; whether it was.

        Parameters
        ----------
        student, teacher
            Scores or labels. Pairs without the teacher's are scored later by `rescore`.
        query_id
            What tells queries apart where the text does not.
        columns
            Other values for the recorder's columns.

        Notes
        -----
        Nothing is raised, whatever is given or happens: what cannot be kept is counted in `dropped`, and one line a
        minute at most is logged, without the texts.
        """
        try:
            at = self._now()
            if at >= self._week_ends or at < self._week_ends - SECONDS_OF_A_WEEK:
                self._turn_to_week_of(at)
            key = (query_id or query).encode("utf-8", "surrogatepass")
            if int.from_bytes(hashlib.blake2b(self._week + key, digest_size=8).digest(), "little") >= self._most:
                return False
            said = self.columns | columns
            if columns and (taken := taken_name(said)) is not None:
                raise TypeError(f"the column {taken!r} is recorded of every pair or twice")
            row = Row.checked(at, query, doc, student, teacher, query_id, said)
            if len(self._waiting) >= MOST_WAITING:
                raise BufferError(f"{MOST_WAITING:,} rows wait to be written")
            self._waiting.append(row)
            if not self._is_writing:
                self._start()
        except Exception as error:  # whatever it is, the request that is served is worth more
            self.drop(error)
            return False
        return True

    def drop(self, error: Exception) -> None:
        """Count a pair that could not be recorded, and log why, once a minute at most."""
        self._dropped += 1
        self._warn("%d pairs were drawn and not recorded so far; the last: %s", self.dropped, error)

    def flush(self) -> None:
        """Write what waits, now; what cannot be written waits on."""
        with self._lock:
            rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
            for part, of_part in self._by_part(rows) if rows else ():
                self._write(part, of_part)
            self._left = min(self._left, len(self._waiting))  # what an earlier close left may be written now

    def _write(self, part: Part, rows: list[Row]) -> None:
        try:
            part.write(rows)
        except OSError as error:  # a full disk, a folder that is gone
            self._waiting.extendleft(reversed(rows))
            self._warn("%d rows wait to be written: %s", len(rows), error)
        except Exception as error:  # a row among them that no file takes
            if len(rows) == 1:
                self.drop(error)
            for row in rows if len(rows) > 1 else ():
                self._write(part, [row])

    def close(self) -> None:
        """Write what waits and end the writing thread; a pair that is recorded later begins another.

        What still cannot be written is logged once and counted as dropped, for a process that ends loses it.
        """
        self._closing.set()
        self.flush()
        known, self._left = self._left, len(self._waiting)
        if self._left > known:
            LOG.warning("%d rows could not be written; they are lost if the process ends", self._left)
        self._closing = threading.Event()
        self._is_writing = False

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        """Set up what is of one process; a forked one has no writing thread, and its parent writes its own rows."""
        self._waiting: deque[Row] = deque()
        self._left = 0  # of those that wait, what `close` could not write
        self._parts: dict[str, Part] = {}
        self._lock, self._is_writing = threading.Lock(), False
        self._closing = threading.Event()

    def _end_with_the_process(self) -> None:
        """A process of multiprocessing runs nothing of `atexit`."""
        util.Finalize(None, _close_all, exitpriority=10)

    def _start(self) -> None:
        with self._lock:
            if self._is_writing:
                return
            try:
                threading.Thread(target=self._write_on, name="distillation-drift recorder", daemon=True).start()
            except RuntimeError as error:  # a limit of threads; the next pair tries again
                self._warn("%d rows wait to be written: %s", len(self._waiting), error)
            else:
                self._is_writing = True

    def _write_on(self) -> None:
        closing = self._closing
        while not closing.wait(self._seconds):
            self.flush()

    def _turn_to_week_of(self, at: float) -> None:
        self._week = f"{_week_of(at)}\0".encode()  # first, for other threads go by the end
        self._week_ends = at + SECONDS_OF_A_WEEK - (at - A_MONDAY) % SECONDS_OF_A_WEEK

    def _by_part(self, rows: list[Row]) -> list[tuple[Part, list[Row]]]:
        """Rows with the file that each goes to: of its week, and of the process that writes it."""
        of_week: dict[str, list[Row]] = {}
        for row in rows:
            of_week.setdefault(_week_of(row.at), []).append(row)
        self._parts = {
            week: part if (part := self._parts.get(week)) and not part.is_full else Part(self.folder / week)
            for week in of_week
        }
        return [(self._parts[week], of_week[week]) for week in of_week]

    def _warn(self, text: str, n: int, error: Exception) -> None:
        if time.monotonic() - self._warned_at >= SECONDS_BETWEEN_WARNINGS:
            self._warned_at = time.monotonic()
            LOG.warning(text, n, error.strerror if isinstance(error, OSError) else error)


def _week_of(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%G-W%V")


_ALL: "weakref.WeakSet[Recorder]" = weakref.WeakSet()


def _close_all() -> None:
    for recorder in list(_ALL):
        recorder.close()


def _begin_all() -> None:
    for recorder in list(_ALL):
        recorder._begin()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all)
