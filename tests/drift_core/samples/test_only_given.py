"""In a notebook, what is to be read first ends in one message, and large results print short."""

import pandas as pd
import pytest

import drift_core
from drift_core.errors import InputError, SettingError
from tests.drift_core.comparison.two_students import sample
from tests.drift_core.small_case import small_diagnosis


@pytest.mark.parametrize("given", ["a.csv", pd.DataFrame({"query": ["a"]}), None])
def test_a_path_or_a_frame_in_place_of_pairs_is_to_be_read_first(given):
    pairs = sample(60)

    for call in (
        lambda: drift_core.diagnose(given, given),
        lambda: drift_core.diagnose(pairs, given),
        lambda: drift_core.measure_labels(given, pairs),
        lambda: drift_core.measure_spread(pairs, given, rule=drift_core.Rule()),
        lambda: drift_core.compare(given) if given is not None else drift_core.measure_labels(pairs, given),
    ):
        with pytest.raises(InputError, match=r"Read it first: \w+ = read_pairs\(\.\.\.\)"):
            call()


def test_pairs_in_place_of_a_diagnosis_are_to_be_diagnosed_first():
    pairs = sample(60)

    for call in (
        drift_core.draw_manifest,
        drift_core.draw_review,
        drift_core.weigh_options,
        drift_core.render_report,
        drift_core.diagnosis_to_json,
    ):
        with pytest.raises(InputError, match=r"diagnose them first: diagnose\(heldout, production\)"):
            call(pairs)


def test_a_rule_of_another_type_is_refused():
    with pytest.raises(SettingError, match=r"The rule is a Rule, such as Rule\(k=20\); found 'x'"):
        drift_core.Settings(rule="x")


def test_large_results_print_short():
    found = small_diagnosis()

    for result in (found, found.production, found.regions, drift_core.draw_manifest(found)):
        assert len(repr(result)) < 800
    assert found.verdict.cause in repr(found)
