"""What the calls of the newest run looked like, pair by pair: the prompt as sent, the answer as it came, the score."""

from dataclasses import dataclass, replace
from pathlib import Path

from drift_core.errors import InputError
from drift_core.rescoring.budget import PICOS
from drift_core.rescoring.ledger import PairAnswer, open_ledger, read_answers
from drift_core.rescoring.ledger_schema import NOT_SENT
from drift_core.rescoring.ledger_settings import labels_read, with_asked_format
from drift_core.rescoring.score_format import ScoreFormat
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.unscored import REFUSED
from drift_core.retrain_list.list_labels import list_to_rescore
from drift_core.retrain_list.reader import DIGEST, RetrainList

N_TRIED = 5  # pairs of a try, as the page offers it
_CALLS = (
    "SELECT pair_digest, coalesce(cost, reserve), tokens_in, tokens_out, reason, answer, outcome FROM call "
    "WHERE id >= (SELECT max(first_call) FROM run) AND outcome IS NOT ? ORDER BY id LIMIT ?"
)
_Call = tuple[str, int, int | None, int | None, str | None, str | None, str | None]
MOST_CALLS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedPair:
    """One pair of a try.

    Attributes
    ----------
    prompt, answer
        As sent, and as it came; no answer is None.
    score, reason
        What was read, a number or a label; else why there is none.
    calls, cost
        What it took; a call of unknown cost counts as the most that it can.
    tokens_in, tokens_out
        Of the last call, None where the endpoint does not say.
    """

    prompt: str
    answer: str | None
    score: float | str | None
    reason: str | None
    calls: int
    cost: float
    tokens_in: int | None
    tokens_out: int | None

    @property
    def result(self) -> str:
        """What came of it, in words."""
        if self.score is None:
            return f"no score. {self.reason}"
        return f"label {self.score}" if isinstance(self.score, str) else f"score {self.score:g}"


def read_trial(
    source: str | Path | RetrainList, ledger: str | Path, *, rescoring: Rescoring, n: int = N_TRIED
) -> tuple[TriedPair, ...]:
    """Read the first pairs of the newest run off a ledger; asks nobody.

    Raises
    ------
    InputError
        When the list or the ledger cannot be read, or nobody was asked yet.
    """
    retrain_list = list_to_rescore(source, labels=rescoring.prompt.answer.labels)
    rows = dict(zip(retrain_list.table[DIGEST].to_numpy()[retrain_list.first], retrain_list.first, strict=True))
    with open_ledger(ledger) as connection:
        prompt, answers = with_asked_format(connection, rescoring).prompt, read_answers(connection)
        form = replace(prompt.answer, labels=labels_read(connection))
        if not connection.execute("SELECT count(*) FROM run").fetchone()[0]:
            raise InputError(f"Nobody has been asked with the ledger {ledger}. Try some pairs first.")
        calls = connection.execute(_CALLS, (NOT_SENT, MOST_CALLS)).fetchall()
    by_pair: dict[str, list[_Call]] = {}
    for call in calls:
        by_pair.setdefault(call[0], []).append(call)
    tried: list[TriedPair] = []
    for digest, its in by_pair.items():
        if (row := rows.get(digest)) is not None and len(tried) < n:
            text = prompt.text(str(retrain_list.queries[row]), str(retrain_list.docs[row]))
            tried.append(_tried(text, its, answers.get(digest), form))
    return tuple(tried)


def _tried(text: str, calls: list[_Call], known: PairAnswer | None, form: ScoreFormat) -> TriedPair:
    *_, tokens_in, tokens_out, reason, answer, outcome = calls[-1]
    score = None if known is None or known.score is None else form.score_of(known.score)
    if known is not None:
        answer = known.answer if known.answer is not None else answer
        reason = known.reason or (REFUSED if known.state == "refused" else reason)
    return TriedPair(
        prompt=text,
        answer=answer,
        score=score,
        reason=None if score is not None else reason or f"Outcome: {outcome or 'no reply'}.",
        calls=len(calls),
        cost=sum(call[1] for call in calls) / PICOS,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )
