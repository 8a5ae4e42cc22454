"""A retrain list for other tools: Hugging Face for training, Label Studio for labelling.

Each takes a table, re-scored or not, and gives files by their path in a folder. Croissant is in `croissant`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
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
        for row in json.loads(table.to_json(orient="records", double_precision=15, date_format="iso"))
    ]
    shown = "".join(
        f'  <Header value="{name.capitalize()}"/>\n  <Text name="{name}" value="${name}"/>\n' for name in texts
    )
    config = (
        f'<View>\n{shown}  <Header value="{QUESTION}"/>\n'
        f'  <Number name="score" toName="query" min="{scale.low:g}" max="{scale.high:g}" step="{scale.step:g}" '
        'required="true"/>\n</View>\n'
    )
    return {
        "label-studio/tasks.json": (json.dumps(tasks, indent=1) + "\n").encode(),
        "label-studio/config.xml": config.encode(),
    }


EXPORTS: Mapping[str, Callable[[pd.DataFrame, RatingScale | None], dict[str, bytes]]] = MappingProxyType(
    {
        "huggingface": lambda table, _: huggingface_files(table),
        "label-studio": label_studio_files,
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
        Any of ``huggingface`` and ``label-studio``.
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
