"""What a ledger is for: its list, what is asked, how answers are read, and the revision that they must have.

A ledger without an answer takes new settings. One with answers keeps what was asked; how answers are read may change,
by reading the kept ones again.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from drift_core.errors import InputError
from drift_core.rescoring.ledger import Pin, pin_of, read_answers, read_settings
from drift_core.rescoring.ledger_schema import (
    ANSWER,
    FORGET,
    OTHER_REVISION,
    PUT_SCORE,
    PUT_SETTING,
    PUT_UNSCORED,
)
from drift_core.rescoring.score_format import CUT, ScoreFormat, Unparsed
from drift_core.rescoring.settings import Rescoring
from drift_core.retrain_list.reader import RetrainList
from drift_core.wording import counted

# Settings by their names in the ledger, and in words.
_ASKED = {"list_digest": "list", "model": "model", "template": "text of the prompt", "temperature": "temperature"}
_READ = {
    "regex": "regular expression",
    "score_key": "JSON key of the score",
    "range": "range of scores",
    "labels": "set of labels",
}
_DIGESTS = ("list_digest", "template")
_Settings = dict[str, str]
_PUT = "UPDATE answer SET state = ?, score = ?, reason = ? WHERE pair_digest = ?"
_LAST_CALLS = "SELECT pair_digest, max(id), reason FROM call WHERE outcome = ? GROUP BY pair_digest"
_ASIDE = (
    "SELECT id, pair_digest, answer, reason, model, fingerprint, at_utc FROM call WHERE outcome = ? "
    "AND answer IS NOT NULL AND pair_digest NOT IN (SELECT pair_digest FROM answer WHERE state = 'scored')"
)


def claim(
    connection: sqlite3.Connection,
    retrain_list: RetrainList,
    rescoring: Rescoring,
    path: Path,
    *,
    is_reread: bool = False,
) -> Pin:
    """Make a ledger one for this list and these settings, or check that it is; gives what answers are held to.

    Parameters
    ----------
    is_reread
        Whether answers that were read in another way are about to be read in this one.

    Raises
    ------
    InputError
        When the ledger holds answers that other settings, or another revision, gave.
    """
    wanted = _settings(retrain_list, rescoring)
    known = read_settings(connection)
    counts = dict(connection.execute("SELECT state, count(*) FROM answer WHERE model IS NOT NULL GROUP BY state"))
    asked, read = (_differences(names, known, wanted) for names in (_ASKED, _READ))
    _check(path, asked, read, counts, is_reread=is_reread)
    is_new = bool(asked) or not counts
    pin = Pin(named=rescoring.teacher.revision) if is_new else _pin(connection, known, rescoring, path)
    connection.execute("BEGIN IMMEDIATE")
    if is_new:
        connection.execute("DELETE FROM setting WHERE name LIKE 'pin!_%' ESCAPE '!'")
    if is_new and (asked or read):
        for statement in FORGET:
            connection.execute(statement)
    kept = known if not is_new else {f"asked_{name}": wanted[name] for name in _READ}
    named = {} if pin.named is None else {"pin_named": pin.named}
    connection.executemany(PUT_SETTING, list((kept | wanted | named).items()))
    if pin.named is not None:
        take_back(connection, pin, rescoring.prompt.answer)
    if is_reread:
        read_again(connection, rescoring.prompt.answer)
    connection.execute("COMMIT")
    return pin


def with_asked_format(connection: sqlite3.Connection, rescoring: Rescoring) -> Rescoring:
    """The same, with a prompt that asks for the format that a ledger was begun with, however answers are read now."""
    known = read_settings(connection)
    if "asked_range" not in known:
        return rescoring
    low, high = map(float, known["asked_range"].split(" to "))
    asked = ScoreFormat(
        low=low,
        high=high,
        regex=known["asked_regex"] or None,
        key=known["asked_score_key"],
        labels=tuple(json.loads(known.get("asked_labels") or "[]")),  # none in a ledger of before there were any
    )
    return replace(rescoring, prompt=replace(rescoring.prompt, asked=asked))


def labels_read(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The labels whose places the answers of a ledger hold, however they are to be read next; none for numbers."""
    return tuple(json.loads(read_settings(connection).get("labels") or "[]"))


def _settings(retrain_list: RetrainList, rescoring: Rescoring) -> _Settings:
    prompt, answer = rescoring.prompt, rescoring.prompt.answer
    return {
        "list_digest": retrain_list.digest,
        "model": rescoring.teacher.model,
        "template": sha256(prompt.question.encode("utf-8", "replace")).hexdigest(),
        "temperature": "none" if prompt.temperature is None else _number(prompt.temperature),
        "regex": answer.regex or "",
        "score_key": answer.key,
        "range": f"{_number(answer.low)} to {_number(answer.high)}",
        "labels": json.dumps(answer.labels) if answer.labels else "",
    }


def _number(value: float) -> str:
    """A number as it was typed, and no shorter."""
    return repr(float(value)).removesuffix(".0")


def _differences(names: Mapping[str, str], known: _Settings, wanted: _Settings) -> list[str]:
    """What differs, in words."""
    return [
        word if name in _DIGESTS else f"{word} ({known.get(name) or 'none'}, not {wanted[name] or 'none'})"
        for name, word in names.items()
        if known and known.get(name, "") != wanted[name]
    ]


def _check(path: Path, asked: list[str], read: list[str], counts: Mapping[str, int], *, is_reread: bool) -> None:
    """Refuse settings that the answers of a ledger, by their states, do not allow."""
    n_scored, n_answers = counts.get("scored", 0), sum(counts.values())
    if asked and n_answers:
        raise InputError(_other_settings(path, asked, n_scored, n_answers))
    if read and n_answers and not asked and not is_reread:
        raise InputError(_other_reading(path, read, n_answers))


def _other_settings(path: Path, asked: list[str], n_scored: int, n_answers: int) -> str:
    held = counted(n_scored, "score", "scores") if n_scored else counted(n_answers, "answer", "answers")
    reread = "" if n_scored else " To read the kept answers in another way at no cost, ask as before with --reread."
    return (
        f"The ledger {path} is for another {' and another '.join(asked)}, and holds {held}. Answers to two questions "
        f"are never mixed in one list: ask as before, or choose another folder or ledger.{reread}"
    )


def _other_reading(path: Path, read: list[str], n_answers: int) -> str:
    return (
        f"The {counted(n_answers, 'answer', 'answers')} in the ledger {path} were read by another "
        f"{' and another '.join(read)}. Give the options that they were read with to go on in that way, or add "
        "--reread to read them in the new one, at no cost; the prompt stays as it was. To ask in another way, choose "
        "another folder or ledger."
    )


def _pin(connection: sqlite3.Connection, known: _Settings, rescoring: Rescoring, path: Path) -> Pin:
    """The pin of a ledger with answers; a revision that is named takes its place where every answer carries it."""
    pin, named = pin_of(known), rescoring.teacher.revision
    if named is None:
        return pin
    answered = "SELECT model, fingerprint, count(*) FROM answer WHERE model IS NOT NULL GROUP BY model, fingerprint"
    for model, fingerprint, n in connection.execute(answered):
        if named not in (model, fingerprint):
            shown = Pin(model=model, fingerprint=fingerprint).shown
            raise InputError(
                f"The ledger {path} holds {counted(n, 'answer', 'answers')} of the revision {shown}, and {named} is "
                "asked for. Two revisions are never mixed in one list: choose another folder or ledger."
            )
    return replace(pin, named=named)


def read_again(connection: sqlite3.Connection, form: ScoreFormat) -> None:
    """Read every answer as if it had been read in this way from the start; the caller has begun a transaction."""
    answers: list[tuple[object, ...]] = []
    texts: list[tuple[object, ...]] = []
    last = {digest: call for digest, *call in connection.execute(_LAST_CALLS, (ANSWER,))}
    for digest, known in read_answers(connection).items():
        if known.state not in ("scored", "unparsed") or known.answer is None:
            continue
        number, reason = last.get(digest, (None, None))
        found = form.read(known.answer, is_cut=CUT in (reason, known.reason))
        if isinstance(found, Unparsed):
            answers.append(("unparsed", None, found.reason, digest))
        else:
            answers.append(("scored", found, None, digest))
        # Calls hold every text that gave no score, and no other.
        texts.append((known.answer if isinstance(found, Unparsed) else None, number))
    connection.executemany(_PUT, answers)
    connection.executemany("UPDATE call SET answer = ? WHERE id = ?", texts)


def take_back(connection: sqlite3.Connection, pin: Pin, form: ScoreFormat) -> None:
    """Take the answers that were put aside as another revision's and that the pin allows now; within a transaction."""
    aside = connection.execute(_ASIDE, (OTHER_REVISION,)).fetchall()
    for number, digest, text, reason, model, fingerprint, at_utc in aside:
        if not pin.allows(model, fingerprint):
            continue
        found = form.read(text, is_cut=reason == CUT)
        if isinstance(found, Unparsed):
            row = (digest, "unparsed", None, text, found.reason, model, fingerprint, at_utc)
            connection.execute(PUT_UNSCORED, row)
        else:
            connection.execute(PUT_SCORE, (digest, "scored", found, text, None, model, fingerprint, at_utc))
        kept = text if isinstance(found, Unparsed) else None
        connection.execute("UPDATE call SET outcome = ?, answer = ? WHERE id = ?", (ANSWER, kept, number))
