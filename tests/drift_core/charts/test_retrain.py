import vl_convert

from drift_core.charts.retrain import MAX_ROWS, describe_quotas, quotas_chart
from drift_core.retrain_list.quotas import Quota


def quota(region, n_drawn, *, drifted=False, n_available=500):
    return Quota(
        region=region,
        drifted=drifted,
        n_production=n_available,
        n_available=n_available,
        n_drawn=n_drawn,
        floor=50,
        traffic_share=0.5,
        list_share=n_drawn / 200,
    )


def test_each_region_shows_its_part_its_traffic_and_its_floor():
    svg = vl_convert.vegalite_to_svg(quotas_chart([quota("pets", 150, drifted=True), quota("login", 50)]).to_dict())
    assert "drifted · 50% of traffic → 75% of the list · 150" in svg
    assert "by traffic alone" in svg
    assert "at least" in svg


def test_a_region_that_gives_all_it_has_says_so():
    svg = vl_convert.vegalite_to_svg(quotas_chart([quota("pets", 50, n_available=50)]).to_dict())
    assert "50, all there is" in svg


def test_only_the_regions_that_give_most_are_drawn():
    svg = vl_convert.vegalite_to_svg(quotas_chart([quota(f"name {i:02d}", i) for i in range(MAX_ROWS + 3)]).to_dict())
    assert "name 12" in svg
    assert "name 01" not in svg


def test_the_text_alternative_counts_the_drifted_part():
    described = describe_quotas([quota("pets", 150, drifted=True), quota("login", 50)])
    assert described.startswith("200 pairs from 2 regions, 150 from drifted ones. Most from: pets 150 (50% of traffic)")
