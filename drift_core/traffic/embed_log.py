"""The distinct queries of a log as a folder of vectors, that a killed run or a longer log goes on from."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import InputError, SettingError
from drift_core.regions.batches import Progress
from drift_core.regions.cache import embed
from drift_core.regions.encoding import DEFAULT_ENCODER, Encoder, load_encoder
from drift_core.tables.paths import make_folder
from drift_core.tables.writing import check_folder
from drift_core.traffic.engine import WAITING, Engine
from drift_core.traffic.log import open_log
from drift_core.vectors.parts import NUMBER, QUERY, encoder_of, numbers_in, part_table, write_part

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.traffic.log import Log

LOCK = ".lock"
DIGITS = "[0-9a-f]" * 15  # of the names of our own parts
MOST_TEXTS = 1_000_000  # a part: its vectors are in memory at once


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedSettings:
    """How a log is embedded.

    Attributes
    ----------
    encoder
        Name of the encoder; see `load_encoder`.
    part_texts
        Texts a part, which is what is lost at most when a run is killed, in [1, 1,000,000].
    engine
        Where it is done.
    """

    encoder: str = DEFAULT_ENCODER
    part_texts: int = 16_384
    engine: Engine = field(default_factory=Engine)

    def __post_init__(self) -> None:
        if not 1 <= self.part_texts <= MOST_TEXTS:
            raise SettingError(f"Texts a part must be in [1, {MOST_TEXTS:,}]; found {self.part_texts:,}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedLog:
    """What a run embedded: distinct queries that were there, that came, and the encoder of all."""

    n_before: int
    n_added: int
    encoder: str
    notes: tuple[str, ...]


def embed_log(
    source: str | Path,
    folder: str | Path,
    *,
    settings: EmbedSettings | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> EmbeddedLog:
    """Embed the distinct queries of a log into a folder of Parquet parts; those that it holds stay as they are.

    Parameters
    ----------
    source
        A file, a folder of Parquet files or a pattern, larger than memory or not.
    folder
        Where parts are, or come; with a cluster, one that all its machines have.
    columns
        Role to column, for ``query``, where its name does not tell.
    progress
        Called as ``progress("embedding", done, total)`` with counts of distinct queries.

    Raises
    ------
    InputError
        When the log cannot be read or has no queries, the folder holds vectors of another encoder, or another run is
        at work in it.
    """
    settings = settings or EmbedSettings()
    settings.engine.check()
    encoder = _loaded(settings.encoder)
    check_folder(folder)
    with open_log(source, columns=columns) as log, _locked(make_folder(folder)):
        there = numbers_in(folder)
        if len(there) and (made := encoder_of(folder)) != encoder.id:
            raise InputError(f"{folder} holds vectors of {made}; this is {encoder.id}. Choose another folder.")
        n_left = _find_texts(log, there)
        work = EmbedPart(encoder=settings.encoder, folder=str(Path(folder).absolute()))
        waiting = log.tables(f"select {NUMBER}, {QUERY} from texts order by {NUMBER}", n_rows=settings.part_texts)
        done = 0
        for part in settings.engine.run(waiting, work, folder=folder):
            done += sum(part["n"].to_pylist())
            if progress:
                progress("embedding", done, n_left)
        return EmbeddedLog(n_before=len(there), n_added=done, encoder=encoder.id, notes=log.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedPart:
    """Embeds a table of numbers and texts, and writes it as a part: what each engine does."""

    encoder: str
    folder: str

    def __call__(self, table: "pa.Table") -> "pa.Table":
        import pyarrow as pa

        write_part(self.folder, vectors_of_texts(table, encoder=self.encoder))
        return pa.table({"n": [len(table)]})


def vectors_of_texts(table: "pa.Table", *, encoder: str) -> "pa.Table":
    """Give a table with the columns ``number`` and ``query`` a column ``vector``, by the encoder of a name."""
    loaded, texts = _loaded(encoder), table[QUERY].to_pylist()
    vectors = embed(np.array(texts, dtype=object), encoder=loaded)
    return part_table(table[NUMBER].to_numpy(), texts, vectors, encoder=loaded.id)


@cache
def _loaded(name: str) -> Encoder:
    return load_encoder(name)


def _find_texts(log: "Log", there: np.ndarray) -> int:
    """Make the table `texts` of the log's distinct queries that are not there yet; gives how many they are."""
    import pyarrow as pa

    log.scan.connection.register("there", pa.table({NUMBER: there}))
    log.scan.execute(
        f"create table texts as select * from (select {NUMBER}, any_value({QUERY}) as {QUERY} from ("
        f"select {log.number} as {NUMBER}, {log.text('query')} as {QUERY} from ({log.scan.query}) "
        f"where {log.has_query}) group by {NUMBER}) anti join there using ({NUMBER})"
    )
    log.scan.connection.unregister("there")
    n_left = int(log.scan.rows("select count(*) from texts")[0][0])
    if not n_left and not len(there):
        raise InputError(f"{log.label} has no row with a query. Name the column with --column query=COLUMN.")
    return n_left


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this run alone, and clear away what a killed one left half written."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"Another run embeds into {folder}. Let it end, or choose another folder.") from error
    try:
        for half in folder.glob(f".{DIGITS}-{DIGITS}.parquet.*"):
            half.unlink(missing_ok=True)
        for batches in folder.glob(f"{WAITING}*"):
            shutil.rmtree(batches, ignore_errors=True)
        yield
    finally:
        lock.release()
