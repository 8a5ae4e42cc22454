"""What a judge answers with: numbers that rank, or labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from drift_core.errors import SettingError
from drift_core.samples.label_words import LETTERS, PAIRWISE, SCALES, fold

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["numeric", "ordinal", "binary", "nominal", "pairwise", "probability"]
KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        "numeric": "Scores",
        "ordinal": "Grades",
        "binary": "Pass or fail",
        "nominal": "Classes",
        "pairwise": "A or B",
        "probability": "Pass or fail, with a probability",
    }
)
Measure = Literal["Spearman", "same label", "area under the curve"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
AGREEMENT_IS: Mapping[Measure, str] = MappingProxyType(
    {
        "Spearman": "Agreement is Spearman's rank correlation of both scores: 1 is the teacher's own order, 0 is no "
        "relation.",
        "same label": "Agreement is the share of pairs to which student and teacher gave the same label.",
        "area under the curve": "Agreement is the area under the ROC curve: how often the student gives the higher of "
        "two probabilities to the pair with the teacher's higher answer. 1 is always, 0.5 is by chance.",
    }
)
MAX_LABELS = 50  # more are texts, not classes (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKind:
    """How the scores of a sample are read and what agreement means for them.

    Attributes
    ----------
    name
        ``numeric`` scores and ``ordinal`` grades are compared by rank. ``binary`` (two answers, the positive one last),
        ``nominal`` (classes without an order) and ``pairwise`` (A, B or a tie) are compared by being the same.
        ``probability`` is a teacher of two answers, 0 and 1, with a student that gives the chance of the second one;
        they are compared by the area under the ROC curve.
    labels
        What the codes stand for, lowest first; empty for numbers. Code i of a score is ``labels[i]``, save grades that
        are numbers themselves, which keep their value.
    """

    name: Kind = "numeric"
    labels: tuple[str, ...] = ()

    @property
    def is_ranked(self) -> bool:
        return self.name in ("numeric", "ordinal", "probability")

    @property
    def is_coded(self) -> bool:
        """Whether scores are places in `labels`, and no numbers of their own."""
        has_numbers = self.is_answered or (self.name == "ordinal" and _ascend(self.labels))
        return bool(self.labels) and not has_numbers

    @property
    def is_answered(self) -> bool:
        """Whether the teacher answers with the labels, and the student with a probability of the second one."""
        return self.name == "probability"

    @property
    def measure(self) -> Measure:
        """What agreement is where it is measured on such scores."""
        return measure_of(is_ranked=self.is_ranked, is_answered=self.is_answered)

    def written(self, scores: "np.ndarray") -> "np.ndarray":
        """Scores as they are written in a file: labels as texts, numbers as they are; empty where there is none."""
        if not self.is_coded:
            return scores
        import numpy as np

        known = np.isfinite(scores)
        texts = np.array(self.labels, dtype=object)[np.where(known, scores, 0).astype(np.int64)]
        return np.where(known, texts, "").astype(object)

    def places(self, scores: "np.ndarray") -> "np.ndarray":
        """Places of labels, float64, in place of scores: codes are such already, grades that are numbers are not."""
        import numpy as np

        return scores if self.is_coded else np.searchsorted([float(label) for label in self.labels], scores) * 1.0

    def name_of(self, score: float) -> str:
        """One score as `written` writes it."""
        return self.labels[int(score)] if self.is_coded else f"{score:.6g}"

    @property
    def words(self) -> str:
        """What it is called on screen, with its labels."""
        return KIND_WORDS[self.name] + (f": {', '.join(self.labels)}" if self.labels else "")


def measure_of(*, is_ranked: bool, is_answered: bool = False) -> Measure:
    """What agreement is: by rank, by the same label, or of a probability with one of two answers."""
    if not is_ranked:
        return "same label"
    return "area under the curve" if is_answered else "Spearman"


NUMERIC = ScoreKind()
TWO_ANSWERS = ScoreKind(name="probability", labels=("0", "1"))


def asked_kind(name: str | None, labels: Sequence[str] = ()) -> ScoreKind | None:
    """The kind that a user asks for; None where nothing is asked. Two labels alone are binary, known grades ordinal.

    Raises
    ------
    SettingError
        When there is no such kind, the labels are not such as it needs, or they may be grades or classes.
    """
    given = tuple(label.strip() for label in labels)
    if name is None and not given:
        return None
    if name is None and len(given) > 2 and not _are_grades(given):
        raise SettingError(
            f"Are {', '.join(given)} grades, the lowest first, or classes without an order? Choose ordinal (grades) or "
            "nominal (classes) as the kind of score (--kind)."
        )
    named = name or ("binary" if len(given) == 2 else "ordinal")
    if named not in get_args(Kind):
        raise SettingError(f"The kind of score is one of {', '.join(get_args(Kind))}; found {name!r}.")
    if not all(given) or len({fold(label) for label in given}) < len(given):
        raise SettingError(f"Labels must be different texts, none of them empty; found {', '.join(map(repr, labels))}.")
    sizes = {"numeric": (0, 0), "binary": (2, 2), "pairwise": (2, 3), "probability": (2, 2)}
    least, most = sizes.get(named, (2, MAX_LABELS))
    if given and not least <= len(given) <= most:
        counts = "no labels" if not most else f"{least} labels" if least == most else f"{least} to {most} labels"
        raise SettingError(f"Scores of the kind {named} take {counts}; found {len(given)}: {', '.join(given)}.")
    full = (*given, PAIRWISE[2]) if named == "pairwise" and len(given) == 2 else given
    return ScoreKind(name=named, labels=full)  # type: ignore[arg-type]  # checked above


def _are_grades(labels: Sequence[str]) -> bool:
    """Whether all are numbers, letters, or words of a known scale."""
    known = {*LETTERS, *chain(*SCALES)}
    return all(_is_number(label) for label in labels) or all(fold(label) in known for label in labels)


def _ascend(labels: Sequence[str]) -> bool:
    if not all(map(_is_number, labels)):
        return False
    return all(float(before) < float(after) for before, after in pairwise(labels))


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True
