"""The newest canary as the judge card holds it: written, and mended after a withdrawal."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from drift_core.canary.run import CanaryRun
from drift_core.judge_card.card import JudgeCard, LastCanary
from drift_core.judge_card.document import CardValue, parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.judge_card.file import edit_card, locked_card, read_card_file, write_card
from drift_core.measured import Measured
from drift_core.wording import one_line


def update_last_canary(path: str | Path, run: CanaryRun) -> bool:
    """Write a run's time, agreement, overlap and teacher revision into the card.

    Returns
    -------
    bool
        False when the card stays as it is: the run could not be measured, is another student's, or the card has a
        later one.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    """
    if not isinstance(run.agreement, Measured):
        return False
    path = Path(path)
    with locked_card(path) as real:
        content = read_card_file(real)
        card = validate_card(parse_card(content, name=str(path)), name=str(path))
        last = card.canary.last
        if is_of_another(card, run) or (last.at and _utc(last.at) > run.at):
            return False
        write_card(real, edit_card(content, _in_place_of(last, run), name=str(path)))
    return True


def is_of_another(card: JudgeCard, run: CanaryRun) -> str:
    """Say that a run is of another student than the card; empty where it is not, or either names none."""
    whose, own = run.student_version, card.student.version
    if whose is None or own is None or whose == own:
        return ""
    return (
        f"The judge card is of student {one_line(own)}, this run of {one_line(whose)}: the card's last canary stays as "
        "it is, and the gate does not decide by this run. Give that student's card, or set its version in this one."
    )


def mend_last_canary(
    path: str | Path, run: CanaryRun, left: Sequence[CanaryRun], *, withdrawn: Sequence[CanaryRun] = ()
) -> CanaryRun | None:
    """Put the newest measured run that counts on the card, after `run` was withdrawn or restored; none where none is.

    Parameters
    ----------
    run
        The withdrawn or restored run.
    left
        The runs that count, oldest first; those of another student than the card's are passed over, where it names
        none than that of `run`. Runs without a student belong to the card's where no record names it.
    withdrawn
        Those that do not count.

    Returns
    -------
    CanaryRun
        The run that the card has as its last canary because of this; None where it stays as it is or has none now. A
        last canary that is later than all of these is another history's and stays.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    """
    path = Path(path)
    with locked_card(path) as real:
        content = read_card_file(real)
        card = validate_card(parse_card(content, name=str(path)), name=str(path))
        last, newest = card.canary.last, _newest(card, run, left, (*withdrawn, run))
        is_it = last.at is not None and _utc(last.at) == run.at.replace(microsecond=0)
        is_gone = is_it and last.teacher_revision == run.teacher_revision and run not in left
        is_later = newest is not None and (last.at is None or _utc(last.at) <= newest.at)
        if is_gone or is_later:
            values = _in_place_of(last, newest) if newest else dict.fromkeys(_in_place_of(last, run))
            write_card(real, edit_card(content, values, name=str(path)))
            return newest
    return None


def _newest(
    card: JudgeCard, run: CanaryRun, left: Sequence[CanaryRun], withdrawn: Sequence[CanaryRun]
) -> CanaryRun | None:
    """The newest measured run of the card's student, found as the gate finds its weeks."""
    whose = card.student.version or run.student_version
    is_named = any(each.student_version == whose for each in (*left, *withdrawn))
    own = (each for each in reversed(left) if each.student_version == (whose if is_named else None))
    return next((each for each in own if isinstance(each.agreement, Measured)), None)


def _in_place_of(last: LastCanary, run: CanaryRun) -> dict[str, CardValue]:
    """A run's values, without the baseline of a run of another kind before."""
    gone: dict[str, CardValue] = {} if last.baseline is None else {"canary.last.baseline": None}
    return gone | last_canary_values(run)


def last_canary_values(run: CanaryRun) -> dict[str, CardValue]:
    """Give a run's time, agreement, overlap and teacher revision as `edit_card` takes them."""
    figures = (run.agreement, None if run.n_wide_tie else run.overlap)  # of a top cut through a tie nothing is known
    agreement, overlap = (round(each.estimate, 4) if isinstance(each, Measured) else None for each in figures)
    heldout = run.heldout.agreement if run.heldout else None
    baseline = round(heldout.estimate, 4) if isinstance(heldout, Measured) else None
    return {
        "canary.last.at": run.at.isoformat(timespec="seconds"),
        "canary.last.agreement": agreement,
        "canary.last.overlap": overlap,
        "canary.last.teacher_revision": run.teacher_revision,
        **({"canary.last.baseline": baseline} if run.is_answered else {}),
    }


def _utc(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
