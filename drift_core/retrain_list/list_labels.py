"""Labels in place of numbers as the scores of a retrain list: which there are, as codes, and where they are refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.retrain_list.reader import RetrainList, read_list
from drift_core.samples.label_words import SIGNS, fold
from drift_core.wording import N_SHOWN

TEACHER = "teacher_score"


def labels_of(table: pd.DataFrame) -> tuple[str, ...]:
    """The teacher's labels on a list, a word for yes after one for no, else by name; empty where scores are numbers.

    Examples
    --------
    >>> labels_of(pd.DataFrame({"teacher_score": ["yes", "no", None]})), labels_of(pd.DataFrame({"teacher_score": [1]}))
    (('no', 'yes'), ())
    """
    if TEACHER not in table or pd.api.types.is_numeric_dtype(table[TEACHER]):
        return ()
    found = {str(label) for label in table[TEACHER].dropna()}
    return tuple(sorted(found, key=lambda label: (SIGNS.get(fold(label), 0.0), label)))


def codes(scores: pd.Series, labels: Sequence[str]) -> np.ndarray:
    """The place of each score among the labels, as float64; NaN where there is none."""
    places = {label: float(code) for code, label in enumerate(labels)}
    return np.array([places.get(str(score), np.nan) for score in scores], dtype=np.float64)


def yes_or_no(scores: pd.Series, path: str | Path) -> np.ndarray:
    """Scores as numbers to train on: words for yes and no as 1 and 0, numbers as they are, NaN where there is none.

    Raises
    ------
    InputError
        When they are other labels.
    """
    if pd.api.types.is_numeric_dtype(scores):
        return scores.to_numpy(dtype=np.float64, na_value=np.nan)
    read = np.array([np.nan if pd.isna(score) else SIGNS.get(fold(str(score)), np.inf) for score in scores])
    if np.isinf(read).any():
        raise InputError(
            f"{path} holds labels as scores ({_shown(scores.dropna().unique().tolist())}); retrain takes numbers, or "
            "words for yes and no such as pass and fail. Train on them with your own tools: "
            "distillation-drift manifest draw --format huggingface writes labels as codes."
        )
    return read


def list_to_rescore(
    source: str | Path | bytes | RetrainList, *, name: str | None = None, labels: Sequence[str] | None = None
) -> RetrainList:
    """Read a list that the teacher shall score again, unless it is read already.

    Parameters
    ----------
    labels
        As what answers are read, none as numbers; by default nothing is checked.

    Raises
    ------
    InputError
        As `read_list`; and when the teacher's scores on the list are not such.
    """
    retrain_list = source if isinstance(source, RetrainList) else read_list(source, name=name)
    if labels is not None:
        labels_to_ask(retrain_list, labels)
    return retrain_list


def labels_to_ask(retrain_list: RetrainList, named: Sequence[str] | None = None) -> tuple[str, ...]:
    """The labels that the teacher may give, spelled as on the list; by default those on it, none where it has numbers.

    Raises
    ------
    InputError
        When the list has others than are named, or one alone and none is named.
    """
    of_list = labels_of(retrain_list.table)
    spelled = {fold(label): label for label in of_list}
    asked = of_list if named is None else tuple(spelled.get(fold(label), label.strip()) for label in named)
    found = f"The teacher's scores on {retrain_list.name} are {f'labels ({_shown(of_list)})' if of_list else 'numbers'}"
    if not of_list and asked and TEACHER in retrain_list.table:
        raise InputError(f"{found}, and labels are named. Leave them out.")
    if of_list and (len(asked) < 2 or not set(of_list) <= set(asked)):
        raise InputError(f"{found}. Name all that the teacher may give: --labels LABEL,LABEL.")
    return asked


def _shown(labels: Sequence[object]) -> str:
    return ", ".join(repr(str(label)) for label in labels[:N_SHOWN]) + (", ..." if len(labels) > N_SHOWN else "")
