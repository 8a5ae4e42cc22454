"""An export of another tool is opened as a table of pairs; any other source as it is.

What the tools write is in `forms`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError, SettingError
from drift_core.exports.forms import TOOLS
from drift_core.exports.gathering import gather
from drift_core.exports.joining import SCORE_ROLES, NoScoresError, join_scores, score_column
from drift_core.exports.records import first_documents, form_of, json_documents, records_within, table_records
from drift_core.tables.columns import listed, recognise_columns
from drift_core.tables.dialects import name_sql, parquet_query, plain_text
from drift_core.tables.formats import Form, recognise_form, stem
from drift_core.tables.problem import Problem
from drift_core.tables.rejects import find_rejects
from drift_core.tables.roles import ROLES
from drift_core.tables.source import Scan

if TYPE_CHECKING:
    from drift_core.tables.scan import Adapt, Given

N_LOOKED_AT, N_FILES_LOOKED_AT = 50, 2  # documents of the first files, by which an export is recognised (ours)


def as_pairs(
    tool: str | None = None, columns: Mapping[str, str] | None = None, *, scores: Mapping[str, str] | None = None
) -> "Adapt":
    """Give what `open_scan` opens exports with.

    Parameters
    ----------
    tool
        Whose export it is; by default told by the names of the fields, where they alone are no sample of pairs.
    columns
        Role to column, as they were chosen; None where they are yet to be, to which a table without scores is shown as
        it is.
    scores
        Role, teacher or student, to the name of its score in the export, by which its column is to be recognised from
        then on.

    Raises
    ------
    SettingError
        When there is no such tool.
    """
    if tool is not None and tool not in TOOLS:
        raise SettingError(f"--from expects one of {', '.join(TOOLS)}; found {tool!r}.")
    adapt = partial(_adapt, tool, columns)
    return partial(_renamed, adapt, scores) if scores else adapt


def _renamed(adapt: "Adapt", scores: Mapping[str, str], *opened: Any) -> Scan:
    """Open a source with its named scores in the columns ``teacher_score`` and ``student_score``."""
    scan = adapt(*opened)
    found = named_scores(scores, scan.names)
    lacking = next((name for name in found.values() if name not in scan.names), None)
    if lacking is not None:
        raise InputError(f"{scan.label} has no score {lacking!r}. It has: {listed(scan.names)}.")
    renamed = {name: f"{role}_score" for role, name in found.items() if name != f"{role}_score"}
    if len({*found.values()}) < len(found):
        raise InputError(f"{scan.label}: {' and '.join(found)} are both {found['teacher']!r}. Name a score of each.")
    if taken := next((name for name in renamed.values() if name in scan.names), None):
        raise InputError(
            f"{scan.label} has a column {taken!r} already, which the named score would be called. Rename that column."
        )
    if scan.table is not None:
        scan.table = scan.table.rename_columns([renamed.get(name, name) for name in scan.names])
        scan.connection.register("given", scan.table)
    elif renamed:
        changes = ", ".join(f"{name_sql(name)} as {name_sql(new)}" for name, new in renamed.items())
        scan.query = f"select * rename ({changes}) from ({scan.query})"
    return scan


def named_scores(columns: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """Turn scores that were named as the export has them into the names of their columns."""
    return {
        role: named if role in SCORE_ROLES and (named := score_column(column)) in names else column
        for role, column in columns.items()
    }


def _adapt(
    tool: str | None,
    columns: Mapping[str, str] | None,
    given: "Given",
    label: str,
    connection: Any,
    folder: Path,
    plain: "Callable[[Given], Scan]",
) -> Scan:
    sources: list[Given] = [[file] for file in given] if isinstance(given, list) else [given]
    n = len(sources)
    opened = _Opened(connection=connection, folder=folder, plain=_opened_once(plain) if n == 1 else plain, n_sources=n)
    looked_at = [document for source in sources[:N_FILES_LOOKED_AT] for document in opened.first_documents(source)]
    if not _is_export(looked_at, tool, columns or {}, label):
        return _plain(opened.plain(given), looked_at, tool)
    documents = chain.from_iterable(opened.documents(source, place) for place, source in enumerate(sources))
    try:
        joined = join_scores(gather(documents, tool, folder), label, connection)
    except NoScoresError:
        if tool is not None or columns is not None:
            raise
        return opened.plain(given)
    return Scan(
        label=label,
        name=stem(label),
        connection=connection,
        query=parquet_query([joined.path]),
        problems=(*opened.problems, *joined.problems),
        export=joined.held,
        files=frozenset(path.resolve() for path, _ in given) if isinstance(given, list) else frozenset(),
    )


def _plain(scan: Scan, documents: list[Any], tool: str | None) -> Scan:
    """The table as it is, which is said where an export was named: of two samples one may be a table."""
    if tool is not None and not _forms(documents, tool):
        message = f"{scan.label} holds no records of {tool}, named by --from; its columns are read as they are."
        scan.problems = (*scan.problems, Problem(name="no_export", message=message))
    return scan


def _opened_once(plain: "Callable[[Given], Scan]") -> "Callable[[Given], Scan]":
    """Open the one source of a sample once: to look at it, and to read it."""
    opened: list[Scan] = []

    def open_once(given: "Given") -> Scan:
        if not opened:
            opened.append(plain(given))
        return opened[0]

    return open_once


@dataclass(kw_only=True, slots=True, eq=False)
class _Opened:
    """The files of a source, opened one after another, and what was said about them."""

    connection: Any
    folder: Path
    plain: "Callable[[Given], Scan]"
    n_sources: int
    problems: list[Problem] = field(default_factory=list)

    def documents(self, source: "Given", place: int) -> Iterator[Any]:
        """Yield the documents of a file, or the rows of a table."""
        if (json := _json_file(source)) is not None:
            path, form, called = json
            path, form, problems = plain_text(path, form, called, self.folder / f"export {place}")
            self.problems += problems
            yield from json_documents(path, form, called, self.connection)
            return
        scan = self.plain(source)
        n_read = 0
        for record in table_records(scan):
            n_read += 1
            yield record
        rejected = find_rejects(scan.connection, scan.label, n_read).problems if scan.may_reject else ()
        if self.n_sources > 1 and isinstance(source, list):
            rejected = tuple(replace(each, message=f"{source[0][1]}: {each.message}") for each in rejected)
        self.problems += [*scan.problems, *rejected]

    def first_documents(self, source: "Given") -> list[Any]:
        """Give the documents at the beginning; of a table its names, of what cannot be read none.

        What is wrong there is said by the reader of plain tables.
        """
        import duckdb

        try:
            if (json := _json_file(source)) is not None:
                path, form, called = json
                if form.encoding != "utf-8":
                    path, form, _ = plain_text(path, form, called, self.folder / "first")
                return list(first_documents(path, form, called, self.connection, N_LOOKED_AT))
            return [dict.fromkeys(self.plain(source).names)]
        except duckdb.Error:
            return []


def _json_file(source: "Given") -> "tuple[Path, Form, str] | None":
    """The one file of a source with its form and what messages call it, where it is JSON."""
    if not isinstance(source, list):
        return None
    path, called = source[0]
    form = recognise_form(path, called) if isinstance(path, Path) else None
    return (path, form, called) if isinstance(path, Path) and form is not None and form.kind == "json" else None


def _is_export(documents: list[Any], tool: str | None, columns: Mapping[str, str], label: str) -> bool:
    """Whether some records have the form of an export; raises where one was named and it is neither that nor pairs."""
    if forms := _forms(documents, tool):
        return not forms[0].is_table and (tool is not None or not _is_plain(documents, columns))
    if tool is not None and not _is_plain(documents, columns):
        names = dict.fromkeys(name for record in _records(documents) for name in record)
        raise InputError(
            f"{label} holds no records of {tool}, named by --from. It has: "
            f"{listed(names) or 'no fields that can be read'}. Leave --from out, or name the tool that wrote it."
        )
    return False


def _records(documents: list[Any]) -> list[Any]:
    return [record for document in documents for record in islice(records_within(document), N_LOOKED_AT)]


def _forms(documents: list[Any], tool: str | None) -> list[Any]:
    return [form for record in _records(documents) if (form := form_of(record, tool)) is not None]


def _is_plain(documents: list[Any], columns: Mapping[str, str]) -> bool:
    """Whether the columns alone make a sample, also by those that were chosen, so that a table is read as it is."""
    names = dict.fromkeys(name for each in documents if isinstance(each, dict) for name in each)
    known = recognise_columns(names) | {role: column for role, column in columns.items() if column in names}
    return all(role in known for role, entry in ROLES.items() if entry.required)
