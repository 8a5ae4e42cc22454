import json
from dataclasses import replace

import pytest

from drift_core import InputError, Unmeasured
from drift_core.history.from_json import decision_from, fault_of, region_from, run_from
from tests.drift_core.canary.runs_by_hand import full_week, measured, region, week


def document(run, **changes):
    return json.dumps(json.loads(json.dumps(run.to_json())) | changes)


@pytest.mark.parametrize("run", [full_week(), week(), week(heldout=None, agreement=Unmeasured(reason="3 pairs"))])
def test_a_document_gives_the_run_that_was_written(run):
    assert run_from(json.dumps(run.to_json())) == run


def test_the_number_of_a_run_is_no_part_of_its_document():
    assert "number" not in replace(week(), number=7).to_json()


def test_what_a_later_version_added_is_left_out():
    told = json.loads(json.dumps(full_week().to_json()))
    told |= {"mood": "calm"}
    told["agreement"] |= {"mood": "calm"}
    told["regions"][0] |= {"mood": "calm"}

    assert run_from(json.dumps(told)) == full_week()


def test_what_an_earlier_version_lacked_has_its_default():
    told = json.loads(json.dumps(full_week().to_json()))
    del told["encoder"], told["bridge"]

    assert run_from(json.dumps(told)) == replace(full_week(), encoder=None, bridge=None)


@pytest.mark.parametrize("field", ["at", "agreement", "n_pairs", "teacher_revision"])
def test_a_document_without_a_needed_field_is_named(field):
    told = json.loads(json.dumps(week().to_json()))
    del told[field]

    with pytest.raises(InputError, match=f"^{field}: Field required"):
        run_from(json.dumps(told))


OTHER_TYPES = {
    "n_pairs": ["200", 200.5, True, None, [200], {}],
    "agreement": [0.9, "0.9", [], None, {"estimate": 0.9}],
    "at": [5, "soon", "2026-13-01T00:00:00", [], "0001-01-01T00:00:00+14:00"],
    "student_version": [7, ["s1"]],
    "rule": [[], {"alpha": "0.05"}],
    "heldout": ["held", [1]],
    "regions": [{}, ["returns"]],
}


@pytest.mark.parametrize(("field", "found"), [(name, each) for name, values in OTHER_TYPES.items() for each in values])
def test_a_value_of_another_type_is_named(field, found):
    with pytest.raises(InputError, match=rf"^({field}|a time in it)"):
        run_from(document(week(), **{field: found}))


def figures(**changes):
    return json.loads(json.dumps(week().to_json()))["agreement"] | changes


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"agreement": figures(estimate=float("nan"))},
            "agreement.estimate: expected a number in \\[-1, 1\\]; found nan",
        ),
        ({"agreement": figures(high=float("inf"))}, "agreement.high: expected a number in \\[-1, 1\\]; found inf"),
        ({"agreement": figures(low=0.99, high=0.9)}, "agreement: expected low up to high; found 0.99 and 0.9"),
        ({"agreement": figures(estimate=1.5)}, r"agreement.estimate: expected a number in \[-1, 1\]; found 1.5"),
        ({"overlap": figures(low=-0.2)}, r"overlap.low: expected a number in \[0, 1\]; found -0.2"),
        ({"n_pairs": -1}, r"n_pairs: expected a finite number from 0 up; found -1"),
        ({"null_error": -0.1}, r"null_error: expected a finite number from 0 up; found -0.1"),
        (
            {"error": {"level": 1.0, "variance": -1.0, "third": 0.0, "degrees": 9.0}},
            r"error.variance: expected a finite number from 0 up; found -1",
        ),
        ({"rule": {"alpha": float("nan")}}, r"rule.alpha: expected a finite number; found nan"),
        ({"at": "9999-12-31T00:00:00+00:00"}, "at: expected a time from 1970 to 2199; found 9999-12-31"),
    ],
)
def test_a_figure_that_none_can_have_is_named(changes, told):
    with pytest.raises(InputError, match=f"^{told}"):
        run_from(document(week(), **changes))


def test_a_region_is_checked_as_a_run_is():
    assert fault_of(region(share=1.5)) == "share: expected a number in [0, 1]; found 1.5"
    with pytest.raises(InputError, match=r"^agreement\.estimate: expected a number"):
        region_from(json.dumps({**region_document(), "agreement": figures(estimate=float("nan"))}))


def region_document():
    return json.loads(json.dumps(week().to_json()))["regions"][0]


def test_figures_a_hair_beyond_their_range_are_taken():
    assert fault_of(week(agreement=replace(measured(1.0), high=1.0000000000000002))) is None


@pytest.mark.parametrize("text", [b"{}", None, 5, "", "[]", "[" * 20_000, "half a rec"])
def test_what_is_no_document_is_said(text):
    with pytest.raises(InputError):
        run_from(text)


def test_a_time_without_a_zone_is_taken_for_utc():
    assert run_from(document(week(), at="2026-01-05T09:00:00")).at == week().at


def test_a_decision_of_a_kind_that_a_later_version_knows_is_refused():
    told = {"kind": "split", "at": "2026-01-05T09:00:00+00:00", "by": "Ada", "reason": "Two", "run_key": None}

    with pytest.raises(InputError, match=r"kind 'split', which this version does not know. Update"):
        decision_from(json.dumps(told))
