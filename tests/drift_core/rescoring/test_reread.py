from dataclasses import replace

import pandas as pd
import pytest

from drift_core import InputError, rescore_list
from drift_core.rescoring import ledger_settings
from drift_core.rescoring.lock import locked
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.rescore import reread_list
from drift_core.rescoring.score_format import ScoreFormat
from drift_core.rescoring.status import read_rescored
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import by_number, list_of, rescoring

BY_WORD = ScoreFormat(regex=r"(?i)score\W+([0-9.]+)")


def read_by(order, answer, **more):
    return replace(order, prompt=Prompt(answer=answer, **more))


def mixed(call):
    """Every third answer is prose."""
    number = int(call.doc.split()[1])
    return endpoint.said(f"Score: {number / 100}") if number % 3 == 0 else None


def test_all_kept_answers_are_read_in_the_new_way_and_back_without_a_call(tmp_path):
    path, ledger = list_of(12, tmp_path), tmp_path / "ledger"

    with endpoint.serve(by_number, faults=mixed) as teacher:
        order = rescoring(teacher.url)
        before = rescore_list(path, ledger, rescoring=order)
        assert (before.counts["scored"], before.counts["unparsed"]) == (8, 4)
        read = reread_list(path, ledger, rescoring=read_by(order, BY_WORD))
        back = reread_list(path, ledger, rescoring=order)

    assert len(teacher.calls) == 12
    assert read.pairs["teacher_score"].tolist() == [i / 100 for i in range(12)]
    assert read.is_complete
    assert read.to_json()["prompt"]["regex"] == BY_WORD.regex
    pd.testing.assert_frame_equal(back.pairs, before.pairs)


def test_reading_changes_only_when_it_is_asked_for(tmp_path):
    path, ledger = list_of(6, tmp_path), tmp_path / "ledger"

    with endpoint.serve(by_number) as teacher:
        order = rescoring(teacher.url)
        rescore_list(path, ledger, rescoring=order)
        for answer, words in (
            (BY_WORD, r"regular expression \(none, not "),
            (ScoreFormat(key="rating"), r"JSON key of the score \(score, not rating\)"),
            (ScoreFormat(high=3.5), r"range of scores \(0 to 1, not 0 to 3.5\)"),
        ):
            with pytest.raises(
                InputError, match=rf"The 6 answers .* by another {words}.*they were read with.*--reread"
            ):
                rescore_list(path, ledger, rescoring=read_by(order, answer))

    assert len(teacher.calls) == 6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"template": "{query} or {doc}"}, "another text of the prompt, and holds 4 answers"),
        ({"temperature": None}, r"another temperature \(0, not none\), and holds 4 answers"),
    ],
)
def test_answers_to_another_question_are_not_read_again(tmp_path, change, words):
    path, ledger = list_of(4, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.said("Well.")) as teacher:
        order = rescoring(teacher.url)
        rescore_list(path, ledger, rescoring=order)
        with pytest.raises(InputError, match=words):
            reread_list(path, ledger, rescoring=read_by(order, BY_WORD, **change))


def test_a_reading_that_is_interrupted_has_changed_nothing(tmp_path, monkeypatch):
    path, ledger = list_of(12, tmp_path), tmp_path / "ledger"

    def dies(connection, form):
        connection.execute("UPDATE answer SET score = 0.5, state = 'scored'")
        raise KeyboardInterrupt

    with endpoint.serve(by_number, faults=mixed) as teacher:
        order = rescoring(teacher.url)
        before = rescore_list(path, ledger, rescoring=order)
        monkeypatch.setattr(ledger_settings, "read_again", dies)
        with pytest.raises(KeyboardInterrupt):
            reread_list(path, ledger, rescoring=read_by(order, BY_WORD))

    pd.testing.assert_frame_equal(read_rescored(path, ledger, rescoring=order).pairs, before.pairs)
    assert rescore_list(path, ledger, rescoring=order).calls == 12  # and the settings are those of before


def test_a_refusal_stays_one_and_what_was_cut_within_its_number_is_none(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"
    cut = endpoint.Reply(body=endpoint.completion("Score: 0.1", finish="length"))
    said = {"doc 0": endpoint.refusal("Score: 0.3 I will not say."), "doc 1": cut}

    with endpoint.serve(faults=lambda call: said.get(call.doc)) as teacher:
        order = rescoring(teacher.url)
        rescore_list(path, ledger, rescoring=order)
        done = reread_list(path, ledger, rescoring=read_by(order, ScoreFormat(regex=r"(?i)score\W+([0-9.]+)")))

    assert done.pairs["state"].tolist() == ["refused", "unparsed", "scored"]
    assert done.pairs["state_reason"].iloc[1] == "The answer was cut at its most tokens."


def test_a_ledger_in_use_or_not_there_is_not_read_again(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        order = rescoring(teacher.url)
        with pytest.raises(InputError, match="no answer to read again"):
            reread_list(path, ledger, rescoring=order)
        rescore_list(path, ledger, rescoring=order)
        with locked(ledger), pytest.raises(InputError, match="Another run"):
            reread_list(path, ledger, rescoring=order)


def test_a_number_that_was_cut_is_no_score_however_often_it_is_read(tmp_path):
    path, ledger = list_of(4, tmp_path), tmp_path / "ledger"
    readings = [
        ScoreFormat(regex=r"Grade: ([0-9.]+)"),
        ScoreFormat(regex=r"Grade: ([0-9.]+)", high=5.0),
        ScoreFormat(regex=r"Score: ([0-9.]+)"),
    ]

    cut = endpoint.Reply(body=endpoint.completion("Grade: 3 Score: 0.1", finish="length"))
    with endpoint.serve(faults=lambda call: cut) as teacher:
        order = rescoring(teacher.url)
        rescore_list(path, ledger, rescoring=order)
        for reading in readings:
            done = reread_list(path, ledger, rescoring=read_by(order, reading))

    assert done.counts["unparsed"] == 4
