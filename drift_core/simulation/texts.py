"""Queries and passages put together from the vocabulary: one query a query code, one passage a pair."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from drift_core.simulation.drawing import N_INTENTS, Origins
from drift_core.simulation.vocabulary import Intent, Topic

SLOT = re.compile(r"\{([A-Za-z]+?)(2?)\}")
COMMON = {"n": ("2", "3", "4", "5", "6", "8")}
LEADS = (*[""] * 9, "hi, ", "question: ", "quick one: ", "help, ", "not sure: ")
TAILS = (*[""] * 9, "?", "??", " please", " thanks", " urgent", " anyone", " (again)")
CLOSINGS = (
    *[""] * 4,
    "Reviewed by our editors.",
    "Was this helpful?",
    "More under the link below.",
    "Updated last spring.",
)
GENERATED = (
    "Here is a concise overview. Key point one: {first} Key point two: {second} In summary, both aspects matter.",
    "Certainly, here is what to know. 1) {first} 2) {second} Overall, this should give you a complete answer.",
    "Summary: {first} Details: {second} Conclusion: it depends on your individual situation.",
)
GRADES = (-0.5, 0.5)  # relevance, in sd, from which one and then both sentences of a passage answer the query


def write_texts(
    origins: Origins, relevance: np.ndarray, topics: Sequence[Topic], rng: np.random.Generator
) -> dict[str, list[str]]:
    """Write the query and the doc of each pair; a doc is more to the point the more relevant it is.

    Parameters
    ----------
    relevance
        Standard relevance of each pair, shape (n,).
    topics
        The topics that `origins` counts.
    """
    written: dict[int, tuple[str, dict[str, str]]] = {}
    seen: set[str] = set()
    queries, docs = [], []
    for i, code in enumerate(origins.query):
        topic, intent = topics[origins.topic[i]], int(origins.intent[i])
        if code not in written:
            written[code] = _write_new_query(topic, intent, seen, rng)
        text, bound = written[code]
        n_matching = sum(relevance[i] >= grade for grade in GRADES)
        sentences = _choose_sentences(topic, intent, n_matching, rng)
        queries.append(text)
        docs.append(_write_passage(sentences, topic, bound if n_matching else {}, bool(origins.is_new_style[i]), rng))
    return {"query": queries, "doc": docs}


def _write_new_query(topic: Topic, intent: int, seen: set[str], rng: np.random.Generator) -> tuple[str, dict[str, str]]:
    for _ in range(20):  # then accept a repetition, as traffic has some
        bound: dict[str, str] = {}
        text = _write_query(topic.intents[intent], topic, rng, bound)
        if text not in seen:
            break
    seen.add(text)
    return text, bound


def _write_query(intent: Intent, topic: Topic, rng: np.random.Generator, bound: dict[str, str]) -> str:
    """Write one query; `bound` receives what the slots were filled with, so that a passage can speak of the same."""
    text = _fill(_pick(intent.queries, rng), topic.slots, rng, bound)
    return _pick(LEADS, rng) + text + _pick(TAILS, rng)


def _choose_sentences(topic: Topic, intent: int, n_matching: int, rng: np.random.Generator) -> list[str]:
    """Choose two sentences, `n_matching` of them from the query's intent and the others from another."""
    own = topic.intents[intent].sentences
    other = topic.intents[(intent + 1 + int(rng.random() * (N_INTENTS - 1))) % N_INTENTS].sentences
    first = _pick(own if n_matching else other, rng)
    return [first, _pick([sentence for sentence in (own if n_matching == 2 else other) if sentence != first], rng)]


def _write_passage(
    sentences: Sequence[str], topic: Topic, bound: Mapping[str, str], is_new_style: bool, rng: np.random.Generator
) -> str:
    """Write a passage of two sentence templates, in the house style or in that of a text generator."""
    first, second = (_fill(sentence, topic.slots, rng, dict(bound)) for sentence in sentences)
    if is_new_style:
        return _pick(GENERATED, rng).format(first=first, second=second)
    return f"{first} {second} {_pick(CLOSINGS, rng)}".rstrip()


def _fill(template: str, slots: Mapping[str, Sequence[str]], rng: np.random.Generator, bound: dict[str, str]) -> str:
    """Fill ``{slot}``; ``{Slot}`` starts with a capital and ``{slot2}`` differs from ``{slot}``."""

    def choice(match: re.Match[str]) -> str:
        name = match[1].lower()
        key = name + match[2]
        if key not in bound:
            options = slots.get(name) or COMMON[name]
            bound[key] = _pick([option for option in options if option != bound.get(name)], rng)
        return bound[key][0].upper() + bound[key][1:] if match[1][0].isupper() else bound[key]

    return SLOT.sub(choice, template)


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.random() * len(options))]
