from tests.pages.walk import address, opened, ran, said


def test_typing_k_moves_the_slider_the_verdict_and_the_address():
    page = opened("overlap")
    assert "At K = 10 the student promotes" in said(page)

    page.number_input("field_k_main").set_value(123)
    ran(page)

    assert "At K = 123 the student promotes" in said(page)
    assert page.select_slider("field_k_slider").value == 123
    assert address(page)["k"] == "123"


def test_sliding_k_moves_the_typed_number():
    page = opened("overlap")

    page.select_slider("field_k_slider").set_value(25)
    ran(page)

    assert page.number_input("field_k_main").value == 25


def test_the_lists_hold_the_pairs_that_only_one_top_has():
    page = opened("overlap", k=40)

    missed, promoted = page.dataframe[0].value, page.dataframe[1].value
    assert len(missed) == len(promoted)
    assert set(missed["Row"]).isdisjoint(promoted["Row"])
    assert missed["Teacher"].min() >= promoted["Teacher"].max()


def test_a_k_beyond_the_sample_is_cut_to_it():
    assert "At K = 1500 the student promotes" in said(opened("overlap", k=99999))


def test_overlap_inside_queries_is_shown_where_they_have_several_docs():
    assert "Inside each query" in said(opened("overlap"))
