"""A retrain list for other tools: Hugging Face for training, Label Studio for labelling.

Each takes a table, re-scored or not, with the labels of its judge where scores are labels, and gives files by their
path in a folder. Croissant is in `croissant`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.columns import other_columns
from drift_core.retrain_list.list_labels import codes, labels_of
from drift_core.retrain_list.rating_scale import RatingScale, find_scale
from drift_core.tables.writing import to_parquet
from drift_core.wording import counted

NUMBERS = ("teacher_score", "student_score", "probability")
TERMS = ("region", "drifted", "pair_id", "query_id", "pair_digest")
QUESTION, QUESTION_OF_LABELS = "How well does the doc answer the query?", "Which label fits?"
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
CARD_OF_LABELS = "\nThe column label holds codes of the teacher's labels: {codes}.\n"


def huggingface_files(table: pd.DataFrame, labels: Sequence[str] = ()) -> dict[str, bytes]:
    """Write training pairs for `datasets`: query, document, label; everything else in a file of the same order.

    Notes
    -----
    Pairs without a teacher's score, such as those that a re-scoring could not read, are left out and counted in the
    card. `datasets.load_dataset` opens the folder, or its data file as Parquet; labels are a `ClassLabel` there.

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
    given = scored["teacher_score"]
    label = codes(given, labels).astype("int64") if labels else given.astype("float32")
    data = pd.DataFrame({"query": scored["query"], "document": scored["doc"], "label": label})
    n_lacking = len(table) - len(scored)
    card = HUB_CARD.format(n_kept=counted(len(scored), "pair", "pairs"), n_lacking=counted(n_lacking, "pair", "pairs"))
    if labels:
        card += CARD_OF_LABELS.format(codes=", ".join(f"{code} {name}" for code, name in enumerate(labels)))
    return {
        "huggingface/data/train.parquet": to_parquet(data, metadata=_features(labels) if labels else None),
        "huggingface/ids.parquet": to_parquet(scored.drop(columns=["query", "doc"])),
        "huggingface/README.md": card.encode(),
    }


def _features(labels: Sequence[str]) -> dict[str, str]:
    """What `datasets` reads from a Parquet file beside its types."""
    text = {"dtype": "string", "_type": "Value"}
    features = {"query": text, "document": text, "label": {"names": list(labels), "_type": "ClassLabel"}}
    return {"huggingface": json.dumps({"info": {"features": features}})}


def label_studio_files(
    table: pd.DataFrame, labels: Sequence[str] = (), scale: RatingScale | None = None
) -> dict[str, bytes]:
    """Write tasks and the configuration of a Label Studio project that asks for a score as the teacher gives it."""
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
    asked = _choices(labels) if labels else _rating(scale or find_scale(table))
    config = f'<View>\n{shown}  <Header value="{QUESTION_OF_LABELS if labels else QUESTION}"/>\n{asked}</View>\n'
    return {
        "label-studio/tasks.json": (json.dumps(tasks, indent=1) + "\n").encode(),
        "label-studio/config.xml": config.encode(),
    }


def _rating(scale: RatingScale) -> str:
    limits = f'min="{scale.low:g}" max="{scale.high:g}" step="{scale.step:g}"'
    return f'  <Number name="score" toName="query" {limits} required="true"/>\n'


def _choices(labels: Sequence[str]) -> str:
    listed = "".join(f"    <Choice value={quoteattr(label)}/>\n" for label in labels)
    return f'  <Choices name="score" toName="query" choice="single" required="true">\n{listed}  </Choices>\n'


_Export = Callable[[pd.DataFrame, Sequence[str], RatingScale | None], dict[str, bytes]]
EXPORTS: Mapping[str, _Export] = MappingProxyType(
    {
        "huggingface": lambda table, labels, _: huggingface_files(table, labels),
        "label-studio": label_studio_files,
    }
)


def export_files(
    table: pd.DataFrame,
    formats: Sequence[str] = tuple(EXPORTS),
    *,
    score_range: tuple[float, float] | None = None,
    labels: Sequence[str] = (),
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
    labels
        The labels of a judge that answers with such, in the order of their codes; by default those on the list.

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
    labels = tuple(labels) or labels_of(table)
    scale = None if score_range is None or labels else find_scale(table, score_range)
    return {path: content for name in formats for path, content in EXPORTS[name](table, labels, scale).items()}
