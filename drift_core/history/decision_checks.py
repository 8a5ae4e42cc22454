"""A decision held against the runs and the earlier decisions, within the transaction that writes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from drift_core.canary.decision import CLOCK_TOLERANCE, OVERRIDING, WITHDRAWING, Decision
from drift_core.canary.named_regions import first_named, followed_regions
from drift_core.canary.withdrawals import SHOWN, withdrawal_of, withdrawals_in_force
from drift_core.errors import SettingError
from drift_core.history.rows import read_decisions, read_known, read_run_of, read_withdrawing
from drift_core.regions.named_region import read_region
from drift_core.wording import one_line

TICK = timedelta(microseconds=1)


def checked(connection: Connection, decision: Decision, *, shown: str) -> Decision:
    """Give the decision as it is to be kept.

    Raises
    ------
    SettingError
        When nobody is named, no reason is given, the run is not in the history, nothing would change by it, it is dated
        after this moment, an override names no reasons of the gate, or there is none to end; when another region ever
        had a region's name, or it is followed already, or one to be forgotten is not.
    InputError
        When a region has no name or no rule, or one that is too long.
    """
    for word, text in (("name", decision.by), ("reason", decision.reason)):
        if not one_line(text):
            raise SettingError(f"A decision needs a {word}, and it is empty. Say who decided and why.")
    if decision.at > datetime.now(UTC) + CLOCK_TOLERANCE:
        raise SettingError(
            f"A decision cannot be dated after now; found {decision.at:%Y-%m-%d %H:%M} UTC. Check the clock."
        )
    if decision.kind == "override" and not decision.reasons:
        raise SettingError("An override needs the names of the reasons that it covers; it names none.")
    if decision.run_key is not None and decision.run_key not in {each.run_key for each in read_known(connection)}:
        raise SettingError(
            f"The decision is about run {decision.run_key[:12]}, which is not in {shown}. Record the run first, or "
            "open the history that has it."
        )
    if decision.kind in ("name_region", "forget_region"):
        return _with_region(connection, decision, shown=shown)
    if decision.kind in OVERRIDING:
        return _in_their_order(connection, decision)
    if decision.kind not in WITHDRAWING:
        return decision
    if decision.run_key is None:
        raise SettingError(f"The decision {decision.kind} is about one run, and none is named. Give its key.")
    return _after_the_last(connection, decision, decision.run_key)


def _with_region(connection: Connection, decision: Decision, *, shown: str) -> Decision:
    if decision.region is None:
        raise SettingError(f"The decision {decision.kind} is about a region, and none is given.")
    decisions = read_decisions(connection)
    followed = {each.id: each.name for each in followed_regions(decisions)}
    if decision.kind == "forget_region":
        if decision.region.id not in followed:
            raise SettingError(f"{shown} does not follow {decision.region.name}, so there is nothing to forget.")
        return decision
    region = read_region(decision.region)
    if followed.get(region.id) == region.name:
        raise SettingError(f"{shown} follows {region.name} already.")
    earlier = first_named(decisions, region.name)
    if earlier is not None and earlier.region is not None and earlier.region.id != region.id:
        raise SettingError(
            f"{shown} had another region called {region.name}, by {earlier.region.rule_in_words}, since "
            f"{earlier.at:%Y-%m-%d}, and its weeks stand under that name. Choose another."
        )
    return replace(decision, region=region)


def _in_their_order(connection: Connection, decision: Decision) -> Decision:
    """A clock that lags puts no end before the override that it ends, and no override before the end of others."""
    own = [each for each in read_decisions(connection) if each.run_key == decision.run_key]
    last = max((each for each in own if each.kind in OVERRIDING), key=lambda each: each.at, default=None)
    if decision.kind == "end_override" and (last is None or (last.kind == "end_override" and last != decision)):
        raise SettingError("There is no override to take back: none was made since the newest canary run.")
    return decision if last is None or last.kind == decision.kind else _after(decision, last.at)


def _after(decision: Decision, last: datetime) -> Decision:
    return decision if decision.at > last else replace(decision, at=last + TICK)


def _after_the_last(connection: Connection, decision: Decision, key: str) -> Decision:
    """A clock that lags does not put a decision before the one that it ends."""
    earlier = [each for each in read_withdrawing(connection) if each.run_key == key]
    if decision in earlier:
        return decision
    held = withdrawals_in_force(earlier).get(key)
    if (held is not None) == (decision.kind == "withdraw"):
        raise SettingError(_nothing_to_do(connection, key, held))
    last = max((each.at for each in earlier), default=None)
    return decision if last is None else _after(decision, last)


def _nothing_to_do(connection: Connection, key: str, held: Decision | None) -> str:
    run = read_run_of(connection, key)
    if run is None or held is None:
        day = f", of {run.at:%Y-%m-%d}," if run else ""
        return f"Record {key[:SHOWN]}{day} is not withdrawn: it counts, and there is nothing to restore."
    known = withdrawal_of(run, held)
    return f"{known.sentence} It is withdrawn already. To count it again: {known.how_to_restore}"
