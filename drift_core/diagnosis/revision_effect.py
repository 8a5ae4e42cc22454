"""What a revision of the teacher does to the student's error, measured on the pairs that both revisions scored."""

from drift_core.measures.level_ratios import Rise, paired_rise
from drift_core.measures.residuals import residual_errors
from drift_core.measures.scores import Scores


def revision_rise(heldout: Scores, pinned: tuple[Scores, Scores]) -> Rise:
    """Measure the rise of the error from the pinned to the current revision, on the same pairs.

    Parameters
    ----------
    heldout
        Scores of held-out, which show what error is usual.
    pinned
        The production pairs under the pinned and under the current revision; see `pinned_scores_of`.

    Notes
    -----
    Both revisions are compared with the same student on the same pairs, so what the pairs have in common cancels.
    """
    errors = [residual_errors(heldout, scores)[1] for scores in pinned]
    return paired_rise(errors[1], errors[0], pinned[0].queries)
