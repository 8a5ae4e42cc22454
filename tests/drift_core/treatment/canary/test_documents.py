import json
from dataclasses import replace

import pytest

from drift_core import InputError, Unmeasured
from drift_core.treatment.canary.documents import decision_from, run_from
from drift_core.treatment.canary.run import read_run
from tests.drift_core.treatment.canary.runs_by_hand import full_week, week


@pytest.mark.parametrize("run", [full_week(), week(), week(heldout=None, agreement=Unmeasured(reason="3 pairs"))])
def test_a_document_gives_the_run_that_the_checker_of_types_gives(run):
    document = json.loads(json.dumps(run.to_json()))

    assert run_from(document) == read_run(document) == run


def test_what_a_later_version_added_is_left_out():
    document = json.loads(json.dumps(full_week().to_json()))
    document |= {"mood": "calm"}
    document["agreement"] |= {"mood": "calm"}
    document["regions"][0] |= {"mood": "calm"}

    assert run_from(document) == full_week()


def test_what_an_earlier_version_lacked_has_its_default():
    document = json.loads(json.dumps(full_week().to_json()))
    del document["encoder"], document["bridge"]

    assert run_from({"regions": [], **document}) == replace(full_week(), encoder=None, bridge=None)


@pytest.mark.parametrize("field", ["at", "agreement", "n_pairs", "teacher_revision"])
def test_a_document_without_a_needed_field_is_named(field):
    document = json.loads(json.dumps(week().to_json()))
    del document[field]

    with pytest.raises(InputError, match=f"cannot be read: {field}: Field required"):
        run_from(document)


def test_a_decision_of_a_kind_that_a_later_version_knows_is_refused():
    document = {"kind": "split", "at": "2026-01-05T09:00:00+00:00", "by": "Ada", "reason": "Two", "run_key": None}

    with pytest.raises(InputError, match=r"kind 'split', which this version does not know. Update"):
        decision_from(document)
