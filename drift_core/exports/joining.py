"""Scores are joined to the pairs that they are of, each score name as a column; what could not be joined is counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift_core.errors import InputError
from drift_core.exports.forms import FORMS
from drift_core.exports.gathering import Gathered
from drift_core.tables.columns import listed, recognise_columns
from drift_core.tables.dialects import check_names, name_sql, text_sql
from drift_core.tables.problem import Problem
from drift_core.wording import counted, shortened

MAX_NAMES = 200  # more are ids rather than names (ours)
HUMAN = "human_label"
OWN_COLUMNS = ("pair_id", "query", "doc", "timestamp")
TOGETHER = "both by one pattern, such as 'export/*.jsonl'"
SCORE_ROLES = {"teacher", "student", "teacher_pinned", "student_before"}

Columns = Mapping[tuple[str, bool], str]  # of each score name, and whether it is of people


class NoScoresError(InputError):
    """Records of an export without a score of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Pairs with their scores as a Parquet file, what is said about how they came about, and what the export holds."""

    path: Path
    problems: tuple[Problem, ...]
    held: str


def join_scores(gathered: Gathered, label: str, connection: Any) -> Joined:
    """Join scores to pairs.

    Raises
    ------
    InputError
        When there are no pairs, no scores, or none of the scores is of one of the pairs.
    """
    items, names, scores = (f"read_parquet({text_sql(gathered.path(what))})" for what in ("items", "names", "scores"))
    n_items = _one(connection, f"select count(distinct item) from {items}")[0]
    n_scores = _one(connection, f"select count(*) from {scores}")[0]
    _check_both(gathered, label, n_items, n_scores)
    twins = _twins(items, names, scores, connection)
    joined = _match(items, names, scores, gathered.path("joined"), connection, twins=twins)
    n_matched = _one(connection, f"select count(*) from {joined} where n_items = 1")[0]
    if not n_matched:
        of = _one(connection, f"select name_of from {joined} order by place limit 1")[0]
        known = _one(connection, f"select name_of from {names} order by place limit 1")[0]
        raise InputError(
            f"{label}: none of {counted(n_scores, 'score', 'scores')} is of a pair that the export holds. The first "
            f"score is of {shortened(of)!r}, the first pair is {shortened(known)!r}. Export both of the same project "
            "and time."
        )
    columns = _columns(joined, label, connection)
    pairs = _pivot(items, joined, columns, gathered, connection)
    n_pairs = _one(connection, f"select count(*) from {pairs}")[0]
    scored = f"{counted(n_matched, 'score', 'scores')} joined to {n_pairs:,} of {counted(n_items, 'pair', 'pairs')}"
    message = (
        f"{label} was read as an export, {_held(gathered)}: {_texts(gathered)}. {scored}, by name: "
        f"{listed(columns.values())}."
    )
    n_moved, n_twins = _one(connection, f"select count(*), count(distinct item) from {joined} where is_moved")
    message += (
        f" {counted(n_moved, 'of them is of a trace', 'of them are of traces')} whose one first observation has the "
        "other scores, and stand with these."
        if n_moved
        else ""
    )
    problems = [
        Problem(name="export", message=message),
        *_left_out(gathered, joined, n_items - n_pairs - n_twins, connection),
        *_repeated_records(items, connection),
        *_repeated_scores(joined, connection),
    ]
    return Joined(path=gathered.path("pairs"), problems=tuple(problems), held=_held(gathered))


def score_column(name: str) -> str:
    """Name the column of a score: as the score, with a word behind where the name would be taken for another role."""
    is_taken = set(recognise_columns([name])) - SCORE_ROLES or name.casefold() in (*OWN_COLUMNS, HUMAN)
    return f"{name} (score)" if is_taken else name


def _one(connection: Any, query: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = connection.sql(query).fetchall()[0]
    return row


def _write(query: str, path: Path, connection: Any) -> str:
    connection.execute(f"copy ({query}) to {text_sql(path)} (format parquet)").fetchall()
    return f"read_parquet({text_sql(path)})"


def _check_both(gathered: Gathered, label: str, n_items: int, n_scores: int) -> None:
    if not n_items:
        raise InputError(
            f"{label} holds {_held(gathered)}, but not the texts that they are of. Give the file that holds these "
            f"with it, {TOGETHER}."
        )
    if not n_scores:
        n_empty = gathered.n_without_value
        empty = f"; {counted(n_empty, 'score holds', 'scores hold')} no value" if n_empty else ""
        apart = {tool for form in FORMS if form.scored for tool in (form.tool, *form.also)}
        within = {form.scores.at for form in gathered.forms if form.scores and form.tool not in apart}
        where = f". Export them too; where they are a file of their own, name {TOGETHER}."
        where = f" in {listed(sorted(within))}; docs/files.md says what puts them there." if within else where
        raise NoScoresError(
            f"{label} holds {_held(gathered)}, but no scores of them{empty}. Expected scores by teacher and "
            f"student{where}"
        )


def _twins(items: str, names: str, scores: str, connection: Any) -> str:
    """The pairs that are one with another: a trace and its one first observation, both of which the export holds.

    None where a name of a score stands at both, for then they were judged apart.
    """
    twins = (
        f"select name_of as whole, min(item) as item from {names} where name_of in (select item from {items}) "
        "and item != name_of group by name_of having count(distinct item) = 1"
    )
    sides = (
        f"select distinct name, is_label from {scores} where name_of in (select {side} from ({twins}))"
        for side in ("whole", "item")
    )
    (n_both,) = _one(connection, f"select count(*) from ({' intersect '.join(sides)})")
    return f"({twins}{' limit 0' if n_both else ''})"


def _match(items: str, names: str, scores: str, path: Path, connection: Any, *, twins: str) -> str:
    """Find the pair that a score calls: by the pair's own id first, then by a name that one pair alone has.

    A name that nothing has gives way to the other one of the score. What is of a pair whose twin has scores too is of
    that twin.
    """
    scored = f"(select name_of from {scores})"
    query = (
        f"with own as (select distinct item from {items}), "
        f"others as (select name_of, min(item) as item, count(distinct item) as n_items from {names} "
        "where name_of not in (select item from own) group by name_of), "
        "known as (select item as name_of, item, 1 as n_items from own union all select * from others), "
        f"moved as (select * from {twins} where whole in {scored} and item in {scored}) "
        "select scores.*, coalesce(moved.item, known.item, other.item) as item, "
        "coalesce(known.n_items, other.n_items) as n_items, moved.item is not null as is_moved "
        f"from {scores} as scores left join known on known.name_of = scores.name_of "
        "left join known as other on other.name_of = scores.or_of "
        "left join moved on moved.whole = coalesce(known.item, other.item)"
    )
    return _write(query, path, connection)


def _columns(joined: str, label: str, connection: Any) -> dict[tuple[str, bool], str]:
    """Name the column of each score."""
    names = f"select distinct name, is_label from {joined} where n_items = 1 order by all limit {MAX_NAMES + 1}"
    found = connection.sql(names).fetchall()
    if len(found) > MAX_NAMES:
        raise InputError(
            f"{label} holds more than {MAX_NAMES} names of scores, such as {listed((name for name, _ in found), 3)}. "
            "Expected one name a judge. Export those alone that are compared."
        )
    n_labels = sum(is_label for _, is_label in found)
    columns = {
        (name, is_label): (HUMAN if n_labels == 1 else f"{name} (human)") if is_label else score_column(name)
        for name, is_label in found
    }
    check_names(tuple(columns.values()), label)
    return columns


def _pivot(items: str, joined: str, columns: Columns, gathered: Gathered, connection: Any) -> str:
    """Write a row for each pair that has a score, with a column for each name; several different ones are none."""
    taken = {column.casefold() for column in columns.values()}
    slices = dict.fromkeys(name for form in gathered.forms for name in form.slices if name not in taken)
    fields = ["timestamp"] if any(form.timestamp for form in gathered.forms) else []
    fields += [f"json_extract_string(slices, {text_sql(f'$.{name}')}) as {name_sql(name)}" for name in slices]
    fields += [
        f"held[{text_sql(('h:' if is_label else 's:') + name)}] as {name_sql(column)}"
        for (name, is_label), column in columns.items()
    ]
    query = (
        f"with firsts as (select * from {items} qualify row_number() over (partition by item order by place) = 1), "
        "single as (select item, case when is_label then 'h:' else 's:' end || name as key, "
        "case when count(distinct value) = 1 then min(value) end as value "
        f"from {joined} where n_items = 1 group by item, name, is_label), "
        "wide as (select item, map_from_entries(list((key, value))) as held from single group by item) "
        f"select item as pair_id, query, doc, {', '.join(fields)} from firsts join wide using (item) order by place"
    )
    return _write(query, gathered.path("pairs"), connection)


def _held(gathered: Gathered) -> str:
    """What was read, as words: ``120 observations and 240 scores of langfuse``."""
    held: dict[tuple[str, str], int] = {}
    for form, n in gathered.forms.items():
        held[form.tool, form.holds] = held.get((form.tool, form.holds), 0) + n
    return " and ".join(f"{n:,} {holds} of {tool}" for (tool, holds), n in held.items())


def _texts(gathered: Gathered) -> str:
    """Where query and doc were taken from."""
    said = {
        f"query from {form.query[0]!r}, a pair for each of {form.documents.at!r}"
        if form.documents
        else f"query from {form.query[0]!r}, doc from {form.doc[0]!r}"
        for form in gathered.forms
        if form.query
    }
    return " or ".join(sorted(said))


def _left_out(gathered: Gathered, joined: str, n_unscored: int, connection: Any) -> Iterator[Problem]:
    """Tell of what is in no pair."""
    for name, condition, fault in (
        ("score_of_nothing", "n_items is null", "is of nothing that the export holds"),
        ("score_of_several", "n_items > 1", "is of what several pairs stand for"),
    ):
        n, of = _one(connection, f"select count(*), arg_min(name_of, place) from {joined} where {condition}")
        if n:
            each = fault if n == 1 else fault.replace("is of", "are of", 1)
            message = f"{counted(n, 'score', 'scores')} {each}, the first of {shortened(of)!r}. Left out."
            yield Problem(name=name, message=message)
    n_unknown, n_empty = gathered.n_unknown, gathered.n_without_value
    for name, n, fault in (
        ("unscored_record", n_unscored, counted(n_unscored, "pair has", "pairs have") + " no score at all"),
        ("unknown_record", n_unknown, counted(n_unknown, "record is", "records are") + " of no form that is known"),
        ("empty_score", n_empty, counted(n_empty, "score holds", "scores hold") + " no value"),
    ):
        if n:
            yield Problem(name=name, message=f"{fault}. Left out.")


def _repeated_records(items: str, connection: Any) -> Iterator[Problem]:
    texts = "count(*) as n, count(distinct (query, doc)) as n_texts"
    again = f"select {texts} from {items} where slices is not null group by item"
    n_again, n_other = _one(connection, f"select coalesce(sum(n - 1), 0), count(*) filter (n_texts > 1) from ({again})")
    if n_again:
        differ = f" The texts of {counted(n_other, 'of them differs', 'of them differ')}." if n_other else ""
        came = counted(n_again, "record came", "records came")
        yield Problem(
            name="repeated_record", message=f"{came} again with the id of an earlier one, which stays.{differ}"
        )


def _repeated_scores(joined: str, connection: Any) -> Iterator[Problem]:
    again = (
        "select item, name, min(place) as place, count(*) as n, count(distinct value) as n_values "
        f"from {joined} where n_items = 1 group by item, name, is_label having count(*) > 1"
    )
    n_same, n_other, name, item = _one(
        connection,
        "select coalesce(sum(n - 1) filter (n_values = 1), 0), count(*) filter (n_values > 1), "
        f"arg_min(name, place) filter (n_values > 1), arg_min(item, place) filter (n_values > 1) from ({again})",
    )
    if n_same:
        came = counted(n_same, "score came", "scores came")
        yield Problem(name="repeated_score", message=f"{came} again with the same name and value. Counted once.")
    if n_other:
        message = (
            f"{counted(n_other, 'pair has', 'pairs have')} several different scores of one name, the first of "
            f"{shortened(name)!r} for {shortened(item)!r}. Taken as missing, for which one counts is not told. Export "
            "one score a name."
        )
        yield Problem(name="several_scores", message=message)
