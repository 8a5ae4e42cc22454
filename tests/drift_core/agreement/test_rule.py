"""The rule: what a loss has to come to, by measure."""

from drift_core.agreement.rule import Rule


def test_an_area_matters_at_half_the_loss_as_it_has_half_the_way_to_fall() -> None:
    assert Rule().material("area under the curve") == Rule().material() / 2
    assert Rule().material("same label") == Rule().material_loss
