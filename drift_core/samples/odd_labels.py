"""Classes that only one of two samples has, and those that look like another one misspelt."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from drift_core.samples.label_words import fold
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import is_slip
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN, counted

MAX_RARE_RATE = 0.05  # of the rows; what is misspelt is rare (ours)
SIDES = ("teacher", "student")
OTHER = MappingProxyType({"held-out": "production", "production": "held-out"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A label with the samples and the sides that give it, the rows that have it, and their share there."""

    label: str
    samples: tuple[str, ...]
    sides: tuple[str, ...]
    n_rows: int
    share: float


def label_problems(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    """Tell each class that one sample alone has, and each rare one of one sample or side that reads like another.

    Parameters
    ----------
    heldout, production
        Samples of one kind of score; see `align_kinds`. Labels of other kinds than classes are known words.
    """
    if heldout.kind.name != "nominal":
        return ()
    samples = {"held-out": heldout, "production": production}
    found = [_given(label, code, samples) for code, label in enumerate(heldout.kind.labels)]
    meant = {each.label: other for each in found if (other := _meant(each, found))}
    misspelt = [_misspelling(each, meant[each.label]) for each in found if each.label in meant]
    alone = [each for each in found if len(each.samples) == 1 and each.label not in meant]
    return (*misspelt[:N_SHOWN], *(each for name in OTHER for each in _of_one_sample(name, alone)))


def _given(label: str, code: int, samples: Mapping[str, ScoredPairs]) -> Given:
    has = {(name, side): getattr(sample, side) == code for name, sample in samples.items() for side in SIDES}
    n_rows = {name: int((has[name, "teacher"] | has[name, "student"]).sum()) for name in samples}
    return Given(
        label=label,
        samples=tuple(name for name in samples if n_rows[name]),
        sides=tuple(side for side in SIDES if any(np.any(has[name, side]) for name in samples)),
        n_rows=sum(n_rows.values()),
        share=sum(n_rows.values()) / max(1, sum(len(sample) for name, sample in samples.items() if n_rows[name])),
    )


def _meant(rare: Given, found: Iterable[Given]) -> str | None:
    """The most frequent label that a rare one, which one sample or one side alone gives, is a slip away from."""
    if 1 not in (len(rare.samples), len(rare.sides)) or rare.share >= MAX_RARE_RATE:
        return None
    near = [each for each in found if each.n_rows > rare.n_rows and _reads_like(fold(rare.label), fold(each.label))]
    return max(near, key=lambda each: each.n_rows).label if near else None


def _reads_like(label: str, other: str) -> bool:
    """Whether one slip in one word tells them apart, and no number does."""
    if re.findall(r"\d", label) != re.findall(r"\d", other):
        return False
    words, others = label.split(), other.split()
    if len(words) != len(others):
        return is_slip(label, other)
    apart = [(own, its) for own, its in zip(words, others, strict=True) if own != its]
    return len(apart) == 1 and is_slip(*apart[0])


def _misspelling(rare: Given, other: str) -> Problem:
    by = f"given by the {rare.sides[0]} only" if len(rare.sides) == 1 else ""
    where = f"in {rare.samples[0]} only" if len(rare.samples) == 1 else ""
    return Problem(
        name="label_spelling",
        message=f"The label {rare.label!r} is {', '.join(filter(None, (by, where)))} ({_rows(rare)}); did you mean "
        f"{other!r}? It counts as a class of its own. Put it right in the file, or choose the labels that count "
        "(--kind, --labels).",
    )


def _of_one_sample(name: str, alone: Sequence[Given]) -> tuple[Problem, ...]:
    """One note on the labels that a sample alone has, the most frequent first."""
    own = sorted((each for each in alone if each.samples == (name,)), key=lambda each: (-each.n_rows, each.label))
    if not own:
        return ()
    shown = ", ".join(f"{each.label!r} ({_rows(each)})" for each in own[:N_SHOWN])
    more = f" and {len(own) - N_SHOWN:,} more" if len(own) > N_SHOWN else ""
    which, verb = ("The label", "is") if len(own) == 1 else ("Labels", "are")
    message = f"{which} {shown}{more} {verb} in {name} only, not in {OTHER[name]}."
    return (Problem(name="label_of_one_sample", message=message),)


def _rows(given: Given) -> str:
    return counted(given.n_rows, "row", "rows")
