import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drift_core.errors import InputError, SettingError
from drift_core.judge_card.document import parse_card
from drift_core.judge_card.file import edit_card, init_card, read_card
from drift_core.retraining.result import Lineage, Retraining
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.student_card import card_of_child, with_training

LINEAGE = Lineage(version="ranker-2", parent="ranker-1", teacher_model="judge", teacher_revision="judge-2026-11")
MADE = Retraining(
    folder=Path("models/ranker-2"),
    lineage=LINEAGE,
    n_listed=90,
    n_replayed=30,
    n_without_score=0,
    n_repeated=0,
    loss=0.01,
    settings=RetrainSettings(seed=4),
    score_range=None,
    student_digest="a" * 64,
    parent_digest="b" * 64,
    list_digest="c" * 64,
    replay_digest=None,
    at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
)


@pytest.fixture
def parent(tmp_path):
    """Folder of a parent whose card was filled in and checked."""
    folder = tmp_path / "ranker-1"
    folder.mkdir()
    card = folder / "judges.yaml"
    init_card(card, student_version="ranker-1", teacher_model="judge", teacher_revision="judge-2025-08", owner="Ada")
    checked = {"done": "yes", "by": "Ada", "date": "2025-09-01"}
    points = read_points(card)
    values = {f"governance.{point}.{name}": value for point in points for name, value in checked.items()}
    values |= {"floors.agreement": 0.91, "canary.last.at": "2026-11-01T06:00:00Z", "canary.last.agreement": 0.8}
    card.write_bytes(b"# our own note\n" + edit_card(card.read_bytes(), values))
    return folder


def read_points(card):
    return [*parse_card(card.read_bytes(), name="card").values["governance"]]


def child(parent, lineage=LINEAGE):
    """The card of a child, read again."""
    place = parent.with_name("child.yaml")
    place.write_bytes(card_of_child(lineage, parent=parent, out=Path("models/ranker-2"), list_name="rescored.parquet"))
    return read_card(place), parse_card(place.read_bytes(), name="child").values, place.read_text()


def is_checked(values, point):
    return values["governance"][point].get("done") == "yes"


def test_comments_floors_and_owner_are_the_parent_s(parent):
    card, _, text = child(parent)

    assert text.startswith("# our own note\n")
    assert text.count("#") >= (parent / "judges.yaml").read_text().count("#")
    assert (card.owner, card.floors.agreement) == ("Ada", 0.91)


def test_the_child_has_its_own_version_parent_pin_and_list(parent):
    card, values, _ = child(parent)

    assert (card.student.version, card.student.parent, card.student.model_path) == ("ranker-2", "ranker-1", "ranker-2")
    assert (card.teacher.revision, card.teacher.model) == ("judge-2026-11", "judge")
    assert values["training"]["snapshot"] == "rescored.parquet"


def test_what_was_checked_or_measured_on_the_parent_is_open_again(parent):
    _, values, _ = child(parent)

    for point in ("bias_and_safety", "critical_slices", "calibration"):
        assert values["governance"][point] == {"done": "no", "by": None, "date": None}
    assert all(is_checked(values, point) for point in ("teacher_terms", "teacher_pinned", "monitoring"))
    assert not any(values["canary"]["last"].values())


def test_without_a_known_revision_the_pin_is_open_and_unchecked(parent):
    card, values, _ = child(parent, replace(LINEAGE, teacher_revision=None))

    assert not card.teacher.revision
    assert not is_checked(values, "teacher_pinned")


def test_another_teacher_s_terms_are_unchecked(parent):
    _, values, _ = child(parent, replace(LINEAGE, teacher_model="judge-xl"))

    assert not is_checked(values, "teacher_terms")


def test_a_finished_training_is_written_in(parent):
    card = card_of_child(LINEAGE, parent=parent, out=Path("ranker-2"), list_name="rescored.parquet")

    training = parse_card(with_training(card, MADE), name="card").values["training"]

    assert training == {
        "snapshot": "rescored.parquet",
        "n_pairs": 120,
        "list_digest": "c" * 64,
        "seed": 4,
        "date": "2026-11-22",
        "capacity": None,
    }


def test_a_parent_without_a_card_gives_the_template(parent):
    shutil.rmtree(parent)
    parent.mkdir()

    card, values, text = child(parent)

    assert text.startswith("# Judge card: what this student is")
    assert card.student.version == "ranker-2"
    assert not any(is_checked(values, point) for point in values["governance"])


def test_a_faulty_card_of_the_parent_is_named(parent):
    (parent / "judges.yaml").write_text("schema: [")

    with pytest.raises(InputError, match=r"ranker-1/judges\.yaml"):
        child(parent)


@pytest.mark.parametrize("name", [" ", "two\nlines"])
def test_a_version_is_one_line_of_text(parent, name):
    with pytest.raises(SettingError, match=r"student\.version must be a text on one line"):
        child(parent, replace(LINEAGE, version=name))
