"""A few docs of a new kind under the same queries, too few to move the docs as a whole."""

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.options.next_action import next_action
from drift_core.options.treatment_steps import treatment_steps
from drift_core.options.weigh import weigh_options
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs

TOPICS = [
    "refund order money",
    "login password reset",
    "printer paper jam",
    "invoice tax number",
    "parcel late courier",
]
WORDS = "please open settings choose the option contact our team known issue fixed release".split()  # noqa: SIM905 (reads better)
OTHERS = "abra los ajustes elija opcion equipo problema conocido espere hora cuenta pagina contacte".split()  # noqa: SIM905 (reads better)
NAMES = "axle birch cedar delta ember flint grove heron iris jade kite lumen maple".split()  # noqa: SIM905 (reads better)


def table(n: int, seed: int, *, share: float = 0.0, noise: float = 0.4) -> pd.DataFrame:
    """Queries of a few topics, docs of `share` in another language, where the student errs by `noise`."""
    rng = np.random.default_rng(seed)
    topic, is_new = rng.integers(len(TOPICS), size=n), rng.random(n) < share
    teacher = rng.normal(size=n)
    student = teacher + rng.normal(size=n) * np.where(is_new, noise, 0.4)
    rows = []
    for at in range(n):
        about = TOPICS[topic[at]].split()
        words = rng.choice(OTHERS if is_new[at] else WORDS, 7, replace=False)
        rows.append(
            (f"{rng.choice(NAMES)} {rng.choice(about)} {rng.choice(about)}?", f"{rng.choice(NAMES)} " + " ".join(words))
        )
    texts = pd.DataFrame(rows, columns=["query", "doc"])
    return texts.assign(teacher_score=teacher.round(4), student_score=student.round(4), is_new=is_new)


def diagnosed(production: pd.DataFrame) -> Diagnosis:
    samples = [read_pairs(each.drop(columns="is_new")) for each in (table(700, 1), production)]
    return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))


def test_docs_whose_encoding_broke_are_told_as_such_and_mended_before_any_retraining() -> None:
    production = table(700, 2, share=0.15, noise=2.5)
    is_new, drawn = production["is_new"].to_numpy(), table(700, 2)["doc"]
    broken = drawn.str.replace("e", "é").map(lambda text: text.encode().decode("cp1252"))
    production["doc"] = drawn.where(~is_new, broken + " caf�")

    made = diagnosed(production)

    assert made.verdict.headline == "Document drift: docs with broken encoding."
    assert (made.drifted == is_new[made.production.row]).all()
    action = next_action(made, weigh_options(made))
    assert (action.title, action.way) == ("Mend the texts first", "mend")
    assert action.reason.startswith("Mend the encoding where docs with broken encoding are read")
    assert treatment_steps(made.verdict.cause, way=action.way)[0].title == action.title


def in_two_scripts(seed: int, *, share: float, noise: float) -> ScoredPairs:
    """Docs of which a share has an accent, on which the student errs by so much."""
    rng, n = np.random.default_rng(seed), 600
    teacher, has_accent = rng.uniform(size=n), rng.random(n) < share
    student = teacher + rng.normal(size=n) * np.where(has_accent, noise, 0.12)
    query = np.array([f"{TOPICS[at % len(TOPICS)]} {rng.integers(10**6)}" for at in range(n)], dtype=object)
    doc = np.array([f"{'café' if each else 'coffee'} {rng.choice(WORDS)}" for each in has_accent], dtype=object)
    return ScoredPairs(name=str(seed), query=query, doc=doc, teacher=teacher, student=student)


@pytest.mark.parametrize("seed", range(2))
def test_docs_in_a_script_that_held_out_has_are_of_no_new_kind(seed: int) -> None:
    samples = in_two_scripts(seed, share=0.2, noise=0.12), in_two_scripts(seed + 90, share=0.45, noise=0.6)

    made = diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))

    assert made.verdict.headline == "Fall of a familiar region: docs in accented Latin."


@pytest.mark.parametrize("seed", range(2))
def test_more_docs_in_a_script_that_was_always_weaker_are_another_mix(seed: int) -> None:
    samples = in_two_scripts(seed, share=0.15, noise=0.48), in_two_scripts(seed + 90, share=0.5, noise=0.48)

    made = diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))

    assert made.verdict.headline.startswith("Query drift: more traffic of script of the doc docs in accented Latin")


@pytest.mark.parametrize("share", [0.12, 0.06])
def test_a_few_docs_of_a_kind_that_the_student_does_not_know_are_document_drift(share: float) -> None:
    production = table(700, 2, share=share, noise=2.5)

    made = diagnosed(production)

    is_new = production["is_new"].to_numpy()[made.production.row]
    assert made.verdict.cause == "document_drift"
    assert made.verdict.headline.startswith("Document drift: “docs with ")
    [region] = made.regions.drifted
    assert (region.kind, region.is_new) == ("doc", True)
    assert made.drifted[is_new].mean() > 0.9
    assert is_new[made.drifted].mean() > 0.9
    assert not any("did not move" in each.sentence for each in made.verdict.evidence)


def test_as_many_docs_of_a_new_kind_that_the_student_knows_are_no_drift() -> None:
    made = diagnosed(table(700, 2, share=0.12))

    assert made.verdict.cause == "healthy"
    assert made.regions.drifted == ()


def test_docs_that_are_found_together_with_queries_are_no_query_drift() -> None:
    rng = np.random.default_rng(5)
    words = [" ".join(rng.choice(list("bdfgklmnprstvz"), 2)) for _ in range(3)]
    samples = []
    for share in (0.0, 0.12):
        made = table(600, int(100 * share) + 3)
        rows = rng.random(600) < share
        made.loc[rows, "doc"] = [f"zuduko hehezu kohemu {' '.join(words)} {i}" for i in np.flatnonzero(rows)]
        made.loc[rows, "student_score"] = rng.permutation(made["student_score"].to_numpy()[rows])
        samples.append(read_pairs(made.drop(columns="is_new")))

    made = diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))

    assert made.verdict.cause == "document_drift"


def test_docs_that_repeat_their_query_are_named_and_not_the_longer_docs_that_hold_them() -> None:
    heldout, production = table(700, 1), table(700, 2, share=0.15, noise=2.5)
    for each, rng in ((heldout, np.random.default_rng(3)), (production, np.random.default_rng(4))):
        words = [" ".join(rng.choice(WORDS, rng.integers(5, 60))) for _ in range(len(each))]
        each["doc"] = each["doc"].where(~each["is_new"], "") + words
    stuffed = production["is_new"]
    production.loc[stuffed, "doc"] += 6 * (" " + production["query"])

    samples = [read_pairs(each.drop(columns="is_new")) for each in (heldout, production)]
    made = diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))

    assert made.verdict.headline == "Document drift: docs that repeat their query."
    assert made.drifted.tolist() == stuffed.to_numpy()[made.production.row].tolist()


@pytest.mark.parametrize("noise", [2.5, 0.4])
def test_docs_longer_than_held_out_has_are_docs_of_a_new_kind(noise: float) -> None:
    production = table(700, 2, share=0.3, noise=noise)
    texts = table(700, 5)["doc"]
    production["doc"] = np.where(production["is_new"], 4 * (texts + " "), texts)

    made = diagnosed(production)

    assert made.verdict.cause == ("document_drift" if noise > 1 else "healthy")
    assert made.verdict.headline.startswith("Document drift: docs of more than " if noise > 1 else "Healthy")
