"""Every command that reads samples takes the kind of score and its labels."""

import pytest

from tests.drift_core.command_line import run
from tests.drift_core.samples.test_recognition import frame

COMMANDS = (
    ("diagnose",),
    ("plan",),
    ("calibrate",),
    ("canary", "--history", "h.db", "--teacher-revision", "r1"),
    ("compare", "--fresh"),
)


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "heldout.csv", tmp_path / "production.csv"]
    for path, values in zip(paths, (["A", "B"], ["B", "A", "A"]), strict=True):
        frame(values).to_csv(path, index=False)
    return paths


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_kind_that_is_none_is_refused_by_every_command(files, command):
    code, _, errors = run(*command, *files[::-1], "--kind", "grades", "--labels", "B,A")

    assert code == 2
    assert "one of numeric, ordinal, binary, nominal, pairwise, probability; found 'grades'" in errors


def test_the_kind_chosen_settles_what_was_unclear(files):
    code, _, errors = run("plan", *files)
    assert code == 2
    assert "(--kind)" in errors

    code, shown, _ = run("plan", *files, "--kind", "ordinal", "--labels", "B,A")
    assert code == 0
    assert "pairs" in shown
