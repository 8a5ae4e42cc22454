"""Labels in place of numbers as the scores of a retrain list: which there are, as codes, and where they are refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.retrain_list.reader import RetrainList, read_list
from drift_core.samples.label_words import SIGNS, fold, tells_failure
from drift_core.wording import N_SHOWN

TEACHER = "teacher_score"


def labels_of(table: pd.DataFrame) -> tuple[str, ...]:
    """The teacher's labels on a list, a word for yes after one for no, else by name; empty where scores are numbers.

    Examples
    --------
    >>> labels_of(pd.DataFrame({"teacher_score": ["yes", "no", None]})), labels_of(pd.DataFrame({"teacher_score": [1]}))
    (('no', 'yes'), ())
    """
    name = TEACHER
    if name in table and f"{name}_listed" in table and table[name].isna().all():
        name = f"{name}_listed"  # a re-scored list of which no answer was a label
    if name not in table or pd.api.types.is_numeric_dtype(table[name]):
        return ()
    found = {str(label) for label in table[name].dropna()}
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
    if labels is not None and labels_to_ask(retrain_list, labels) != tuple(labels):
        raise InputError(
            f"Labels are to be spelled as on {retrain_list.name}: {_shown(labels_to_ask(retrain_list, labels))}."
        )
    return retrain_list


def labels_to_ask(retrain_list: RetrainList, named: Sequence[str] | None = None) -> tuple[str, ...]:
    """The labels that the teacher may give, spelled as on the list; by default those on it, none where it has numbers.

    Labels that differ by case or spaces alone are one.

    Raises
    ------
    InputError
        When the list has others than are named, or one alone and none is named.
    """
    spelled: dict[str, str] = {}
    held = labels_of(retrain_list.table)
    for label in held:
        if not tells_failure(fold(label), [*map(fold, held)]):
            spelled.setdefault(fold(label), label)
    wanted = spelled if named is None else dict.fromkeys(map(fold, named))
    given = {} if named is None else {fold(label): label.strip() for label in named}
    asked = tuple(spelled.get(folded, given.get(folded, "")) for folded in wanted)
    given_as = f"labels ({_shown(tuple(spelled.values()))})" if spelled else "numbers"
    found = f"The teacher's scores on {retrain_list.name} are {given_as}"
    if not spelled and asked and TEACHER in retrain_list.table:
        raise InputError(f"{found}, and labels are named. Leave them out.")
    if spelled and (len(asked) < 2 or not spelled.keys() <= wanted.keys()):
        raise InputError(f"{found}. Name all that the teacher may give: --labels LABEL,LABEL.")
    return asked


def _shown(labels: Sequence[object]) -> str:
    return ", ".join(repr(str(label)) for label in labels[:N_SHOWN]) + (", ..." if len(labels) > N_SHOWN else "")
