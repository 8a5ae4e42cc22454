"""Words for yes and no that are degrees of one another, such as good and acceptable: grades, or yes in other words?"""

from collections.abc import Mapping

from drift_core.errors import InputError
from drift_core.samples.checks import RowCheck
from drift_core.samples.label_words import OPPOSITES, SIGNS
from drift_core.samples.score_columns import MAX_STRAY_RATE, ScoreColumn
from drift_core.wording import in_a_row

# What may be a step of a scale, beside another word of the same sign.
_WRITTEN = """
good bad acceptable unacceptable bueno buena malo mala bon mauvais inacceptable gut schlecht genügend ungenügend
genugend ungenugend sufficiente insufficiente buono cattivo bom mau ruim goed slecht voldoende onvoldoende dobrze źle
zle хорошо плохо 好 差 坏 良い 悪い 可 不可 좋음 나쁨
"""
_STEPS = frozenset(_WRITTEN.split())


def check_for_grades(columns: Mapping[str, ScoreColumn], check: RowCheck) -> None:
    """Ask where one judge gives several words of one sign that may be steps of a scale.

    Raises
    ------
    InputError
        With both readings and the options that settle it.
    """
    for role, column in columns.items():
        words = [word for word in column.spellings if word in SIGNS and column.share_of((word,)) > MAX_STRAY_RATE]
        if any(_are_steps([word for word in words if SIGNS[word] == sign]) for sign in (0.0, 1.0)):
            held = in_a_row([repr(word) for word in sorted(words)])
            raise InputError(
                f"{check.label}: column {check.columns[role]!r} holds {held}. Are they grades, or other words for yes "
                "and no? Choose ordinal with the labels lowest first, or binary (--kind, --labels)."
            )


def _are_steps(words: list[str]) -> bool:
    """Whether two of them, one a step, are no two words beside one opposite, as right and correct beside wrong are."""
    steps = [word for word in words if word in _STEPS]
    return any(_opposites(step).isdisjoint(_opposites(word)) for step in steps for word in words)


def _opposites(word: str) -> frozenset[str]:
    return frozenset(other for pair in OPPOSITES if word in pair for other in pair if other != word)
