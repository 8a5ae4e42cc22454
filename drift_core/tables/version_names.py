"""Columns that name a version of software: of the teacher, of the student, of the app, or of one of them left open."""

import re
from collections.abc import Iterable
from typing import Literal

Whose = Literal["teacher", "student", "app", "open"]

_NUMBER = "version|revision|release|build|checkpoint|commit|sha"
_NAMES: dict[Whose, re.Pattern[str]] = {
    "teacher": re.compile(
        "(llm)?(teacher|judge|grader|annotator|labeler|labeller|evaluator|oracle)(llm|model|prompt)?"
        f"({_NUMBER}|model|llm|prompt|name)"
    ),
    "student": re.compile(f"(student|scorer|ranker|reranker|classifier|distilled)(model)?({_NUMBER}|model|name)"),
    "app": re.compile(
        "(app|api|client|sdk|software|system|service|server|backend|frontend|pipeline|bot|assistant|agent|retriever|"
        f"index|firmware)({_NUMBER})"
    ),
    "open": re.compile(f"(model|llm|prompt|engine)({_NUMBER})|(llm|engine)(model)?(name|id)?|{_NUMBER}"),
}
_MODEL = re.compile("model(name|id)?")  # of a product too, so that its values decide
_MODELS = re.compile(
    r"(?i)gpt|claude|sonnet|haiku|opus|gemini|gemma|llama|mi[sx]tral|qwen|deepseek|command-r|\bphi\b|bert|\bo[1-9]\b|"
    r"\bt5\b|llm|judge|teacher|student|rank|scorer|distil|\bv\d"
)


def whose_version(name: str, values: Iterable[object]) -> Whose | None:
    """Whose version a column tells, by its name folded to letters and digits, and where that is a model, its values."""
    whose = next((each for each, pattern in _NAMES.items() if pattern.fullmatch(name)), None)
    if whose is None and _MODEL.fullmatch(name):
        known = [str(value) for value in values]
        return "open" if known and all(map(_MODELS.search, known)) else None
    return whose
