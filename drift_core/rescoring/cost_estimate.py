"""What re-scoring a list will take, before anything is spent."""

from dataclasses import dataclass

from drift_core.rescoring.budget import PICOS, CallPrices, Cap, worst_tokens
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.progress import money_in_words, time_in_words
from drift_core.rescoring.prompt import Prompt
from drift_core.retrain_list.reader import RetrainList
from drift_core.wording import counted

CHARACTERS_PER_TOKEN = 4  # of English text, as OpenAI's help pages put it; other scripts take more tokens
ANSWER_TOKENS = 12  # of {"score": 0.5}
SECONDS_A_CALL = 1.0  # until a call has been timed


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreEstimate:
    """What is to be expected, without retries.

    Attributes
    ----------
    n_pairs
        Different pairs to ask.
    tokens_in, tokens_out
        About so many tokens, at four characters a token.
    cost, most_cost
        Expected; and the most that the calls can cost, prompts counted by their bytes and answers at their most tokens.
    seconds
        At `seconds_a_call`, the concurrency and the requests per minute.
    seconds_a_call, is_timed
        How long a call takes, and whether that was measured.
    under_cap
        Whether the cap holds all that, beside what earlier runs count for; None where no cap was asked about.
    """

    n_pairs: int
    tokens_in: int
    tokens_out: int
    cost: float
    most_cost: float
    seconds: float
    seconds_a_call: float
    is_timed: bool
    under_cap: str | None = None

    @property
    def sentence(self) -> str:
        """The estimate in words."""
        measured = "measured" if self.is_timed else "assumed"
        most = f"at most {money_in_words(self.most_cost)} without retries"
        cost = f" {money_in_words(self.cost)} ({most})," if self.most_cost else ""
        return (
            f"{self.n_pairs:,} pairs to ask: about {self.tokens_in:,} tokens in and {self.tokens_out:,} out,{cost} "
            f"{time_in_words(self.seconds)}, one call taking {self.seconds_a_call:.2g} s as {measured}."
        )


def estimate_rows(
    retrain_list: RetrainList,
    rows: list[int],
    *,
    prompt: Prompt,
    prices: CallPrices,
    pace: Pace,
    seconds_a_call: float | None = None,
) -> RescoreEstimate:
    """Estimate the calls for these rows of a list."""
    schema_bytes = _schema_bytes(prompt)
    tokens_in = most_in = 0
    for row in rows:
        text = prompt.text(retrain_list.queries[row], retrain_list.docs[row])
        tokens_in += (len(text) + schema_bytes) // CHARACTERS_PER_TOKEN + 1
        most_in += worst_tokens(text, schema_bytes)
    n, tokens_out = len(rows), ANSWER_TOKENS * len(rows)
    cost = prices.cost(tokens_in, tokens_out, n_calls=n)
    most = prices.cost(most_in, prompt.max_answer_tokens * n, n_calls=n)
    seconds = n * (seconds_a_call or SECONDS_A_CALL) / pace.concurrency
    if pace.requests_per_minute:
        seconds = max(seconds, 60 * n / pace.requests_per_minute)
    return RescoreEstimate(
        n_pairs=n,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost=cost / PICOS,
        most_cost=most / PICOS,
        seconds=seconds,
        seconds_a_call=seconds_a_call or SECONDS_A_CALL,
        is_timed=seconds_a_call is not None,
    )


def cap_in_words(found: RescoreEstimate, cap: Cap, *, calls: int, picos: int) -> str:
    """Tell whether a cap holds what is left, where so many calls and picos count already."""
    n_missing = calls + found.n_pairs - cap.calls
    if n_missing > 0:
        missing_calls = counted(int(n_missing), "call", "calls")
        made = f", as {calls:,} are made already" if calls else ""
        return f"The cap does not hold them: they take {missing_calls} more than the {cap.calls:,} allowed{made}."
    money, spent = money_in_words(cap.max_spend or 0.0), picos / PICOS
    missing = spent + found.cost - cap.picos / PICOS
    if missing > 0:
        gone = f", as {money_in_words(spent)} is spent already" if picos else ""
        more = f"about {money_in_words(missing)} more than the {money} allowed{gone}"
        return f"The cap does not hold them: they take {more}."
    if spent + found.most_cost > cap.picos / PICOS:
        return f"The cap of {money} holds what they are expected to take, but not the most that they can."
    return "The cap holds them, without retries."


def most_cost(text: str, prompt: Prompt, prices: CallPrices) -> int:
    """The most that one call with this text can cost, in picos: what is reserved for it."""
    return prices.cost(worst_tokens(text, _schema_bytes(prompt)), prompt.max_answer_tokens)


def _schema_bytes(prompt: Prompt) -> int:
    return len(str(prompt.schema or ""))
