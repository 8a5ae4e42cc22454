"""What to do with a part of production's pairs next, in words."""

from calendar import day_name

VERSIONS_INSIDE = (
    "Diagnose the versions of the student apart: the pairs of each as a production sample of its own, against held-out "
    "scored by that version."
)
SCORES_OF_NONE = "Find out why the student answers so, and score these rows again with it:"
DRAWN_HOW = (
    "Ask how both samples were drawn, which costs nothing: production drawn where the two disagree, by clicks or by "
    "bands of scores, and a held-out that is easier, cleaner or was trained on, show the same"
)
CLOSER_CALLS = ", and so do pairs that are closer calls"
PINNED_TELL = "scores of the pinned revision tell whether the teacher was revised"
TOO_EASY = "held-out was easier for the student: see whether it was trained on some of held-out's pairs"
ORDER_TELLS = "train it on pairs in both orders, and ask it in both until then"
VERSIONS_APART = (
    "Score its pairs again with the version that agrees more, which costs no call of the teacher, and compare both on "
    "them: mend or take back the new version before anything is retrained."
)
_SCORE_ALL = "Score production again"
VERSION_BETWEEN = "Score held-out with the student that runs now: that tells what its change costs."


def is_to_score_again(told: str) -> bool:
    """Whether pairs of production are to be scored again with the student, as the two below tell."""
    return told.startswith("Score ") and told != VERSION_BETWEEN


def is_of_all(told: str) -> bool:
    """Whether all of production is to be scored again."""
    return told.startswith(_SCORE_ALL)


def score_again(else_told: str) -> str:
    """Score all of production with the student, and what that tells."""
    return (
        f"{_SCORE_ALL} with the student itself, which costs no call of the teacher. If agreement is back, "
        f"these were another student's scores, or stale; if not, {else_told}."
    )


def score_part(where: str, *, is_over: bool = False) -> str:
    """Score a part with the student that was measured, and what that tells; of an incident that is over, what else."""
    more = " Look at what ran then, and leave that time out of what is judged or retrained on." if is_over else ""
    where = f"all {where}" if where.startswith("until ") else where
    where = f"the traffic of {where}" if where.startswith(tuple(day_name)) else where
    return (
        f"Score {where} again with the student that was measured, which costs no call of the teacher. If agreement is "
        "back there, another student or a cache served these pairs; if not, they were shown other docs or another "
        f"prompt.{more}"
    )


def score_there(where: str, *, is_cleared: bool) -> str:
    """Score what fell alone with the student again, and what that tells, by whether the teacher is cleared."""
    if is_cleared:
        left = "what is asked or shown there changed, and a retraining on it helps"
    else:
        left = f"{PINNED_TELL}, which a retraining would copy"
    return (
        f"Score {where} again with the student that was measured, which costs no call of the teacher, and compare. If "
        "agreement is back there, these are not its scores: mend what serves them (another student, its features or "
        f"tokenizer, a cache, an index), and retrain nothing. If not, {left}."
    )


def score_docs(where: str) -> str:
    """Score docs that moved again before a retraining, and what that tells; all of them where no part is named."""
    return (
        f"Score the pairs of {where or 'production'} again with the student first, which costs no call of the teacher: "
        "scores of older docs, from a cache, look the same as docs that it does not know."
    )


def join_again(name: str) -> str:
    return f"Join the scores of {name} to their pairs again, by an id that both sides have, and diagnose that file."


def is_to_mend(told: str) -> bool:
    """Whether texts are to be mended before anything is scored, as the two below tell."""
    return told.startswith("Mend ")


def mend_encoding(name: str) -> str:
    """Mend texts that were read in another encoding than they were written in; no score is paid for that."""
    return (
        f"Mend the encoding of {name} where these texts are read (UTF-8 read as another encoding leaves signs such as "
        "Ã© or â€™), then score these pairs again with the student. Retrain on none of them before."
    )


def mend_docs(name: str) -> str:
    return f"Mend the docs of {name}, then score its pairs again with the student. Retrain on none of them before."
