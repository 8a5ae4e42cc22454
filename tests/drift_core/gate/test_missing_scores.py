"""A week in which today's teacher left half of one region unscored, from its files to the gate."""

import shutil
from datetime import UTC, datetime
from itertools import product

import numpy as np
import pandas as pd
import pytest

from drift_core.diagnosis.diagnose import diagnose
from drift_core.gate.release import read_gate
from drift_core.history.record_week import RecordSettings, record_week
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.samples.reading import read_pairs
from drift_core.simulation.plan import Plan
from drift_core.simulation.simulate import simulate
from tests.drift_core.command_line import run
from tests.sweeps import sweep

PLAN = Plan(n_heldout=800, n_production=300, agreement=(0.94, 0.93, 0.92), topics=("login", "recipes", "pets"))
PETS = "pet|dog|cat|vet|hamster|rabbit"
CARD = 'student: {version: s1}\nteacher: {model: large, revision: "r1"}\n'
WEEKS = [datetime(2026, 5, day, tzinfo=UTC) for day in (4, 11, 18)]


def in_region(frame: pd.DataFrame, region: str) -> pd.Series:
    return frame["query"].str.contains(PETS) if region == "texts" else frame["country"] == "FR"


def without_half(frame: pd.DataFrame, region: str, *, is_worse: bool) -> pd.DataFrame:
    """Drop half of the teacher's scores in a region, in which the student may answer at random."""
    rng, inside, left = np.random.default_rng(5), in_region(frame, region).to_numpy(), frame.copy()
    if is_worse:
        left.loc[inside, "student_score"] = rng.permutation(left.loc[inside, "student_score"].to_numpy())
    left.loc[inside & (rng.random(len(frame)) < 0.5), "teacher_score"] = np.nan
    return left


@pytest.fixture(scope="module")
def frames() -> tuple[pd.DataFrame, ...]:
    """Held-out and three weeks, whose docs play no part here."""
    first, *others = (simulate(PLAN, seed=seed) for seed in (3, 53, 93))
    made = (first.heldout, first.production, *(each.production for each in others))
    return tuple(frame.drop(columns="doc") for frame in made)


def recorded_by_command(folder, week, at):
    """The exit codes of canary and gate on a week, and the first line that the gate shows."""
    week.to_csv(folder / "week.csv", index=False)
    history, day = ("--history", folder / "canary.db"), f"{at:%Y-%m-%d}"
    options = ("--teacher-revision", "r1", "--student-version", "s1", "--embedder", "hashing", "--slice", "country")
    code, *_ = run("canary", folder / "heldout.csv", folder / "week.csv", *history, *options, "--at", day)
    passed, shown, _ = run("gate", *history, "--card", folder / "card.yaml", "--now", day)
    return code, passed, shown.splitlines()[0]


@pytest.fixture(scope="module")
def two_weeks(frames, tmp_path_factory):
    """A folder with held-out, card and two whole weeks in the history."""
    folder = tmp_path_factory.mktemp("weeks")
    (folder / "card.yaml").write_text(CARD)
    heldout, *weeks = frames
    heldout.to_csv(folder / "heldout.csv", index=False)
    for at, week in zip(WEEKS[:2], weeks[:2], strict=True):
        assert recorded_by_command(folder, week, at)[:2] == (0, 0)
    return folder


@pytest.mark.parametrize(("region", "is_worse"), sweep(product(("texts", "column"), (False, True)), ("column", False)))
def test_the_gate_does_not_pass_by_command_while_half_of_a_region_is_unscored(
    frames, two_weeks, region, is_worse, tmp_path
):
    shutil.copytree(two_weeks, tmp_path, dirs_exist_ok=True)

    recorded, passed, shown = recorded_by_command(
        tmp_path, without_half(frames[-1], region, is_worse=is_worse), WEEKS[-1]
    )

    assert (recorded, passed) == (0, 3)
    assert "Today's teacher gave no score for" in shown


def test_the_gate_does_not_pass_in_the_core_while_half_of_a_region_is_unscored(frames, tmp_path):
    heldout, *weeks = frames
    before = read_pairs(heldout, name="held-out")
    exit_codes = []

    for at, week in zip(WEEKS, [*weeks[:2], without_half(weeks[2], "texts", is_worse=True)], strict=True):
        after = read_pairs(week, name="week")
        embeddings = embed_queries(before, after, encoder=load_encoder(HASHING_ENCODER))
        recorded = record_week(
            tmp_path / "canary.db",
            lambda after=after, embeddings=embeddings: diagnose(before, after, embeddings=embeddings),
            settings=RecordSettings(at=at, recorded_at=at, teacher_revision="r1", student_version="s1"),
            production_name="week",
        )
        exit_codes.append(read_gate(tmp_path / "canary.db", now=at).exit_code)

    assert exit_codes == [0, 0, 3]
    assert recorded.week is not None
    assert recorded.week.status == "gap"
