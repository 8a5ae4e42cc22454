import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.agreement.rule import Rule
from drift_core.commands.rule_file import read_rule
from drift_core.diagnosis.settings import Settings
from drift_core.errors import InputError
from drift_core.regions.encoding import DEFAULT_ENCODER
from drift_core.samples.limits import Limits
from drift_core.samples.parts import SIDES, split_of
from drift_core.samples.reading import read_pairs
from drift_core.samples.sample_commands import (
    ADDED,
    draw_and_diagnose,
    draw_command,
    score_and_diagnose,
    score_command,
    split_command,
    week_command,
)
from drift_core.samples.split import read_split
from drift_core.weekly_sample.log import PROBABILITY, STRATUM, WEIGHT, find_roles
from tests.drift_core.command_line import COMMANDS

TABLE = pd.DataFrame(
    {"query": ["a question"] * 20, "doc": [f"doc {i}" for i in range(20)], "teacher": range(20), "ranker": range(20)}
)


def test_the_student_scores_a_file_again_into_the_column_that_it_was_read_from(tmp_path):
    TABLE.to_csv(path := tmp_path / "week 3.csv", index=False)
    sample = read_pairs(path, columns={"student": "ranker"})

    command = score_command(sample)

    assert command == (f"distillation-drift score '{path}' --student DIR --into ranker --out scored_again.csv")
    assert draw_command(sample, 9) == f"distillation-drift sample '{path}' --n 9 --out to_pin.csv"
    by_shop = draw_command(sample, 9, by="the shop")
    assert by_shop == f"distillation-drift sample '{path}' --n 9 --by 'the shop' --out to_pin.csv"
    assert draw_command(sample, 9, out="own_heldout").endswith(" --n 9 --out own_heldout.csv")
    assert score_command(replace(sample, doc=None)) == ""
    joined = {role: column for role, column in sample.columns.items() if role != "doc"}
    assert score_command(replace(sample, columns=joined)) == ""
    assert score_command(read_pairs(TABLE, columns={"student": "ranker"})) == ""


def test_the_diagnosis_that_follows_names_every_column_and_the_kind_that_could_be_taken_for_another(tmp_path):
    TABLE.assign(teacher_score=1.0, old=2.0).to_csv(held := tmp_path / "held.csv", index=False)
    TABLE.assign(old=range(20)).rename(columns={"ranker": "rank er"}).to_csv(week := tmp_path / "week.csv", index=False)
    heldout = read_pairs(held, columns={"student": "ranker", "teacher": "teacher"}, kind="numeric")
    chosen = {"student": "rank er", "teacher": "teacher", "teacher_pinned": "old"}
    production = read_pairs(week, columns=chosen, kind="numeric")

    (_, drawn), (_, again) = draw_and_diagnose(heldout, production, 9), score_and_diagnose(heldout, production)

    students = "--column heldout.student=ranker --column 'production.student=rank er'"
    old = "--column production.teacher_pinned=old "
    begin = f"distillation-drift diagnose {held}"
    assert drawn == f"{begin} to_pin.csv {students} --kind numeric"
    assert again == f"{begin} scored_again.csv {students} {old}--kind numeric"


def test_the_diagnosis_that_follows_chooses_what_was_chosen_of_labels_slices_and_settings(tmp_path):
    table = TABLE.assign(
        teacher=["no", "yes"] * 10, ranker=["yes", "no"] * 10, team=["a", "b"] * 10, tier=list("xy") * 10
    )
    for name in ("held", "week"):
        table.assign(doc=[f"{name} {i}" for i in range(20)]).to_csv(tmp_path / f"{name}.csv", index=False)
    chosen = {"columns": {"student": "ranker"}, "labels": ("no", "yes")}
    settings = Settings(rule=Rule(k=5, alpha=0.01), n_clusters=3, seed=7, price_per_pair=0.5)

    def told(slices, encoder):
        samples = [read_pairs(tmp_path / f"{name}.csv", slices=slices, **chosen) for name in ("held", "week")]
        return draw_and_diagnose(*samples, 9, options=settings.options(encoder))[1]

    again = told(("team",), "hashing-256")
    usual = Settings().options(f"{DEFAULT_ENCODER}@1:onnx")

    assert again.endswith(
        "--kind binary --labels no,yes --slice team --k 5 --rule alpha=0.01 --clusters 3 --price 0.5 --seed 7 "
        "--embedder hashing"
    )
    with COMMANDS.get_command(None, "diagnose").make_context("diagnose", shlex.split(again)[2:]) as taken:
        names = ("kind", "labels", "slice_", "k", "clusters", "price", "seed", "embedder")
        assert [taken.params[name] for name in names] == ["binary", "no,yes", ["team"], 5, 3, 0.5, 7, "hashing"]
        assert read_rule(taken.params["rule"]) == Rule(alpha=0.01)
    assert " --slice '' " in told((), "hashing-256")
    assert "--slice" not in told(None, "hashing-256")
    assert told(None, "own.npy@0123abc").endswith(" --embeddings FILE")
    assert usual == ""
    assert Settings(rule=Rule(alpha=np.float64(0.01))).options("hashing-256").startswith(" --rule alpha=0.01")


def test_every_command_asks_for_what_was_asked_of_reading(tmp_path):
    days = pd.date_range("2026-11-01", periods=20).astype(str)
    TABLE.assign(asked=days, team=["a", "b"] * 10).to_csv(tmp_path / "week 3.csv", index=False)
    TABLE.assign(doc=[f"other {i}" for i in range(20)]).to_csv(tmp_path / "held.csv", index=False)
    chosen = {"limits": Limits(max_rows=500, max_bytes=9_000_000), "tool": "otel"}
    heldout = read_pairs(tmp_path / "held.csv", columns={"student": "ranker"}, **chosen)
    columns = {"student": "ranker", "timestamp": "asked"}
    production = read_pairs(tmp_path / "week 3.csv", columns=columns, slices=["team"], **chosen)
    options = Settings(n_clusters=3).options("hashing-256")
    limits = " --max-rows 500 --max-bytes 9000000"

    draw, diagnose = draw_and_diagnose(heldout, production, 9, options=options)
    score, again = score_and_diagnose(heldout, production, options=options)
    split = split_command(production, np.datetime64("2026-11-15"), options=options)
    week = week_command(heldout, production, options=options)

    assert draw.endswith(" --from otel --out to_pin.csv")
    assert score.endswith(" --from otel --out scored_again.csv")
    for each in (diagnose, again, split, week):
        assert each.endswith(f" --from otel{limits} --clusters 3 --embedder hashing")
    assert week == (
        "distillation-drift diagnose HELDOUT 'week 3.csv' --column production.timestamp=asked --column student=ranker"
        f" --slice team --from otel{limits} --clusters 3 --embedder hashing"
    )
    both = pd.concat([TABLE.assign(day="2026-11-01"), TABLE.assign(day="2026-11-08")])
    both.to_csv(tmp_path / "both.csv", index=False)
    columns = {side: {"student": "ranker"} for side in SIDES}
    sides = read_split(tmp_path / "both.csv", split_of("day=2026-11-08"), columns=columns)
    one = "distillation-drift diagnose both.csv --split day=2026-11-08 --column student=ranker"
    assert week_command(*sides) == one


def test_no_draw_is_told_of_a_file_that_a_draw_would_not_take(tmp_path):
    assert {STRATUM, PROBABILITY, WEIGHT} == ADDED
    for column in ("Weight", "stratum"):
        values = [1.0, 3.0] * 10 if column == "Weight" else ["new", "known"] * 10
        TABLE.assign(**{column: values}).to_csv(path := tmp_path / "week.csv", index=False)
        production = read_pairs(path, columns={"student": "ranker"})

        assert draw_command(production, 9) == ""
        assert draw_and_diagnose(production, production, 9) == ()
        with pytest.raises(InputError, match="which the sample would add"):
            find_roles(tuple(pd.read_csv(path)), {}, "week.csv")


def test_the_command_that_compares_both_sides_of_a_day_names_the_columns(tmp_path):
    days = pd.date_range("2026-11-01", periods=20).astype(str)
    TABLE.assign(asked=days).to_csv(path := tmp_path / "week.csv", index=False)
    sample = read_pairs(path, columns={"student": "ranker", "timestamp": "asked"})

    command = split_command(sample, np.datetime64("2026-11-15T03:20"))

    assert (
        command == f"distillation-drift diagnose {path} --split asked=2026-11-15 --column student=ranker --kind numeric"
    )
    assert split_command(read_pairs(TABLE, columns={"student": "ranker"}), np.datetime64("2026-11-15")) == ""


def test_a_file_is_never_told_as_an_option_and_a_label_with_a_comma_in_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = TABLE.assign(teacher=["no, never", "yes"] * 10, ranker=["yes", "no, never"] * 10)
    TABLE.to_csv("--out=week.csv", index=False)
    frame.to_csv("labels.csv", index=False)
    week = read_pairs("--out=week.csv", columns={"student": "ranker"})
    labels = read_pairs("labels.csv", columns={"student": "ranker"}, labels=("no, never", "yes"))

    assert draw_command(week, 9).startswith("distillation-drift sample ./--out=week.csv --n 9")
    assert draw_and_diagnose(labels, labels, 9) == ()
