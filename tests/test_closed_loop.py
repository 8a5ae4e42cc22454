"""The whole treatment on a real cross-encoder: drift is found, listed, scored again, trained on, and gone.

The student knows two topics; production has a third. The teacher answers over HTTP on this machine.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import spearmanr

from drift_core.canary.measure import canary_run
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.usable_pairs import read_trained_pairs
from drift_core.diagnosis.diagnose import diagnose
from drift_core.gate.release import read_gate
from drift_core.history.history import open_history
from drift_core.judge_card.file import edit_card, init_card
from drift_core.regions.cache import EmbeddingCache
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import DEFAULT_ENCODER, HASHING_ENCODER, load_encoder
from drift_core.rescoring.budget import Cap
from drift_core.rescoring.rescore import rescore_list
from drift_core.rescoring.result import write_rescored
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.teacher import Teacher
from drift_core.retrain_list.files import write_manifest
from drift_core.retrain_list.manifest import ListSettings, draw_manifest
from drift_core.retraining.result import Lineage
from drift_core.retraining.retrain import retrain
from drift_core.retraining.scoring import score_pairs
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.student import load_student
from drift_core.samples.reading import read_pairs
from drift_core.simulation.simulate import Plan, simulate
from tests.drift_core.rescoring.endpoint import MODEL, serve
from tests.drift_core.retraining.small_student import judge, make_student, train_student

OLD, NEW = ("delivery", "recipes"), "visas"
FLOOR, DRIFTED_WEIGHT = 30, 4.0
SHIPPED = datetime(2026, 11, 2, 6, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Size:
    """So many pairs, what the treatment must bring to the new topic, and what it may cost the old ones."""

    trained: int = 500
    heldout: int = 200
    production: int = 1300
    fresh: int = 400
    week: int = 200
    listed: int = 600
    encoder: str = DEFAULT_ENCODER
    learning_rate: float = RetrainSettings().learning_rate
    floor: float = 0.80  # of releases
    rise: float = 0.15
    loss: float = 0.02


WHOLE = Size()
SHORT = Size(
    trained=400,
    heldout=160,
    production=640,
    fresh=300,
    week=150,
    listed=320,
    encoder=HASHING_ENCODER,
    learning_rate=5e-5,
    floor=0.65,
    rise=0.1,
    loss=0.05,
)


def traffic_of(size):
    """Pairs of both samples with the teacher's score and their topic; the first were trained on."""
    plan = Plan(
        n_heldout=size.trained + size.heldout,
        n_production=size.production + size.fresh,
        docs_per_query=(1, 1),
        agreement=(0.93, 0.93),
        new_shares=(0.25,),
        new_agreement=(0.5,),
        topics=(*OLD, NEW),
    )
    drawn = simulate(plan, seed=11)
    samples = {}
    for name, table, origins in (
        ("heldout", drawn.heldout, drawn.truth.heldout),
        ("production", drawn.production, drawn.truth.production),
    ):
        scores = [judge(query, doc) for query, doc in zip(table["query"], table["doc"], strict=True)]
        topics = np.array(drawn.truth.topics, dtype=object)[origins.topic]
        samples[name] = table[["query", "doc"]].assign(teacher_score=scores, topic=topics)
    return samples


def scored(table, student, column="student_score"):
    return table.assign(**{column: score_pairs(load_student(student, device="cpu"), table["query"], table["doc"])})


def sample(table, name):
    return read_pairs(table.drop(columns="topic"), name=name, slices=())


def diagnosed(heldout, production, *, encoder, cache):
    heldout, production = sample(heldout, "heldout"), sample(production, "production")
    embeddings = embed_queries(heldout, production, encoder=load_encoder(encoder), cache=cache)
    return diagnose(heldout, production, embeddings=embeddings)


def measured(history, heldout, production, *, encoder, student, at):
    cache = EmbeddingCache(history.with_name("embeddings.sqlite"))
    run = canary_run(
        diagnosed(heldout, production, encoder=encoder, cache=cache),
        at=at,
        recorded_at=at,
        teacher_revision=MODEL,
        teacher_model="judge-large",
        student_version=student,
    )
    with open_history(history) as opened:
        opened.record(run)


def agreement(table, topic, column):
    part = table[table["topic"] == topic]
    return spearmanr(part[column], part["teacher_score"]).statistic


@pytest.mark.slow
@pytest.mark.parametrize("size", [SHORT, WHOLE], ids=("short", "whole"))
def test_the_treatment_closes_the_loop(size, tmp_path):
    traffic, encoder = traffic_of(size), size.encoder
    trained, heldout = traffic["heldout"][: size.trained], traffic["heldout"][size.trained :]
    production, fresh = traffic["production"][: -size.fresh], traffic["production"][-size.fresh :]
    fresh = fresh.reset_index(drop=True)
    texts = {text for table in traffic.values() for column in ("query", "doc") for text in table[column]}
    before = train_student(
        make_student(tmp_path / "untrained", texts=sorted(texts)),
        trained["query"],
        trained["doc"],
        trained["teacher_score"],
        out=tmp_path / "ranker-1",
        n_epochs=3,
    )
    card = before / "judges.yaml"
    init_card(card, student_version="ranker-1", teacher_model="judge-large", teacher_revision=MODEL, owner="Ada")
    card.write_bytes(edit_card(card.read_bytes(), {"floors.agreement": size.floor}))
    heldout, production, fresh = (scored(each, before) for each in (heldout, production, fresh))
    history = tmp_path / "canary.db"
    at_ship = production[production["topic"] != NEW][: size.week]
    measured(history, heldout, at_ship, encoder=encoder, student="ranker-1", at=SHIPPED)
    week = fresh[: size.week]
    measured(history, heldout, week, encoder=encoder, student="ranker-1", at=SHIPPED + timedelta(days=7))
    now = SHIPPED + timedelta(days=8)
    blocked = read_gate(history, card=card, now=now)

    made = diagnosed(heldout, production, encoder=encoder, cache=EmbeddingCache(tmp_path / "embeddings.sqlite"))
    listed = draw_manifest(
        made, settings=ListSettings(n=size.listed, floor=FLOOR, drifted_weight=DRIFTED_WEIGHT), teacher_revision=MODEL
    )
    write_manifest(listed, tmp_path / "list", formats=("parquet",))
    with serve(judge) as teacher:
        rescored = rescore_list(
            tmp_path / "list" / "retrain_list.parquet",
            tmp_path / "ledger.sqlite",
            rescoring=Rescoring(
                teacher=Teacher(model=MODEL, url=teacher.url, revision=MODEL), cap=Cap(max_calls=2 * size.listed)
            ),
        )
    (tmp_path / "rescored").mkdir()
    write_rescored(rescored, tmp_path / "rescored")
    new = retrain(
        before,
        tmp_path / "rescored" / "rescored.parquet",
        tmp_path / "ranker-2",
        settings=RetrainSettings(learning_rate=size.learning_rate),
        lineage=Lineage(teacher_model="judge-large"),
        at=now,
        device="cpu",
    )
    pairs = {
        name: scored(table.rename(columns={"student_score": "student_score_before"}), new.folder)
        for name, table in (("frozen", heldout), ("fresh", fresh))
    }
    compared = compare(
        *(read_pairs(table, name=name, slices=("topic",)) for name, table in pairs.items()),
        students=Students(before="ranker-1", after="ranker-2"),
        trained_on=read_trained_pairs(tmp_path / "list" / "retrain_list.parquet"),
    )
    # The new student's held-out is drawn from today's traffic; none of it was on the list.
    others, week = pairs["fresh"][size.week :], pairs["fresh"][: size.week]
    measured(history, others, week, encoder=encoder, student="ranker-2", at=now)
    passed = read_gate(history, card=new.folder / "judges.yaml", now=now, comparison=compared)
    moved = {
        topic: agreement(pairs["fresh"], topic, "student_score")
        - agreement(pairs["fresh"], topic, "student_score_before")
        for topic in (*OLD, NEW)
    }

    print(blocked.sentence, made.verdict.summary, listed.sentence, rescored.sentence, new.sentence, sep="\n")
    print(compared.sentence, passed.sentence, moved, sep="\n")
    assert blocked.status == "blocked"
    assert made.verdict.cause == "query_drift"
    assert rescored.is_complete
    assert moved[NEW] >= size.rise
    assert min(moved[topic] for topic in OLD) >= -size.loss
    assert compared.outcome == "better"
    assert compared.worse == ()
    assert passed.status == "pass"
