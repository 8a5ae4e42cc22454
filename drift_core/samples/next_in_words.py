"""What to do with a part of production's pairs next, in words."""

VERSIONS_INSIDE = (
    "Diagnose the versions of the student apart: the pairs of each as a production sample of its own, against held-out "
    "scored by that version."
)
SCORES_OF_NONE = "Find out why the student answers so, and score these rows again with it:"
PINNED_TELL = "scores of the pinned revision tell whether the teacher was revised"
TOO_EASY = "held-out was easier for the student: see whether it was trained on some of held-out's pairs"
VERSION_BETWEEN = "Score held-out with the student that runs now: that tells what its change costs."


def score_again(else_told: str) -> str:
    """Score all of production with the student, and what that tells."""
    return (
        "Score production again with the student itself, which costs no call of the teacher. If agreement is back, "
        f"these were another student's scores, or stale; if not, {else_told}."
    )


def score_part(where: str) -> str:
    """Score a part with the student that was measured, and what that tells."""
    return (
        f"Score {where} again with the student that was measured, which costs no call of the teacher. If agreement is "
        "back there, another student or a cache served these pairs; if not, they were shown other docs or another "
        "prompt."
    )


def join_again(name: str) -> str:
    return f"Join the scores of {name} to their pairs again, by an id that both sides have, and diagnose that file."


def mend_docs(name: str) -> str:
    return f"Mend the docs of {name}, then score its pairs again with the student. Retrain on none of them before."
