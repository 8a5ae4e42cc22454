"""What re-scoring and retraining read back: ledgers, records, old pairs, prompts, plans, students."""

import contextlib
import json
import sqlite3
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core import rescore_list
from drift_core.rescoring.budget import Cap
from drift_core.rescoring.result import rescored_files, write_rescored
from drift_core.rescoring.status import read_rescored
from drift_core.retraining.fine_tuning import work_folder
from drift_core.retraining.rescored_record import record_beside
from drift_core.retraining.result import Lineage
from drift_core.retraining.scored_texts import read_old_pairs, read_scored_list
from drift_core.retraining.scoring import score_pairs
from drift_core.retraining.student import load_student
from drift_core.retraining.student_card import card_of_child
from tests.drift_core.command_line import run
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import rescoring
from tests.drift_core.retraining.cases import tiny_student
from tests.fuzz.artefact import Artefact, Said, contents, told
from tests.fuzz.gate_artefacts import CARD


def _rescored(folder: Path) -> Said:
    def read() -> object:
        found = read_rescored(folder / "list.csv", folder / "rescore.sqlite", rescoring=rescoring("http://localhost:9"))
        return {name: content for name, content in rescored_files(found).items() if name.endswith("json")}

    return told(read)


def _claimed(folder: Path) -> Said:
    """Go on from a ledger that has every answer: nobody is asked."""
    settings = rescoring("http://localhost:9", cap=Cap(max_calls=0))
    return told(lambda: rescore_list(folder / "list.csv", folder / "rescore.sqlite", rescoring=settings).sentence)


def _stated(folder: Path) -> Said:
    def read() -> object:
        return record_beside(folder / "rescored.parquet"), read_scored_list(folder / "rescored.parquet").score.sum()

    return told(read)


def _replayed(folder: Path) -> Said:
    return told(lambda: sha256(read_old_pairs(folder / "old.csv").score.tobytes()).hexdigest())


def _scored(folder: Path) -> Said:
    def read() -> object:
        student = load_student(folder / "ranker-1", device="cpu")
        query, doc = (np.array(texts, dtype=object) for texts in (["refund", "visa"], ["parcel", "form"]))
        return [round(float(each), 4) for each in score_pairs(student, query, doc, batch_size=2)]

    return told(read)


def _begun(folder: Path) -> Said:
    return told(lambda: work_folder(folder / "ranker-2", PLAN).relative_to(folder))


def _carded(folder: Path) -> Said:
    lineage = Lineage(version="s2", parent="s1", teacher_model="judge", teacher_revision="r2")
    own, new = folder / "ranker-1", folder / "ranker-2"
    return told(lambda: card_of_child(lineage, parent=own, out=new, list_name="list.csv").decode())


def _prompted(folder: Path) -> Said:
    options = ("--model", "judge", "--out", folder / "out", "--estimate", "--prompt", folder / "prompt.txt")
    return run("rescore", folder / "list.csv", *options)


STUDENT_FILES = (
    "config.json",
    "config_sentence_transformers.json",
    "modules.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "model.safetensors",
)


OPTIONAL = ("config_sentence_transformers.json", "sentence_bert_config.json", "tokenizer_config.json")


PLACE_OF_PLAN = "ranker-2/.training/plan.json"


PLAN: dict[str, object] = {"seed": 1, "list": "a" * 64}


def of_scores(folder: Path) -> list[Artefact]:
    n = 24
    pairs = {"query": [f"query {i}" for i in range(n)], "doc": [f"doc {i}" for i in range(n)]}
    pd.DataFrame(pairs | {"teacher_score": 0.1}).to_csv(folder / "list.csv", index=False)
    with endpoint.serve(lambda query, doc: int(doc.split()[1]) / 100) as teacher:
        made = rescore_list(folder / "list.csv", folder / "rescore.sqlite", rescoring=rescoring(teacher.url))
    with contextlib.closing(sqlite3.connect(folder / "rescore.sqlite")) as ledger:
        ledger.execute("PRAGMA journal_mode=DELETE")
    write_rescored(made, folder)
    pd.DataFrame(pairs | {"teacher_score": np.linspace(0, 1, n)}).to_csv(folder / "old.csv", index=False)
    ledger_files = {name: (folder / name).read_bytes() for name in ("list.csv", "rescore.sqlite")}
    record = {name: (folder / name).read_bytes() for name in ("rescored.parquet", "rescored.json")}
    work_folder(folder / "ranker-2", PLAN)
    student = {f"ranker-1/{name}": each for name, each in contents(tiny_student(folder / "ranker-1")).items()}
    card = {"ranker-1/judges.yaml": json.dumps(CARD, indent=1).encode()}
    prompt = b"Score from 0 to 1.\nQuery: {query}\nDoc: {doc}\n"
    return [
        Artefact(name="ledger read", file="rescore.sqlite", files=ledger_files, read=_rescored, form="sqlite"),
        Artefact(
            name="ledger gone on with", file="rescore.sqlite", files=ledger_files, read=_claimed, form="sqlite",
            is_optional=True,
        ),
        Artefact(
            name="record of re-scoring", file="rescored.json", files=record, read=_stated, form="json",
            is_optional=True,
        ),
        Artefact(
            name="old pairs", file="old.csv", files={"old.csv": (folder / "old.csv").read_bytes()}, read=_replayed,
            form="table", share=60,
        ),
        Artefact(
            name="prompt", file="prompt.txt", files={"list.csv": ledger_files["list.csv"], "prompt.txt": prompt},
            read=_prompted, form="bytes", share=60, called="The prompt",
        ),
        Artefact(
            name="plan of a training", file=PLACE_OF_PLAN, read=_begun, form="bytes", share=50,
            called="ranker-2", is_optional=True,
            files={PLACE_OF_PLAN: (folder / PLACE_OF_PLAN).read_bytes()},
        ),
        Artefact(
            name="student's card", file="ranker-1/judges.yaml", files=card, read=_carded, form="yaml", share=50,
            is_optional=True,
        ),
        *(
            Artefact(
                name=f"student's {name}", file=f"ranker-1/{name}", files=student, read=_scored, share=40,
                form="json" if name.endswith("json") else "bytes", called="ranker-1", is_optional=name in OPTIONAL,
            )
            for name in STUDENT_FILES
        ),
    ]  # fmt: skip
