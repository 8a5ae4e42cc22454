"""A teacher that answers with labels: what is sent, how answers are read, and the list that comes of it."""

import json
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from drift_core import rescore_list
from drift_core.errors import InputError, SettingError
from drift_core.rescoring.label_meanings import as_lines, parse_labels
from drift_core.rescoring.prompt import DEFAULT_TEMPLATE, LABEL_TEMPLATE, Prompt, fitting_template
from drift_core.rescoring.rescore import reread_list
from drift_core.rescoring.score_format import ScoreFormat, Unparsed
from drift_core.rescoring.settings import RescoreSettings
from drift_core.rescoring.status import read_rescored
from drift_core.rescoring.trial import read_trial
from drift_core.rescoring.unscored import Unreadable, commonest_reason
from drift_core.retrain_list.list_labels import labels_to_ask
from drift_core.retrain_list.reader import read_list
from drift_core.retraining.scored_texts import read_scored_list
from tests.drift_core.command_line import run
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of, rescoring

PASS_FAIL = ("fail", "pass")
HALF = {"teacher_score": ["pass", "fail"] * 3, "student_score": ["pass"] * 6}


def by_turns(query, doc):
    """A teacher that says pass of every third doc."""
    return "pass" if int(doc.split()[1]) % 3 == 0 else "fail"


def order(url, labels=PASS_FAIL, **form):
    with_labels = Prompt(answer=ScoreFormat(labels=labels, **form))
    return rescoring(url).__class__(teacher=rescoring(url).teacher, cap=rescoring(url).cap, prompt=with_labels)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ('{"score": "pass"}', 1.0),
        ('{"score": " FAIL "}', 0.0),
        ('```json\n{"score": "[[Pass]]"}\n```', 1.0),
        ('{"verdict": "pass"}', 1.0),
        ('{"why": "It fits.", "Score": "fail"}', 0.0),
        ('<think>{"score": "pass"}</think>{"score": "fail"}', 0.0),
        ('{"score": "passed"}', "The label 'passed' is none of fail, pass."),
        ('{"score": 1}', "The label '1' is none of fail, pass."),
        ('{"score": null}', "No JSON with a label as score was found."),
        ('{"why": "pass"}', "No JSON with a label as score was found."),
        ('{"score": "pass"} or {"score": "fail"}', "The answer gives 2 different scores."),
        ("pass", "No JSON with a label as score was found."),
    ],
)
def test_a_label_is_read_as_its_place_and_nothing_is_guessed(answer, read):
    found = ScoreFormat(labels=PASS_FAIL).read(answer)

    assert found == (Unparsed(reason=read) if isinstance(read, str) else read)


def test_a_pattern_reads_a_label_that_a_cut_has_not_shortened():
    form = ScoreFormat(labels=("relevant", "not relevant"), regex=r"Verdict: ([\w ]+)")

    assert form.read("Verdict: Not_relevant") == 1.0
    assert isinstance(form.read("Verdict: relev", is_cut=True), Unparsed)
    assert "is none of relevant, not relevant" in form.read("Verdict: maybe").reason


def test_true_and_false_and_numbers_may_be_labels():
    assert ScoreFormat(labels=("false", "true")).read('{"score": true}') == 1.0
    assert ScoreFormat(labels=("0", "1")).read('{"score": 1.0}') == 1.0


@pytest.mark.parametrize("labels", [("pass",), ("pass", "PASS"), ("pass", ""), tuple(map(str, range(101)))])
def test_labels_that_cannot_be_told_apart_are_refused(labels):
    with pytest.raises(SettingError, match="Labels are 2 to 100 different texts"):
        ScoreFormat(labels=labels)


def test_the_teacher_is_asked_for_a_label_and_the_list_gets_it(tmp_path):
    path, ledger = list_of(6, tmp_path, **HALF), tmp_path / "ledger"

    with endpoint.serve(by_turns, template=LABEL_TEMPLATE) as teacher:
        asked = order(teacher.url)
        rescored = rescore_list(path, ledger, rescoring=asked)

    assert rescored.is_complete
    assert rescored.pairs["teacher_score"].tolist() == ["pass", "fail", "fail", "pass", "fail", "fail"]
    assert rescored.pairs["teacher_score_listed"].tolist() == HALF["teacher_score"]
    sent = teacher.calls[0].body
    assert sent["response_format"]["json_schema"]["schema"]["properties"]["score"]["enum"] == list(PASS_FAIL)
    assert "Give one of these labels:\nfail, pass\n" in sent["messages"][0]["content"]
    assert rescored.change == "50% of 6 pairs have another label than on the list."
    record = rescored.to_json()
    assert (record["score_range"], record["labels"]) == (None, list(PASS_FAIL))
    assert {each.result for each in read_trial(path, ledger, rescoring=asked)} == {"label pass", "label fail"}
    pd.testing.assert_frame_equal(read_rescored(path, ledger, rescoring=asked).pairs, rescored.pairs)


def test_another_label_is_told_and_read_at_no_cost_once_it_is_named(tmp_path):
    path, ledger = list_of(6, tmp_path, **HALF, region=["new"] * 3 + ["old"] * 3), tmp_path / "ledger"

    with endpoint.serve(lambda query, doc: "skip" if doc == "doc 0" else "pass", template=LABEL_TEMPLATE) as teacher:
        before = rescore_list(path, ledger, rescoring=order(teacher.url))
        with pytest.raises(InputError, match=r"another set of labels .*--reread"):
            rescore_list(path, ledger, rescoring=order(teacher.url, ("fail", "pass", "skip")))
        after = reread_list(path, ledger, rescoring=order(teacher.url, ("fail", "pass", "skip")))

    assert len(teacher.calls) == 6
    assert before.where_unscored == "1 of the 1 without a score lie in new, of its 3."
    assert before.commonest_reason.startswith("1 of 1 answer gave a label that is none of fail, pass, such as")
    assert "--reread --labels with all of them" in before.commonest_reason
    assert after.pairs["teacher_score"].tolist() == ["skip", *["pass"] * 5]


def test_a_ledger_of_before_there_were_labels_goes_on(tmp_path):
    path, ledger = list_of(4, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url, n_tried=2))
        with closing(sqlite3.connect(ledger)) as connection, connection:
            connection.execute("DELETE FROM setting WHERE name IN ('labels', 'asked_labels')")
        rescored = rescore_list(path, ledger, rescoring=rescoring(teacher.url))

    assert rescored.is_complete
    assert len(teacher.calls) == 4


@pytest.mark.parametrize(
    ("texts", "words", "form"),
    [
        (["PASS", "Fail."], r"--reread --regex '^\s*(.+?)[.!]?\s*$' reads", {}),
        (["It passes, I think."], "--reread --regex PATTERN", {}),
        (['{"mark": "pass", "why": "It fits."}'], "had the key mark where score is expected", {}),
        (["4/5"], "--reread --regex PATTERN", {}),
    ],
)
def test_what_mends_answers_without_a_label(texts, words, form):
    prompt = Prompt(answer=ScoreFormat(labels=PASS_FAIL, **form))
    found = [Unreadable(reason=prompt.answer.read(text).reason, text=text) for text in texts]

    assert words in commonest_reason(found, prompt)


def test_labels_of_the_list_are_asked_for_in_its_spelling(tmp_path):
    listed = read_list(list_of(6, tmp_path, **HALF))

    assert labels_to_ask(listed) == ("fail", "pass")
    assert labels_to_ask(listed, ["Pass", "FAIL", "skip"]) == ("pass", "fail", "skip")
    with pytest.raises(
        InputError, match=r"are labels \('fail', 'pass'\)\. Name all that the teacher may give: --labels"
    ):
        labels_to_ask(listed, ["pass", "skip"])
    with pytest.raises(InputError, match="are numbers, and labels are named"):
        labels_to_ask(read_list(list_of(6, tmp_path, name="n.parquet")), ["pass", "fail"])
    with pytest.raises(InputError, match=r"are labels \('pass'\)\. Name all"):
        labels_to_ask(read_list(list_of(6, tmp_path, name="o.parquet", teacher_score="pass")))
    with pytest.raises(InputError, match="Name all that the teacher may give"):
        rescore_list(listed, tmp_path / "ledger", rescoring=rescoring("http://127.0.0.1:9/v1"))


def test_answers_are_told_by_the_labels_that_they_were_read_with(tmp_path):
    """Also where another set, or another order, is asked for but not read yet."""
    path, ledger = list_of(6, tmp_path, **HALF), tmp_path / "ledger"

    with endpoint.serve(lambda query, doc: "skip" if doc == "doc 0" else "pass", template=LABEL_TEMPLATE) as teacher:
        rescore_list(path, ledger, rescoring=order(teacher.url, ("fail", "pass", "skip")))
        for labels in (PASS_FAIL, ("skip", "pass", "fail")):
            told = read_rescored(path, ledger, rescoring=order(teacher.url, labels)).pairs["teacher_score"].tolist()
            assert told == ["skip", *["pass"] * 5]
        fewer = reread_list(path, ledger, rescoring=order(teacher.url))

    assert fewer.counts["unparsed"] == 1
    assert fewer.pairs["teacher_score"].tolist() == [None, *["pass"] * 5]


def test_signs_of_a_label_are_kept_by_the_pattern_that_is_advised():
    prompt = Prompt(answer=ScoreFormat(labels=("A-", "A", "A+")))
    found = [Unreadable(reason=prompt.answer.read(text).reason, text=text) for text in ("A+", "**A-**", "A.")]

    pattern = commonest_reason(found, prompt).split("--regex '")[1].split("'")[0]

    by_pattern = ScoreFormat(labels=prompt.answer.labels, regex=pattern)
    assert [by_pattern.read(each.text) for each in found] == [2.0, 0.0, 1.0]


def test_labels_that_say_nothing_by_themselves_need_the_teachers_own_prompt():
    with pytest.raises(SettingError, match="Give the teacher's own prompt"):
        Prompt(answer=ScoreFormat(labels=("A", "B", "tie")))
    assert Prompt(template="{query} {doc}: {labels}", answer=ScoreFormat(labels=("A", "B", "tie")))
    with pytest.raises(SettingError, match="the teacher gives numbers"):
        Prompt(template="{query} {doc}: {labels}")


def test_labels_that_differ_by_case_or_spaces_are_one(tmp_path):
    listed = read_list(list_of(6, tmp_path, teacher_score=["Pass", "pass", "fail", "pass ", "fail", "fail"]))

    assert labels_to_ask(listed) == ("fail", "Pass")
    assert labels_to_ask(listed, ["pass", "FAIL"]) == ("Pass", "fail")


def test_a_rescored_list_of_which_no_answer_was_a_label_is_asked_for_labels_again(tmp_path):
    path = list_of(6, tmp_path, **HALF)
    with endpoint.serve(lambda query, doc: "skip", template=LABEL_TEMPLATE) as teacher:
        rescored = rescore_list(path, tmp_path / "ledger", rescoring=order(teacher.url))
    rescored.pairs.to_parquet(tmp_path / "rescored.parquet")

    assert labels_to_ask(read_list(tmp_path / "rescored.parquet")) == PASS_FAIL


def test_true_and_false_of_a_list_are_labels(tmp_path):
    listed = read_list(list_of(6, tmp_path, teacher_score=[True, False] * 3))

    assert labels_to_ask(listed) == ("false", "true")


def test_a_template_of_our_own_makes_way_for_the_other_and_a_users_stays():
    assert fitting_template(DEFAULT_TEMPLATE, PASS_FAIL) == LABEL_TEMPLATE
    assert fitting_template(LABEL_TEMPLATE, ()) == DEFAULT_TEMPLATE
    assert fitting_template("{query} {doc}", PASS_FAIL) == "{query} {doc}"


def test_the_command_goes_from_a_list_of_labels_to_what_is_trained_on(tmp_path):
    path, out = list_of(24, tmp_path, teacher_score=["pass", "fail"] * 12), tmp_path / "out"
    words = ("rescore", path, "--out", out, "--model", "judge", "--max-calls", 30)

    with endpoint.serve(by_turns, template=LABEL_TEMPLATE) as teacher:
        code, shown, said = run(*words, "--endpoint", teacher.url, "--try", 1)
        assert "does not say what each label means" in said
        assert (code, ": label pass" in shown) == (0, True)
        code, shown, _ = run(*words, "--endpoint", teacher.url)

    assert code == 0
    assert json.loads((out / "rescored.json").read_text())["labels"] == ["fail", "pass"]
    assert read_scored_list(out / "rescored.parquet").runs[:, 0].tolist() == [1, 0, 0] * 8
    code, _, said = run(*words, "--labels", "pass,skip")
    assert (code, "Name all that the teacher may give" in said) == (2, True)
    code, _, said = run(*words, "--score-range", 1, 5)
    assert (code, "--score-range is about numbers" in said) == (2, True)


MEANT = ['fail = The answer is {query}, or says "no".', "", " pass=  Everything\tstands = in {doc}."]


def test_meanings_of_labels_stand_in_the_prompt_as_they_are_written():
    labels, meanings = parse_labels(MEANT)
    prompt = RescoreSettings(model="judge", labels=labels, meanings=meanings, max_calls=1).rescoring().prompt

    assert not prompt.unexplained
    assert (
        "Give one of these labels:\n"
        '- "fail": The answer is {query}, or says "no".\n'
        '- "pass": Everything stands = in {doc}.\n'
    ) in prompt.text("a {doc}", "b")
    other = Prompt(answer=ScoreFormat(labels=labels), meanings=(("fail", "Else."),))
    assert (other.unexplained, '- "pass"\n' in other.text("q", "d")) == (("pass",), True)
    assert len({prompt.digest, other.digest, Prompt(answer=ScoreFormat(labels=labels)).digest}) == 3
    assert parse_labels(as_lines(labels, meanings).splitlines()) == (labels, meanings)


def test_a_label_with_an_equals_sign_is_told_by_the_list():
    assert parse_labels(["a=b = both", "a=b", "a=c"], ["a=b", "c"]) == (("a=b", "a=b", "a"), ("both", "", "c"))


def test_meanings_settle_what_labels_alone_do_not_say_and_need_their_place():
    verdicts = ScoreFormat(labels=("A", "B"))

    assert Prompt(answer=verdicts, meanings=(("A", "The first is better."), ("B", "The second is."))).unexplained == ()
    with pytest.raises(SettingError, match=r"say what each of them means \(--labels FILE\)"):
        Prompt(answer=verdicts, meanings=(("A", "The first is better."),))
    with pytest.raises(SettingError, match=r"has the place \{labels\}, and it has none"):
        Prompt(template="{query} {doc}", answer=ScoreFormat(labels=PASS_FAIL), meanings=(("pass", "Fine."),))
    with pytest.raises(SettingError, match="at most 2,000 characters"):
        Prompt(answer=ScoreFormat(labels=PASS_FAIL), meanings=(("pass", "x" * 2_001),))


def test_the_command_takes_a_file_of_labels_and_a_ledger_keeps_to_its_meanings(tmp_path):
    path, out = list_of(6, tmp_path, **HALF), tmp_path / "out"
    meant = tmp_path / "labels.txt"
    meant.write_text("fail = The answer is wrong.\nPASS = It is right.\n")
    words = ("rescore", path, "--out", out, "--model", "judge", "--max-calls", 30, "--labels", meant)

    asked = LABEL_TEMPLATE.replace("{labels}", '- "fail": The answer is wrong.\n- "pass": It is right.')
    with endpoint.serve(by_turns, template=asked) as teacher:
        code, _, said = run(*words, "--endpoint", teacher.url)
        assert '- "pass": It is right.\n' in teacher.calls[0].body["messages"][0]["content"]
        meant.write_text("fail = The answer is wrong.\npass = It is good.\n")
        again, _, why = run(*words, "--endpoint", teacher.url)

    assert (code, "does not say" in said) == (0, False)
    assert json.loads((out / "rescored.json").read_text())["prompt"]["meanings"] == {
        "fail": "The answer is wrong.",
        "pass": "It is right.",
    }
    assert (again, "is for another text of the prompt" in why) == (2, True)
    meant.write_text("pass = It is right.\npass = It is good.\nfail")
    assert "given twice with two meanings" in run(*words)[2]
