"""Options that several commands share, declared once."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.agreement.rule import Rule
from drift_core.commands.rule_file import read_rule

if TYPE_CHECKING:
    from drift_core.report.one_page import OnePage
    from drift_core.traffic.engine import Engine

Heldout = Annotated[
    str, typer.Argument(metavar="HELDOUT", help="Pairs the student was tested on: a file, a pattern, or -.")
]
Production = Annotated[
    str | None,
    typer.Argument(
        metavar="[PRODUCTION]", help="Pairs from today's traffic: a file, a pattern, or -.", show_default=False
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=COLUMN",
        help="Which column holds a role: query, teacher, student, doc, pair_id, query_id, timestamp, teacher_pinned, "
        "label, weight, or teacher_repeat_1 to teacher_repeat_9; with another name, the slice of that name. For one "
        "file alone: heldout.ROLE=COLUMN or production.ROLE=COLUMN. Repeatable.",
    ),
]
Tool = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="TOOL",
        help="Whose export the files are, such as langfuse; by default told by their fields. See docs/files.md.",
    ),
]
TeacherScore = Annotated[
    str | None,
    typer.Option("--teacher-score", metavar="NAME", help="The teacher's score in an export, by its name there."),
]
StudentScore = Annotated[
    str | None,
    typer.Option("--student-score", metavar="NAME", help="The student's score in an export, by its name there."),
]
SplitAt = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="COLUMN=AT",
        help="Split one file in two: with a date, rows before it are held-out and from it on production; with a value, "
        "rows whose column has it are production. Then PRODUCTION is left out.",
    ),
]
Slices = Annotated[
    list[str] | None,
    typer.Option(
        "--slice",
        metavar="COLUMN",
        help="Column whose values are regions of their own; by default every column with few values, '' for none. "
        "Repeatable.",
    ),
]
K = Annotated[int | None, typer.Option("--k", metavar="K", help="Size of the top that ships; by default the rule's.")]
Clusters = Annotated[
    int | None,
    typer.Option("--clusters", metavar="N", help="Number of query clusters; by default chosen from the data."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="SEED", min=0, help="Seed of everything that is drawn.")]
ScoreKindName = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Kind of the scores: numeric, ordinal (grades), binary, nominal (classes), pairwise (A, B or a tie) or "
        "probability (two answers of the teacher, a probability of the student); by default told by their values.",
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        "--labels",
        metavar="LABEL,LABEL",
        help="The labels in their order: grades lowest first, fail before pass. Two alone are binary; of "
        "more than two, --kind says whether they are grades or classes, unless they are numbers or known grades.",
    ),
]
MaxRows = Annotated[
    int | None,
    typer.Option(
        "--max-rows", metavar="N", help="Rows of a file above which whole queries are sampled; by default 1,000,000."
    ),
]
MaxBytes = Annotated[
    int | None,
    typer.Option(
        "--max-bytes",
        metavar="N",
        help="Bytes of texts and numbers above which whole queries are sampled; by default 500,000,000.",
    ),
]
Price = Annotated[
    float | None, typer.Option("--price", metavar="PRICE", help="Price of scoring one pair with the teacher.")
]
StudentPrice = Annotated[
    float | None, typer.Option("--student-price", metavar="PRICE", help="Price of 1,000 calls of the student.")
]
Calls = Annotated[float | None, typer.Option("--calls", metavar="N", help="Pairs that production scores in a week.")]
RetrainPairs = Annotated[
    float,
    typer.Option(
        "--retrain-pairs", metavar="N", help="Pairs on the retrain list; priced are no more than production has."
    ),
]
RuleFile = Annotated[
    str | None,
    typer.Option(
        "--rule", metavar="FILE", help="JSON or TOML file with the thresholds to change, or NAME=VALUE,NAME=VALUE."
    ),
]
Embedder = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar="NAME",
        help="Text encoder: all-MiniLM-L6-v2 (the default), hashing (counts words, needs no model, and can miss new "
        "topics), or a sentence-transformers model on this machine.",
    ),
]
Embeddings = Annotated[
    str | None,
    typer.Option(
        "--embeddings",
        metavar="FILE",
        help="Your own embeddings (.npy, .npz, .parquet, or a folder of embed) in its place.",
    ),
]
Cache = Annotated[
    str | None,
    typer.Option("--cache", metavar="FILE", help="Where embeddings are kept; by default in your cache folder."),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither look up nor keep embeddings.")]
HistoryPlace = Annotated[
    str,
    typer.Option("--history", metavar="PLACE", help="SQLite file, or postgresql://USER@HOST/DATABASE."),
]
StudentFolder = Annotated[
    str, typer.Option("--student", metavar="DIR", help="Folder of the student, a sentence-transformers cross-encoder.")
]


class EngineChoice(StrEnum):
    LOCAL = "local"
    RAY = "ray"


EngineName = Annotated[
    EngineChoice, typer.Option("--engine", help="Where it is done: in this process, or by Ray on many processes.")
]
Actors = Annotated[
    int | None,
    typer.Option(
        "--actors", metavar="N", help="Ray's processes, each with the model; by default one a processor or GPU."
    ),
]
Gpus = Annotated[float, typer.Option("--gpus", metavar="N", help="GPUs that each of them has; 0.5 lets two share one.")]
Device = Annotated[
    str | None, typer.Option("--device", metavar="NAME", help="cpu or cuda; by default the GPU where there is one.")
]


def takes(settings: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each field of its settings that has a meaning, in place of its ``**entered``."""

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        own = [each for each in inspect.signature(command).parameters.values() if each.kind is not each.VAR_KEYWORD]
        shared = [_parameter(each) for each in fields(settings) if each.metadata]
        command.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]  # what typer reads
        return command

    return with_options


def _parameter(of: Field[Any]) -> inspect.Parameter:
    option = typer.Option(
        of.metadata["option"] or f"--{of.name.replace('_', '-')}",
        metavar=of.metadata["kind"],
        help=of.metadata["meaning"],
        show_default=of.default is not False and of.default not in (None, ""),
    )
    default = inspect.Parameter.empty if of.default is MISSING else of.default
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(of.name, kind, default=default, annotation=Annotated[of.type, option])


def named(teacher: str | None, student: str | None) -> dict[str, str]:
    """Role to score, for those that were named as in an export."""
    return {role: name for role, name in (("teacher", teacher), ("student", student)) if name is not None}


def kind_options(kind: str | None, labels: str | None) -> dict[str, Any]:
    """The kind of score and its labels as reading takes them, checked before anything is read."""
    from drift_core.samples.score_kind import asked_kind

    asked = asked_kind(kind, () if labels is None else tuple(labels.split(",")))
    return {} if asked is None else {"kind": asked.name, "labels": asked.labels}


def rule_with(path: str | None, **changed: float | None) -> Rule:
    """Read the rule, by default ours, and put in what other options change."""
    chosen = Rule() if path is None else read_rule(path)
    return replace(chosen, **{name: value for name, value in changed.items() if value is not None})  # type: ignore[arg-type]


Report = Annotated[
    str | None,
    typer.Option(
        "--report", metavar="FILE", help="Write one page for stakeholders: HTML, or PDF where the name ends in .pdf."
    ),
]


def write_page(page: "OnePage", target: str) -> None:
    """Write a page of the report, as PDF where the name says so, else as HTML."""
    from drift_core.report.one_page import page_as_html, page_as_pdf
    from drift_core.tables.writing import replace_file

    replace_file(target, page_as_pdf(page) if target.lower().endswith(".pdf") else page_as_html(page).encode())


def engine_of(name: EngineChoice, actors: int | None, gpus: float) -> "Engine":
    """Where work is done, by these options; raises where Ray is asked for and not installed."""
    from drift_core.traffic.engine import Engine

    engine = Engine(name=name.value, actors=actors, gpus=gpus)
    engine.check()
    return engine


def check_places(*targets: str | None) -> None:
    """Raise before the work where a file could not be written afterwards; ``-`` is standard output."""
    from drift_core.tables.writing import check_place

    for target in targets:
        if target not in (None, "-"):
            check_place(str(target))


def write_json(document: Mapping[str, object], target: str | None) -> None:
    """Write JSON where it is wanted: to a file, which is said, or alone to standard output."""
    from drift_core.tables.json_text import json_text
    from drift_core.tables.writing import replace_file

    if target == "-":
        typer.echo(json_text(document), nl=False)
    elif target is not None:
        replace_file(target, json_text(document).encode())
        typer.echo(f"Wrote {target}.")
