import json

import pytest

from drift_core.canary.named_regions import followed_regions
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.diagnosis.drawn_region import DrawnPairs
from drift_core.history.history import open_history
from drift_core.regions.picking import Picked, with_words
from drift_core.regions.region_rule import fit_rule
from tests.drift_core.canary.runs_by_hand import region, week
from tests.drift_core.command_line import run
from tests.drift_core.history.named_weeks import MARK, diagnosed, recorded

WHO = ("--by", "Ada", "--reason", "It looks odd.")


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "canary.db"
    recorded(path, diagnosed(1), 0)
    return path


def followed(place):
    with open_history(place) as history:
        return {each.name: each for each in followed_regions(history.decisions())}


def test_a_region_is_named_by_words_or_a_value_called_otherwise_and_forgotten(place):
    words = run("history", "name", "express", "--words", MARK, "--history", place, *WHO)
    value = run("history", "name", "voice", "--slice", "surface=voice", "--unseen", "--history", place, *WHO)

    assert words == (0, f"express is followed from the next run on, by the words “{MARK}”.\n", "")
    assert value[1] == "voice is followed from the next run on, by surface = voice.\n"
    assert run("history", "rename", "voice", "speech", "--history", place, *WHO)[1] == "It is called speech now.\n"
    assert (followed(place)["speech"].column, followed(place)["speech"].value) == ("surface", "voice")
    assert run("history", "forget", "express", "--history", place, *WHO)[1] == "express is followed no longer.\n"
    assert list(followed(place)) == ["speech"]


def test_a_region_drawn_on_the_map_is_taken_out_of_the_json(place, tmp_path):
    made = diagnosed(3)
    pairs = Picked(heldout=with_words(made.heldout, MARK), production=with_words(made.production, MARK))
    sides = {"heldout": made.heldout, "production": made.production, "embeddings": made.embeddings}
    rule = fit_rule("express", pairs, words=MARK, is_by_place=False, **sides)
    drawn = made.with_drawn([DrawnPairs(name="express", pairs=pairs, rule=rule)])
    path = tmp_path / "diagnosis.json"
    path.write_text(json.dumps(diagnosis_to_json(drawn)))

    code, said, _ = run("history", "name", "express", "--diagnosis", path, "--history", place, *WHO)

    assert (code, said) == (0, f"express is followed from the next run on, by the words “{MARK}”.\n")
    assert followed(place)["express"] == rule


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("surface=voise", "has surface = voise; they have: voice, web."),
        ("surfaces=voice", "has a region by surfaces."),
    ],
)
def test_a_value_that_no_run_has_is_followed_only_where_one_says_that_it_is_to_come(place, chosen, message):
    with open_history(place) as history:
        history.record(week(9, regions=tuple(region(name, partition="surface") for name in ("voice", "web"))))
    named = ("history", "name", "x", "--slice", chosen, "--history", place, *WHO)

    code, _, errors = run(*named)

    assert code == 2
    assert message in errors
    assert "--unseen" in errors
    assert followed(place) == {}
    assert run(*named, "--unseen")[0] == 0
    assert run("history", "name", "y", "--slice", "surface=voice", "--history", place, *WHO)[0] == 0
    assert list(followed(place)) == ["x", "y"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("name", "x"), "A region is named by --words, --slice or --diagnosis"),
        (("name", "x", "--slice", "surface"), "--slice expects COLUMN=VALUE"),
        (("name", "x", "--slice", " =x"), "--slice expects COLUMN=VALUE"),
        (("name", "x", "--slice", "surface= "), "--slice expects COLUMN=VALUE"),
        (("name", "x", "--words", "z" * 201), "at most 200 characters; found 201"),
        (("name", " ", "--words", "a"), "A region needs a name"),
        (("forget", "x"), "follows no named region 'x'. It follows none."),
        (("rename", "x", "y"), "follows no named region 'x'"),
    ],
)
def test_what_names_no_region_is_one_message(place, options, message):
    code, _, errors = run("history", *options, "--history", place, *WHO)

    assert code == 2
    assert errors.count("\n") == 1
    assert message in errors
