"""What explains a fall, or hides one, without any drift: answers under another name, copied ones, failed calls."""

from collections.abc import Sequence

import numpy as np

from drift_core.distributions.copied_scores import COPIED, copied_scores
from drift_core.distributions.odd_scores import IN_DOUBT
from drift_core.distributions.one_score_a_query import ONE_SCORE, one_score_a_query
from drift_core.distributions.other_names import UNDER_OTHER_NAME, OtherName, classes_renamed, sides_exchanged
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs

TO_LOOK_AT = (*UNDER_OTHER_NAME, COPIED, ONE_SCORE, *IN_DOUBT.values())  # findings that no more pairs settle


def explained_answers(
    sample: ScoredPairs, heldout: Scores, production: Scores, *, parts: Sequence[tuple[str, np.ndarray]]
) -> tuple[OtherName, ...]:
    """Find what explains how answers of production differ from held-out's; `sample` is production as it was read.

    Each part of production has a name and its pairs, bool of shape (n_production,).
    """
    return (
        *classes_renamed(heldout, production, named=sample.kind.name_of),
        *copied_scores(heldout, production),
        *one_score_a_query(heldout, production),
        *sides_exchanged(heldout, production, parts=parts, labels=sample.kind.labels),
        *_in_doubt(sample),
    )


def _in_doubt(sample: ScoredPairs) -> tuple[OtherName, ...]:
    """Scores that are as often answers as failed calls: they stay, and only their raw answers tell."""
    sides = {name: side for side, name in IN_DOUBT.items()}
    return tuple(
        OtherName(
            name=each.name,
            clause=f"on {each.n_rows:,} rows a call of the {sides[each.name]} failed, or the student errs",
            told=f"{each.message} They count: as far as the scores tell, they are answers.",
            look="Read the raw answers of these rows. Leave the score of a failed call empty and diagnose again; where "
            "they are answers, agreement is what it says.",
            figures={"n_rows": float(each.n_rows), "share": each.n_rows / len(sample)},
            where="among these rows",
        )
        for each in sample.problems
        if each.name in sides
    )
