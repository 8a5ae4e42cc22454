from tests.pages.walk import address, opened, ran, said


def test_typing_k_moves_the_slider_the_verdict_and_the_address():
    page = opened("overlap")
    assert "At K = 27 the student promotes" in said(page)
    assert "K = 10 alone cannot tell" in said(page)

    page.number_input("overlap_k_10").set_value(123)
    ran(page)

    assert "At K = 123 the student promotes" in said(page)
    assert page.select_slider("field_k_slider").value == 123
    assert address(page)["k"] == "123"


def test_a_link_opens_the_same_view():
    page = opened("overlap", k=50)
    assert "At K = 50 " in said(page)
    page.number_input("overlap_k_50").set_value(51)
    ran(page)

    link = address(page)

    assert link.keys() == {"scenario", "k"}  # settings, and no data
    assert said(opened("overlap", **link)) == said(page)


def test_sliding_k_moves_the_typed_number():
    page = opened("overlap")

    page.select_slider("field_k_slider").set_value(25)
    ran(page)

    assert page.number_input("overlap_k_25").value == 25


def test_an_address_that_the_browser_sends_late_does_not_take_a_step_of_the_slider_back():
    page = opened("overlap")
    page.select_slider("field_k_slider").set_value(12)
    ran(page)

    page.select_slider("field_k_slider").set_value(14)
    ran(page)
    page.query_params["k"] = "12"
    page.select_slider("field_k_slider").set_value(16)
    ran(page)
    assert address(page)["k"] == "16"

    page.query_params["k"] = "12"  # Back moves no widget
    assert "At K = 12 " in said(ran(page))


def test_the_lists_hold_the_pairs_that_only_one_top_has():
    page = opened("overlap", k=40)

    missed, promoted = page.dataframe[0].value, page.dataframe[1].value
    assert len(missed) == len(promoted)
    assert set(missed["Row"]).isdisjoint(promoted["Row"])
    assert missed["Teacher"].min() >= promoted["Teacher"].max()


def test_beside_each_other_the_lists_show_what_fits_and_the_rest_with_the_chosen_pair():
    for each in opened("overlap", k=40).dataframe[:2]:
        assert [name for name in each.proto.column_order if name != "Chance"] == ["Query", "Teacher", "Student"]


def test_a_k_beyond_the_sample_is_cut_to_it():
    assert "At K = 1500 the student promotes" in said(opened("overlap", k=99999))


def test_overlap_inside_queries_is_shown_where_they_have_several_docs():
    assert "Inside each query" in said(opened("overlap"))


def test_a_top_that_held_is_said_to_be_as_it_was_before_any_figure():
    page = opened("overlap", scenario="healthy")

    assert page.header[0].value.startswith("As when it shipped")
    assert ":green[● held]" in said(page)
    assert "**3 Overlap · :green[● held]**" in said(page)
