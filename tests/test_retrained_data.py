"""The shipped retraining is what the code makes from the shipped seed, and shows what its story says."""

import json
from functools import cache
from pathlib import Path

import pytest

from drift_core.comparison.compare import Comparison, compare
from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from drift_core.simulation import retrained_samples
from tests.drift_core.command_line import run

SHIPPED = Path(__file__).parents[1] / "sample_data" / retrained_samples.NAME


@cache
def compared() -> Comparison:
    files = retrained_samples.shipped_retrained_files()
    return compare(read_pairs(files.frozen), read_pairs(files.fresh))


def test_shipped_files_are_made_again_bit_for_bit(tmp_path: Path) -> None:
    code, shown, _ = run("simulate", retrained_samples.NAME, "--out", tmp_path)

    assert code == 0
    for name in (retrained_samples.FROZEN_FILE, retrained_samples.FRESH_FILE, retrained_samples.DESCRIPTION_FILE):
        made = tmp_path / retrained_samples.NAME / name
        assert f"Wrote {made}" in shown
        assert made.read_bytes() == (SHIPPED / name).read_bytes()


def test_retraining_helped_overall_and_one_slice_got_worse() -> None:
    made = compared()

    assert made.outcome == "better"
    assert [part.full_title for part in made.worse] == ["surface: voice, fresh pairs"]
    assert json.loads((SHIPPED / retrained_samples.DESCRIPTION_FILE).read_text())["worse"] == made.worse[0].title
    assert made.frozen is not None
    assert made.frozen.whole.outcome == "same"


def test_the_new_topics_recovered() -> None:
    by_title = {part.full_title: part for part in compared().parts}

    for topic in ("charging", "pets"):
        assert by_title[f"region: {topic}, fresh pairs"].outcome == "better"
        assert -by_title[f"region: {topic}, fresh pairs"].fall > 0.2


def test_fresh_pairs_tell_cost_and_latency() -> None:
    assert {each.who for each in compared().operations.figures} == {"student", "student_before", "teacher"}


def test_both_students_were_scored_on_the_same_pairs_by_one_teacher() -> None:
    frozen, fresh = retrained_samples.retrained_samples()

    assert len(frozen) == 800
    assert len(fresh) == 1400
    assert (frozen["student_score"] != frozen["student_score_before"]).mean() > 0.9
    assert fresh[["teacher_score", "student_score", "student_score_before"]].stack().between(0, 1).all()


def test_an_installation_without_the_files_says_how_to_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrained_samples, "app_folder", lambda: Path("/nowhere"))

    with pytest.raises(InputError, match="distillation-drift simulate retrained --out DIR"):
        retrained_samples.shipped_retrained_files()
