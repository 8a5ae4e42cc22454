"""A retrain list for other tools: Hugging Face for training, Label Studio and Argilla for labelling.

Each takes a table, re-scored or not, and gives files by their path in a folder. Croissant is in `croissant`.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from types import MappingProxyType

import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.columns import other_columns
from drift_core.retrain_list.rating_scale import RatingScale, find_scale
from drift_core.tables.writing import to_parquet
from drift_core.wording import counted

NUMBERS = ("teacher_score", "student_score", "probability")
TERMS = ("region", "drifted", "pair_id", "query_id", "pair_digest")
QUESTION = "How well does the doc answer the query?"
LONGEST_NAME = 190  # Argilla's servers take 200 characters, a number to tell names apart included
HUB_CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train.parquet
---
# Retrain list

{n_kept} with the columns query, document and label, the teacher's score, as CrossEncoderTrainer takes them.
ids.parquet holds ids, regions, slices and probabilities of the same rows in the same order. {n_lacking} without a
teacher's score left out.
"""


def huggingface_files(table: pd.DataFrame) -> dict[str, bytes]:
    """Write training pairs for `datasets`: query, document, label; everything else in a file of the same order.

    Notes
    -----
    Pairs without a teacher's score, such as those that a re-scoring could not read, are left out and counted in the
    card. `datasets.load_dataset` opens the folder, or its data file as Parquet.

    Raises
    ------
    InputError
        When pairs have no doc, or none has a score.
    """
    scored = table[table["teacher_score"].notna()].reset_index(drop=True)
    if not len(scored):
        raise InputError("No pair of the list has a teacher's score, so there is nothing to train on. Re-score it.")
    n_without = int(scored["doc"].isna().sum())
    if n_without:
        raise InputError(
            f"{counted(n_without, 'pair', 'pairs')} of the list have no doc; a cross-encoder needs query and doc. Give "
            "samples with a doc column, or leave the format huggingface out."
        )
    data = pd.DataFrame(
        {"query": scored["query"], "document": scored["doc"], "label": scored["teacher_score"].astype("float32")}
    )
    n_lacking = len(table) - len(scored)
    card = HUB_CARD.format(n_kept=counted(len(scored), "pair", "pairs"), n_lacking=counted(n_lacking, "pair", "pairs"))
    return {
        "huggingface/data/train.parquet": to_parquet(data),
        "huggingface/ids.parquet": to_parquet(scored.drop(columns=["query", "doc"])),
        "huggingface/README.md": card.encode(),
    }


def label_studio_files(table: pd.DataFrame, scale: RatingScale | None = None) -> dict[str, bytes]:
    """Write tasks and the configuration of a Label Studio project that asks for a score on the teacher's scale."""
    scale = scale or find_scale(table)
    with_docs = bool(table["doc"].notna().any())
    texts = ["query", "doc"] if with_docs else ["query"]
    facts = [name for name in (*TERMS, *NUMBERS, *other_columns(table)) if name in table]
    tasks = [
        {"data": {name: row[name] or "" for name in texts}, "meta": {name: row[name] for name in facts}}
        for row in _rows(table)
    ]
    shown = "".join(
        f'  <Header value="{name.capitalize()}"/>\n  <Text name="{name}" value="${name}"/>\n' for name in texts
    )
    config = (
        f'<View>\n{shown}  <Header value="{QUESTION}"/>\n'
        f'  <Number name="score" toName="query" min="{scale.low:g}" max="{scale.high:g}" step="{scale.step:g}" '
        'required="true"/>\n</View>\n'
    )
    return {"label-studio/tasks.json": _json(tasks), "label-studio/config.xml": config.encode()}


def argilla_files(table: pd.DataFrame, scale: RatingScale | None = None) -> dict[str, bytes]:
    """Write a dataset as `argilla.Dataset.from_disk` reads it: settings and records that ask for a score of each pair.

    Notes
    -----
    Regions, slices and numbers are metadata, by which records can be filtered; as Argilla's servers take small letters,
    digits, - and _ alone in their names, a slice's own name is their title. Its ratings are whole numbers from 0 to 10:
    those of the teacher's scale where it has no others, else the guidelines say how ratings become scores.
    """
    scale = scale or find_scale(table)
    fields = [_argilla_named("query", required=True), _argilla_named("doc", required=False)]
    numbers = {name: name for name in NUMBERS if name in table}
    terms = {name: name for name in TERMS if name in table} | _argilla_names(other_columns(table))
    settings = {
        "guidelines": f"{QUESTION} {scale.ratings[0]} is not at all, {scale.ratings[-1]} fully. {scale.in_words}",
        "fields": [each | {"type": "text", "settings": {"type": "text", "use_markdown": False}} for each in fields],
        "questions": [
            _argilla_named("score", required=True, title=QUESTION)
            | {
                "type": "rating",
                "settings": {"type": "rating", "options": [{"value": value} for value in scale.ratings]},
            }
        ],
        "metadata": [_argilla_metadata(name, column, "float") for column, name in numbers.items()]
        + [_argilla_metadata(name, column, "terms") for column, name in terms.items()],
        "vectors": [],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
    }
    dataset = {"name": "retrain-list", "status": "draft", "guidelines": None, "allow_extra_metadata": True}
    rows = _rows(table)
    records = [
        {"id": name, **_argilla_record(row, numbers, terms)} for name, row in zip(_names(rows), rows, strict=True)
    ]
    return {
        "argilla/.argilla/settings.json": _json(settings),
        "argilla/.argilla/dataset.json": _json(dataset),
        "argilla/records.json": _json(records),
    }


EXPORTS: Mapping[str, Callable[[pd.DataFrame, RatingScale | None], dict[str, bytes]]] = MappingProxyType(
    {
        "huggingface": lambda table, _: huggingface_files(table),
        "label-studio": label_studio_files,
        "argilla": argilla_files,
    }
)


def export_files(
    table: pd.DataFrame, formats: Sequence[str] = tuple(EXPORTS), *, score_range: tuple[float, float] | None = None
) -> dict[str, bytes]:
    """Make the files of a list for other tools: path to content.

    Parameters
    ----------
    table
        A retrain list, re-scored or not: columns query, doc, teacher_score and what else there is.
    formats
        Any of ``huggingface``, ``label-studio``, ``argilla``.
    score_range
        The teacher's lowest and highest score, which people are asked for too, such as `score_range` in
        ``rescored.json``; by default what the list's scores suggest.

    Raises
    ------
    SettingError
        When a format is unknown, or the range is none that holds the list's scores.
    InputError
        When the list lacks what a format needs.
    """
    unknown = [name for name in formats if name not in EXPORTS]
    if unknown:
        raise SettingError(f"A list can be exported as {', '.join(EXPORTS)}; found {', '.join(unknown)}.")
    scale = None if score_range is None else find_scale(table, score_range)
    return {path: content for name in formats for path, content in EXPORTS[name](table, scale).items()}


def _argilla_named(name: str, *, required: bool, title: str | None = None) -> dict[str, object]:
    return {"name": name, "title": title or name.capitalize(), "description": None, "required": required}


def _argilla_names(columns: Sequence[str]) -> dict[str, str]:
    """Column to a name that the server takes and no other column has."""
    names: dict[str, str] = {}
    taken = {*NUMBERS, *TERMS}
    for column in columns:
        plain = re.sub(r"[^a-z0-9_-]+", "_", column.lower())[:LONGEST_NAME]
        numbered = (f"{plain}_{number}" for number in count(2))
        usable = (name for name in chain([plain], numbered) if name not in taken and re.search("[a-z0-9]", name))
        names[column] = next(usable)
        taken.add(names[column])
    return names


def _argilla_metadata(name: str, title: str, kind: str) -> dict[str, object]:
    limits = {"min": None, "max": None} if kind == "float" else {"values": None}
    settings = {"type": kind, "visible_for_annotators": True, **limits}
    return {"name": name, "title": title, "settings": settings, "visible_for_annotators": True}


def _argilla_record(
    row: Mapping[str, object], numbers: Mapping[str, str], terms: Mapping[str, str]
) -> dict[str, object]:
    fields = {name: row[name] for name in ("query", "doc") if row.get(name) is not None}
    facts = {name: row[column] for column, name in numbers.items() if row[column] is not None}
    facts |= {name: str(row[column]) for column, name in terms.items() if row[column] is not None}
    known = {"suggestions": {}, "responses": {}, "vectors": {}, "status": "pending"}
    return {"fields": fields, "metadata": facts, **known}


def _names(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Give each row its digest, with its number where others have the same: without docs, pairs of one query do."""
    digests = [str(row.get("pair_digest") or number) for number, row in enumerate(rows, 1)]
    n_same = Counter(digests)
    return [digest if n_same[digest] == 1 else f"{digest}-{number}" for number, digest in enumerate(digests, 1)]


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain values, missing ones None."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: object) -> object:
    item = value.item() if hasattr(value, "item") else value
    return None if isinstance(item, float) and not math.isfinite(item) else item


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=True, allow_nan=False, default=str, indent=1) + "\n").encode()
