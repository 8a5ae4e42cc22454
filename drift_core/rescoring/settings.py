"""How a list is to be re-scored: who is asked, what, how fast, how far."""

from dataclasses import dataclass, field

from drift_core.errors import SettingError
from drift_core.rescoring.budget import Cap
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.teacher import Teacher


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """How a list is re-scored.

    Attributes
    ----------
    teacher, prompt
        Who is asked, and what.
    cap
        What is never passed, over all runs of one ledger.
    pace
        Calls in flight, rate, retries.
    unparsed_again
        Ask pairs again whose answer gave no score.
    rejected_again
        Ask pairs again for which the endpoint rejected the request itself.
    n_tried
        Ask only so many of the pairs that are left, the first ones, as a try; None asks all.

    Raises
    ------
    SettingError
        When a try is of no pair.
    """

    teacher: Teacher
    cap: Cap
    prompt: Prompt = field(default_factory=Prompt)
    pace: Pace = field(default_factory=Pace)
    unparsed_again: bool = False
    rejected_again: bool = False
    n_tried: int | None = None

    def __post_init__(self) -> None:
        if self.n_tried is not None and self.n_tried < 1:
            raise SettingError(f"A try needs one pair or more; found {self.n_tried!r}.")
