"""What the teacher is asked: a template with places for query and doc, and how its answer is read."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from drift_core.errors import InputError, SettingError
from drift_core.rescoring.label_meanings import in_prompt
from drift_core.rescoring.score_format import ScoreFormat
from drift_core.samples.label_words import VERDICTS, fold
from drift_core.tables.small_files import read_small

_PAIR = """\
You judge how well a document answers a query.

Query:
{query}

Document:
{doc}

"""
DEFAULT_TEMPLATE = f"""{_PAIR}\
Give one score from {{low}} (does not answer it at all) to {{high}} (answers it fully).
Reply with JSON alone, for example {{"score": {{high}}}}.
"""
LABEL_TEMPLATE = f"""{_PAIR}\
Give one of these labels:
{{labels}}

Reply with JSON alone, the label under the key "score".
"""
MEANINGS = "The prompt is ours and does not say what each label means; the teacher's own does."
_PLACES = re.compile(r"\{(query|doc|low|high|labels)\}")
MAX_TEMPLATE_BYTES = 200_000
LONGEST_MEANING = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question to the teacher.

    Attributes
    ----------
    template
        Text with ``{query}`` and ``{doc}``, each at least once; ``{low}`` and ``{high}`` give the range of scores,
        ``{labels}`` the labels in their place, with what they mean. Our own asks for what answers are read as.
        Other braces stand for themselves, and so do all within a text or a meaning.
    answer
        How the answer is read.
    asked
        The format that is asked for, where kept answers are read by another one; None: by the same.
    temperature
        In [0, 2]; None leaves it to the endpoint, for models that take none.
    meanings
        Labels with what each means, of those that have a meaning.
    max_answer_tokens
        The most that an answer may have; a model that reasons needs more than the default.

    Raises
    ------
    SettingError
        When the template lacks a place, or a number is out of range.
    """

    template: str = DEFAULT_TEMPLATE
    answer: ScoreFormat = field(default_factory=ScoreFormat)
    asked: ScoreFormat | None = None
    temperature: float | None = 0.0
    max_answer_tokens: int = 256
    meanings: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.template:
            object.__setattr__(self, "template", fitting_template(self.template, self.answer.labels))
        missing = [name for name in ("query", "doc") if f"{{{name}}}" not in self.template]
        if missing:
            places = " and ".join(f"{{{name}}}" for name in missing)
            raise SettingError(
                f"The prompt needs the places {{query}} and {{doc}}, where the texts of a pair go; it lacks {places}. "
                "Add what is missing."
            )
        if self.unexplained and {fold(each) for each in self.answer.labels} <= VERDICTS.keys():
            raise SettingError(
                "Labels such as A, B and tie say nothing by themselves. Give the teacher's own prompt, with the places "
                "{query} and {doc} (--prompt FILE), or say what each of them means (--labels FILE)."
            )
        if self.meanings and "{labels}" not in self.template:
            raise SettingError(
                "Meanings of labels stand in the prompt where it has the place {labels}, and it has none. Add it."
            )
        if "{labels}" in self.template and not (self.asked or self.answer).labels:
            raise SettingError("The prompt has the place {labels}, and the teacher gives numbers. Take it out.")
        for label, meaning in self.meanings:
            if len(meaning) > LONGEST_MEANING:
                raise SettingError(
                    f"What a label means has at most {LONGEST_MEANING:,} characters; {label!r} has {len(meaning):,}."
                )
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise SettingError(f"The temperature must be in [0, 2] or none; found {self.temperature!r}.")
        if not 1 <= self.max_answer_tokens <= 1_000_000:
            raise SettingError(f"An answer needs 1 to 1,000,000 tokens; found {self.max_answer_tokens!r}.")

    def text(self, query: str, doc: str) -> str:
        """Put the texts of a pair into the template.

        Examples
        --------
        >>> Prompt(template="{query} | {doc}").text("what is {doc}?", "a")
        'what is {doc}? | a'
        """
        stated = self.asked or self.answer
        values = {"query": query, "doc": doc, "low": f"{stated.low:g}", "high": f"{stated.high:g}"}
        values["labels"] = in_prompt(stated.labels, self._meant)
        return _PLACES.sub(lambda place: values[place[1]], self.template)

    @property
    def schema(self) -> dict[str, object] | None:
        """What is sent as the format of the response, None for none."""
        return (self.asked or self.answer).schema

    @property
    def _meant(self) -> dict[str, str]:
        return {fold(label): meaning for label, meaning in self.meanings}

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Labels that our own prompt asks for without saying what they mean; none where the prompt is the user's."""
        if self.template != LABEL_TEMPLATE:
            return ()
        return tuple(label for label in self.answer.labels if not self._meant.get(fold(label)))

    @property
    def question(self) -> str:
        """What is asked of every pair: the template, and what labels mean."""
        return self.template + (json.dumps(sorted(self._meant.items())) if self.meanings else "")

    @property
    def digest(self) -> str:
        """SHA-256 of everything that can change a score: question, pattern or key, range or labels, temperature."""
        answer = self.answer
        parts: list[object] = [self.question, answer.regex, float(answer.low), float(answer.high), self.temperature]
        parts += [] if answer.key == "score" else [answer.key]  # as it was before keys could be named
        parts += [list(answer.labels)] if answer.labels else []
        return sha256(json.dumps(parts).encode()).hexdigest()


def fitting_template(template: str, labels: Sequence[str]) -> str:
    """A template that asks for what answers are read as; one of our own for the other form makes way."""
    own = LABEL_TEMPLATE if labels else DEFAULT_TEMPLATE
    return own if template in ("", DEFAULT_TEMPLATE, LABEL_TEMPLATE) else template


def read_template(path: str | Path) -> str:
    """Read a prompt template, UTF-8 text.

    Raises
    ------
    InputError
        When the file is not there, is no text or is larger than a prompt can be.
    """
    content = read_small(path, called="The prompt", advice="Name a text file.")
    if len(content) > MAX_TEMPLATE_BYTES:
        raise InputError(f"{path} has {len(content):,} bytes; a prompt has at most {MAX_TEMPLATE_BYTES:,}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"The prompt {path} is no UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
