"""Answers that are kept, read again in another way: nobody is asked and nothing is spent."""

from pathlib import Path

from drift_core.errors import InputError
from drift_core.rescoring.ledger import ledger_place, open_ledger
from drift_core.rescoring.ledger_settings import as_begun, claim
from drift_core.rescoring.lock import locked
from drift_core.rescoring.pairs_to_score import ListedPairs, read_list
from drift_core.rescoring.result import RescoredList
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.status import result
from drift_core.tables.paths import is_file


def reread_list(source: str | Path | ListedPairs, ledger: str | Path, *, rescoring: Rescoring) -> RescoredList:
    """Read every kept answer of a ledger again, as if it had been read in this way from the start.

    The range, the regular expression and the JSON key may change; list, model, text of the prompt and temperature stay,
    and further runs go on to ask as before. An answer that gives no score in the new way has none any more; its text
    is kept, so that it can be read in the former way again. A reading that is interrupted has changed nothing.

    Parameters
    ----------
    source, ledger, rescoring
        As for `rescore_list`; the cap plays no part.

    Raises
    ------
    InputError
        When the list or the ledger cannot be read, is in use, or is for something else.
    """
    listed = source if isinstance(source, ListedPairs) else read_list(source)
    path = ledger_place(ledger)
    if not is_file(path):
        raise InputError(f"There is no ledger at {path}, so no answer to read again. Ask first, without --reread.")
    with locked(path):
        with open_ledger(path) as connection:
            claim(connection, listed, rescoring, path, is_reread=True)
            rescoring = as_begun(connection, rescoring)
        return result(listed, path, rescoring, None)
