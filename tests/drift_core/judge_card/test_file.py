import stat
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from drift_core.errors import InputError, SettingError
from drift_core.gate.last_canary import is_of_another, mend_last_canary, update_last_canary
from drift_core.judge_card.file import edit_card, init_card, pin_card, read_card
from drift_core.judge_card.template import TEMPLATE
from drift_core.measured import Unmeasured
from tests.drift_core.gate.weeks import measured, run

MINE = """\
# Kept by the ranking team.
teacher:
    # the pin
    model: 'large'   # the vendor's name
    revision: r1   # since spring

critical_slices:
- partition: "country"   # the largest market
  name: "DE"
  floor: 0.850
# that is all
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "judges.yaml"


def changed_lines(before, after):
    return [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]


def test_a_new_card_holds_what_was_given_and_the_defaults_of_the_pattern(path):
    card = init_card(path, student_version="ranker-7", teacher_model="big: #1", owner='Ada "A" Ähn')

    assert card == read_card(path)
    assert (card.student.version, card.teacher.model, card.owner) == ("ranker-7", "big: #1", 'Ada "A" Ähn')
    assert (card.teacher.revision, card.training.n_pairs) == (None, None)
    assert (card.floors.agreement, card.floors.overlap, card.canary.cadence_days) == (0.85, 0.80, 7)
    assert card.retrain_triggers.every_days == 91
    assert path.read_text().count("#") == TEMPLATE.count("#") + 1


def test_a_card_that_is_there_is_never_overwritten(path):
    path.write_text(MINE)

    with pytest.raises(InputError, match="is there already and stays as it is"):
        init_card(path)

    assert path.read_text() == MINE


def test_pinning_changes_the_pin_and_no_other_line(path):
    init_card(path, teacher_revision="2026-01", teacher_model="large")
    before = path.read_text()

    pin_card(path, teacher_revision="2026-05-01")

    assert changed_lines(before, path.read_text()) == [
        (
            '  revision: "2026-01" # the pin: the revision that scored the training pairs',
            '  revision: "2026-05-01" # the pin: the revision that scored the training pairs',
        )
    ]


def test_pinning_keeps_a_hand_written_card_as_it_is_laid_out(path):
    path.write_text(MINE)

    card = pin_card(path, teacher_revision="r2", teacher_model="larger")

    assert (card.teacher.revision, card.teacher.model) == ("r2", "larger")
    after = path.read_text()
    assert changed_lines(MINE, after) == [
        ("    model: 'large'   # the vendor's name", '    model: "larger"  # the vendor\'s name'),
        ("    revision: r1   # since spring", '    revision: "r2" # since spring'),
    ]


def test_a_revision_that_looks_like_a_number_or_date_stays_text(path):
    init_card(path)

    for revision in ("2026-05-01", "20260501", "1.10", "null", "yes", "#1", "a: b", "'", '"', "\\"):
        assert pin_card(path, teacher_revision=revision).teacher.revision == revision
        assert read_card(path).teacher.revision == revision


@pytest.mark.parametrize("revision", ["", "  ", "two\nlines", "bell\a"])
def test_a_pin_that_is_no_text_is_refused_and_nothing_changes(path, revision):
    init_card(path)
    before = path.read_bytes()

    with pytest.raises(SettingError, match=r"teacher\.revision must be a text on one line, and not empty"):
        pin_card(path, teacher_revision=revision)

    assert path.read_bytes() == before


def test_a_faulty_card_is_not_changed(path):
    path.write_text("teacher: {revision: 3}\n")

    with pytest.raises(InputError, match=r"line 1: teacher\.revision"):
        pin_card(path, teacher_revision="r2")

    assert path.read_text() == "teacher: {revision: 3}\n"


def test_a_canary_run_is_written_with_its_time_and_figures(path):
    init_card(path)
    before = path.read_text()

    assert update_last_canary(path, run(0, agreement=measured(0.912345), overlap=Unmeasured(reason="no top")))

    last = read_card(path).canary.last
    assert (last.at, last.agreement, last.overlap) == ("2026-03-02T06:00:00+00:00", 0.9123, None)
    assert last.teacher_revision == "2026-01"
    assert len(changed_lines(before, path.read_text())) == 3


def test_neither_a_gap_nor_an_earlier_week_replaces_the_last_canary(path):
    init_card(path)
    update_last_canary(path, run(3))
    before = path.read_bytes()

    assert not update_last_canary(path, run(4, agreement=Unmeasured(reason="too few pairs")))
    assert not update_last_canary(path, run(2))

    assert path.read_bytes() == before


def test_rights_and_links_stay(path, tmp_path):
    init_card(path)
    path.chmod(0o600)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)

    pin_card(link, teacher_revision="r2")

    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_card(path).teacher.revision == "r2"


def pin_many(path, revisions):
    for revision in revisions:
        pin_card(path, teacher_revision=revision)


def test_two_writers_at_once_lose_nothing(path):
    init_card(path)
    revisions = [f"r{number}" for number in range(8)]
    pin = (
        "import sys; from drift_core.judge_card.file import pin_card\n"
        "print('ready', flush=True)\n"
        "for each in sys.argv[2:]: pin_card(sys.argv[1], teacher_revision=each)"
    )
    mine = threading.Thread(target=pin_many, args=(path, revisions))

    with subprocess.Popen([sys.executable, "-c", pin, path, *revisions], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        mine.start()
        kept = [update_last_canary(path, run(number)) for number in range(10)]
        mine.join()

    card = read_card(path)
    assert other.returncode == 0
    assert all(kept)
    assert card.canary.last.at == (run(0).at + timedelta(days=7 * 9)).isoformat()
    assert card.teacher.revision == "r7"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("change", [read_card, lambda path: pin_card(path, teacher_revision="r")])
def test_a_card_that_is_not_there_says_how_to_make_one(path, change):
    with pytest.raises(InputError, match=r"There is no judge card .*judges\.yaml\. Make one with"):
        change(path)


def test_a_folder_is_no_card(tmp_path):
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_card(tmp_path)
    with pytest.raises(InputError, match="cannot be changed: Is a directory"):
        pin_card(tmp_path, teacher_revision="r")
    with pytest.raises(InputError, match="there is no folder"):
        init_card(tmp_path / "no" / "judges.yaml")


def test_a_form_can_set_and_empty_any_field_and_the_comments_stay():
    slices = [{"partition": "country", "name": "no", "floor": 0.8}]

    edited = edit_card(
        TEMPLATE.encode(), {"owner": "Ada", "training.n_pairs": 5000, "critical_slices": slices}
    ).decode()
    emptied = edit_card(edited.encode(), {"owner": None, "critical_slices": []}).decode()

    assert 'owner: "Ada"' in edited
    assert 'critical_slices:\n  - partition: "country"\n    name: "no"\n    floor: 0.8\n' in edited
    assert edited.count("#") == emptied.count("#") == TEMPLATE.count("#")
    assert "critical_slices: []" in emptied


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"floors.agreement": 2}, r"floors\.agreement: expected lowest agreement"),
        ({"training.date": "soon"}, r"training\.date: expected day of the training"),
        ({"boss": "Ada"}, "a judge card has no 'boss'"),
        ({"owner.name": "Ada"}, "owner: expected who answers for this student"),
        ({"owner": "x" * 2000}, "owner: expected who answers for this student"),
    ],
)
def test_a_value_that_its_field_does_not_take_is_refused(values, message):
    with pytest.raises(InputError, match=message):
        edit_card(TEMPLATE.encode(), values)


def test_a_refused_change_leaves_the_file_alone(path):
    init_card(path)
    before = path.read_bytes()

    with pytest.raises(InputError, match=r"teacher\.revision: expected"):
        pin_card(path, teacher_revision="r" * 2000)

    assert path.read_bytes() == before


def test_a_run_of_another_student_leaves_the_card_as_it_is_and_is_said(path):
    init_card(path, student_version="ranker-7")
    before, other = path.read_bytes(), run(3, student_version="ranker-8")

    assert not update_last_canary(path, other)

    assert path.read_bytes() == before
    assert "is of student ranker-7, this run of ranker-8" in is_of_another(read_card(path), other)
    assert not any(is_of_another(read_card(path), run(3, student_version=name)) for name in ("ranker-7", None))


def test_a_withdrawn_run_makes_way_for_the_newest_measured_one_of_the_card_s_student(path):
    init_card(path, student_version="ranker-7")
    update_last_canary(path, run(3))
    left = [run(0), run(1), run(2, agreement=Unmeasured(reason="few")), run(2, student_version="ranker-6")]

    assert mend_last_canary(path, run(3), left) == run(1)

    assert read_card(path).canary.last.at == run(1).at.isoformat()


def test_a_withdrawn_run_leaves_no_last_canary_where_none_counts(path):
    init_card(path)
    update_last_canary(path, run(0))

    assert mend_last_canary(path, run(0), []) is None

    last = read_card(path).canary.last
    assert (last.at, last.agreement, last.overlap, last.teacher_revision) == (None, None, None, None)


@pytest.mark.parametrize("other", [run(1), run(0, teacher_revision="2026-05")])
def test_a_card_with_another_last_canary_stays(path, other):
    init_card(path)
    update_last_canary(path, run(0))
    before = path.read_bytes()

    assert mend_last_canary(path, other, []) is None
    assert path.read_bytes() == before


def test_runs_without_a_student_belong_to_the_card_s_unless_a_record_names_it(path):
    init_card(path, student_version="ranker-7")
    nameless = [run(number, student_version=None) for number in range(3)]
    update_last_canary(path, nameless[2])

    assert mend_last_canary(path, nameless[2], nameless[:2]) == nameless[1]
    assert read_card(path).canary.last.at == run(1).at.isoformat()

    assert mend_last_canary(path, nameless[1], nameless[:1], withdrawn=[run(3)]) is None
    assert read_card(path).canary.last.at is None


def test_after_a_run_was_restored_the_newest_that_counts_stands_on_the_card(path):
    init_card(path, student_version="ranker-7")
    left = [run(0), run(1), run(2, student_version="ranker-6")]

    assert mend_last_canary(path, run(0), left) == run(1)
    assert read_card(path).canary.last.at == run(1).at.isoformat()
    assert mend_last_canary(path, run(0), [run(0)]) is None
    assert mend_last_canary(path, run(0), [run(0, agreement=Unmeasured(reason="few"))]) is None
