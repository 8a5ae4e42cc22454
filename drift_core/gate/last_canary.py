"""The newest canary as the judge card holds it: written, taken off after a withdrawal, put back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from drift_core.canary.run import CanaryRun
from drift_core.judge_card.card import JudgeCard
from drift_core.judge_card.document import CardValue, parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.judge_card.file import edit_card, locked_card, read_card, read_card_file, write_card
from drift_core.measured import Measured


def update_last_canary(path: str | Path, run: CanaryRun) -> bool:
    """Write a run's time, agreement, overlap and teacher revision into the card.

    Returns
    -------
    bool
        False when the card stays as it is: the run could not be measured, or the card has a later one.

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
        last = validate_card(parse_card(content, name=str(path)), name=str(path)).canary.last
        if last.at and _utc(last.at) > run.at:
            return False
        write_card(real, edit_card(content, last_canary_values(run), name=str(path)))
    return True


def clear_last_canary(
    path: str | Path, run: CanaryRun, left: Sequence[CanaryRun], *, withdrawn: Sequence[CanaryRun] = ()
) -> bool:
    """Take a withdrawn run off the card: the newest measured of the runs that count stands there instead, or none.

    Parameters
    ----------
    run
        The withdrawn run.
    left
        The runs that count, oldest first; those of another student than the card's are passed over, where it names
        none than the withdrawn run's. Runs without a student belong to the card's where no record names it.
    withdrawn
        Further withdrawn runs.

    Returns
    -------
    bool
        False when the card stays as it is, because its last canary is another run.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    """
    path = Path(path)
    emptied: dict[str, CardValue] = dict.fromkeys(last_canary_values(run))
    with locked_card(path) as real:
        content = read_card_file(real)
        card = validate_card(parse_card(content, name=str(path)), name=str(path))
        last = card.canary.last
        is_it = last.at is not None and _utc(last.at) == run.at.replace(microsecond=0)
        if not is_it or last.teacher_revision != run.teacher_revision:
            return False
        newest = _newest(card, run, left, (*withdrawn, run))
        values = emptied if newest is None else last_canary_values(newest)
        write_card(real, edit_card(content, values, name=str(path)))
    return True


def set_last_canary(
    path: str | Path, run: CanaryRun, left: Sequence[CanaryRun], *, withdrawn: Sequence[CanaryRun] = ()
) -> CanaryRun | None:
    """Write the newest measured of the runs that count into the card, after `run` was restored.

    The parameters are those of `clear_last_canary`; `run` is among the runs that count.

    Returns
    -------
    CanaryRun
        The run that the card has now; None when it stays as it is, because it has a later one or none was measured.

    Raises
    ------
    InputError
        When the card cannot be read or written.
    """
    newest = _newest(read_card(path), run, left, withdrawn)
    return newest if newest is not None and update_last_canary(path, newest) else None


def _newest(
    card: JudgeCard, run: CanaryRun, left: Sequence[CanaryRun], withdrawn: Sequence[CanaryRun]
) -> CanaryRun | None:
    """The newest measured run of the card's student, found as the gate finds its weeks."""
    whose = card.student.version or run.student_version
    is_named = any(each.student_version == whose for each in (*left, *withdrawn))
    own = (each for each in reversed(left) if each.student_version == (whose if is_named else None))
    return next((each for each in own if isinstance(each.agreement, Measured)), None)


def last_canary_values(run: CanaryRun) -> dict[str, CardValue]:
    """Give a run's time, agreement, overlap and teacher revision as `edit_card` takes them."""
    agreement, overlap = (
        round(each.estimate, 4) if isinstance(each, Measured) else None for each in (run.agreement, run.overlap)
    )
    return {
        "canary.last.at": run.at.isoformat(timespec="seconds"),
        "canary.last.agreement": agreement,
        "canary.last.overlap": overlap,
        "canary.last.teacher_revision": run.teacher_revision,
    }


def _utc(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
