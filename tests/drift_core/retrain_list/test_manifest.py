import dataclasses

import numpy as np
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.manifest import ListSettings, draw_manifest, plan_quotas, sampling_frame
from tests.drift_core.options.stand_ins import diagnosis, sample


def test_counts_add_up_and_every_region_gets_its_floor_or_all_of_it():
    manifest = draw_manifest(diagnosis(), settings=ListSettings(n=200, floor=30))

    counts = manifest.pairs["region"].value_counts().to_dict()
    assert {quota.region: quota.n_drawn for quota in manifest.quotas} == counts
    assert sum(counts.values()) == len(manifest) == 200
    assert counts["taxes"] == 20
    assert min(counts["delivery"], counts["pets"]) >= 30


def test_a_list_larger_than_the_sample_holds_all_of_it_with_probability_one():
    manifest = draw_manifest(diagnosis(), settings=ListSettings(n=5_000))

    assert len(manifest) == 700
    assert (manifest.pairs["probability"] == 1).all()


def test_a_higher_weight_draws_more_drifted_pairs():
    drawn = [
        draw_manifest(diagnosis(), settings=ListSettings(n=200, floor=10, drifted_weight=w)).pairs["drifted"].sum()
        for w in (1.0, 3.0)
    ]

    assert drawn[0] < drawn[1]


def test_inverse_probabilities_add_up_to_what_could_be_drawn():
    case = diagnosis()
    case.drifted = case.to_retrain = np.arange(700) % 7 == 0  # drifted pairs that follow no region

    pairs = draw_manifest(case, settings=ListSettings(n=100, floor=10)).pairs

    assert (1 / pairs["probability"]).sum() == pytest.approx(700)
    assert (1 / pairs["probability"])[pairs["drifted"]].sum() == pytest.approx(case.drifted.sum())


def test_the_draw_is_as_probable_as_it_says():
    case = diagnosis(sizes=(60, 30, 10))
    frame = sampling_frame(case)

    times, probability = np.zeros(100), np.ones(100)
    for seed in range(100, 200):
        pairs = draw_manifest(case, settings=ListSettings(n=40, floor=5, seed=seed), frame=frame).pairs
        times[pairs["row"]] += 1
        probability[pairs["row"]] = pairs["probability"]

    # Each count is binomial of 100 draws; the mean square of 100 standardised counts is 1 with a standard error of 0.14
    z = (times - 100 * probability) / np.sqrt(100 * probability * (1 - probability))
    assert 0.5 < np.mean(z**2) < 1.5
    assert np.abs(z).max() < 4


def test_the_same_seed_draws_the_same_pairs_in_any_order_of_the_rows():
    case = diagnosis()
    order = np.random.default_rng(3).permutation(700)
    shuffled = diagnosis(region=case.regions.partitions[0].production[order], production=_reordered(case, order))

    first, second = (draw_manifest(each, settings=ListSettings(n=150)).pairs for each in (case, shuffled))

    assert first["pair_id"].tolist() == second["pair_id"].tolist()
    assert first["row"].tolist() == order[second["row"]].tolist()


def test_another_seed_draws_other_pairs():
    first, second = (set(draw_manifest(diagnosis(), settings=ListSettings(n=90, seed=s)).pairs["row"]) for s in (1, 2))

    assert first != second


def test_a_longer_list_extends_a_shorter_one_of_the_same_seed():
    short, long = (set(draw_manifest(diagnosis(), settings=ListSettings(n=n)).pairs["row"]) for n in (300, 400))

    assert short < long


def test_no_pair_is_drawn_twice_and_none_that_heldout_has():
    queries = [f"query {i % 300}" for i in range(700)]
    production = sample(queries, docs=queries)
    heldout = sample(queries[:50], docs=queries[:50], name="heldout", seed=1)

    manifest = draw_manifest(diagnosis(production=production, heldout=heldout))

    assert not manifest.pairs.duplicated(["query", "doc"]).any()
    assert not set(manifest.pairs["query"]) & set(queries[:50])
    assert (len(manifest), manifest.left_out.in_heldout, manifest.left_out.repeated) == (250, 150, 300)


def test_without_docs_a_pair_is_told_by_its_query_and_scores():
    production = sample([f"query {i % 300}" for i in range(700)])

    manifest = draw_manifest(diagnosis(production=production))

    assert len(manifest) == 500
    assert manifest.pairs["doc"].isna().all()


def test_pairs_chosen_by_hand_are_all_on_the_list():
    case = diagnosis()
    chosen = np.arange(700) < 40

    frame = sampling_frame(case, chosen=chosen)
    pairs = draw_manifest(case, settings=ListSettings(n=120, floor=10), frame=frame).pairs

    assert set(range(40)) <= set(pairs["row"])
    assert (pairs.loc[pairs["row"] < 40, "probability"] == 1).all()
    assert (1 / pairs["probability"]).sum() == pytest.approx(700)


def test_quotas_planned_for_a_slider_are_those_of_the_list():
    case, settings = diagnosis(), ListSettings(n=123, floor=17, drifted_weight=4)

    planned = plan_quotas(sampling_frame(case), settings)

    assert planned == draw_manifest(case, settings=settings).quotas
    assert sum(quota.list_share for quota in planned) == pytest.approx(1)
    assert [quota.drifted for quota in planned] == [False, True, False]


def test_the_manifest_says_itself_in_words():
    manifest = draw_manifest(diagnosis(), settings=ListSettings(n=120, seed=7))

    assert manifest.sentence.startswith("120 pairs from 3 regions, ")
    assert manifest.sentence.endswith(" drifted ones, none seen in held-out.")


def test_a_partition_that_does_not_exist_is_refused():
    with pytest.raises(SettingError, match=r"no partition called 'country'.*Choose one of: query clusters"):
        sampling_frame(diagnosis(), partition="country")


def test_nothing_to_draw_is_an_error():
    case = diagnosis()

    with pytest.raises(InputError, match="Every production pair is in held-out"):
        sampling_frame(diagnosis(heldout=case.production))


def _reordered(case, order):
    production = case.production
    arrays = {name: getattr(production, name)[order] for name in ("query", "doc", "teacher", "student", "pair_id")}
    return dataclasses.replace(production, **arrays)
