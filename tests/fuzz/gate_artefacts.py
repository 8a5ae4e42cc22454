"""What a release is decided by: the history, rules, cards, comparisons and overrides."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from drift_core import open_history, read_pairs
from drift_core.agreement.rule import Rule
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.comparison_json import comparison_to_json
from drift_core.history.accept import accept_level
from drift_core.history.csv_exchange import export_csv
from drift_core.judge_card.file import init_card
from drift_core.tables.json_text import json_text
from tests.drift_core.canary.runs_by_hand import MONDAY, full_week
from tests.drift_core.command_line import run
from tests.drift_core.comparison.two_students import frame
from tests.fuzz.artefact import Artefact, Said

NOW = "2026-01-30"


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


def of_the_gate(folder: Path) -> list[Artefact]:
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
