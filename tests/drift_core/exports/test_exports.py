"""Exports of other tools give the pairs, counts and messages that they hold, and no other pair."""

import pytest

from drift_core.samples.reading import read_pairs
from tests.drift_core.exports.export_files import EXPORTS, STUDENT, TEACHER, pairs, write

CHOSEN = {"teacher": TEACHER, "student": STUDENT}


def read(files, folder, **more):
    return read_pairs(write(files, folder), **({"columns": CHOSEN} | more))


def messages(sample):
    return {problem.name: problem.message for problem in sample.problems}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_form_gives_the_same_pairs(name, tmp_path):
    given = pairs()

    sample = read(EXPORTS[name](given), tmp_path)

    found = set(zip(sample.query, sample.doc, sample.teacher, sample.student, strict=True))
    assert found == {(pair["query"], pair["doc"], pair[TEACHER], pair[STUDENT]) for pair in given}
    assert len(sample) == len(given)
