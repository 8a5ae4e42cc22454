import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from drift_core.errors import InputError, SettingError
from drift_core.review.draw import draw_review
from drift_core.review.pairs import GivenAnswer, ReviewSettings
from drift_core.review.review_file import DRAW, create_review, open_review
from tests.drift_core.review.drawn import halves, labelled

# Answers without end, and says each once it is acknowledged.
ANSWER_ON = """
import sys
from drift_core.review.pairs import ANSWERS, GivenAnswer
from drift_core.review.review_file import open_review
review = open_review(sys.argv[1])
for turn in range(10**6):
    place, answer = turn % 20 + 1, ANSWERS[turn // 20 % 4]
    review.answer(GivenAnswer(place=place, reviewer="Ada", answer=answer))
    print(turn, place, answer, flush=True)
"""


@pytest.fixture
def review(tmp_path):
    drawn = draw_review(halves(labelled(80)), settings=ReviewSettings(n=20))
    return create_review(drawn, tmp_path / "review.db")


def said(review, place, reviewer="Ada"):
    found = [each for each in review.answers() if (each.place, each.reviewer) == (place, reviewer)]
    return (found[0].answer, found[0].note) if found else None


def give(review, place, answer=None, *, note="", reviewer="Ada"):
    return review.answer(GivenAnswer(place=place, reviewer=reviewer, answer=answer, note=note))


def test_a_review_is_read_back_as_it_was_drawn(review):
    assert open_review(review.path).draw == review.draw


def test_the_last_answer_counts_a_note_stays_and_undo_takes_back_step_by_step(review):
    assert [give(review, 3, "first"), give(review, 3, "first"), give(review, 3, note="odd")] == [True, False, True]
    give(review, 3, "neither")
    assert said(review, 3) == ("neither", "odd")

    assert review.undo("Ada") == 3
    assert said(review, 3) == ("first", "odd")
    give(review, 3, note="")
    assert said(review, 3) == ("first", "")
    for _ in range(2):
        review.undo("Ada")
    assert said(review, 3) == ("first", "")
    review.undo("Ada")
    assert (said(review, 3), review.undo("Ada")) == (None, None)


def test_two_reviewers_at_once_lose_nothing_and_undo_their_own(review):
    def all_of(reviewer):
        other = open_review(review.path)
        for place in range(1, 21):
            give(other, place, "both", reviewer=reviewer)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(all_of, ("Ada", "Bo")))
    review.undo("Bo")

    assert len(review.answers()) == 39
    assert said(review, 20) == ("both", "")


def test_killed_while_answering_nothing_acknowledged_is_lost(review):
    command = [sys.executable, "-c", ANSWER_ON, str(review.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as answering:
        for _ in range(30):
            answering.stdout.readline()
        os.kill(answering.pid, signal.SIGKILL)
        last = [
            line.split() for line in answering.stdout.read().splitlines() if line.endswith(("st", "nd", "th", "er"))
        ]
    turn, place, answer = last[-1] if last else ("29", "10", "second")

    found = open_review(review.path).answers()

    assert len(found) == 20
    assert said(review, int(place))[0] == answer
    with sqlite3.connect(review.path) as connection:
        assert connection.execute("SELECT count(*) FROM answer").fetchone()[0] in (int(turn) + 1, int(turn) + 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"place": 21, "answer": "first"}, "The review has pairs 1 to 20; found 21"),
        ({"place": 1, "answer": "maybe"}, "An answer is one of first, second, both, neither; found 'maybe'"),
        ({"place": 1, "answer": "first", "reviewer": " "}, "A reviewer has a name of 1 to 80 characters"),
    ],
)
def test_what_is_no_answer_is_refused(review, given, message):
    with pytest.raises(SettingError, match=message):
        review.answer_all(
            [GivenAnswer(**{"reviewer": "Ada"} | each) for each in ({"place": 1, "answer": "both"}, given)]
        )
    assert review.answers() == ()


def test_a_file_that_is_no_review_is_one_message_and_stays(review, tmp_path):
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE a (b)")
    content = other.read_bytes()
    (tmp_path / "text.db").write_text("no database at all, whatever it is called" * 30)

    for path, message in (
        (other, "is no review"),
        (tmp_path / "text.db", "cannot be used: file is not a database"),
        (tmp_path / "none.db", "There is no review at"),
    ):
        with pytest.raises(InputError, match=message):
            open_review(path)
    assert other.read_bytes() == content
    with pytest.raises(InputError, match="is there already"):
        create_review(review.draw, other)


@pytest.mark.parametrize("change", ["PRAGMA user_version = 2", "UPDATE draw SET document = '{}'", "DELETE FROM draw"])
def test_a_damaged_or_newer_review_is_one_message(review, change):
    with sqlite3.connect(review.path) as connection:
        connection.execute(change)

    with pytest.raises(InputError, match=r"is damaged|is of version 2; this program reads up to 1"):
        open_review(review.path)


@pytest.mark.parametrize(
    "change",
    ["place = 99", "place = 'x'", "answer = 'teacher'", "at_utc = 'yesterday'", "reviewer = ''"],
)
def test_answers_that_somebody_changed_in_the_file_are_one_message(review, change):
    give(review, 1, "first")
    with sqlite3.connect(review.path) as connection:
        connection.execute(f"UPDATE answer SET {change}")

    with pytest.raises(InputError, match="is damaged"):
        review.answers()


@pytest.mark.parametrize("field", ["pairs", "regions"])
def test_a_draw_that_somebody_shortened_is_one_message(review, field):
    shorter = replace(review.draw, **{field: getattr(review.draw, field)[1:]})
    with sqlite3.connect(review.path) as connection:
        connection.execute("UPDATE draw SET document = ?", (DRAW.dump_json(shorter).decode(),))

    with pytest.raises(InputError, match="is damaged"):
        open_review(review.path)
