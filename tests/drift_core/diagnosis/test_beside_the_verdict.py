"""What stands beside a verdict: the same pairs under another name, and a held-out of other traffic."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_in_words import order_by_loss, regions_sentence
from drift_core.diagnosis.regions_test import RegionsTest
from drift_core.report.confidence_words import confidence_of
from tests.drift_core.diagnosis.by_hand import FAMILIAR, HEALTHY, decided, new_region, rise

TOPIC = np.arange(100) < 20
FELL = replace(new_region(), partition="new words", name="locum, roster", index=1, drifted=True)


@pytest.mark.parametrize(("n_apart", "told"), [(1, "The same pairs are tenant st-brigid."), (8, "")])
def test_a_value_of_another_cut_that_holds_the_same_pairs_is_named(n_apart, told):
    tenant = replace(FELL, partition="tenant", kind="slice", name="st-brigid", drifted=False)
    masks = {"new words": TOPIC, "tenant": np.roll(TOPIC, n_apart)}
    test = SimpleNamespace(
        leading=(FELL,),
        regions=(FELL, tenant),
        partitions=(SimpleNamespace(production=TOPIC),),
        in_any=lambda regions, n: masks[regions[0].partition],
    )

    assert RegionsTest.same_pairs.fget(test) == told


def test_a_new_topic_is_no_count_of_regions():
    rest = replace(FELL, name="everything else", index=0, drifted=False)

    assert regions_sentence([FELL, rest]).startswith("New queries about “locum, roster” drifted. They are ")


def test_what_was_drawn_by_hand_stands_before_the_rest():
    drawn, rest = (replace(FELL, kind="drawn", drifted=False, share_of_loss=None, index=index) for index in (0, 1))

    assert order_by_loss([rest, drawn])[0] is drawn


def test_a_held_out_of_other_traffic_is_doubted_and_the_verdict_is_not_sure():
    most = replace(FELL, partition="topics", share_production=0.96, is_new=True)
    made = SimpleNamespace(regions=SimpleNamespace(regions=(most,)))
    doubt = Diagnosis.wrong_heldout.fget(made)

    assert doubt.startswith("These files share almost no topics: 96% of today's traffic")
    said = confidence_of(SimpleNamespace(wrong_heldout=doubt))
    assert said.startswith("Low confidence: these files share almost no topics")
    made.regions.regions = (replace(most, share_production=0.5),)
    assert not Diagnosis.wrong_heldout.fget(made)


def test_more_of_what_was_always_weaker_is_no_drift_where_agreement_held():
    harder = replace(FAMILIAR, partition="query length", name="90 characters and more", is_harder=True, adjusted=0.004)
    held = replace(HEALTHY.spread, reading="held")

    verdict = decided(regions=(harder,), shared=rise(0.0, 0.4), spread=held)

    assert verdict.cause == "healthy"
    assert verdict.headline == "Healthy, but more traffic of query length 90 characters and more, always weaker."
    assert decided(regions=(harder,), shared=rise(0.0, 0.4)).cause == "query_drift"
