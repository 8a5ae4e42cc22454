"""A list after re-scoring: its table with the new scores and the state of each pair, what it cost, and its files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.rescoring.budget import Cap
from drift_core.rescoring.ledger import PairAnswer, PairState
from drift_core.rescoring.progress import money_in_words
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.run_log import End, RescoreRun
from drift_core.rescoring.score_format import ScoreFormat
from drift_core.rescoring.teacher import Teacher
from drift_core.rescoring.unscored import Unreadable, commonest_reason
from drift_core.retrain_list.reader import DIGEST, RetrainList
from drift_core.samples.label_words import fold
from drift_core.tables.json_text import json_text
from drift_core.tables.repeats import repeat_columns
from drift_core.tables.writing import WRITERS, check_formats, replace_files
from drift_core.version import VERSION
from drift_core.wording import one_line, share_in_words

SCHEMA = 1
NAME = "rescored"
# Columns that are added, and the field of a pair's answer that each holds.
_ADDED = {
    "state": "state",
    "answer": "answer",
    "answer_model": "model",
    "answer_fingerprint": "fingerprint",
    "scored_at_utc": "at_utc",
    "state_reason": "reason",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """So many pairs were answered as this model and fingerprint."""

    model: str | None
    fingerprint: str | None
    n_pairs: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RescoredList:
    """A re-scored list.

    Attributes
    ----------
    pairs
        The list's rows and columns. `teacher_score` is the new score, missing where there is none,
        `teacher_score_listed` the one that the list had; state, answer, answer_model, answer_fingerprint,
        scored_at_utc and state_reason (why there is no score) follow.
    counts
        Rows by state: scored, unparsed, refused, failed, pending.
    list_digest, list_name
        SHA-256 and name of the list file.
    teacher, revision
        Who was asked, and the revision that every answer has; None before the first answer.
    answered
        Who answered.
    prompt, cap
        What was asked, and what it could cost.
    calls, spent, n_unknown
        Over all runs; calls that failed or had no answer count at their reserve, `n_unknown` of them.
    end
        Why the last run ended, as far as this result knows.
    runs
        All runs over the ledger, the newest last.
    n_rejected
        Failed pairs whose request the endpoint rejected; the next run does not ask them.
    """

    pairs: pd.DataFrame
    counts: Mapping[PairState, int]
    list_digest: str
    list_name: str
    teacher: Teacher
    revision: str | None
    answered: tuple[Answered, ...]
    prompt: Prompt
    cap: Cap
    calls: int
    spent: float
    n_unknown: int
    end: End
    runs: tuple[RescoreRun, ...] = ()
    n_rejected: int = 0

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def is_complete(self) -> bool:
        """Whether every row has a score."""
        return self.counts["scored"] == len(self)

    @property
    def n_left(self) -> int:
        """Rows that the next run asks."""
        return self.counts["pending"] + self.counts["failed"] - self.n_rejected

    @property
    def commonest_reason(self) -> str:
        """Why most unparsed answers have no score, with what mends it; empty where all have one."""
        return commonest_reason(self._unreadable, self.prompt) if self.counts["unparsed"] else ""

    @property
    def _unreadable(self) -> tuple[Unreadable, ...]:
        rows = self.pairs[self.pairs["state"] == "unparsed"]
        told = zip(rows["state_reason"], rows["answer"], strict=True)
        return tuple(Unreadable(reason=reason or "", text=text or "") for reason, text in told)

    @property
    def endpoint(self) -> str | None:
        """The addresses that answered, without what is secret in them; None where none did."""
        return ", ".join(dict.fromkeys(run.endpoint for run in self.runs if run.answers)) or None

    @property
    def sentence(self) -> str:
        """The result in words."""
        spent = f", {money_in_words(self.spent)} spent" if self.spent else ""
        rest = ", ".join(f"{n:,} {state}" for state, n in self.counts.items() if n and state != "scored")
        return (
            f"{self.counts['scored']:,} of {len(self):,} pairs have a score{f' ({rest})' if rest else ''}. "
            f"{self.calls:,} calls{spent}."
        )

    @property
    def change(self) -> str:
        """How far the new scores are from those on the list; empty where no pair has both."""
        if "teacher_score_listed" not in self.pairs:
            return ""
        both = self.pairs[["teacher_score", "teacher_score_listed"]].dropna()
        if both.empty:
            return ""
        now, before = (both[name] for name in both)
        if self.prompt.answer.labels:
            n_other = sum(fold(str(a)) != fold(str(b)) for a, b in zip(now, before, strict=True))
            return f"{share_in_words(n_other / len(both))} of {len(both):,} pairs have another label than on the list."
        return f"Scores of {len(both):,} pairs are {np.abs(now - before).mean():.2g} from those on the list on average."

    @property
    def where_unscored(self) -> str:
        """The region that lacks most, where half or more of what has no score lies in it; else empty."""
        lacking = self.pairs["state"].isin(["unparsed", "refused"])
        if not lacking.any() or "region" not in self.pairs:
            return ""
        name, n = next(iter(Counter(self.pairs.loc[lacking, "region"].dropna()).most_common(1)), ("", 0))
        if 2 * n < lacking.sum():
            return ""
        of = int((self.pairs["region"] == name).sum())
        return f"{n:,} of the {lacking.sum():,} without a score lie in {one_line(str(name))}, of its {of:,}."

    def to_json(self) -> dict[str, object]:
        answer = self.prompt.answer
        return {
            "schema": SCHEMA,
            "version": VERSION,
            "summary": self.sentence,
            "end": asdict(self.end),
            "runs": [each.to_json() for each in self.runs],
            "list": self.list_name,
            "list_digest": self.list_digest,
            "n_pairs": len(self),
            "counts": dict(self.counts),
            "teacher": {
                "model": self.teacher.model,
                "revision": self.revision,
                "endpoint": self.endpoint,
                "answered": [asdict(each) for each in self.answered],
            },
            "score_range": None if answer.labels else [answer.low, answer.high],
            "labels": list(answer.labels),
            "prompt": {
                "digest": self.prompt.digest,
                "template": self.prompt.template,
                "meanings": dict(self.prompt.meanings),
                "regex": answer.regex,
                "score_key": answer.key,
                "temperature": self.prompt.temperature,
            },
            "calls": self.calls,
            "spent": self.spent,
            "n_calls_of_unknown_cost": self.n_unknown,
            "cap": {"max_spend": self.cap.max_spend, "max_calls": self.cap.max_calls},
            "prices": asdict(self.cap.prices),
        }


def rescored_pairs(
    retrain_list: RetrainList, answers: Mapping[str, PairAnswer], *, form: ScoreFormat | None = None
) -> pd.DataFrame:
    """Join what is known of each pair to the rows of the list; equal pairs share their answer.

    `form` is how answers were read: with its labels, scores are labels; by default they are numbers.
    """
    table = retrain_list.table.copy()
    if not set(_ADDED) <= set(table.columns):  # a slice may be called state: it is kept as the old scores are
        table = table.rename(columns={name: f"{name}_listed" for name in _ADDED if name in table})
    found = [answers.get(digest) for digest in table[DIGEST]]
    if "teacher_score" in table:
        table["teacher_score_listed"] = table["teacher_score"]
        earlier = repeat_columns(map(str, table.columns), "teacher_score")  # of another time, perhaps another revision
        table = table.rename(columns={name: f"{name}_listed" for name in earlier})
    scores = [None if each is None else each.score for each in found]
    table["teacher_score"] = np.array(scores, dtype=np.float64)  # by place: a missing score is NaN
    if form is not None and form.labels:
        told = [None if score is None else form.score_of(score) for score in scores]
        table["teacher_score"] = pd.Series(told, dtype="object", index=table.index)
    for name, field in _ADDED.items():
        values = [getattr(each, field, None) for each in found]
        table[name] = pd.Series(values, dtype="object", index=table.index)
    table["state"] = table["state"].fillna("pending")
    return table


def rescored_files(rescored: RescoredList, *, formats: Sequence[str] = ("parquet",)) -> dict[str, bytes]:
    """Make the files of a re-scored list: name to content, ``rescored.json`` last.

    Parameters
    ----------
    formats
        Any of ``parquet``, ``csv``, ``jsonl``.

    Raises
    ------
    SettingError
        When a format is unknown.
    """
    check_formats(formats)
    files = {f"{NAME}.{name}": WRITERS[name](rescored.pairs) for name in dict.fromkeys(formats)}
    digests = {name: {"sha256": sha256(content).hexdigest()} for name, content in files.items()}
    return files | {f"{NAME}.json": json_text(rescored.to_json() | {"files": digests}).encode()}


def write_rescored(
    rescored: RescoredList, folder: str | Path, *, formats: Sequence[str] = ("parquet",)
) -> tuple[Path, ...]:
    """Write the files of a re-scored list into a folder; a record there is of its lists.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    return replace_files(folder, rescored_files(rescored, formats=formats), record=f"{NAME}.json")
