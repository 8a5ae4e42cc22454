"""Why a run ended, and what is to be done about what it left."""

from dataclasses import dataclass
from typing import Literal

from drift_core.rescoring.budget import PICOS, Cap
from drift_core.rescoring.ledger import Spent
from drift_core.rescoring.progress import money_in_words
from drift_core.wording import counted

EndKind = Literal["complete", "cap", "asked", "endpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Why a run ended: all is asked, the cap is near, somebody stopped it, or the endpoint; with what is to be done."""

    kind: EndKind
    sentence: str


def end_of(states: list[str], n_rejected: int, next_reserve: int | None, spent: Spent, cap: Cap) -> End:
    """Tell the end from the states of all pairs and the reserve that did not fit under the cap, if any.

    Of the failed pairs the requests of `n_rejected` were rejected; they are not asked again by themselves.
    """
    n_pending, n_failed = states.count("pending"), states.count("failed") - n_rejected
    if next_reserve is not None:
        return End(kind="cap", sentence=_at_the_cap(n_pending + n_failed, next_reserve, spent, cap))
    if n_pending:
        return End(kind="asked", sentence=f"{_pairs(n_pending + n_failed)} still to be asked. Run it again to go on.")
    failed = f" {n_failed:,} failed; the next run asks those again." if n_failed else ""
    rejected = f" The endpoint rejected {n_rejected:,}; --retry-failed asks those again." if n_rejected else ""
    return End(kind="complete", sentence=f"All pairs have been asked.{failed}{rejected}")


def _at_the_cap(n_left: int, next_reserve: int, spent: Spent, cap: Cap) -> str:
    """How many pairs are left, and what more they would take."""
    left = f"Stopped at the cap; {_pairs(n_left)} left."
    if spent.calls + 1 > cap.calls:
        n_missing = spent.calls + n_left - (cap.max_calls or 0)
        made = f", as {spent.calls:,} are made already" if spent.calls > cap.calls else ""
        missing = counted(n_missing, "call", "calls")
        return f"{left} They take {missing} more than the {cap.max_calls:,} allowed{made}, and retries."
    usual = spent.picos_a_score if spent.picos_a_score is not None else next_reserve
    more = max(n_left * usual, spent.picos + next_reserve - cap.picos) / PICOS
    return (
        f"{left} The next call can cost {money_in_words(next_reserve / PICOS)}, and "
        f"{money_in_words(spent.picos / PICOS)} of {money_in_words(cap.max_spend or 0)} is spent. "
        f"The rest takes about {money_in_words(more)} more."
    )


def _pairs(n: int) -> str:
    return "1 pair is" if n == 1 else f"{n:,} pairs are"
