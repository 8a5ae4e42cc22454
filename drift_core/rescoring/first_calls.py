"""The first calls of a run: until one gives a score, few go out, so that few are paid for in vain."""

import re

MOST_IN_VAIN = 20  # calls of a run that give no score, those in flight among them, before the first score
AT_FIRST = 15  # of these in flight at once, so that some are left when the first ones show a fault that can be mended
IN_A_ROW = 10  # requests that are rejected for one reason with no answer in between
_NUMBER = re.compile(r"\d+")


class Probation:
    """Counts what a run has spent in vain.

    Parameters
    ----------
    is_passed
        Whether the settings have given scores before.
    n_in_vain
        Answers without a score that earlier runs got with the settings.
    """

    def __init__(self, *, is_passed: bool, n_in_vain: int) -> None:
        self._is_passed = is_passed
        self._n_in_vain = n_in_vain
        self._n_in_a_row, self._reason = 0, ""
        self._n_without = 0  # answers without a score since the last one with

    def admits(self, in_flight: int) -> bool:
        """Whether one more call may go out."""
        return self._is_passed or (in_flight < AT_FIRST and self._n_in_vain + in_flight < MOST_IN_VAIN)

    @property
    def has_failed(self) -> bool:
        is_failed = not self._is_passed and self._n_in_vain >= MOST_IN_VAIN
        return is_failed or self._n_without >= MOST_IN_VAIN

    def count_score(self) -> None:
        self._is_passed = True
        self._n_in_a_row = self._n_without = 0

    def count_without_score(self) -> None:
        """An answer came that gives no score."""
        self._n_in_vain += 1
        self._n_without += 1
        self._n_in_a_row = 0

    def count_rejected(self, reason: str) -> None:
        """A request was rejected; the same reason with other numbers is the same."""
        self._n_in_vain += 1
        reason = _NUMBER.sub("0", reason)
        self._n_in_a_row = self._n_in_a_row + 1 if reason == self._reason else 1
        self._reason = reason

    def count_repeated(self) -> None:
        """A call has to be made again in another way."""
        self._n_in_vain += 1

    @property
    def are_all_rejected(self) -> bool:
        """Whether so many requests were rejected in a row that it is not their pairs' fault."""
        return self._n_in_a_row >= IN_A_ROW
