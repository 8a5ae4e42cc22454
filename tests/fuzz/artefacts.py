"""Every kind of file that the product reads back: a valid one, made once, and what reads it."""

import contextlib
import io
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from drift_core import open_history, read_pairs, rescore_list
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.comparison_json import comparison_to_json
from drift_core.diagnosis.read_diagnosis import read_diagnosis
from drift_core.diagnosis.rule import Rule
from drift_core.errors import DriftError
from drift_core.history.accept import accept_level
from drift_core.history.csv_exchange import export_csv
from drift_core.judge_card.file import init_card
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.embeddings_reader import read_embeddings
from drift_core.regions.encoding import load_encoder
from drift_core.rescoring.budget import Cap
from drift_core.rescoring.result import rescored_files, write_rescored
from drift_core.rescoring.status import read_rescored
from drift_core.retrain_list.selection_file import selection_csv
from drift_core.retraining.fine_tuning import work_folder
from drift_core.retraining.rescored_record import record_beside
from drift_core.retraining.result import Lineage
from drift_core.retraining.scoring import score_pairs
from drift_core.retraining.student import load_student
from drift_core.retraining.student_card import card_of_child
from drift_core.retraining.training_set import read_old_pairs, read_scored_list
from drift_core.simulation.simulate import Plan, simulate
from drift_core.tables.json_text import json_text
from tests.drift_core.canary.runs_by_hand import MONDAY, full_week
from tests.drift_core.command_line import FAST, run
from tests.drift_core.comparison.two_students import frame
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import rescoring
from tests.drift_core.retraining.cases import tiny_student

Form = Literal["json", "toml", "yaml", "table", "sqlite", "npy", "npz", "parquet", "bytes"]
Said = tuple[int, str, str]
Files = Mapping[str, bytes]
NOW = "2026-01-30"


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A valid file among those that it needs, and what reads it in a folder.

    Attributes
    ----------
    share
        How many of a hundred usual cases it gets; less where reading takes long.
    decides
        Pattern of the nodes that a release hangs on: nothing wrong there may let one ship.
    is_optional
        Whether reading goes on without the file.
    is_digested
        Whether a digest of the file is known, so that any change is told with exit code 1.
    called
        What messages call it where they do not give its name.
    """

    name: str
    file: str
    files: Files
    read: Callable[[Path], Said]
    form: Form
    share: int = 100
    decides: str = "none"
    is_optional: bool = False
    is_digested: bool = False
    called: str = ""

    @property
    def content(self) -> bytes:
        return self.files[self.file]


def told(read: Callable[[], object]) -> Said:
    """Call a function of the library as a command would; gives code, words and message."""
    noise = io.StringIO()
    try:
        with contextlib.redirect_stderr(noise):
            found = read()
    except DriftError as error:
        return 2, "", f"{noise.getvalue()}Error: {error}\n"
    return 0, str(found), noise.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def all_artefacts(folder: Path) -> tuple[Artefact, ...]:
    """Make one of every kind in a folder."""
    made: list[Artefact] = []
    for name, makers in {"gate": _of_the_gate, "lists": _of_the_lists, "scores": _of_scores}.items():
        place = folder / name
        place.mkdir()
        made += makers(place)
    return tuple(made)


def _history(place: Path, n: int = 4) -> Path:
    with open_history(place) as kept:
        kept.record_all([full_week(number) for number in range(n)])
        accept_level(kept, by="Ada", reason="The teacher moved on.", at=full_week(n).at)
    return place


CARD = {
    "schema": 1,
    "owner": "Ada",
    "student": {"version": "s1"},
    "teacher": {"model": "judge-large", "revision": "r1"},
    "training": {"snapshot": "list.csv", "n_pairs": 500, "seed": 7, "date": "2026-01-01"},
    "canary": {"cadence_days": 7, "last": {"at": "2026-01-26T09:00:00+00:00", "agreement": 0.91}},
    "floors": {"agreement": 0.6, "overlap": 0.3},
    "critical_slices": [{"partition": "cluster", "name": "returns", "floor": 0.5}],
    "gate": {"inconclusive": "block"},
    "retrain_triggers": {"every_days": 90},
    "governance": {"monitoring": {"done": "yes", "by": "Ada", "date": "2026-01-02"}},
}
RULE = {"k": 10, "agreement_healthy": 0.8, "overlap_healthy": 0.7, "alarm_budget": 0.05, "canary_min_pairs": 60}


def _gate(folder: Path, *options: str) -> Said:
    return run("gate", "--history", folder / "canary.db", "--now", NOW, "--annotations", "none", *options)


def _gate_with(option: str, name: str, folder: Path) -> Said:
    return _gate(folder, option, str(folder / name))


def _check(folder: Path) -> Said:
    return run("card", "check", folder / "judges.yaml")


def _listed(folder: Path, *, command: str) -> Said:
    return run("history", command, "--history", folder / "canary.db")


def _exported(folder: Path) -> Said:
    code, _, said = run("history", "export", folder / "out.csv", "--history", folder / "canary.db")
    return code, (folder / "out.csv").read_text() if code == 0 else "", said


def _imported(folder: Path) -> Said:
    code, shown, said = run("history", "import", folder / "weeks.csv", "--history", folder / "new.db")
    if code:
        return code, shown, said
    listed = run("history", "list", "--history", folder / "new.db")
    return listed[0], listed[1].replace(str(folder), ""), said + listed[2]


def _of_the_gate(folder: Path) -> list[Artefact]:
    history = _history(folder / "canary.db").read_bytes()
    with open_history(folder / "canary.db") as kept:
        weeks, newest = export_csv(kept), kept.runs()[-1]
    samples = [read_pairs(frame(200, seed=seed), name=name) for seed, name in ((1, "frozen"), (2, "fresh"))]
    compared = compare(*samples, students=Students(before="s0", after="s1"), made_at=MONDAY.replace(day=28))
    comparison = json_text(comparison_to_json(compared)).encode()
    rule = json.dumps(RULE, indent=1).encode()
    toml = "".join(f"{name} = {value}\n" for name, value in RULE.items()).encode()
    week = _week(folder, newest.rule)
    card = json.dumps(CARD, indent=1).encode()
    base = {"canary.db": history}
    floors = r"(teacher|floors|critical_slices|gate).*|canary(\.cadence_days)?"
    deciding = r"(agreement|overlap)(\.(estimate|low|high|standard_error))?|n_pairs|at|teacher_revision|heldout.*"
    return [
        Artefact(
            name="rule as JSON",
            file="rule.json",
            files=base | {"rule.json": rule},
            read=partial(_gate_with, "--rule", "rule.json"),
            form="json",
            decides=r"\w+",
        ),
        Artefact(
            name="rule as TOML",
            file="rule.toml",
            files=base | {"rule.toml": toml},
            read=partial(_gate_with, "--rule", "rule.toml"),
            form="toml",
        ),
        Artefact(
            name="rule of a week's record",
            file="week.json",
            files=base | {"week.json": week},
            read=partial(_gate_with, "--rule", "week.json"),
            form="json",
            share=50,
            decides=r"rule(\.\w+)?",
        ),
        Artefact(
            name="card at the gate",
            file="judges.yaml",
            files=base | {"judges.yaml": card},
            read=partial(_gate_with, "--card", "judges.yaml"),
            form="yaml",
            share=150,
            decides=floors,
        ),
        Artefact(name="card checked", file="judges.yaml", files={"judges.yaml": card}, read=_check, form="yaml"),
        Artefact(
            name="template of a card",
            file="judges.yaml",
            files={"judges.yaml": _template(folder)},
            read=_check,
            form="table",
            share=60,
        ),
        Artefact(
            name="comparison",
            file="comparison.json",
            files=base | {"comparison.json": comparison},
            read=partial(_gate_with, "--comparison", "comparison.json"),
            form="json",
            share=200,
            decides=r"schema|kind|outcome|worse.*|is_measured|parts|parts\.\d+(\.outcome)?|rule(\.\w+)?|made_at",
        ),
        Artefact(
            name="history at the gate", file="canary.db", files=base, read=_gate, form="sqlite", share=200,
            decides=deciding,
        ),
        *(
            Artefact(
                name=f"history to {command}",
                file="canary.db",
                files=base,
                read=partial(_listed, command=command),
                form="sqlite",
            )
            for command in ("list", "explain")
        ),
        Artefact(name="history to export", file="canary.db", files=base, read=_exported, form="sqlite"),
        Artefact(
            name="weeks to import", file="weeks.csv", files={"weeks.csv": weeks}, read=_imported, form="table",
            share=150,
        ),
    ]  # fmt: skip


def _template(folder: Path) -> bytes:
    init_card(folder / "template.yaml", student_version="s1", teacher_revision="r1")
    return (folder / "template.yaml").read_bytes()


def _week(folder: Path, rule: Mapping[str, object]) -> bytes:
    from drift_core.canary.alarm import assess
    from drift_core.canary.week_json import week_to_json

    with open_history(folder / "canary.db") as kept:
        weeks = assess(kept.runs(with_regions=True), kept.decisions())
    return json_text(week_to_json(weeks[-1], rule=Rule())).encode()


def _samples(folder: Path) -> tuple[Path, Path]:
    drawn = simulate(Plan(n_heldout=120, n_production=120, new_shares=(0.25,), new_agreement=(0.3,)), seed=1)
    paths = folder / "heldout.csv", folder / "production.csv"
    for table, path in zip((drawn.heldout, drawn.production), paths, strict=True):
        table.to_csv(path, index=False)
    return paths


def _recorded(folder: Path, samples: tuple[Path, Path]) -> Said:
    def read() -> object:
        embedding = EmbeddingSource(is_cached=False)
        found = read_diagnosis(folder / "diagnosis.json", samples[1], heldout=samples[0], embedding=embedding)
        labels = [each.production.tolist() for each in found.partitions]
        return labels, found.drifted.tolist(), found.rule, found.embeddings.encoder

    return told(read)


def _drawn(folder: Path, samples: tuple[Path, Path]) -> Said:
    options = ("--n", 40, "--floor", 5, "--no-cache", "--out", folder / "list")
    code, shown, said = run("manifest", samples[1], "--diagnosis", folder / "diagnosis.json", *options)
    return code, shown.replace(str(folder), ""), said


def _verified(folder: Path, *, file: str) -> Said:
    return run("manifest", "verify", folder / file, folder / "manifest.json")


def _estimated(folder: Path, *, file: str) -> Said:
    return run("rescore", folder / file, "--model", "judge", "--out", folder / "out", "--estimate")


def _excluded(folder: Path) -> Said:
    from drift_core.retrain_list.exclusions import read_excluded

    def read() -> object:
        found = read_pairs(folder / "selection.csv"), read_excluded(folder / "selection.csv")
        return found[0].digest, found[1].digest

    return told(read)


def _embedded(folder: Path, samples: tuple[Any, Any], *, file: str) -> Said:
    def read() -> object:
        found = read_embeddings(folder / file, *samples)
        assert np.isfinite(found.vectors).all()
        return sha256(found.vectors.tobytes()).hexdigest()

    return told(read)


def _cached(folder: Path, texts: np.ndarray) -> Said:
    cache = EmbeddingCache(folder / "cache.db")

    def read() -> object:
        found = embed(texts, encoder=load_encoder("hashing"), cache=cache)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-3)
        return sha256(found.tobytes()).hexdigest()

    return told(read)


def _of_the_lists(folder: Path) -> list[Artefact]:
    samples = _samples(folder)
    run("diagnose", *samples, *FAST, "--json", folder / "diagnosis.json")
    diagnosis = {"diagnosis.json": (folder / "diagnosis.json").read_bytes()}
    listed = folder / "list"
    options = ("--n", 40, "--floor", 5, "--no-cache", "--out", listed)
    run("manifest", samples[1], "--diagnosis", folder / "diagnosis.json", *options)
    files = contents(listed)
    pairs = tuple(read_pairs(path) for path in samples)
    production = pairs[1]
    chosen = np.arange(len(production)) < 40
    selection = selection_csv(production, chosen, region=np.array(["all"] * len(production), dtype=object))
    read: dict[str, Callable[[Path], Said]] = {
        "recorded": partial(_recorded, samples=samples),
        "drawn": partial(_drawn, samples=samples),
    }
    return [
        Artefact(
            name="diagnosis", file="diagnosis.json", files=diagnosis, read=read["recorded"], form="json", share=200
        ),
        Artefact(
            name="diagnosis to draw a list from", file="diagnosis.json", files=diagnosis, read=read["drawn"],
            form="json", share=20,
        ),
        Artefact(
            name="manifest", file="manifest.json", files=files, share=150, form="json",
            read=partial(_verified, file="retrain_list.parquet"),
        ),
        *(
            Artefact(
                is_digested=word == "to verify", name=f"list as {end} {word}",
                file=f"retrain_list.{end}", files=files, share=40,
                read=partial(read_it, file=f"retrain_list.{end}"), form="bytes" if end == "parquet" else "table",
            )
            for end in ("parquet", "csv", "jsonl")
            for word, read_it in (("to verify", _verified), ("to re-score", _estimated))
        ),
        Artefact(
            name="selection", file="selection.csv", files={"selection.csv": selection}, read=_excluded, form="table"
        ),
        *_of_vectors(folder, pairs),
    ]  # fmt: skip


def _of_vectors(folder: Path, pairs: tuple[Any, Any]) -> list[Artefact]:
    encoder = load_encoder("hashing")
    one, two = (embed(each.query, encoder=encoder)[:, :8] + 0.01 for each in pairs)
    both = np.concatenate([one, two])
    np.save(folder / "mine.npy", both)
    np.savez(folder / "mine.npz", heldout=one, production=two)
    queries = np.concatenate([each.query for each in pairs])
    pd.DataFrame({"query": queries, "embedding": list(both)}).to_parquet(folder / "mine.parquet")
    texts = np.unique(queries)
    embed(texts, encoder=encoder, cache=EmbeddingCache(folder / "cache.db"))
    return [
        *(
            Artefact(
                name=f"embeddings as {end}", file=f"mine.{end}", form=end,
                files={f"mine.{end}": (folder / f"mine.{end}").read_bytes()},
                read=partial(_embedded, samples=pairs, file=f"mine.{end}"),
            )
            for end in VECTORS
        ),
        Artefact(
            name="embedding cache", file="cache.db", files={"cache.db": (folder / "cache.db").read_bytes()},
            read=partial(_cached, texts=texts), form="sqlite", is_optional=True,
        ),
    ]  # fmt: skip


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


VECTORS: tuple[Form, ...] = ("npy", "npz", "parquet")
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


def _of_scores(folder: Path) -> list[Artefact]:
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
