"""Runs are recorded, each once and with its standing, within a transaction that `history` opens.

What is odd about a run is told by `run_notes`; rows are written by `rows`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from drift_core.canary.decision import Decision
from drift_core.canary.named_regions import first_named
from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import Withdrawal, withdrawal_of, withdrawals_in_force
from drift_core.errors import SettingError
from drift_core.history.rows import (
    KnownRun,
    insert_decision,
    insert_run,
    known_run,
    read_decisions,
    read_known,
    read_run_of,
    read_withdrawing,
)
from drift_core.history.run_notes import (
    note_on_age,
    note_on_difference,
    note_on_withdrawal,
    notes_on_sample,
    notes_on_time,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcome:
    """A run as it stands in the history.

    Attributes
    ----------
    run
        The stored run; where it was recorded before, the first record.
    is_new
        Whether this call added it.
    notes
        Sentences: what is odd about it beside the others, such as a second run of one week.
    withdrawal
        Who took the run back, where it was recorded before and does not count; recording it again changes nothing.
    """

    run: CanaryRun
    is_new: bool
    notes: tuple[str, ...] = ()
    withdrawal: Withdrawal | None = None


def record_now(connection: Connection, run: CanaryRun) -> RecordOutcome:
    """Record a run that was measured now; in place of a withdrawn one where it differs in what the key leaves out."""
    held, known = withdrawals_in_force(read_withdrawing(connection)), read_known(connection)
    recorded = _record(connection, run, held, known)
    notes: tuple[str, ...] = ()
    while recorded.withdrawal is not None and (changed := _differing(recorded.run, run)):
        notes = (f"{recorded.withdrawal.sentence} This one, with another {changed}, counts in its place.",)
        run = replace(run, in_place_of=recorded.run.key)
        recorded = _record(connection, run, held, known)
    if recorded.is_new:
        notes = (*note_on_age(run), *notes_on_time(run, known, held), *notes)
    return replace(recorded, notes=notes + recorded.notes)


def record_past(
    connection: Connection, runs: Sequence[CanaryRun], withdrawn: Mapping[str, Decision]
) -> tuple[RecordOutcome, ...]:
    """Record runs of the past, each with the decision by which it does not count elsewhere, if there is one."""
    held, known = dict(withdrawals_in_force(read_withdrawing(connection))), read_known(connection)
    found = []
    for run in runs:
        elsewhere = withdrawn.get(run.key)
        recorded = _record(connection, run, held, known, elsewhere)
        if recorded.is_new:
            known.append(known_run(run))
            if elsewhere is not None:
                insert_decision(connection, elsewhere)
                held[run.key] = elsewhere
        found.append(recorded)
    return tuple(found)


def record_other(
    connection: Connection, runs: Sequence[CanaryRun], decisions: Sequence[Decision]
) -> tuple[RecordOutcome, ...]:
    """Record all runs and decisions of another history; whether a run counts follows from the newest in either.

    Gives the outcomes that are new or have a note.

    Raises
    ------
    SettingError
        When both gave one name to different regions.
    """
    own = read_decisions(connection)
    _check_names(own, decisions)
    held_apart = withdrawals_in_force(own), withdrawals_in_force(decisions)
    for each in decisions:
        if each.kind != "override":
            insert_decision(connection, each)
    held = withdrawals_in_force(read_withdrawing(connection))
    recorded = record_past(connection, runs, held)
    for run, there in zip(runs, tuple(recorded), strict=True):
        changed = _differing(there.run, run) if run.key in held else ""
        for counted, withdrawn in zip((there.run, run), held_apart, strict=True):
            if changed and run.key not in withdrawn:
                own_record = _record(connection, replace(counted, in_place_of=run.key), {}, ())
                told = withdrawal_of(run, held[run.key]).sentence
                note = f"{told} The other record, with another {changed}, counts in its place."
                recorded += (replace(own_record, notes=(note,)),) if own_record.is_new else ()
    for each in decisions:
        if each.kind == "override" and each not in (replace(it, last_number=each.last_number) for it in own):
            insert_decision(connection, _override_here(connection, each, runs))
    return tuple(each for each in recorded if each.is_new or each.notes)


def _check_names(own: Sequence[Decision], decisions: Sequence[Decision]) -> None:
    for each in decisions:
        earlier = each.region and first_named(own, each.region.name)
        if each.region and earlier and earlier.region and earlier.region.id != each.region.id:
            raise SettingError(
                f"Both histories have a region called {each.region.name}, by {earlier.region.rule_in_words} and by "
                f"{each.region.rule_in_words}. Its weeks stand under that name, which a new name does not change, so "
                "they cannot be one history. Record the weeks that this one lacks again: distillation-drift canary"
            )


def _override_here(connection: Connection, override: Decision, runs: Sequence[CanaryRun]) -> Decision:
    """An override with its last run by the numbers of this history; it has ended where its student has others here."""
    about = next((run for run in runs if run.key == override.run_key), None)
    if about is None:
        return override
    last = about.number if override.last_number is None else override.last_number
    seen = {run.key for run in runs if run.student_version == about.student_version and run.number <= last}
    here = {
        run.run_key: number
        for number, run in enumerate(read_known(connection), start=1)
        if run.student_version == about.student_version
    }
    return replace(override, last_number=max(here.values()) if here.keys() <= seen else 0)


def _record(
    connection: Connection,
    run: CanaryRun,
    held: Mapping[str, Decision],
    known: Sequence[KnownRun],
    elsewhere: Decision | None = None,
) -> RecordOutcome:
    if insert_run(connection, run):
        if elsewhere is None:
            return RecordOutcome(run=run, is_new=True, notes=notes_on_sample(run, known, held))
        return RecordOutcome(run=run, is_new=True, withdrawal=withdrawal_of(run, elsewhere))
    stored = read_run_of(connection, run.key) or run
    withdrawal = withdrawal_of(stored, held[stored.key]) if stored.key in held else None
    notes = note_on_withdrawal(stored, withdrawal, elsewhere)
    if withdrawal is None and elsewhere is None and (changed := _differing(stored, run)):
        notes = note_on_difference(stored, changed)
    return RecordOutcome(run=stored, is_new=False, withdrawal=withdrawal, notes=notes)


def _differing(stored: CanaryRun, run: CanaryRun) -> str:
    """What a person chose otherwise, in words; empty where it is the same run, by whatever version it was measured."""
    rules = ({name: each.rule[name] for name in stored.rule.keys() & run.rule.keys()} for each in (stored, run))
    chosen = {
        "teacher model": (stored.teacher_model, run.teacher_model),
        "K": (stored.k, run.k),
        "rule": tuple(rules),
        "pinned revision": tuple(each.bridge and each.bridge.pinned_revision for each in (stored, run)),
    }
    return " and ".join(name for name, (before, now) in chosen.items() if before != now)
