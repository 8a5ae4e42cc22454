import sqlite3
from dataclasses import replace

import pytest

from drift_core import InputError, rescore_list
from drift_core.errors import EndpointError
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, list_of, rescoring


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"model": "judge-large-2027-01"}, "judge-large-2027-01 (fp_1)"),
        ({"fingerprint": "fp_2"}, "judge-large-2026-11 (fp_2)"),
    ],
    ids=["model", "fingerprint"],
)
def test_the_first_answer_of_another_revision_ends_the_run_and_is_no_score(tmp_path, other, found):
    path, ledger = list_of(12, tmp_path), tmp_path / "ledger"
    other = endpoint.Reply(**other)

    with endpoint.serve(faults=lambda call: other if call.number == 5 else None) as teacher:
        order = rescoring(teacher.url, pace=replace(QUICK, concurrency=1))
        with pytest.raises(EndpointError) as caught:
            rescore_list(path, ledger, rescoring=order)
        assert f"answered as {found}; the teacher's revision of this list is judge-large-2026-11 (fp_1)." in str(
            caught.value
        )
        kept = sqlite3.connect(ledger).execute(
            "SELECT model || ' (' || fingerprint || ')', answer FROM call WHERE outcome = 'other revision'"
        )
        assert kept.fetchall() == [(found, '{"score": 0.5}')]
        assert len(teacher.calls) == 5

        done = rescore_list(path, ledger, rescoring=order)
    assert done.is_complete
    assert [each.model for each in done.answered] == [endpoint.MODEL]


@pytest.mark.parametrize("revision", [endpoint.MODEL, endpoint.FINGERPRINT])
def test_the_pin_is_the_model_or_the_fingerprint(tmp_path, revision):
    with endpoint.serve() as teacher:
        done = rescore_list(
            list_of(3, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url, revision=revision)
        )

    assert done.revision == revision


def test_a_wrong_pin_can_be_mended_while_nothing_is_scored_and_not_afterwards(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve() as teacher:
        with pytest.raises(EndpointError, match="revision of this list is judge-old"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="judge-old"))
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision=endpoint.MODEL)).is_complete
        with pytest.raises(InputError, match="Two revisions are never mixed"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="judge-old"))


def test_pairs_that_failed_set_no_revision(tmp_path):
    path, ledger = list_of(3, tmp_path), tmp_path / "ledger"

    with endpoint.serve(faults=lambda call: endpoint.failure(500)) as teacher:
        assert rescore_list(path, ledger, rescoring=rescoring(teacher.url)).counts["failed"] == 3
        teacher.faults = lambda call: None
        with pytest.raises(EndpointError, match="revision of this list is judge-new"):
            rescore_list(path, ledger, rescoring=rescoring(teacher.url, revision="judge-new"))
