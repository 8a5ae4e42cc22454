"""The scenarios that ship with the product: their story, what they teach, and the plan they are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from drift_core.errors import InputError, SettingError
from drift_core.installation import app_folder
from drift_core.simulation.plan import Plan

SHIPPED_SEED = 337  # small samples scatter; this one shows the planted values in every scenario
HELDOUT_FILE, PRODUCTION_FILE = "heldout.csv", "production.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A simulated investigation. The story is two lines; the outcome is its verdict in two words; revisions name
    the teacher then and now.
    """

    name: str
    title: str
    story: tuple[str, str]
    teaches: str
    outcome: str
    plan: Plan
    pinned_revision: str = "judge-large-2025-08"
    current_revision: str = "judge-large-2025-08"


_HEALTHY = Scenario(
    name="healthy",
    title="Nothing has moved",
    story=(
        "A help search shipped its student in autumn; spring traffic asks about the same five topics.",
        "Teacher and documents are as they were when the student was trained.",
    ),
    teaches="What a healthy student looks like: a small spread, no region worse than on held-out, nothing to retrain.",
    outcome="Healthy",
    plan=Plan(topics=("delivery", "laptops", "recipes", "login", "refunds")),
)
_QUERY_DRIFT = Scenario(
    name="query-drift",
    title="Two new topics arrived",
    story=(
        "In March the company began to sell two new services, and their customers use the same search.",
        "The held-out check is from autumn and still green; the student never saw a pair of these topics.",
    ),
    teaches="How drift hides in two regions that postdate training, while the old ones stay sharp.",
    outcome="Query drift",
    plan=Plan(
        agreement=(0.93, 0.92, 0.91, 0.90),
        shares_heldout=(0.34, 0.27, 0.22, 0.17),
        new_shares=(0.21, 0.19),
        new_agreement=(0.50, 0.54),
        topics=("delivery", "laptops", "recipes", "login", "charging", "pets"),
    ),
)
_TEACHER_DRIFT = Scenario(
    name="teacher-drift",
    title="The teacher was revised",
    story=(
        "The vendor replaced the teacher's model in February; queries and documents stayed the same.",
        "The old revision still runs for a while, so every pair has its score from both.",
    ),
    teaches="How a fall in every region at once points to the teacher, and how pinned scores prove it.",
    outcome="Teacher drift",
    plan=Plan(
        agreement=(0.95, 0.93, 0.92, 0.90, 0.89),
        teacher_loss=0.12,
        with_pinned=True,
        topics=("delivery", "gardening", "laptops", "taxes", "login"),
    ),
    current_revision="judge-large-2026-02",
)
_TRAFFIC_MOVED = Scenario(
    name="traffic-moved",
    title="The traffic moved, the student holds",
    story=(
        "In spring people ask more about what was rare in autumn, and one new topic has joined.",
        "Every topic is scored as well as before, the new one included.",
    ),
    teaches="Why a moved mix is no drift of the student: each region agrees with its own past.",
    outcome="Healthy, another mix",
    plan=Plan(
        agreement=(0.94, 0.93, 0.92, 0.91, 0.90),
        shares_heldout=(0.36, 0.28, 0.18, 0.10, 0.08),
        shares_production=(0.10, 0.14, 0.20, 0.26, 0.30),
        new_shares=(0.12,),
        new_agreement=(0.92,),
        topics=("laptops", "recipes", "delivery", "gardening", "medicines", "visas"),
    ),
)

_CALIBRATION_MOVED = Scenario(
    name="calibration-moved",
    title="The ranking holds, the calibration moved",
    story=(
        "The teacher passes or fails each pair, and the student gives the chance that it passes.",
        "In February the student went to another server, which makes it surer of itself and kinder; the order stays.",
    ),
    teaches="Why a threshold can break under a stable ranking, and how to recalibrate in place of retraining.",
    outcome="Healthy, calibration moved",
    plan=Plan(
        n_heldout=1000,
        n_production=1000,
        levels=2,
        agreement=(0.88,) * 5,
        with_chances=True,
        student_sureness=1.7,
        student_tilt=1.8,
        topics=("delivery", "gardening", "recipes", "medicines", "refunds"),
    ),
)

_VERDICTS = Scenario(
    name="pass-or-fail",
    title="A pass or fail judge meets a new topic",
    story=(
        "Teacher and student both pass or fail each answer; nobody has a score to rank.",
        "In March the shop began to sell car charging, and the student passes and fails its answers by guesswork.",
    ),
    teaches="How drift shows where judges answer with labels: in per cent of pairs with the same verdict.",
    outcome="Query drift",
    plan=Plan(
        n_heldout=1000,
        n_production=1000,
        levels=2,
        agreement=(0.99, 0.988, 0.986, 0.984),
        new_shares=(0.2,),
        new_agreement=(0.4,),
        with_verdicts=True,
        topics=("delivery", "laptops", "recipes", "login", "charging"),
    ),
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        each.name: each
        for each in (_HEALTHY, _QUERY_DRIFT, _TEACHER_DRIFT, _TRAFFIC_MOVED, _CALIBRATION_MOVED, _VERDICTS)
    }
)


def scenario_named(name: str) -> Scenario:
    if name not in SCENARIOS:
        raise SettingError(f"There is no scenario called {name!r}. Choose one of: {', '.join(SCENARIOS)}.")
    return SCENARIOS[name]


def shipped_scenario_paths(name: str) -> tuple[Path, Path]:
    """Return the paths of a shipped scenario's held-out and production files.

    Raises
    ------
    InputError
        When the files are not where this installation has them.
    """
    folder = app_folder() / "sample_data" / scenario_named(name).name
    paths = (folder / HELDOUT_FILE, folder / PRODUCTION_FILE)
    if not all(path.is_file() for path in paths):
        raise InputError(
            f"The files of scenario {name} were expected in {folder} and are not there. "
            f"Make them with: distillation-drift simulate {name} --out DIR"
        )
    return paths
