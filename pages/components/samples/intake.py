"""Samples come in: uploads and paths, read at once, and read again when a column is mapped otherwise."""

import glob
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from drift_core.errors import DriftError, InputError
from drift_core.exports.adapter import as_pairs
from drift_core.installation import COLUMNS_VARIABLE, FILES_VARIABLE, KIND_VARIABLE, SPLIT_VARIABLE
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import Part, Split, split_of
from drift_core.samples.reading import read_pairs, read_table
from drift_core.samples.score_kind import asked_kind
from drift_core.samples.scored_again import columns_back, pairs_csv, with_new_scores
from drift_core.samples.split import SplitColumn, split_columns
from drift_core.samples.two_samples import check_two_samples
from drift_core.tables.addresses import check_address, is_address, refuse_address
from drift_core.tables.columns import listed, recognise_columns
from drift_core.tables.formats import short_name
from drift_core.tables.places import each_copied_once
from drift_core.tables.roles import ROLES
from drift_core.tables.scan import open_scan
from pages.components.samples.source import Source
from pages.components.session import cached, session, visitor_store
from pages.components.session.investigation import key_of
from pages.components.session.session import SIDES, Side

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from streamlit.runtime.uploaded_file_manager import UploadedFile

ROOTS_VARIABLE = "DISTILLATION_DRIFT_ROOTS"
PLACES_VARIABLE = "DISTILLATION_DRIFT_PLACES"  # addresses with blanks between them; none by default
_OPENED_GIVEN = "opened_given_files"
_OTHER: Mapping[Side, Side] = {"heldout": "production", "production": "heldout"}
MAX_LOOK = 200_000  # rows that are read again to show a problem's first rows


def roots() -> tuple[Path, ...]:
    """Folders that files may be read from by path: where the server runs and the home folder, unless set otherwise."""
    chosen = os.environ.get(ROOTS_VARIABLE)
    folders = chosen.split(os.pathsep) if chosen else [str(Path.cwd()), str(Path.home())]
    return tuple(Path(folder).resolve() for folder in folders if folder)


def open_given() -> None:
    """Open the two files that the app was started on, once for a visitor who has come for nothing else."""
    given = os.environ.get(FILES_VARIABLE, "")
    if not given or visitor_store.get(_OPENED_GIVEN):
        return
    visitor_store.put(_OPENED_GIVEN, True)
    if not session.view().scenario and not session.token():
        name, _, labels = os.environ.get(KIND_VARIABLE, "").partition(":")
        asked = asked_kind(name or None, labels.split(",") if labels else ())
        sources = [
            Source(name=short_name(each), data=each if is_address(each) else Path(each)) for each in given.split("\n")
        ]
        if asked is not None:
            sources = [replace(source, kind=asked.name, labels=asked.labels) for source in sources]
        split = split_of(os.environ.get(SPLIT_VARIABLE) or None)
        if split is not None:
            sources = [replace(sources[0], part=Part(split=split, side=side)) for side in SIDES]
        columns = json.loads(os.environ.get(COLUMNS_VARIABLE) or "{}")
        with each_copied_once():
            for side, source in zip(SIDES, sources, strict=True):
                take(side, replace(source, columns=columns.get(side, {})))


@each_copied_once()
def take_split(given: Source, split: Split) -> None:
    """Put both sides of one file in place, each read as the file was."""
    for side in SIDES:
        take(side, replace(given, slices=None, part=Part(split=split, side=side)))


@each_copied_once()
def take_brought(side: Side, brought: "UploadedFile | str") -> None:
    """Read an upload, or a file or pattern of files by path where it lies in an allowed folder, and put it in place."""
    try:
        given = _brought(brought)
    except InputError as error:
        given = Source(name=short_name(str(brought).strip()), data=b"", failure=str(error))
        session.put_source(side, given, None)
        return
    take(side, _like_the_other(side, given))
    if isinstance(given.data, str) and session.source(_OTHER[side]) is None:  # what is asked next, of the same copy
        columns_that_split(side)


def columns_that_split(side: Side) -> tuple[SplitColumn, ...]:
    """The columns by which the one file that is there can be split; none where it is no file or cannot be read."""
    source, sample = session.source(side), session.sample(side)
    if source is None or sample is None or not source.data:
        return ()
    return cached.result_by_key("split columns", key_of(sample), (), lambda: split_columns(source.open()))


@each_copied_once()
def take_as_production_was(brought: "UploadedFile | str", *, with_pinned: bool = False) -> str:
    """Put a file, read as production was, in its place; else say what is wrong with the file."""
    heldout, before, was = session.sample("heldout"), session.sample("production"), session.source("production")
    if heldout is None or before is None or was is None:
        return "Bring held-out and production first."
    known = {*recognise_columns(was.names)} - {"teacher_pinned"}  # what production had no column for may be here
    columns = {role: each for role, each in was.columns.items() if role in known or (each and role != "teacher_pinned")}
    as_it_was = replace(was, columns=columns, part=None, failure="", n_taken_over=was.n_taken_over + 1)
    try:
        given = looked_at(_brought(brought))
        given = replace(as_it_was, name=given.name, data=given.data, names=given.names, export=given.export)
        given = replace(given, limits=session.limits(), seed=session.view().seed)
        pairs = read(given)
        if with_pinned and pairs.teacher_pinned is None:
            raise InputError(f"{given.name} has no column teacher_pinned. It has: {listed(given.names)}.")
        if pairs.digest == before.digest:
            raise InputError(f"{given.name} holds what production holds already.")
        check_two_samples(heldout, pairs)
    except DriftError as error:
        return str(error)
    session.put_source("production", given, pairs, keeps_other=True)
    return ""


@each_copied_once()
def take_scored_again(brought: "UploadedFile | str") -> str:
    """Put the student's new scores of some pairs into production; else say what is wrong with the file."""
    before, was = session.sample("production"), session.source("production")
    if before is None or was is None:
        return "Bring held-out and production first."
    try:
        given = looked_at(_brought(brought))
        columns = dict(was.columns) | columns_back(before, given.names)
        again = read(replace(was, name=given.name, data=given.data, part=None, columns=columns))
        merged = pairs_csv(with_new_scores(before, again))
        name = f"{Path(was.name).stem}-scored-again.csv"
        made = replace(was, name=name, data=merged, names=(), part=None, export="", n_taken_over=was.n_taken_over + 1)
        made = looked_at(made)
        pairs = read(made)
    except DriftError as error:
        return str(error)
    session.put_source("production", made, pairs, keeps_other=True)
    return ""


def _brought(brought: "UploadedFile | str") -> Source:
    if not isinstance(brought, str):
        return Source(name=brought.name, data=brought.getvalue())
    path = allowed_place(brought)
    return Source(name=short_name(str(path)), data=path)


def take(side: Side, given: Source) -> None:
    """Read a source; what is wrong stays with the source as its failure."""
    given = replace(looked_at(given), limits=session.limits(), seed=session.view().seed)
    try:
        pairs = read(given)
    except DriftError as error:
        session.put_source(side, replace(given, failure=str(error)), None)
        return
    session.put_source(side, replace(given, failure=""), pairs)


@each_copied_once()
def take_both(side: Side, given: Source) -> None:
    """Read a source, and the other one with the same columns once this could be read."""
    take(side, given)
    other = with_same_columns(side, given)
    if other is not None and not getattr(session.source(side), "failure", ""):
        taken_over = replace(other, columns=given.columns, slices=given.slices, n_taken_over=other.n_taken_over + 1)
        take(_OTHER[side], taken_over)


def with_same_columns(side: Side, given: Source) -> Source | None:
    """The other side's source where its file has columns of the same names."""
    other = session.source(_OTHER[side])
    return other if other is not None and given.names and {*other.names} == {*given.names} else None


def missing_columns(given: Source) -> tuple[str, ...]:
    """The required columns that are neither recognised by their names nor chosen."""
    known = recognise_columns(given.names) | dict(given.columns)
    return tuple(role for role, entry in ROLES.items() if entry.required and not known.get(role))


def _like_the_other(side: Side, given: Source) -> Source:
    """The kind of score chosen for the other file holds for a new one; where its columns are the same, these do too."""
    given = looked_at(given)
    if session.view().scenario:
        return given
    if (beside := session.source(_OTHER[side])) is not None:
        given = replace(given, kind=beside.kind, labels=beside.labels)
    other = with_same_columns(side, given)
    return given if other is None or other.failure else replace(given, columns=other.columns, slices=other.slices)


def read(given: Source) -> ScoredPairs:
    """Read a source as it says."""
    return read_pairs(
        given.open(),
        columns=given.columns,
        slices=given.slices,
        limits=given.limits,
        seed=given.seed,
        name=None if given.part else given.name,
        part=given.part,
        kind=given.kind,
        labels=given.labels,
    )


def looked_at(given: Source) -> Source:
    """The source with the names of its columns and what it is an export of, as far as it can be read."""
    if given.names:
        return given
    try:
        with open_scan(given.open(), adapt=as_pairs()) as scan:
            return replace(given, names=scan.names, export=scan.export)
    except DriftError:
        return given


def first_rows(given: Source, rows: Sequence[int]) -> "pd.DataFrame":
    """The rows behind a problem, counted from 1, as they stand in the source."""
    wanted = [row for row in rows if row <= MAX_LOOK]
    table: pa.Table = read_table(given.open(), n_rows=max(wanted, default=1))
    found = table.take([row - 1 for row in wanted if row <= len(table)]).to_pandas()
    found.insert(0, "row", wanted[: len(found)])
    return found


def allowed_place(text: str) -> Path | str:
    """The path or address that was typed, where it may be read."""
    return allowed_address(text.strip()) if is_address(text.strip()) else allowed_path(text)


def allowed_address(address: str) -> str:
    """The address where the server's configuration lets it be read; raises otherwise, as for every one by default."""
    check_address(address)
    if address in os.environ.get(FILES_VARIABLE, "").split("\n"):
        return address
    allowed = os.environ.get(PLACES_VARIABLE, "").split()
    if not any(address == each.rstrip("/") or address.startswith(f"{each.rstrip('/')}/") for each in allowed):
        raise InputError(
            f"{address} may not be read by this server. Upload the file, or start the server with {PLACES_VARIABLE} "
            "set to the addresses that it may read, such as s3://bucket/logs."
        )
    return address


def allowed_path(text: str) -> Path:
    """Make a path of what was typed; raise where it can be none, or leads out of the folders that may be read."""
    if "\0" in text:
        raise InputError("A path holds a null character, which no file name can have. Type the path again.")
    refuse_address(text.strip())
    try:
        path = Path(text.strip()).expanduser().absolute()  # so that "-" is a file and not standard input
    except RuntimeError as error:
        raise InputError(f"{text.strip()}: no home folder has this name. Type the whole path.") from error
    check_allowed(path)
    return path


def check_allowed(path: Path) -> None:
    """Raise where a path or pattern leads out of the folders that may be read; the files given at the start may be."""
    if str(path) in os.environ.get(FILES_VARIABLE, "").split("\n"):
        return
    found = glob.glob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    matches = [Path(match) for match in found] or [path]
    allowed = roots()
    if not all(any(match.resolve().is_relative_to(root) for root in allowed) for match in matches):
        raise InputError(
            f"{path} is outside the folders that may be read: {', '.join(map(str, allowed))}. "
            "Upload the file, move it there, or start the app on it: distillation-drift app HELDOUT PRODUCTION opens "
            f"two files wherever they lie. {ROOTS_VARIABLE} names other folders before the app starts, parted by "
            f"{os.pathsep!r}: {ROOTS_VARIABLE}={os.pathsep.join(('/data', '/logs'))}."
        )
