"""How a list is to be re-scored: who is asked, what, how fast, how far; in its parts, and flat as a user enters it."""

from dataclasses import dataclass, field

from drift_core.errors import SettingError
from drift_core.rescoring.budget import CallPrices, Cap
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.prompt import Prompt, fitting_template
from drift_core.rescoring.score_format import ScoreFormat
from drift_core.rescoring.teacher import OFFICIAL_URL, ApiKey, Teacher
from drift_core.setting import setting


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreSettings:
    """What a user enters for a re-scoring, flat. Fields with a help text are options of ``rescore`` as they stand.

    `url` may hold a user, a password or a query; whoever keeps it keeps `shown_address` of it. An empty text
    stands for the default.
    """

    model: str = ""
    url: str = field(default="", repr=False)
    template: str = ""
    low: float = 0.0
    high: float = 1.0
    labels: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()  # of the labels, in their order; empty text where none is said
    temperature: float | None = 0.0
    revision: str = setting(
        "",
        "The model or system fingerprint that every answer must name; by default the first answer's.",
        kind="R",
        option="--teacher-revision",
    )
    regex: str = setting("", "Reads the score as its one group, in place of JSON.", kind="PATTERN")
    score_key: str = setting("score", "Key of the score in the JSON of an answer.", kind="KEY")
    max_spend: float | None = setting(None, "Never spend more, over all runs on this ledger.", kind="MONEY")
    max_calls: int | None = setting(None, "Never make more calls, over all runs.")
    price_input: float = setting(0.0, "Price of a million tokens of prompts.", kind="PRICE")
    price_output: float = setting(0.0, "Price of a million tokens of answers.", kind="PRICE")
    price_call: float = setting(0.0, "Price of one call.", kind="PRICE")
    concurrency: int = setting(8, "Calls in flight at once.")
    requests_per_minute: float | None = setting(None, "Never ask faster.")
    attempts: int = setting(6, "Calls for one pair in one run.")
    timeout: float = setting(60.0, "How long a call may take.", kind="SECONDS")
    max_answer_tokens: int = setting(256, "More for a model that reasons first.")

    def rescoring(
        self,
        *,
        key: ApiKey | None = None,
        unparsed_again: bool = False,
        rejected_again: bool = False,
        n_tried: int | None = None,
    ) -> Rescoring:
        """The same by its parts; raises SettingError where something is out of range."""
        prices = CallPrices(
            per_million_in=self.price_input, per_million_out=self.price_output, per_call=self.price_call
        )
        return Rescoring(
            teacher=Teacher(model=self.model, url=self.url or OFFICIAL_URL, revision=self.revision or None, key=key),
            prompt=Prompt(
                template=fitting_template(self.template, self.labels),
                answer=ScoreFormat(
                    low=self.low,
                    high=self.high,
                    regex=self.regex or None,
                    key=self.score_key,
                    labels=tuple(self.labels),
                ),
                temperature=self.temperature,
                meanings=tuple(each for each in zip(self.labels, self.meanings, strict=False) if each[1]),
                max_answer_tokens=self.max_answer_tokens,
            ),
            cap=Cap(max_spend=self.max_spend, max_calls=self.max_calls, prices=prices),
            pace=Pace(
                concurrency=self.concurrency,
                requests_per_minute=self.requests_per_minute,
                attempts=self.attempts,
                timeout_seconds=self.timeout,
            ),
            unparsed_again=unparsed_again,
            rejected_again=rejected_again,
            n_tried=n_tried,
        )
