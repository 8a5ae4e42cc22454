"""What to do with pairs next, in words with the commands for it: score, join or mend them, or compare two times."""

import numpy as np

from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.sample_commands import score_and_diagnose, split_command


def score_again(heldout: ScoredPairs | None, production: ScoredPairs | None, where: str = "") -> str:
    """Score production, or a part of it, with the student that was measured, and what that tells."""
    how = _commands(heldout, production)
    if not where:
        tells = "If agreement is back, these were another student's scores, or stale; if not, the teacher was revised."
        return f"Score production again with the student itself, which costs no call of the teacher{how}. {tells}"
    tells = "If agreement is back there, another student or a cache served these pairs; if not, they were shown other"
    return (
        f"Score {where} again with the student that was measured, at no call of the teacher{how}. {tells} docs or "
        "another prompt."
    )


def join_again(name: str) -> str:
    return f"Join the scores of {name} to their pairs again, by an id that both sides have, and diagnose that file."


def mend_docs(name: str, heldout: ScoredPairs | None, production: ScoredPairs | None) -> str:
    how = _commands(heldout, production)
    return f"Mend the docs of {name}, then score its pairs again with the student{how}. Retrain on none of them before."


def compare_sides(name: str, start: np.datetime64, production: ScoredPairs) -> str:
    command = split_command(production, start)
    return f"Compare production before and {name}, to see what changed then{f': {command}' if command else ''}."


def _commands(heldout: ScoredPairs | None, production: ScoredPairs | None) -> str:
    commands = score_and_diagnose(heldout, production)
    return ": {}, then: {}".format(*commands) if commands else ""
