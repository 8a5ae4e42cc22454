from dataclasses import replace

import pytest

from drift_core import InputError, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.score_format import ScoreFormat
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, list_of, rescoring

ONE_BY_ONE = replace(QUICK, concurrency=1)
MODEL = "gpt-4o-2024-08-06"


def test_a_ledger_without_an_answer_takes_new_settings(tmp_path):
    path, other, ledger = list_of(3, tmp_path), list_of(4, tmp_path, name="other.parquet"), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(400, "Not so.")) as teacher:
        for source, order in ((path, rescoring(teacher.url)), (other, rescoring(teacher.url, model="another"))):
            with pytest.raises(EndpointError, match="Not so"):
                rescore_list(source, ledger, rescoring=order)
        teacher.faults = lambda call: None
        template = "{query} and {doc}, in [{low}, {high}]"
        prompt = Prompt(template=template, temperature=None)
        done = rescore_list(path, ledger, rescoring=replace(rescoring(teacher.url, high=3.0), prompt=prompt))

    assert done.is_complete
    assert done.calls == len(teacher.calls)  # all count under the cap


def test_answers_that_were_paid_are_not_thrown_away_for_another_prompt(tmp_path):
    path, ledger = list_of(4, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.said("Well.")) as teacher:
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).counts["unparsed"] == 4
        order = replace(rescoring(teacher.url), prompt=Prompt(temperature=0.5))
        with pytest.raises(InputError, match=r"for another temperature .* and holds 4 answers.*--reread"):
            rescore_list(path, ledger, rescoring=order)

    assert len(teacher.calls) == 4


def test_a_ledger_with_scores_says_what_differs(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        order = rescoring(teacher.url)
        rescore_list(path, ledger, rescoring=order)
        other = replace(rescoring(teacher.url, model="another"), prompt=Prompt(temperature=None))
        with pytest.raises(InputError) as caught:
            rescore_list(path, ledger, rescoring=other)

    words = "another model (judge, not another) and another temperature (0, not none), and holds 3 scores."
    assert words in str(caught.value)


def rotating(call):
    """The model stays, its fingerprint changes with every third call."""
    return endpoint.Reply(model=MODEL, fingerprint=f"fp_{(call.number - 1) // 3}")


def test_a_begun_folder_holds_the_model_alone_when_its_fingerprints_change(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=rotating) as teacher:
        order = rescoring(teacher.url, pace=ONE_BY_ONE)
        with pytest.raises(EndpointError, match=rf"go on in this folder with --teacher-revision {MODEL}"):
            rescore_list(path, ledger, rescoring=order)
        assert len(teacher.calls) == 4
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision=MODEL))
        again = rescore_list(path, ledger, rescoring=order)  # the revision stays named

    assert done.is_complete
    assert again.revision == done.revision == MODEL
    assert set(teacher.asked.values()) == {1}  # also the answer that stopped the run counts
    assert {each.model for each in done.answered} == {MODEL}


def test_a_revision_that_kept_answers_contradict_is_refused_with_theirs(tmp_path):
    path, ledger = list_of(20, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=rotating) as teacher:
        rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision=MODEL, pace=ONE_BY_ONE))
        with pytest.raises(InputError, match=rf"holds 3 answers of the revision {MODEL} \(fp_1\), and fp_0 is asked"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="fp_0"))


def test_answers_of_another_model_are_not_taken_back(tmp_path):
    path, ledger = list_of(6, tmp_path), tmp_path / "ledger"
    other = endpoint.Reply(model="judge-new")

    with endpoint.serve(faults=lambda call: other if call.number == 3 else None) as teacher:
        order = rescoring(teacher.url, pace=ONE_BY_ONE)
        with pytest.raises(EndpointError, match="Re-score into another folder"):
            rescore_list(path, ledger, rescoring=order)
        done = rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision=endpoint.MODEL))

    assert done.is_complete
    assert {each.model for each in done.answered} == {endpoint.MODEL}
    assert len(teacher.calls) == 7


def test_a_number_that_was_cut_is_no_score_when_its_answer_is_taken_back(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    def replies(call):
        finish = "length" if call.number == 2 else "stop"
        said = endpoint.completion("Score: 0.1", model=MODEL, fingerprint=f"fp_{call.number == 1}", finish=finish)
        return endpoint.Reply(body=said)

    with endpoint.serve(faults=replies) as teacher:
        by_word = Prompt(template="{query} {doc}", answer=ScoreFormat(regex=r"Score: ([0-9.]+)"))
        with pytest.raises(EndpointError, match="go on in this folder"):
            rescore_list(path, ledger, rescoring=replace(rescoring(teacher.url, pace=ONE_BY_ONE), prompt=by_word))
        done = rescore_list(path, ledger, rescoring=replace(rescoring(teacher.url, revision=MODEL), prompt=by_word))

    assert (done.counts["scored"], done.counts["unparsed"], len(teacher.calls)) == (2, 1, 3)
