"""A re-scoring in lines for the terminal: its result, single pairs of a try, what reading again has changed."""

from typing import TYPE_CHECKING

from drift_core.rescoring.progress import money_in_words
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.rescoring.result import RescoredList
    from drift_core.rescoring.trial import TriedPair

MOST_SHOWN = 4000  # characters of a prompt or an answer


def describe_rescored(rescored: "RescoredList") -> str:
    """Put a re-scored list into lines: the result, why it ended, the revision, what to do about the rest."""
    lines = [rescored.sentence, *filter(None, (rescored.change, rescored.where_unscored)), rescored.end.sentence]
    if rescored.revision:
        lines.append(f"Teacher revision: {rescored.revision}.")
    if rescored.counts["unparsed"]:
        again = "" if rescored.prompt.temperature == 0 else " --retry-unparsed asks again, as answers may differ."
        lines.append(f"Unparsed answers are in the column answer. {rescored.commonest_reason}{again}")
    if rescored.counts["refused"]:
        why = rescored.pairs.loc[rescored.pairs["state"] == "refused", "state_reason"].mode()
        lines.append(
            f"{counted(rescored.counts['refused'], 'pair was', 'pairs were')} refused, most often: "
            f"{one_line(str(why.iloc[0]))}. The column state_reason says it of each; --retry-failed asks them again."
        )
    if rescored.counts["failed"] > rescored.n_rejected:
        lines.append("Failed pairs are asked again by the next run.")
    if rescored.n_rejected and rescored.end.kind != "complete":
        lines.append(f"The endpoint rejected {rescored.n_rejected:,}; --retry-failed asks those again.")
    if rescored.n_unknown:
        lines.append(f"{rescored.n_unknown:,} calls failed or had no answer; each counts as the most it can cost.")
    return "\n".join(lines)


def describe_rereading(before: "RescoredList", after: "RescoredList") -> str:
    """Tell how answers were read again and what came of it."""
    had, has = before.pairs["teacher_score"], after.pairs["teacher_score"]
    n_new, n_gone = int((had.isna() & has.notna()).sum()), int((had.notna() & has.isna()).sum())
    n_other = int((had.notna() & has.notna() & (had != has)).sum())
    return (
        f"The kept answers were read by {after.prompt.answer.shown}; nobody was asked. {n_new:,} pairs have a score "
        f"that had none, {n_gone:,} have none any more, {n_other:,} have another one."
    )


def describe_pair(pair: "TriedPair", number: str) -> str:
    """One tried pair in lines; what others wrote stands behind a bar."""
    tokens = f"{pair.tokens_in:,} tokens in, {pair.tokens_out or 0:,} out" if pair.tokens_in is not None else ""
    cost = f"{money_in_words(pair.cost)} spent" if pair.cost else ""
    took = ", ".join(each for each in (tokens, cost) if each)
    lines = [f"Pair {number}: {pair.result}", *([f"It took {took}."] if took else [])]
    lines += ["The prompt as sent:", *_quoted(pair.prompt), "The answer as it came:"]
    return "\n".join([*lines, *_quoted(pair.answer or "(none)")])


def _quoted(text: str) -> list[str]:
    lines = [f"  | {one_line(line)}".rstrip() for line in text[:MOST_SHOWN].splitlines()] or ["  |"]
    return [*lines, f"  | ({len(text):,} characters in all)"] if len(text) > MOST_SHOWN else lines
