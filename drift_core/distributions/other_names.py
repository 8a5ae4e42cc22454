"""Answers that mean what they meant under another name: classes that were split or renamed, and two sides exchanged.

Neither is drift: a mapping undoes it, and a retraining would copy it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.wording import counted, one_line

UNDER_OTHER_NAME = ("teacher_class_renamed", "answers_exchanged")  # findings
LEAST_PAIRS = 20  # of a class, and of a part whose answers are exchanged
FEW_LEFT = 0.1  # of its share, up to which the teacher hardly gives a class any more
NEARLY_ALL = 0.8  # of what the student calls so, that new labels must have, and of each of them, that it calls so
AS_BEFORE = 0.05  # share of same answers that the other classes may have lost
OPPOSITE, TURNED = 0.3, -0.5  # share of same answers of two, or area, and rank agreement, up to which a scale is turned
SURELY = 3.0  # standard errors that the share must lie below that by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName:
    """What is said under another name in production, or in a part of it: a clause, and what undoes it in a sentence.

    `where` is the part, `is_sure` tells that it stands whatever else was found, and `only_raises` that it only makes
    agreement look higher, so that a fall stands beside it.
    """

    name: str
    clause: str
    told: str
    look: str
    figures: dict[str, float]
    where: str = ""
    is_sure: bool = False
    only_raises: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.told} {self.look}"


def classes_renamed(heldout: Scores, production: Scores, *, named: Callable[[float], str]) -> tuple[OtherName, ...]:
    """Find classes that the teacher no longer gives and the student does, where new labels stand in their place.

    Nearly all pairs of the new labels are what the student calls by the old one, and nearly all of these have a new
    one; among the others teacher and student agree as before.
    """
    if heldout.is_ranked or heldout.is_answered:
        return ()
    found = []
    known = np.union1d(heldout.teacher, heldout.student)
    for value in np.unique(heldout.teacher).tolist():
        before, called = heldout.teacher == value, [each.student == value for each in (heldout, production)]
        left = float(np.mean(production.teacher == value))
        if min(before.sum(), *(each.sum() for each in called)) < LEAST_PAIRS or left > FEW_LEFT * before.mean():
            continue
        news = [each for each in np.unique(production.teacher[called[1]]).tolist() if each not in known]
        news = [each for each in news if called[1][production.teacher == each].mean() >= NEARLY_ALL]
        usual = float(before[called[0]].mean())
        both = zip((heldout, production), called, strict=True)
        others = [float((each.teacher == each.student)[~rows].mean()) for each, rows in both]
        answered = float(np.isin(production.teacher[called[1]], news).mean())
        if not news or answered < NEARLY_ALL * usual or not others[1] >= others[0] - AS_BEFORE:
            continue
        shares = {each: float(np.mean(production.teacher[called[1]] == each)) for each in news}
        most = sorted(shares, key=lambda each: -shares[each])
        old, new = f"'{one_line(named(value))}'", [f"'{one_line(named(each))}'" for each in most]
        told = " or ".join(f"{name} ({shares[each]:.0%})" for name, each in zip(new, most, strict=True))
        clause = f"{old} became {' and '.join(new)}"
        found.append(
            OtherName(
                name="teacher_class_renamed",
                clause=clause,
                told=f"The teacher no longer gives {old}: where the student says it, the teacher now says {told}.",
                look=f"Map {' and '.join(new)} to {old} in the teacher's scores, and diagnose again. Retrain on "
                "the new labels only if they are to stay.",
                figures={"share": float(called[1].mean()), "answered": answered},
                is_sure=True,
            )
        )
    return tuple(found)


def sides_exchanged(
    heldout: Scores, production: Scores, *, parts: Sequence[tuple[str, np.ndarray]], labels: Sequence[str] = ()
) -> tuple[OtherName, ...]:
    """Find the first of some parts of production, or all of it, whose answers run against the teacher's.

    Noise agrees as often as chance, answers that are exchanged agree less. Each part has a name and its pairs, bool of
    shape (n_production,); all of production is looked at first. `labels` are the names of two answers, with a tie or
    without; three classes or more have no other way round.
    """
    two = len(labels) in (2, 3) and not heldout.is_answered
    if (not heldout.is_ranked and not two) or _turned(heldout):
        return ()
    for where, inside in (("", np.ones(len(production), dtype=bool)), *parts):
        told = _turned(production.take(inside))
        if not told:
            continue
        ways = f"'{one_line(labels[0])}' and '{one_line(labels[1])}'" if not heldout.is_ranked else ""
        clause = f"{ways} are exchanged" if ways else "scores run the other way"
        place = f" {where}" if where else ""
        to_do = f"exchange {ways}" if ways else "turn its scale round"
        again = f"See how the answers of both were written{place}; {to_do} where they are the wrong way round"
        return (
            OtherName(
                name="answers_exchanged",
                clause=f"{clause}{place}",
                told=f"{clause[:1].upper()}{clause[1:]}{place}: {told}; noise alone does not go below chance.",
                look=f"{again}, and diagnose again. Retraining would copy it.",
                figures={"n_pairs": float(inside.sum())},
                where=where,
            ),
        )
    return ()


def _turned(scores: Scores) -> str:
    """How clearly the answers run against the teacher's; empty where they do not."""
    if scores.is_ranked:
        found = agreement(scores) if len(scores) >= LEAST_PAIRS else None
        most, chance = (OPPOSITE, 0.5) if scores.is_answered else (TURNED, 0.0)
        is_turned = isinstance(found, Measured) and found.estimate <= most and found.high < chance
        return f"agreement is {found:.2f}" if is_turned else ""
    decided = (scores.teacher <= 1) & (scores.student <= 1)
    n = int(decided.sum())
    if n < LEAST_PAIRS:
        return ""
    teacher, student = (each[decided] for each in (scores.teacher, scores.student))
    same, by_chance = float(np.mean(teacher == student)), float(teacher.mean() * student.mean())
    by_chance += float((1 - teacher.mean()) * (1 - student.mean()))
    is_turned = same <= OPPOSITE and same + SURELY * np.sqrt(by_chance * (1 - by_chance) / n) < by_chance
    return f"both give the same to {same:.0%} of {counted(n, 'pair', 'pairs')}" if is_turned else ""
