"""A measured number says itself in its unit: a coefficient, a share of pairs, a difference of two shares."""

import pytest

from drift_core.measured import Measured, digits_apart, figure, figures_apart, limit


def _measured(estimate, *, is_share):
    return Measured(
        estimate=estimate,
        low=estimate - 0.021,
        high=estimate + 0.021,
        confidence=0.95,
        standard_error=0.01,
        n_pairs=200,
        n_queries=200,
        is_share=is_share,
    )


@pytest.mark.parametrize(
    ("spec", "coefficient", "share"),
    [
        ("", "0.92 (0.90 to 0.94)", "92% (90% to 94%)"),
        (".3f", "0.917 (0.896 to 0.938)", "91.7% (89.6% to 93.8%)"),
        (".1%", "91.7% (89.6% to 93.8%)", "91.7% (89.6% to 93.8%)"),
        ("+.3f", "+0.917 (+0.896 to +0.938)", "+91.7 (+89.6 to +93.8) points"),
        ("-.2f", "0.92 (0.90 to 0.94)", "92 (90 to 94) points"),
    ],
)
def test_an_interval_is_written_in_the_unit_of_its_number(spec, coefficient, share):
    assert format(_measured(0.917, is_share=False), spec) == coefficient
    assert format(_measured(0.917, is_share=True), spec) == share


def test_the_estimate_stands_alone_in_the_same_unit():
    assert _measured(0.917, is_share=True).figure() == "92%"
    assert _measured(0.917, is_share=False).figure() == "0.92"
    assert _measured(-0.074, is_share=True).figure("+.3f") == "-7.4 points"


@pytest.mark.parametrize(("value", "written"), [(0.01, "1 point"), (-0.01, "-1 point"), (0.0001, "0 points")])
def test_one_point_is_no_plural(value, written):
    assert figure(value, "-", is_share=True) == written


def test_what_rounds_to_zero_has_no_sign_before_it():
    assert figure(-0.0001, "+.3f", is_share=False) == "+0.000"
    assert figure(-0.0001, "+.3f", is_share=True) == "+0.0 points"


def test_json_says_which_numbers_are_shares():
    assert _measured(0.9, is_share=True).to_json()["is_share"] is True
    assert "is_share" not in _measured(0.9, is_share=False).to_json()


@pytest.mark.parametrize(
    ("ends", "written"),
    [((0.904, 0.842), ("0.90", "0.84")), ((0.944, 0.946), ("0.944", "0.946")), ((0.887, 0.724), ("0.887", "0.724"))],
)
def test_two_figures_beside_their_difference_are_as_far_apart_as_it_says(ends, written):
    assert figures_apart(*(_measured(each, is_share=False) for each in ends)) == written


@pytest.mark.parametrize(
    ("ends", "spec", "told"), [((0.9151, 0.9139), ".3f", "91.5% 91.4%"), ((0.95, 0.88), ".2f", "95% 88%")]
)
def test_two_figures_have_the_digits_that_show_how_far_apart_they_are(ends, spec, told):
    both = [_measured(end, is_share=True) for end in ends]

    assert digits_apart(*both) == spec
    assert " ".join(figures_apart(*both)) == told


@pytest.mark.parametrize(("value", "written"), [(0.8, "0.80"), (0.85, "0.85"), (0.812, "0.812")])
def test_a_limit_has_the_digits_of_the_figures_beside_it_and_loses_none(value, written):
    assert limit(value) == written
